"""How well the score of documents is found, as a metric for `evaluate.load`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import datasets
import evaluate
import numpy as np

from analyzer.training.score_metrics import score_agreement

_INPUTS = """
Args:
    predictions: the dependence of every document, from 0 to 1; None where no conclusion was found.
    references: the dependence of every document by its right labels; None where it has no conclusion.
Returns:
    spearman, mean_absolute_error: over documents that have both; None where they are undefined.
    documents: how many have both; missed: how many have only the right one; invented: only the found one.
"""


class DependenceError(evaluate.Metric):
    """Rank correlation and mean absolute error of the dependence of documents."""

    def _info(self) -> evaluate.MetricInfo:
        score = datasets.Value("float64")
        return evaluate.MetricInfo(
            description="Rank correlation and mean absolute error of the dependence of documents.",
            citation="",
            inputs_description=_INPUTS,
            features=datasets.Features({"predictions": score, "references": score}),
        )

    def _compute(self, *, predictions: Sequence[float | None], references: Sequence[float | None]) -> dict[str, Any]:
        found, wanted = (np.array(side, dtype=np.float64) for side in (predictions, references))
        return score_agreement(wanted, found)
