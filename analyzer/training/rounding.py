"""Rounds the encoder's weights to int8 so that what it computes changes little.

In go `EncoderWeights` and windows of text like that which it will read; out comes an `Int8Layer` for every layer. What
every dense layer reads on those windows says which channels have outliers, whose size is moved from the vectors into
the weights (SmoothQuant, Xiao et al. 2023, arXiv:2211.10438), and how the error of rounding one weight is best made up
for by those not yet rounded (GPTQ, Frantar et al. 2023, arXiv:2210.17323).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from analyzer.model.weights import EncoderWeights
from analyzer.model.windows import Window
from analyzer.training.graph import Array, FoldedLayer, Int8Dense, Int8Layer, build_graph, fold_norms

# Seven bits: CPUs without VNNI add products of bytes in 16 bits, which saturate with eight.
_LARGEST_STEP = 63
# 1 - cosine of sentence vectors to single precision, times 100,000: 91 without smoothing, 74 with 0.75; 0.6 and 0.9
# are worse in one of the two places.
_SMOOTHED, _SMOOTHING = ("input", "attended"), 0.75
# Share of the mean that is added to the diagonal, so that it can be inverted with few windows too.
_DAMPING = 0.01
_ROWS_A_BLOCK = 64


@dataclass
class _Read:
    """What was read in one place: the sum of outer products (channels, channels), the largest numbers (channels,)."""

    products: NDArray[np.float64]
    largest: Array


def round_weights(
    weights: EncoderWeights, windows: Sequence[Window], kept: Sequence[Int8Layer] = ()
) -> list[Int8Layer]:
    """Every layer in int8, fitted to what it reads in the windows; the lowest are `kept` as they are."""
    read = _what_is_read(weights, windows, kept)
    return [
        *kept,
        *(
            _round_layer(layer, {place: read[f"{number}.{place}"] for place in layer.reading()})
            for number, layer in enumerate(fold_norms(weights))
            if number >= len(kept)
        ),
    ]


def _what_is_read(weights: EncoderWeights, windows: Sequence[Window], kept: Sequence[Int8Layer]) -> dict[str, _Read]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    model = build_graph(weights, kept, show_read=True).SerializeToString()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()][1:]
    found: dict[str, _Read] = {}
    for window in windows:
        outputs = session.run(names, {"input_ids": np.array([window.token_ids], dtype=np.int64)})
        for name, (vectors,) in zip(names, outputs, strict=True):
            products, largest = (vectors.T @ vectors).astype(np.float64), np.abs(vectors).max(axis=0)
            if name in found:
                found[name] = _Read(found[name].products + products, np.maximum(found[name].largest, largest))
            else:
                found[name] = _Read(products, largest)
    return found


def _round_layer(layer: FoldedLayer, read: dict[str, _Read]) -> Int8Layer:
    dense: dict[str, Int8Dense] = {}
    smoothing: dict[str, Array] = {}
    for place, reading in layer.reading().items():
        factors = np.ones_like(read[place].largest)
        if place in _SMOOTHED:
            heaviest = np.max([np.abs(found.weight).max(axis=1) for _, found in reading], axis=0)
            factors = _smoothing(read[place].largest, heaviest)
            smoothing[place] = factors
        products = read[place].products * np.outer(factors, factors)
        for name, found in reading:
            dense[name] = round_dense(found.weight / factors[:, None], products)
    return Int8Layer(dense, smoothing)


def _smoothing(largest: Array, heaviest: Array) -> Array:
    """What each channel (channels,) is multiplied with: small for outliers, 1 for the median channel."""
    tiny = 1e-6
    factors = np.maximum(heaviest, tiny) ** (1 - _SMOOTHING) / np.maximum(largest, tiny) ** _SMOOTHING
    return np.asarray(factors / np.median(factors), dtype=np.float32)


def round_dense(weight: Array, products: NDArray[np.float64]) -> Int8Dense:
    """Round a weight (inputs, outputs) row by row; each row's error is made up for by the rows after it.

    `products` (inputs, inputs) is the sum of x xᵀ over the vectors x that it reads.
    """
    left = weight.astype(np.float64)
    n_rows = len(left)
    scale = np.maximum(np.abs(left).max(axis=0) / _LARGEST_STEP, np.finfo(np.float32).tiny)
    damped = products + _DAMPING * max(float(np.mean(np.diag(products))), 1e-9) * np.eye(n_rows)
    upper = np.linalg.cholesky(np.linalg.inv(damped)).T
    steps = np.zeros(left.shape, dtype=np.int8)
    for first in range(0, n_rows, _ROWS_A_BLOCK):
        end = min(first + _ROWS_A_BLOCK, n_rows)
        errors = np.zeros((end - first, left.shape[1]))
        for row in range(first, end):
            rounded = np.clip(np.rint(left[row] / scale), -_LARGEST_STEP, _LARGEST_STEP)
            steps[row] = rounded
            errors[row - first] = (left[row] - rounded * scale) / upper[row, row]
            left[row + 1 : end] -= np.outer(upper[row, row + 1 : end], errors[row - first])
        left[end:] -= upper[first:end, end:].T @ errors
    return Int8Dense(steps, scale.astype(np.float32))
