"""The figures that are given with an interval, as measures over resamples of the documents.

In go labelled documents and what a model says of them, out come measures by name. A name is the path to the figure in
what `analyzer.training.metrics.all_metrics` returns, its keys joined by full stops.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from analyzer.model.heads import DocumentHeads
from analyzer.model.predictions import Array, Predictions
from analyzer.schema import Head, HeadKind, LabelSchema
from analyzer.training.data import LabelledDocument
from analyzer.training.metrics import (
    ECE_BINS,
    attributed_rows,
    calibration_bins,
    confidence_of,
    label_counts,
    link_counts,
    span_counts,
)
from analyzer.training.resampling import Draws, Measure, Numbers, calibration_error, f1, ratio
from analyzer.training.score_metrics import LEAST_TO_CORRELATE, dependence_rows, rank_correlation


def measures_of(
    documents: Sequence[LabelledDocument],
    predictions: Sequence[Predictions],
    heads: DocumentHeads,
    schema: LabelSchema,
    thresholds: Mapping[str, float],
) -> dict[str, Measure]:
    """A measure for every figure that the schema and the labels of these documents allow."""
    measures: dict[str, Measure] = {}
    for head in schema.sentence_heads:
        threshold = thresholds.get(head.name, 0.5)
        measures |= _head_measures(head, documents, predictions, threshold)
        if head.name == "content" and any("sourcing" in document.labels for document in documents):
            attributed = _head_measures(head, documents, predictions, threshold, rows_of=_attributed_rows)
            measures |= {name.replace("content.", "content.attributed.", 1): m for name, m in attributed.items()}
    for label, (words, spans) in span_counts(documents, predictions, schema, thresholds).items():
        measures[f"spans.{label}.words.f1"] = f1(words[:, None])
        measures[f"spans.{label}.spans.f1"] = f1(spans[:, None])
    if schema.links and any(document.supports is not None for document in documents):
        for name, gold in (("gold_roles", True), ("end_to_end", False)):
            counts = link_counts(documents, predictions, heads, thresholds, use_gold_roles=gold)
            measures[f"links.{name}.f1"] = f1(counts[:, None])
        measures |= _score_measures(dependence_rows(documents, predictions, heads))
    return measures


def _head_measures(
    head: Head,
    documents: Sequence[LabelledDocument],
    predictions: Sequence[Predictions],
    threshold: float,
    *,
    rows_of: Callable[[LabelledDocument], NDArray[np.bool_] | None] = lambda document: np.ones(
        len(document.texts), dtype=bool
    ),
) -> dict[str, Measure]:
    """Macro-F1, F1 by label, accuracy and ECE of one head, on the rows of each document that `rows_of` chooses; of a
    document for which it gives None, on none.
    """
    counts = np.zeros((len(documents), len(head.labels), 3), dtype=np.int64)
    bins = np.zeros((len(documents), ECE_BINS, 3))
    right = np.zeros((len(documents), 2), dtype=np.int64)
    for number, (document, prediction) in enumerate(zip(documents, predictions, strict=True)):
        if head.name not in document.labels:
            continue
        rows = rows_of(document)
        if rows is None:
            continue
        gold, probabilities = document.labels[head.name][rows], prediction.probabilities[head.name][rows]
        counts[number] = label_counts(head, gold, probabilities, threshold)
        bins[number] = calibration_bins(*confidence_of(head, gold, probabilities))
        right[number] = _right(gold, probabilities, threshold), gold.size
    if not right[:, 1].any():
        return {}
    path = f"heads.{head.name}"
    by_label = {f"{path}.labels.{label}.f1": f1(counts[:, [k]]) for k, label in enumerate(head.labels)}
    whole = {"macro_f1": f1(counts), "accuracy": ratio(*right.T), "ece": calibration_error(bins)}
    if head.kind is HeadKind.MULTI:
        whole["macro_f1_yes_no"] = _yes_and_no(counts, right[:, 1] // len(head.labels))
    return {**{f"{path}.{name}": measure for name, measure in whole.items()}, **by_label}


def _yes_and_no(counts: NDArray[np.int64], sentences: NDArray[np.int64]) -> Measure:
    """Mean F1 of having and of not having each label, from (documents, labels, 3) and how many sentences there are."""
    right, found, wanted = np.moveaxis(counts, -1, 0)
    rest = sentences[:, None]
    without = np.stack([rest - found - wanted + right, rest - found, rest - wanted], axis=-1)
    return f1(np.concatenate([counts, without], axis=1), absent=0.0)


def _attributed_rows(document: LabelledDocument) -> NDArray[np.bool_] | None:
    return attributed_rows(document) if "sourcing" in document.labels else None


def _right(gold: NDArray[np.int64], probabilities: Array, threshold: float) -> int:
    """How many labels are right: one a sentence for a single head, one a sentence and label for a multi head."""
    found = probabilities.argmax(1) if gold.ndim == 1 else probabilities >= threshold
    return int((found == gold).sum())


def _score_measures(rows: NDArray[np.float64]) -> dict[str, Measure]:
    """Of the score of the document; `rows` come from `dependence_rows`."""
    both: NDArray[np.bool_] = np.asarray(~np.isnan(rows).any(1))
    if both.sum() < LEAST_TO_CORRELATE:
        return {}
    error = np.abs(np.where(both[:, None], rows[:, :2] - rows[:, 2:], 0.0))

    def spearman(draws: Draws) -> Numbers:
        drawn = (np.repeat(rows[both], draw, axis=0) for draw in draws[:, both])
        found = (rank_correlation(r[:, 0], r[:, 2]) if len(r) >= LEAST_TO_CORRELATE else None for r in drawn)
        return np.array([np.nan if value is None else value for value in found])

    return {
        "dependence.spearman": spearman,
        "dependence.mean_absolute_error": ratio(error[:, 0], both),
        "dependence.opinion_share_mean_absolute_error": ratio(error[:, 1], both),
    }
