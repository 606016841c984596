"""How sure a mean over documents is: bootstrap intervals, seeded, at a cost that does not grow with the corpus.

In go figures, one a document, with NaN where a document has none; out come the mean and its 95 % interval. A resample
of a mean depends only on how often each value is drawn, so the counts of the values are drawn instead of documents.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

RESAMPLES = 1000
PERCENTILES = (2.5, 97.5)
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
    bins, counts = np.unique(np.rint(values * _BINS), return_counts=True)
    draws = np.random.default_rng(_SEED).multinomial(len(values), counts / len(values), size=RESAMPLES)
    low, high = np.percentile(draws @ bins / (len(values) * _BINS), PERCENTILES)
    return Estimate(mean, (min(float(low), mean), max(float(high), mean)), len(values))
