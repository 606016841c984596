"""What the argument of a document comes to: scores of its sentences and of the whole, how sure they are, and what would
change them.

An `Argument` goes in, numbers come out: by node of its graph, unless they are of the document.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import SupportsFloat

import numpy as np
from numpy.typing import NDArray

from analyzer import dependence as dep
from analyzer.argument import Argument
from analyzer.schema import STANDARD_SCHEMA, Sourcing

N_SAMPLES = 200
_SAMPLE_SEED = 0
_PERCENTILES = (5, 95)
# Premises that a trace comes to less often, and fixes that change less, are left out of a conclusion's lists: of two
# digits, which a report shows, a fix changes the last one.
_LEAST_WEIGHT, _LEAST_DROP = 0.01, 0.01
_SURELY_SOURCED = 0.6
_SCENARIOS_A_PASS = 128


@dataclass(frozen=True)
class Scores:
    """Scores of an argument with n nodes: `grounds` (n, 8), `dependence` (n,), and that of it in each sample
    (samples, n).
    """

    grounds: NDArray[np.float64]
    dependence: NDArray[np.float64]
    samples: NDArray[np.float64]


@dataclass(frozen=True)
class Trace:
    """A conclusion followed down: `premises` has nodes with how often a trace comes to each, `fixes` nodes with the
    dependence were each sourced; the most telling first, and only those worth telling.
    """

    node: int
    premises: tuple[tuple[int, float], ...]
    fixes: tuple[tuple[int, float], ...]


def score(argument: Argument, vague_credit: float) -> Scores:
    """Score every node; `vague_credit` is v in the definition of dependence."""
    graph = argument.graph
    grounds = dep.grounds(graph)
    return Scores(
        grounds=grounds,
        dependence=dep.dependence(grounds, vague_credit),
        samples=dep.sampled_dependence(graph, n_samples=N_SAMPLES, seed=_SAMPLE_SEED, vague_credit=vague_credit),
    )


def document_grounds(argument: Argument, grounds: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Mean grounds (8,) over the conclusions, weighted by their probability; None without conclusions."""
    if not argument.conclusions:
        return None
    mean = np.average(grounds[list(argument.conclusions)], axis=0, weights=argument.conclusion_weights)
    # The mean of ones may come out a last digit above 1.
    return np.minimum(mean, 1.0)


def document_dependence(argument: Argument, scores: Scores) -> tuple[float, tuple[float, float]] | None:
    """The dependence of the document, the mean over its conclusions by how probable each is, and the interval of that;
    None without conclusions.
    """
    if not argument.conclusions:
        return None
    weights, conclusions = np.array(argument.conclusion_weights), list(argument.conclusions)
    dependence = rounded(np.average(scores.dependence[conclusions], weights=weights))
    drawn = np.random.default_rng(_SAMPLE_SEED + 1).random((N_SAMPLES, len(weights))) < weights
    drawn[~drawn.any(axis=1)] = True
    samples = np.average(scores.samples[:, conclusions], axis=1, weights=drawn.astype(np.float64))
    return dependence, interval(samples, dependence)


def falls(
    argument: Argument, scores: Scores, groups: Sequence[Sequence[int]], vague_credit: float
) -> list[float] | None:
    """How far the document's dependence falls when the nodes of each group are sourced; None without conclusions."""
    if not argument.conclusions:
        return None
    conclusions, weights = list(argument.conclusions), argument.conclusion_weights
    now = np.average(scores.dependence[conclusions], weights=weights)
    found: list[float] = []
    for at in range(0, len(groups), _SCENARIOS_A_PASS):
        supposed = dep.suppose_sourced(argument.graph, groups[at : at + _SCENARIOS_A_PASS], vague_credit)
        found.extend(now - np.average(supposed[:, conclusions], axis=1, weights=weights))
    return [max(0.0, fall) for fall in found]


def traces(argument: Argument, scores: Scores) -> Iterator[Trace]:
    """The trace of every conclusion, in the order of the argument's."""
    if not argument.conclusions:
        return
    # To source what is likelier background is no advice, nor is it for what surely has its source, or shows it.
    advisable = np.zeros(argument.graph.n_nodes, dtype=bool)
    advisable[[*argument.premises, *argument.conclusions]] = True
    advisable &= _sourced(argument) < _SURELY_SOURCED
    for node, visits in zip(argument.conclusions, dep.visits(argument.graph, argument.conclusions), strict=True):
        visits[node] = 0.0
        # Until it comes to a premise, the trace is the same whether that is sourced or not.
        drops = visits * scores.dependence
        premises = [(int(k), rounded(visits[k])) for k in np.flatnonzero(visits >= _LEAST_WEIGHT)]
        fixes = [
            (int(k), rounded(max(0.0, scores.dependence[node] - drops[k])))
            for k in np.flatnonzero(advisable & (drops >= _LEAST_DROP))
        ]
        yield Trace(
            node,
            tuple(sorted(premises, key=lambda premise: (-premise[1], premise[0]))),
            tuple(sorted(fixes, key=lambda fix: (fix[1], fix[0]))),
        )


def _sourced(argument: Argument) -> NDArray[np.float64]:
    """How likely each node of the argument names its source or is the text's own evidence (nodes,)."""
    labels = STANDARD_SCHEMA.head("sourcing").labels
    columns = [labels.index(source.value) for source in (Sourcing.NAMED, Sourcing.OWN)]
    return np.asarray(argument.graph.sourcing[:, columns].sum(axis=1), dtype=np.float64)


def interval(samples: NDArray[np.float64], value: float) -> tuple[float, float]:
    """The 5th to 95th percentile, widened where needed to hold the value that the probabilities themselves give."""
    # As `np.percentile` has it, which takes longer to import what it needs than all intervals of a document take.
    ordered = np.sort(samples)
    low, high = np.interp(np.array(_PERCENTILES) / 100 * (len(ordered) - 1), np.arange(len(ordered)), ordered)
    return rounded(min(low, value)), rounded(max(high, value))


def rounded(value: SupportsFloat) -> float:
    """A figure of a report: with four digits."""
    return round(float(value), 4)
