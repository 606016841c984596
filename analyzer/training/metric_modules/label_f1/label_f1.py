"""How well one label a sentence is found, as a metric for `evaluate.load`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import datasets
import evaluate
import numpy as np

from analyzer.schema import Head, HeadKind
from analyzer.training.metrics import head_metrics

_INPUTS = """
Args:
    predictions: the numbers of the labels that were given, one a sentence.
    references: the numbers of the right labels.
    labels: the names of all labels, in the order of their numbers.
Returns:
    macro_f1: mean F1 over the labels that occur.
    accuracy: share of sentences that are labelled rightly.
    labels: by name, precision, recall, F1 and support.
    confusion: how often a label (rows) was given as which (columns).
"""


class LabelF1(evaluate.Metric):
    """Precision, recall and F1 by label, macro-F1, accuracy and the confusion table."""

    def _info(self) -> evaluate.MetricInfo:
        number = datasets.Value("int64")
        return evaluate.MetricInfo(
            description="Precision, recall and F1 by label, macro-F1, accuracy and the confusion table of a head.",
            citation="",
            inputs_description=_INPUTS,
            features=datasets.Features({"predictions": number, "references": number}),
        )

    def _compute(
        self, *, predictions: Sequence[int], references: Sequence[int], labels: Sequence[str]
    ) -> dict[str, Any]:
        given = np.eye(len(labels), dtype=np.float32)[np.asarray(predictions)]
        head = Head("", HeadKind.SINGLE, tuple(labels))
        measured = head_metrics(head, np.asarray(references, dtype=np.int64), given, 0.5)
        return {name: measured[name] for name in ("macro_f1", "accuracy", "labels", "confusion")}
