"""Who supports whom: builds the support graph of a document from the model's predictions and its tables.

Nodes are the sentences that may be part of the argument: one that is not for certain counts by how likely it is.
Links come from the support scorer, kept where the graph allows them; a sentence that reads something off a table of
the document is supported by that table's rows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyzer.dependence import SupportGraph
from analyzer.model.heads import DocumentHeads
from analyzer.model.predictions import Array, Predictions
from analyzer.schema import Role, SentenceType, Sourcing
from analyzer.table_readings import TableReading

# Less likely links are left out, and sentences that are background with a higher probability than this.
MIN_LINK = 0.05
MOST_BACKGROUND = 0.8
_ROWS_A_PASS = 256
_ROLES = [role.value for role in Role]
_TYPES = [kind.value for kind in SentenceType]
_SOURCES = [source.value for source in Sourcing]
_CONCLUSION, _PREMISE, _BACKGROUND = (_ROLES.index(r.value) for r in (Role.CONCLUSION, Role.PREMISE, Role.BACKGROUND))
_ASSERTIVE = [_TYPES.index(t.value) for t in SentenceType if t is not SentenceType.NON_ASSERTIVE]


@dataclass(frozen=True)
class Argument:
    """The support graph of a document; node k of `graph` is sentence `sentences[k]`.

    `conclusions` are nodes; `conclusion_weights` their probabilities of being one. `premises` are the nodes whose
    likeliest role is premise, table rows included; all others may be premises, but are likelier to be background.
    """

    graph: SupportGraph
    sentences: NDArray[np.int64]
    conclusions: tuple[int, ...]
    conclusion_weights: tuple[float, ...]
    premises: tuple[int, ...]


def roles_of(predictions: Predictions, forced: Collection[int] = ()) -> Array:
    """Role probabilities (n, 3); sentences in `forced` are conclusions for certain."""
    roles = predictions.probabilities["role"].copy()
    for sentence in forced:
        roles[sentence] = 0.0
        roles[sentence, _CONCLUSION] = 1.0
    return roles


def build_argument(
    predictions: Predictions,
    heads: DocumentHeads,
    *,
    roles: Array,
    readings: Sequence[TableReading] = (),
) -> Argument:
    """Build the graph from predictions, `roles` (n, 3) as `roles_of` gives them, and what is read off tables."""
    role = roles.argmax(axis=1)
    nodes = _nodes(roles)
    links = graph_links(predictions, heads, roles)
    taking_part = set(nodes.tolist())
    readings = [reading for reading in readings if reading.sentence in taking_part]
    everything = np.array(sorted(taking_part.union(*(reading.rows for reading in readings))), dtype=np.int64)
    place = {int(sentence): k for k, sentence in enumerate(everything)}
    probabilities = {(place[i], place[j]): p for (i, j), p in links.items()}
    sourcing = predictions.probabilities["sourcing"][everything].astype(np.float64)
    for reading in readings:
        _rest_on_table(reading, place, sourcing, probabilities)
    pairs = sorted(probabilities)
    graph = SupportGraph(
        sourcing=sourcing / sourcing.sum(1, keepdims=True),
        content=_assertive(predictions.probabilities["content"][everything]),
        kind=_assertive(predictions.probabilities["type"][everything]),
        supporter=np.array([i for i, _ in pairs], dtype=np.intp),
        supported=np.array([j for _, j in pairs], dtype=np.intp),
        probability=np.array([probabilities[pair] for pair in pairs], dtype=np.float64),
    )
    conclusions = tuple(place[int(s)] for s in nodes if role[s] == _CONCLUSION)
    evidence = {row for reading in readings if role[reading.sentence] != _BACKGROUND for row in reading.rows}
    premises = {s for s in everything.tolist() if role[s] == _PREMISE or (s in evidence and role[s] != _CONCLUSION)}
    return Argument(
        graph=graph,
        sentences=everything,
        conclusions=conclusions,
        conclusion_weights=tuple(float(roles[everything[k], _CONCLUSION]) for k in conclusions),
        premises=tuple(k for k, sentence in enumerate(everything.tolist()) if sentence in premises),
    )


def no_argument() -> Argument:
    """What a model that tells no roles finds: a graph without a node."""
    empty, none = np.zeros((0, len(_ASSERTIVE))), np.zeros(0, dtype=np.intp)
    graph = SupportGraph(
        sourcing=np.zeros((0, len(_SOURCES))),
        content=empty,
        kind=empty,
        supporter=none,
        supported=none,
        probability=np.zeros(0),
    )
    return Argument(graph, np.zeros(0, dtype=np.int64), (), (), ())


def graph_links(predictions: Predictions, heads: DocumentHeads, roles: Array) -> dict[tuple[int, int], float]:
    """Probabilities of the links (premise, supported sentence) that the scorer gives and the graph allows: how likely
    the first is part of the argument, times how likely it supports the second if both are.

    A conclusion, whose role is taken as it is, supports only conclusions; of two sentences that support each other the
    likelier link stays. A premise supports something, so that the likeliest of its links to another premise or a
    conclusion is among them however unlikely it is, unless the link the other way is likelier.
    """
    nodes = _nodes(roles)
    if len(nodes) < 2:
        return {}
    node_roles = roles[nodes]
    role = node_roles.argmax(1)
    is_conclusion = role == _CONCLUSION
    takes_part = np.where(is_conclusion, 1.0, 1.0 - node_roles[:, _BACKGROUND])
    found: dict[tuple[int, int], float] = {}
    for at in range(0, len(nodes), _ROWS_A_PASS):
        rows = slice(at, min(at + _ROWS_A_PASS, len(nodes)))
        scores = heads.supports(predictions.features[nodes], node_roles, nodes, rows)[:, :-1]
        scores = scores * takes_part[rows, None]
        scores[np.ix_(is_conclusion[rows], ~is_conclusion)] = 0.0
        keep = scores >= MIN_LINK
        of_argument = np.where(role == _BACKGROUND, 0.0, scores)
        best = of_argument.argmax(1)
        premises = np.flatnonzero((role[rows] == _PREMISE) & (of_argument.max(1) > 0.0))
        keep[premises, best[premises]] = True
        for i, j in zip(*np.nonzero(keep), strict=True):
            found[int(nodes[at + i]), int(nodes[j])] = float(scores[i, j])
    return {(i, j): p for (i, j), p in found.items() if p > 0 and (p, -i) > (found.get((j, i), -1.0), -j)}


def _nodes(roles: Array) -> NDArray[np.int64]:
    """The sentences that may be part of the argument, ascending."""
    return np.flatnonzero(roles[:, _BACKGROUND] <= MOST_BACKGROUND)


def _rest_on_table(
    reading: TableReading,
    place: dict[int, int],
    sourcing: NDArray[np.float64],
    probabilities: dict[tuple[int, int], float],
) -> None:
    """A reading is only as well sourced as its table: what it shows (`own`) is handed to the table's rows."""
    own, none, named = (_SOURCES.index(s.value) for s in (Sourcing.OWN, Sourcing.NONE, Sourcing.NAMED))
    reader = place[reading.sentence]
    sourcing[reader, none] += sourcing[reader, own]
    sourcing[reader, own] = 0.0
    for row in reading.rows:
        sourcing[place[row]] = 0.0
        sourcing[place[row], named if reading.table_is_sourced else none] = 1.0
        probabilities[place[row], reader] = 1.0
        probabilities.pop((reader, place[row]), None)


def _assertive(probabilities: Array) -> NDArray[np.float64]:
    """Probabilities (n, 3) of the three kinds of assertion, given that the sentence asserts something."""
    kept = probabilities[:, _ASSERTIVE].astype(np.float64) + 1e-9
    return np.asarray(kept / kept.sum(1, keepdims=True))
