"""Chooses what is most worth labelling: what the model is unsure of, and what is unlike what was chosen already.

Probabilities and vectors go in, positions come out. `tests/benchmarks/active_learning.py` measures whether it beats
choosing at random.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from analyzer.model.predictions import Array
from analyzer.schema import HeadKind, LabelSchema


def uncertainty(probabilities: Mapping[str, Array], schema: LabelSchema) -> NDArray[np.float64]:
    """How unsure the model is of each of n sentences: the mean entropy of its heads, each as a share of the greatest
    that it can have; 0 (sure of everything) to 1. `probabilities[head]` has shape (n, labels).
    """
    shares = []
    for head in schema.sentence_heads:
        p = np.clip(probabilities[head.name].astype(np.float64), 1e-12, 1.0)
        if head.kind is HeadKind.SINGLE:
            shares.append(-(p * np.log(p)).sum(1) / np.log(len(head.labels)))
        else:
            q = np.clip(1.0 - p, 1e-12, 1.0)
            shares.append(-(p * np.log(p) + q * np.log(q)).mean(1) / np.log(2))
    return np.asarray(np.clip(np.mean(shares, axis=0), 0.0, 1.0))


def choose(unsure: NDArray[np.float64], vectors: Array, count: int) -> list[int]:
    """Positions of the `count` most informative of n units, the most informative first.

    `unsure` (n,) is their uncertainty, `vectors` (n, d) what they are about. Each step takes the unit with the
    greatest product of uncertainty and distance (1 − cosine, 0 to 2, about the mean) to the nearest one chosen before.
    """
    centred = vectors - vectors.mean(axis=0)
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    distance = np.ones(len(unsure))
    left = np.ones(len(unsure), dtype=bool)
    chosen: list[int] = []
    for _ in range(min(count, len(unsure))):
        best = int(np.where(left, unsure * distance, -1.0).argmax())
        nearer = 1.0 - unit @ unit[best]
        distance = np.maximum(np.minimum(distance, nearer) if chosen else nearer, 0.0)
        left[best] = False
        chosen.append(best)
    return chosen
