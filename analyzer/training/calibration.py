"""Fits temperatures and thresholds on documents that training has not seen, for the model as it is shipped.

One temperature a head divides its logits so that probabilities mean what they say (Guo et al. 2017,
arXiv:1706.04599); thresholds of multi heads and of links maximise F1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from analyzer.argument import MIN_LINK
from analyzer.model.heads import DocumentHeads
from analyzer.model.predictions import Predictions
from analyzer.schema import Head, HeadKind, LabelSchema
from analyzer.training.data import LabelledDocument
from analyzer.training.metrics import gold_roles, link_metrics
from analyzer.training.trainer import gold_link_targets

_TINY = 1e-9


def fit_temperatures(
    documents: Sequence[LabelledDocument],
    predictions: Sequence[Predictions],
    heads: DocumentHeads,
    schema: LabelSchema,
) -> dict[str, float]:
    """The temperature of every head, and of `links`, from predictions made at temperature 1."""
    found = {}
    for head in schema.heads:
        gold = np.concatenate([d.labels[head.name] for d in documents])
        probabilities = np.concatenate([p.probabilities[head.name] for p in predictions]).astype(np.float64)
        found[head.name] = _temperature(*_logits_and_targets(head, gold, probabilities))
    if schema.links:
        losses = [_link_rows(d, p, heads) for d, p in zip(documents, predictions, strict=True)]

        def loss(log_temperature: float) -> float:
            t = np.exp(log_temperature)
            return sum(_cross_entropy(logits / t, targets) for logits, targets in losses if len(logits))

        found["links"] = _minimise(loss)
    return found


def fit_thresholds(
    documents: Sequence[LabelledDocument],
    predictions: Sequence[Predictions],
    heads: DocumentHeads,
    schema: LabelSchema,
) -> dict[str, float]:
    """The probabilities from which a multi head's labels, and support links, are shown: those with the best F1."""
    found = {}
    steps = np.round(np.arange(0.2, 0.71, 0.02), 2)
    for head in schema.heads:
        if head.kind is HeadKind.MULTI:
            gold = np.concatenate([d.labels[head.name] for d in documents]).astype(bool)
            p = np.concatenate([p.probabilities[head.name] for p in predictions])
            found[head.name] = float(max(steps, key=lambda t: _f1(gold, p >= t)))
    if schema.links:
        candidates = [t for t in steps if t >= MIN_LINK]
        found["links"] = float(
            max(candidates, key=lambda t: link_metrics(documents, predictions, heads, t, use_gold_roles=True)["f1"])
        )
    return found


def _logits_and_targets(
    head: Head, gold: NDArray[np.int64], probabilities: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Logits and one-hot targets (rows, labels); a multi head's labels become rows of yes and no."""
    if head.kind is HeadKind.SINGLE:
        return np.log(probabilities + _TINY), np.eye(len(head.labels))[gold]
    p, y = probabilities.ravel(), gold.ravel()
    return np.log(np.stack([1 - p, p], axis=1) + _TINY), np.eye(2)[y]


def _link_rows(
    document: LabelledDocument, prediction: Predictions, heads: DocumentHeads
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    roles = gold_roles(document)
    background = roles.shape[1] - 1
    nodes = np.flatnonzero(roles.argmax(1) != background)
    if len(nodes) < 2:
        return np.zeros((0, 1)), np.zeros((0, 1))
    scores = heads.supports(prediction.features[nodes], roles[nodes], nodes, slice(0, len(nodes)))
    gold = gold_link_targets(document, len(roles))
    targets = np.column_stack([gold[np.ix_(nodes, nodes)], gold[nodes, -1]])
    return np.log(scores.astype(np.float64) + _TINY), targets.astype(np.float64)


def _temperature(logits: NDArray[np.float64], targets: NDArray[np.float64]) -> float:
    return _minimise(lambda log_temperature: _cross_entropy(logits / np.exp(log_temperature), targets))


def _minimise(loss) -> float:  # type: ignore[no-untyped-def]
    return float(np.exp(minimize_scalar(loss, bounds=(-2.0, 2.0), method="bounded").x))


def _cross_entropy(logits: NDArray[np.float64], targets: NDArray[np.float64]) -> float:
    shifted = logits - logits.max(1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return float(-(targets * log_probabilities).sum())


def _f1(gold: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> float:
    right = (gold & predicted).sum()
    return float(2 * right / max(gold.sum() + predicted.sum(), 1))
