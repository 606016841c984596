"""Discourse features that both runtimes of the support scorer share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_EDGES = np.array([1, 2, 3, 4, 6, 9, 14, 22, 40])
DISTANCE_BUCKETS = 2 * (len(_EDGES) + 1)


def distance_buckets(supporters: NDArray[np.int64], supported: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bucket of the signed distance in sentences j - i for every pair: shape (i, j), values < `DISTANCE_BUCKETS`.

    Both arguments are places of sentences in the document. Buckets widen with distance; the first half means that
    the supported sentence comes later, the second that it comes earlier.
    """
    distance = supported[None, :] - supporters[:, None]
    bucket = np.searchsorted(_EDGES, np.abs(distance), side="left").astype(np.int64)
    return np.asarray(np.where(distance >= 0, bucket, bucket + len(_EDGES) + 1), dtype=np.int64)
