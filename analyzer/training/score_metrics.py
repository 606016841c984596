"""How well the document's score is found: the dependence worked out from predictions against that from gold labels.

Gold labels and predictions go in, one row a document, and the figures over all of them, come out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from analyzer import dependence as dep
from analyzer.argument import build_argument, roles_of
from analyzer.model.heads import DocumentHeads
from analyzer.model.predictions import Predictions
from analyzer.schema import STANDARD_SCHEMA, Role
from analyzer.scores import document_grounds
from analyzer.training.data import LabelledDocument

# Fewer documents than this have no rank correlation worth the name.
LEAST_TO_CORRELATE = 3
_NEEDED = {"type", "content", "sourcing", "role"}


def gold_dependence(document: LabelledDocument) -> tuple[float, float] | None:
    """Dependence and opinion share of a document by its gold labels; None when it has no conclusion."""
    role = document.labels["role"]
    background = STANDARD_SCHEMA.head("role").labels.index(Role.BACKGROUND.value)
    nodes = np.flatnonzero(role != background)
    place = {int(s): k for k, s in enumerate(nodes)}
    links = sorted((place[i], place[j]) for i, j in document.supports or () if i in place and j in place)
    conclusions = np.flatnonzero(role[nodes] == STANDARD_SCHEMA.head("role").labels.index(Role.CONCLUSION.value))
    if not len(conclusions):
        return None

    def one_hot(name: str, count: int) -> NDArray[np.float64]:
        rows = np.eye(4)[document.labels[name][nodes]][:, :count] + 1e-9
        return np.asarray(rows / rows.sum(1, keepdims=True))

    graph = dep.SupportGraph(
        sourcing=np.eye(4)[document.labels["sourcing"][nodes]],
        content=one_hot("content", 3),
        kind=one_hot("type", 3),
        supporter=np.array([i for i, _ in links], dtype=np.intp),
        supported=np.array([j for _, j in links], dtype=np.intp),
        probability=np.ones(len(links)),
    )
    mean = dep.grounds(graph)[conclusions].mean(0)
    return float(dep.dependence(mean)), float(dep.opinion_share(mean))


def dependence_rows(
    documents: Sequence[LabelledDocument], predictions: Sequence[Predictions], heads: DocumentHeads
) -> NDArray[np.float64]:
    """Dependence and opinion share by gold labels, then by predictions (documents, 4); NaN without a conclusion, and
    of a document without all the labels that the score is made of.
    """
    rows = np.full((len(documents), 4), np.nan)
    for row, document, prediction in zip(rows, documents, predictions, strict=True):
        if document.supports is None or not document.labels.keys() >= _NEEDED:
            continue
        gold = gold_dependence(document)
        argument = build_argument(prediction, heads, roles=roles_of(prediction))
        mean = document_grounds(argument, dep.grounds(argument.graph))
        if gold is not None:
            row[:2] = gold
        if mean is not None:
            row[2:] = float(dep.dependence(mean)), float(dep.opinion_share(mean))
    return rows


def dependence_metrics(rows: NDArray[np.float64]) -> dict[str, float | int | None]:
    """The document's score against the one worked out from gold labels, over documents where both have one.

    `rows` come from `dependence_rows`. `missed`: documents with a gold conclusion and none found; `invented`: the
    other way round.
    """
    both = ~np.isnan(rows[:, 0]) & ~np.isnan(rows[:, 2])
    opinion = np.abs(rows[both, 1] - rows[both, 3])
    return {
        **score_agreement(rows[:, 0], rows[:, 2]),
        "opinion_share_mean_absolute_error": float(opinion.mean()) if len(opinion) >= LEAST_TO_CORRELATE else None,
    }


def score_agreement(gold: NDArray[np.float64], found: NDArray[np.float64]) -> dict[str, float | int | None]:
    """How far the found scores of documents (n,) are from the gold ones, NaN where a document has none: how many have
    both, `missed` only the gold one, `invented` only the found one; from three documents on, the rank correlation and
    the mean absolute error.
    """
    has_gold, has_found = ~np.isnan(gold), ~np.isnan(found)
    both = has_gold & has_found
    enough = both.sum() >= LEAST_TO_CORRELATE
    return {
        "documents": int(both.sum()),
        "missed": int((has_gold & ~has_found).sum()),
        "invented": int((has_found & ~has_gold).sum()),
        "spearman": rank_correlation(gold[both], found[both]) if enough else None,
        "mean_absolute_error": float(np.abs(gold[both] - found[both]).mean()) if enough else None,
    }


def rank_correlation(gold: NDArray[np.float64], found: NDArray[np.float64]) -> float | None:
    """Spearman's correlation; None where either side is always the same."""
    if np.ptp(gold) == 0 or np.ptp(found) == 0:
        return None
    return float(spearmanr(gold, found).statistic)
