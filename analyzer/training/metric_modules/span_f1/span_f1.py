"""How well spans of text are found, as a metric for `evaluate.load`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import datasets
import evaluate

from analyzer.training.metrics import f1_row

_INPUTS = """
Args:
    predictions: of every text, the spans found, each [start, end] in code points.
    references: of every text, the right spans.
Returns:
    precision, recall, f1: of spans that agree exactly, at both ends; support: how many right spans there are.
    overlap: the same of characters: how much of what was marked should be, and of what should be was.
"""

Spans = Sequence[Sequence[Sequence[int]]]


class SpanF1(evaluate.Metric):
    """Micro precision, recall and F1 of spans by exact match, and of the characters in them."""

    def _info(self) -> evaluate.MetricInfo:
        spans = datasets.Sequence(datasets.Sequence(datasets.Value("int64")))
        return evaluate.MetricInfo(
            description="Micro precision, recall and F1 of spans by exact match, and of the characters in them.",
            citation="",
            inputs_description=_INPUTS,
            features=datasets.Features({"predictions": spans, "references": spans}),
        )

    def _compute(self, *, predictions: Spans, references: Spans) -> dict[str, Any]:
        found, wanted = ([{tuple(span) for span in spans} for spans in side] for side in (predictions, references))
        inside = [[_characters(spans) for spans in side] for side in (found, wanted)]
        return {**_agreement(found, wanted), "overlap": _agreement(*inside)}


def _characters(spans: set[tuple[int, ...]]) -> set[int]:
    return {place for start, end in spans for place in range(start, end)}


def _agreement(found: Sequence[set[Any]], wanted: Sequence[set[Any]]) -> dict[str, float]:
    right = sum(len(f & w) for f, w in zip(found, wanted, strict=True))
    return f1_row(right, sum(map(len, found)), sum(map(len, wanted)))
