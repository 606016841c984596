"""Everything above the encoder, in NumPy: document context, the heads, the support scorer.

It computes what `analyzer.model.torch_network.DocumentHeads` computes, without PyTorch, so that a report needs
none. In go vectors of one document, out come calibrated probabilities.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from analyzer.errors import AnalyzerError
from analyzer.model.features import distance_buckets
from analyzer.model.folder import HEADS, ModelFolder
from analyzer.model.predictions import Array, EncodedDocument, Predictions
from analyzer.schema import HeadKind


class DocumentHeads:
    """The layers of one model folder, ready to apply."""

    def __init__(self, folder: ModelFolder) -> None:
        self._schema = folder.schema
        self._temperatures = folder.settings.temperatures
        self._weights = _load_weights(folder.path / HEADS)

    def predict(self, encoded: EncodedDocument) -> Predictions:
        """Label the sentences of one document from what the encoder read."""
        vectors = encoded.vectors
        features = np.concatenate([vectors, self._context(vectors)], axis=1)
        probabilities = {}
        for number, head in enumerate(self._schema.sentence_heads):
            logits = self._linear(f"heads.{number}", features) / self._temperatures[head.name]
            probabilities[head.name] = _softmax(logits) if head.kind is HeadKind.SINGLE else _sigmoid(logits)
        return Predictions(probabilities, features, encoded.tokens)

    def mark_tokens(self, hidden: Array) -> Array:
        """Probabilities (t, span labels) of token vectors (t, n_encoder)."""
        if not self._schema.span_labels:
            return np.zeros((len(hidden), 0), dtype=np.float32)
        return _sigmoid(self._linear("spans", hidden))

    def supports(self, features: Array, roles: Array, positions: NDArray[np.int64], rows: slice) -> Array:
        """Probabilities (rows, n + 1) that sentence i of `rows` supports candidate j; column n: it supports nothing.

        `features` (n, n_features) and `roles` (n, roles) are rows of `Predictions` for the n candidates, whose
        places among the document's sentences are `positions` (n,), ascending.
        """
        inputs = np.concatenate([features, roles], axis=1)
        supporter = np.tanh(self._linear("support.supporter", inputs[rows]))
        supported = np.tanh(self._linear("support.supported", inputs))
        buckets = distance_buckets(positions[rows], positions)
        logits = supporter @ self._weights["support.bilinear"] @ supported.T
        logits += self._linear("support.target", supported).T
        logits += self._weights["support.distance.weight"][:, 0][buckets]
        logits += np.take_along_axis(self._linear("support.distance_gate", supporter), buckets, axis=1)
        logits[positions[rows, None] == positions[None, :]] = -np.inf
        logits = np.concatenate([logits, self._linear("support.none", supporter)], axis=1)
        return _softmax(logits / self._temperatures["links"])

    def _linear(self, name: str, inputs: Array) -> Array:
        return inputs @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _context(self, vectors: Array) -> Array:
        """Both directions of the GRU over the document: (n, 2 · n_context)."""
        forward = self._recur(vectors, "")
        backward = self._recur(vectors[::-1], "_reverse")[::-1]
        return np.concatenate([forward, backward], axis=1)

    def _recur(self, vectors: Array, suffix: str) -> Array:
        """One direction of a GRU (Cho et al. 2014, arXiv:1406.1078) with PyTorch's gate order: reset, update, new."""
        w = self._weights
        from_input = vectors @ w[f"context.weight_ih_l0{suffix}"].T + w[f"context.bias_ih_l0{suffix}"]
        recurrent = np.ascontiguousarray(w[f"context.weight_hh_l0{suffix}"].T)
        bias = w[f"context.bias_hh_l0{suffix}"]
        size = recurrent.shape[0]
        state = np.zeros(size, dtype=np.float32)
        states = np.empty((len(vectors), size), dtype=np.float32)
        for t, inputs in enumerate(from_input):
            hidden = state @ recurrent + bias
            gates = _sigmoid(inputs[: 2 * size] + hidden[: 2 * size])
            new = np.tanh(inputs[2 * size :] + gates[:size] * hidden[2 * size :])
            state = new + gates[size:] * (state - new)
            states[t] = state
        return states


def _load_weights(path: Path) -> dict[str, Array]:
    try:
        return {name: weight.astype(np.float32) for name, weight in load_file(path).items()}
    except (SafetensorError, OSError) as error:
        raise AnalyzerError(f"{path}: cannot be read ({error}); restore the model folder") from error


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)), dtype=np.float32)


def _softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)
