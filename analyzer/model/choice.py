"""Which labels a head gives: one rule for reports, scores and measurements."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analyzer.model.predictions import Array
from analyzer.schema import Head, HeadKind

HALF = 0.5


def chosen(head: Head, probabilities: Array, threshold: float | None = None) -> NDArray[np.int64]:
    """The numbers (n,) of a single head's labels, or 1 where a multi head's labels hold (n, labels), from
    probabilities (n, labels).

    A multi head's label holds where it reaches the threshold, one half if there is none. Of a single head's the
    likeliest is given; with a threshold its last, which says that none of the others holds, only where it reaches
    that, else the likeliest of the others.
    """
    if head.kind is HeadKind.MULTI:
        return (probabilities >= (HALF if threshold is None else threshold)).astype(np.int64)
    if threshold is None:
        return np.asarray(probabilities.argmax(-1), dtype=np.int64)
    last = len(head.labels) - 1
    return np.where(probabilities[..., last] >= threshold, last, probabilities[..., :last].argmax(-1))
