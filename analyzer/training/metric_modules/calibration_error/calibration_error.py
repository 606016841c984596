"""How far probabilities are from what they promise, as a metric for `evaluate.load`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import datasets
import evaluate
import numpy as np

from analyzer.training.metrics import expected_calibration_error

_INPUTS = """
Args:
    predictions: the probabilities of all labels, one row a sentence.
    references: the numbers of the right labels.
Returns:
    ece: expected calibration error over 15 bins of equal width; 0 is perfectly calibrated.
"""


class CalibrationError(evaluate.Metric):
    """The expected calibration error of the likeliest label."""

    def _info(self) -> evaluate.MetricInfo:
        rows = datasets.Sequence(datasets.Value("float64"))
        return evaluate.MetricInfo(
            description="Expected calibration error of the likeliest label (Guo et al. 2017, arXiv:1706.04599).",
            citation="",
            inputs_description=_INPUTS,
            features=datasets.Features({"predictions": rows, "references": datasets.Value("int64")}),
        )

    def _compute(self, *, predictions: Sequence[Sequence[float]], references: Sequence[int]) -> dict[str, Any]:
        rows = np.asarray(predictions)
        return {"ece": expected_calibration_error(rows.max(1), rows.argmax(1) == np.asarray(references))}
