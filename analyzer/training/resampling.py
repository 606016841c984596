"""How sure a figure is: 95 % intervals over resampled documents, of one figure and of the difference of two.

In go measures, which give a figure for any resample of the documents; out come numbers (percentile bootstrap, Efron &
Tibshirani 1993). Two models are compared on the same resamples, so that what is hard about a document counts for both.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest

Numbers = NDArray[np.float64]
# How often each document is drawn (samples, documents).
Draws = NDArray[np.int64]
# The figure of every sample (samples,), NaN where it is undefined.
Measure = Callable[[Draws], Numbers]

_SAMPLES = 1000
_PERCENTILES = (2.5, 97.5)
_SEED = 0
# Fewer documents than this say too little about the others for any interval: resampled, they would seem to agree.
LEAST_TO_RESAMPLE = 5


def draw(documents: int) -> Draws:
    """The resamples of so many documents, the same for the same number."""
    rng = np.random.default_rng(_SEED)
    return rng.multinomial(documents, np.full(documents, 1 / documents), size=_SAMPLES)


def value(measure: Measure, documents: int) -> float:
    """The figure on the documents as they are."""
    return float(measure(np.ones((1, documents), dtype=np.int64))[0])


def interval(measure: Measure, draws: Draws) -> tuple[float, float] | None:
    """The 95 % interval of a figure; None where it is hardly ever defined, or with fewer than five documents."""
    return _between(measure(draws), draws)


def difference(measure: Measure, other: Measure, draws: Draws) -> tuple[float, float] | None:
    """The 95 % interval of `measure` minus `other` on the same resamples; None where `interval` would be."""
    return _between(measure(draws) - other(draws), draws)


def _between(values: Numbers, draws: Draws) -> tuple[float, float] | None:
    defined = values[~np.isnan(values)]
    if draws.shape[1] < LEAST_TO_RESAMPLE or len(defined) < len(values) / 2:
        return None
    low, high = np.percentile(defined, _PERCENTILES)
    return float(low), float(high)


def share_interval(count: int, of: int) -> tuple[float, float] | None:
    """The 95 % interval of a share of things that have nothing to do with each other (Wilson 1927)."""
    if not of:
        return None
    found = binomtest(count, of).proportion_ci(method="wilson")
    return float(found.low), float(found.high)


def ratio(parts: ArrayLike, wholes: ArrayLike) -> Measure:
    """The sum of `parts` by the sum of `wholes`, both (documents,)."""
    counts = np.stack([np.asarray(parts, dtype=np.float64), np.asarray(wholes, dtype=np.float64)], axis=1)

    def measure(draws: Draws) -> Numbers:
        sums = draws @ counts
        return _divide(sums[:, 0], sums[:, 1])

    return measure


def f1(counts: ArrayLike, *, absent: float | None = None) -> Measure:
    """Mean F1 over labels from (documents, labels, 3): labelled rightly, labelled so, to be labelled so.

    A label that does not occur in a sample counts as `absent`; it is left out of the mean where that is None.
    """
    table = np.asarray(counts, dtype=np.float64)

    def measure(draws: Draws) -> Numbers:
        sums = (draws @ table.reshape(len(table), -1)).reshape(-1, *table.shape[1:])
        by_label = _divide(2 * sums[..., 0], sums[..., 1] + sums[..., 2])
        if absent is not None:
            by_label = np.where(np.isnan(by_label), absent, by_label)
        occurs = ~np.isnan(by_label)
        return _divide(np.nansum(by_label, axis=1), occurs.sum(1).astype(np.float64))

    return measure


def calibration_error(bins: ArrayLike) -> Measure:
    """ECE from (documents, bins, 3): sentences in the bin, the sum of their confidences, how many are right."""
    table = np.asarray(bins, dtype=np.float64)

    def measure(draws: Draws) -> Numbers:
        sums = (draws @ table.reshape(len(table), -1)).reshape(-1, *table.shape[1:])
        return _divide(np.abs(sums[..., 1] - sums[..., 2]).sum(1), sums[..., 0].sum(1))

    return measure


def _divide(parts: Numbers, wholes: Numbers) -> Numbers:
    return np.divide(parts, wholes, out=np.full(np.shape(wholes), np.nan), where=wholes > 0)
