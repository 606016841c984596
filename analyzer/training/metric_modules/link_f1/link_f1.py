"""How well support links are found, as a metric for `evaluate.load`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import datasets
import evaluate

from analyzer.training.metrics import f1_row

_INPUTS = """
Args:
    predictions: of every document, the links found, each [premise, supported sentence].
    references: of every document, the right links.
Returns:
    precision, recall, f1: over all links of all documents; support: how many right links there are.
"""

Links = Sequence[Sequence[Sequence[int]]]


class LinkF1(evaluate.Metric):
    """Micro precision, recall and F1 of directed links between sentences."""

    def _info(self) -> evaluate.MetricInfo:
        links = datasets.Sequence(datasets.Sequence(datasets.Value("int64")))
        return evaluate.MetricInfo(
            description="Micro precision, recall and F1 of directed support links between the sentences of a document.",
            citation="",
            inputs_description=_INPUTS,
            features=datasets.Features({"predictions": links, "references": links}),
        )

    def _compute(self, *, predictions: Links, references: Links) -> dict[str, Any]:
        found, wanted = ([{tuple(link) for link in links} for links in side] for side in (predictions, references))
        right = sum(len(f & w) for f, w in zip(found, wanted, strict=True))
        return f1_row(right, sum(map(len, found)), sum(map(len, wanted)))
