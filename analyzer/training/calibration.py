"""Fits temperatures and thresholds on documents that training has not seen, for the model as it is shipped.

One temperature a head divides its logits so that probabilities mean what they say (Guo et al. 2017,
arXiv:1706.04599); thresholds of multi heads, of marked words and of links maximise F1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from analyzer.argument import MIN_LINK
from analyzer.model.heads import DocumentHeads
from analyzer.model.predictions import Predictions
from analyzer.model.spans import span_threshold
from analyzer.schema import Head, HeadKind, LabelSchema
from analyzer.training.data import LabelledDocument
from analyzer.training.losses import gold_link_targets
from analyzer.training.metrics import LINKS_OF_GOLD_ROLES, f1_row, gold_roles, link_metrics, span_counts

_TINY = 1e-9
# A mark on words less likely than the least of them is wrong too often to be shown, even where F1 would gain by it.
_MARK_THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)
# Of thresholds that do equally well, as all do where there is nothing to find, the one nearest to these: a half, which
# for marks is the likeliest sequence of tags, and for links about what the shipped models have.
_USUAL, _USUAL_OF_LINKS = 0.5, 0.2


def fit_temperatures(
    documents: Sequence[LabelledDocument],
    predictions: Sequence[Predictions],
    heads: DocumentHeads | None,
    schema: LabelSchema,
) -> dict[str, float]:
    """The temperature of every head, and of `links`, from predictions made at temperature 1.

    A head is fitted on the documents that have labels for it; `heads` are needed for links. It is 1 where these
    documents have one answer only.
    """
    found = {}
    for head in schema.sentence_heads:
        gold, probabilities = _gold_and_found(documents, predictions, head)
        found[head.name] = _temperature(*_logits_and_targets(head, gold, probabilities.astype(np.float64)))
    if schema.links and heads is not None:
        pairs = zip(documents, predictions, strict=True)
        losses = [_link_rows(d, p, heads) for d, p in pairs if d.supports is not None]

        def loss(log_temperature: float) -> float:
            t = np.exp(log_temperature)
            return sum(_cross_entropy(logits / t, targets) for logits, targets in losses if len(logits))

        has_links = any(targets[:, :-1].any() for _, targets in losses)
        found["links"] = _minimise(loss) if has_links else 1.0
    return found


def at_temperatures(
    predictions: Sequence[Predictions], temperatures: Mapping[str, float], schema: LabelSchema
) -> list[Predictions]:
    """Predictions made at temperature 1 as they are at those of the heads of `schema`."""
    scaled = []
    for prediction in predictions:
        probabilities = dict(prediction.probabilities)
        for head in schema.sentence_heads:
            p = probabilities[head.name].astype(np.float64)
            shares = (p if head.kind is HeadKind.SINGLE else np.stack([p, 1 - p], axis=-1)) + _TINY
            powers = shares ** (1 / temperatures[head.name])
            powers /= powers.sum(-1, keepdims=True)
            found = powers if head.kind is HeadKind.SINGLE else powers[..., 0]
            probabilities[head.name] = found.astype(np.float32)
        scaled.append(replace(prediction, probabilities=probabilities))
    return scaled


def fit_thresholds(
    documents: Sequence[LabelledDocument],
    predictions: Sequence[Predictions],
    heads: DocumentHeads | None,
    schema: LabelSchema,
) -> dict[str, float]:
    """The probabilities from which a multi head's labels, marked words and support links are shown: the best F1."""
    found = {}
    steps = _nearest_first(np.round(np.arange(0.2, 0.71, 0.02), 2), _USUAL)
    for head in schema.sentence_heads:
        if head.kind is HeadKind.MULTI and any(head.name in document.labels for document in documents):
            gold, p = _gold_and_found(documents, predictions, head)
            found[head.name] = float(max(steps, key=lambda t: _f1(gold.astype(bool), p >= t)))
    found |= _span_thresholds(documents, predictions, schema, found)
    if schema.links and heads is not None:
        for name, with_gold in (("links", False), (LINKS_OF_GOLD_ROLES, True)):
            found[name] = _link_threshold(documents, predictions, heads, use_gold_roles=with_gold)
    return found


def _link_threshold(
    documents: Sequence[LabelledDocument],
    predictions: Sequence[Predictions],
    heads: DocumentHeads,
    *,
    use_gold_roles: bool,
) -> float:
    candidates = _nearest_first(np.round(np.arange(MIN_LINK, 0.71, 0.01), 2), _USUAL_OF_LINKS)

    def f1(threshold: float) -> float:
        return link_metrics(documents, predictions, heads, {"links": threshold}, use_gold_roles=use_gold_roles)["f1"]

    return float(max(candidates, key=f1))


def _nearest_first(candidates: Iterable[float], usual: float) -> list[float]:
    return sorted(candidates, key=lambda candidate: abs(candidate - usual))


def _gold_and_found(
    documents: Sequence[LabelledDocument], predictions: Sequence[Predictions], head: Head
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    labelled = [(d, p) for d, p in zip(documents, predictions, strict=True) if head.name in d.labels]
    if not labelled:
        shape = (0,) if head.kind is HeadKind.SINGLE else (0, len(head.labels))
        return np.zeros(shape, dtype=np.int64), np.zeros((0, len(head.labels)), dtype=np.float32)
    gold = np.concatenate([document.labels[head.name] for document, _ in labelled])
    return gold, np.concatenate([prediction.probabilities[head.name] for _, prediction in labelled])


def _span_thresholds(
    documents: Sequence[LabelledDocument],
    predictions: Sequence[Predictions],
    schema: LabelSchema,
    of_heads: Mapping[str, float],
) -> dict[str, float]:
    """The threshold of every span label with the best F1 of whole spans, 0.5 where no document has any; `of_heads` are
    those of the multi heads.
    """
    best = dict.fromkeys(schema.span_labels, (0.0, 0.5))
    for threshold in _nearest_first(_MARK_THRESHOLDS, _USUAL):
        tried = {**of_heads, **{span_threshold(label): threshold for label in best}}
        counted = span_counts(documents, predictions, schema, tried)
        for label, (_, spans) in counted.items():
            f1 = f1_row(*spans.sum(0))["f1"]
            if f1 > best[label][0]:
                best[label] = f1, threshold
    return {span_threshold(label): threshold for label, (_, threshold) in best.items()}


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
    if (targets.sum(0) > 0).sum() < 2:
        return 1.0
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
