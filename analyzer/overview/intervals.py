"""How sure a mean over documents is: bootstrap intervals, seeded, at a cost that does not grow with the corpus.

In go figures, one a document, with NaN where a document has none; out come the mean and its 95 % interval. A resample
of a mean depends only on how often each value is drawn, so the counts of the values are drawn instead of documents.
Percentiles of few documents' resamples lie too close together: they are expanded, as T. Hesterberg has it, "What
Teachers Should Know About the Bootstrap", The American Statistician 69 (2015).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

RESAMPLES = 1000
_TAIL = 0.025
_NORMAL = NormalDist()
# Fewer documents than this say too little about the others for any interval: none is given.
LEAST_FOR_INTERVAL = 5
# Fewer than this, or an interval wider than that, and a comparison would mislead.
LEAST_TO_COMPARE, WIDEST_TO_COMPARE = 10, 0.2
_SEED = 0
# Values are binned this finely, which bounds the work; what is shown has two decimals.
_BINS = 1000


@dataclass(frozen=True)
class Estimate:
    """The mean of a figure over `n` documents, with its 95 % interval; no interval from very few."""

    mean: float
    interval: tuple[float, float] | None
    n: int

    @property
    def width(self) -> float | None:
        """How wide the interval is, as it is shown."""
        return None if self.interval is None else round(self.interval[1] - self.interval[0], 2)

    @property
    def is_comparable(self) -> bool:
        """Whether there are documents enough, and an interval narrow enough, to set it beside another."""
        return self.n >= LEAST_TO_COMPARE and self.width is not None and self.width <= WIDEST_TO_COMPARE


def estimate(values: Values) -> Estimate | None:
    """The estimate for shares from 0 to 1, one a document; NaNs are left out. None where nothing is left."""
    values = values[~np.isnan(values)]
    if not len(values):
        return None
    mean = float(values.mean())
    if len(values) < LEAST_FOR_INTERVAL:
        return Estimate(mean, None, len(values))
    low, high = _interval(values, mean)
    return Estimate(mean, (min(low, mean), max(high, mean)), len(values))


def _interval(values: Values, mean: float) -> tuple[float, float]:
    n = len(values)
    bins, counts = np.unique(np.rint(values * _BINS), return_counts=True)
    if len(bins) == 1:
        # Equal values say nothing of their spread, only that hardly more than this share of documents has another one
        # (the rule of three, exactly; Hanley and Lippman-Hand, JAMA 249, 1983), which may be anything from 0 to 1.
        others = 1 - _TAIL ** (1 / n)
        return mean * (1 - others), mean * (1 - others) + others
    draws = np.random.default_rng(_SEED).multinomial(n, counts / n, size=RESAMPLES)
    tail = _NORMAL.cdf(math.sqrt(n / (n - 1)) * _student_t(_TAIL, n - 1))
    low, high = np.quantile(draws @ bins / (n * _BINS), (tail, 1 - tail))
    return float(low), float(high)


def _student_t(share: float, freedom: float) -> float:
    """The quantile of Student's t (Abramowitz and Stegun, 26.7.5), within 0.01 from 4 degrees of freedom on."""
    z = _NORMAL.inv_cdf(share)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return sum(term / freedom**power for power, term in enumerate(terms))
