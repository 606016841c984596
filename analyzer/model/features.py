"""Discourse features that both twins of the layers above the encoder share."""

from __future__ import annotations

from collections.abc import Sequence

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


PLACE_FEATURES = 7
_FAR = np.log1p(150.0)


def place_features(paragraphs: Sequence[int]) -> NDArray[np.float32]:
    """Where each sentence of a document stands (n, `PLACE_FEATURES`), all from 0 to 1, from its paragraph's number.

    In this order: it opens its paragraph, it closes it, its place from first (0) to last (1), how many sentences are
    before it and after it, its paragraph's place, and how many sentences there are; numbers as logarithms, up to 150.
    Theses and verdicts stand in some places rather than in others (Burstein et al. 2003, doi:10.1109/MIS.2003.1179191).
    """
    numbers = np.asarray(paragraphs, dtype=np.int64)
    n = len(numbers)
    changes = np.flatnonzero(np.diff(numbers)) + 1
    opens, closes = np.zeros(n), np.zeros(n)
    opens[[0, *changes]] = closes[[*changes - 1, n - 1]] = 1.0
    paragraph = np.cumsum(opens) - 1
    place = np.arange(n)
    columns = [
        opens,
        closes,
        place / max(n - 1, 1),
        np.log1p(place) / _FAR,
        np.log1p(n - 1 - place) / _FAR,
        paragraph / max(len(changes), 1),
        np.full(n, np.log1p(n) / _FAR),
    ]
    return np.asarray(np.minimum(np.stack(columns, axis=1), 1.0), dtype=np.float32)
