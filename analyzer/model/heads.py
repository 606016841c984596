"""Everything above the encoder, in NumPy: document context, the heads, the support scorer.

It computes what `analyzer.model.torch_network.DocumentHeads` computes, without PyTorch, so that a report needs
none. In go vectors of documents, out come calibrated probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from analyzer.errors import AnalyzerError
from analyzer.model.features import PLACE_FEATURES, distance_buckets, place_features
from analyzer.model.folder import HEADS, ModelFolder
from analyzer.model.predictions import Array, EncodedDocument, Predictions
from analyzer.model.spans import sigmoid
from analyzer.model.tagging import WEIGHTS, TokenMarker
from analyzer.schema import HeadKind, LabelSchema

# What PyTorch adds to the names of a GRU's weights by direction.
_DIRECTIONS = ("", "_reverse")


class DocumentHeads:
    """The layers of one model folder, ready to apply."""

    def __init__(self, folder: ModelFolder) -> None:
        self._schema = folder.schema
        self._temperatures = folder.settings.temperatures
        self._weights = _load_weights(folder.path / HEADS, folder.schema)
        n_encoder = self._weights["context.weight_ih_l0"].shape[1] - PLACE_FEATURES
        self.mark_tokens = TokenMarker.of(self._weights, n_encoder)

    def predict(self, encoded: EncodedDocument, paragraphs: Sequence[int]) -> Predictions:
        """Label the n sentences of one document from what the encoder read and the numbers (n) of their paragraphs."""
        return self.predict_many([encoded], [paragraphs])[0]

    def predict_many(
        self, encoded: Sequence[EncodedDocument], paragraphs: Sequence[Sequence[int]]
    ) -> list[Predictions]:
        """Label the sentences of documents, each by itself; together they take little longer than the longest."""
        contexts = self._contexts(
            [
                np.concatenate([document.vectors, place_features(numbers)], axis=1)
                for document, numbers in zip(encoded, paragraphs, strict=True)
            ]
        )
        return [self._predict(document, context) for document, context in zip(encoded, contexts, strict=True)]

    def _predict(self, encoded: EncodedDocument, context: Array) -> Predictions:
        features = np.concatenate([encoded.vectors, context], axis=1)
        probabilities = {}
        for number, head in enumerate(self._schema.sentence_heads):
            logits = self._linear(f"heads.{number}", features) / self._temperatures[head.name]
            probabilities[head.name] = _softmax(logits) if head.kind is HeadKind.SINGLE else sigmoid(logits)
        return Predictions(probabilities, features, encoded.tokens)

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

    def _contexts(self, documents: Sequence[Array]) -> list[Array]:
        """Both directions of a GRU (Cho et al. 2014, arXiv:1406.1078) over each document: (n, 2 · n_context).

        `documents` are what it reads of the sentences (n, numbers of each). PyTorch's gate order: reset, update, new.
        A step reads one sentence in each direction of every document that has as many; the longest come first, so that
        these are the first rows.
        """
        order = sorted(range(len(documents)), key=lambda k: -len(documents[k]))
        gates_in = [self._gates_of_input(documents[k]) for k in order]
        lengths = np.array([len(documents[k]) for k in order])
        recurrent = np.stack([self._direction("weight_hh_l0", d).T for d in _DIRECTIONS])[:, None]
        bias = np.stack([self._direction("bias_hh_l0", d) for d in _DIRECTIONS])[:, None]
        size = recurrent.shape[2]
        states = [np.empty((2, length, size), dtype=np.float32) for length in lengths]
        state = np.zeros((2, len(documents), size), dtype=np.float32)
        for t in range(max(lengths, default=0)):
            running = int((lengths > t).sum())
            now = np.stack([gates[:, t] for gates in gates_in[:running]], axis=1)
            state = state[:, :running]
            # Row by row: a product with all rows would differ in its last digits with how many there are.
            hidden = np.matmul(state[:, :, None], recurrent)[:, :, 0] + bias
            gates = sigmoid(now[..., : 2 * size] + hidden[..., : 2 * size])
            new = np.tanh(now[..., 2 * size :] + gates[..., :size] * hidden[..., 2 * size :])
            state = new + gates[..., size:] * (state - new)
            for row in range(running):
                states[row][:, t] = state[:, row]
        contexts = [np.concatenate([forward, backward[::-1]], axis=1) for forward, backward in states]
        return [context for _, context in sorted(zip(order, contexts, strict=True), key=lambda item: item[0])]

    def _gates_of_input(self, vectors: Array) -> Array:
        """What a document's sentences add to the gates (2, n, 3 · n_context), in the order of each direction."""
        forward, backward = (
            vectors @ self._direction("weight_ih_l0", d).T + self._direction("bias_ih_l0", d) for d in _DIRECTIONS
        )
        return np.stack([forward, backward[::-1]])

    def _direction(self, name: str, direction: str) -> Array:
        return self._weights[f"context.{name}{direction}"]


def _load_weights(path: Path, schema: LabelSchema) -> dict[str, Array]:
    try:
        weights = {name: weight.astype(np.float32) for name, weight in load_file(path).items()}
    except (SafetensorError, OSError) as error:
        raise AnalyzerError(f"{path}: cannot be read ({error}); restore the model folder") from error
    missing = sorted(_names_of(schema) - weights.keys())
    if missing:
        raise AnalyzerError(f"{path}: lacks {', '.join(missing)}; restore the model folder")
    return weights


def _names_of(schema: LabelSchema) -> set[str]:
    """The names of all weights that a model with these heads has."""
    layers = [f"heads.{number}" for number in range(len(schema.sentence_heads))]
    names = {f"context.{name}_l0{d}" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh") for d in _DIRECTIONS}
    if schema.span_labels:
        names |= {f"spans.{name}" for name in WEIGHTS}
    if schema.links:
        layers += [f"support.{name}" for name in ("supporter", "supported", "target", "none", "distance_gate")]
        names |= {"support.bilinear", "support.distance.weight"}
    return names | {f"{layer}.{part}" for layer in layers for part in ("weight", "bias")}


def _softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)
