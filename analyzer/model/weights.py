"""The weights of an encoder in one form, whatever its architecture calls them.

In go a Hugging Face configuration and its tensors (BERT, RoBERTa and their like, or MPNet), out come `EncoderWeights`:
plain arrays from which the CPU's graph is built and the GPU's runtime is loaded; and the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analyzer.errors import AnalyzerError

Array = NDArray[np.float32]

# Those whose positions count from the one after that of padding, and all.
_AFTER_PADDING = ("roberta", "xlm-roberta", "camembert", "mpnet")
_ARCHITECTURES = ("bert", "electra", *_AFTER_PADDING)
# What they call the parts of a layer: query, key, value, what is made of the attended, and the norm after it.
_BERT_NAMES = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "attention.output.LayerNorm",
)
_MPNET_NAMES = ("attention.attn.q", "attention.attn.k", "attention.attn.v", "attention.attn.o", "attention.LayerNorm")
# From this distance on, all share the last bucket.
_FURTHEST = 128


@dataclass(frozen=True)
class Dense:
    """`x @ weight + bias`: weight (inputs, outputs), bias (outputs,)."""

    weight: Array
    bias: Array


@dataclass(frozen=True)
class Norm:
    """A layer normalisation: what it multiplies with and adds, both (n_encoder,)."""

    scale: Array
    shift: Array


@dataclass(frozen=True)
class Layer:
    """Attention and a feed-forward network, each added to its input and normalised (Vaswani et al. 2017)."""

    query: Dense
    key: Dense
    value: Dense
    attended: Dense
    attended_norm: Norm
    widen: Dense
    narrow: Dense
    norm: Norm


@dataclass(frozen=True)
class EncoderWeights:
    """An encoder of `layers`.

    `words` (vocabulary, n_encoder) and `positions` (longest window, n_encoder) are added and normalised by `norm`.
    `distances` (n_heads, 2 · longest - 1) is added to what a token attends to one that comes k later, column
    `longest - 1 + k`; None where the architecture has no such thing.
    """

    words: Array
    positions: Array
    norm: Norm
    layers: tuple[Layer, ...]
    distances: Array | None
    n_heads: int
    epsilon: float


def check_architecture(config: Mapping[str, Any]) -> None:
    """Raises `AnalyzerError` when an encoder of this configuration is of another kind than `read_weights` can read."""
    architecture, activation = config.get("model_type"), config.get("hidden_act")
    if architecture not in _ARCHITECTURES or activation != "gelu":
        raise AnalyzerError(
            f"an encoder of type {architecture!r} with {activation!r} activations cannot be exported; "
            f"use one of {', '.join(_ARCHITECTURES)} with 'gelu'"
        )
    embeddings, layers = config.get("embedding_size"), config.get("hidden_size")
    if embeddings not in (None, layers):
        raise AnalyzerError(
            f"an encoder whose embeddings ({embeddings}) are not as wide as its layers ({layers}) cannot be exported; "
            "use another"
        )


def read_weights(config: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> EncoderWeights:
    """The weights of an encoder; `AnalyzerError` for one of another kind, or when a tensor is missing."""
    check_architecture(config)
    try:
        read = _read_mpnet if config["model_type"] == "mpnet" else _read_bert
        return read(config, {name: np.asarray(tensor, dtype=np.float32) for name, tensor in tensors.items()})
    except KeyError as error:
        raise AnalyzerError(f"the encoder's weights lack {error}; restore the folder they came from") from error


def write_tensors(config: Mapping[str, Any], weights: EncoderWeights) -> dict[str, Array]:
    """The tensors of a Hugging Face encoder with these weights: what `read_weights` reads, the other way round."""
    positions = np.zeros((_first_position(config), weights.positions.shape[1]), dtype=np.float32)
    tensors = {
        "embeddings.word_embeddings.weight": weights.words,
        "embeddings.position_embeddings.weight": np.concatenate([positions, weights.positions]),
        **_tensors_of_norm("embeddings.LayerNorm", weights.norm),
    }
    if weights.distances is not None:
        # Every distance of a bucket has the same number: the first found is that of all.
        buckets, first = np.unique(_buckets_of(len(weights.positions), config), return_index=True)
        table = np.zeros((int(config["relative_attention_num_buckets"]), weights.n_heads), dtype=np.float32)
        table[buckets] = weights.distances.T[first]
        tensors["encoder.relative_attention_bias.weight"] = table
    else:
        shape = (int(config.get("type_vocab_size", 2)), weights.positions.shape[1])
        tensors["embeddings.token_type_embeddings.weight"] = np.zeros(shape, dtype=np.float32)
    query, key, value, attended, attended_norm = _BERT_NAMES if weights.distances is None else _MPNET_NAMES
    for number, layer in enumerate(weights.layers):
        prefix = f"encoder.layer.{number}."
        dense = {
            query: layer.query,
            key: layer.key,
            value: layer.value,
            attended: layer.attended,
            "intermediate.dense": layer.widen,
            "output.dense": layer.narrow,
        }
        for name, of_layer in dense.items():
            tensors[f"{prefix}{name}.weight"] = np.ascontiguousarray(of_layer.weight.T)
            tensors[f"{prefix}{name}.bias"] = of_layer.bias
        tensors |= _tensors_of_norm(prefix + attended_norm, layer.attended_norm)
        tensors |= _tensors_of_norm(prefix + "output.LayerNorm", layer.norm)
    return tensors


def _tensors_of_norm(name: str, norm: Norm) -> dict[str, Array]:
    return {f"{name}.weight": norm.scale, f"{name}.bias": norm.shift}


def _first_position(config: Mapping[str, Any]) -> int:
    """Which position the first token has."""
    return int(config["pad_token_id"]) + 1 if config["model_type"] in _AFTER_PADDING else 0


def _buckets_of(n_positions: int, config: Mapping[str, Any]) -> NDArray[np.int64]:
    """The bucket of every distance, from the furthest token before to the furthest after."""
    n_buckets = int(config["relative_attention_num_buckets"])
    return _distance_buckets(np.arange(1 - n_positions, n_positions), n_buckets)


def _read_bert(config: Mapping[str, Any], tensors: Mapping[str, Array]) -> EncoderWeights:
    # Windows are one segment each: the embedding of the first segment is part of every position's.
    positions = tensors["embeddings.position_embeddings.weight"][_first_position(config) :]
    positions = positions + tensors["embeddings.token_type_embeddings.weight"][0]
    return _weights(config, tensors, positions, _BERT_NAMES, None)


def _read_mpnet(config: Mapping[str, Any], tensors: Mapping[str, Array]) -> EncoderWeights:
    positions = tensors["embeddings.position_embeddings.weight"][_first_position(config) :]
    table = tensors["encoder.relative_attention_bias.weight"]
    distances = np.ascontiguousarray(table[_buckets_of(len(positions), config)].T)
    return _weights(config, tensors, positions, _MPNET_NAMES, distances)


def _weights(
    config: Mapping[str, Any],
    tensors: Mapping[str, Array],
    positions: Array,
    names: tuple[str, str, str, str, str],
    distances: Array | None,
) -> EncoderWeights:
    query, key, value, attended, attended_norm = names
    layers = []
    for number in range(int(config["num_hidden_layers"])):
        prefix = f"encoder.layer.{number}."
        layers.append(
            Layer(
                query=_dense(tensors, prefix + query),
                key=_dense(tensors, prefix + key),
                value=_dense(tensors, prefix + value),
                attended=_dense(tensors, prefix + attended),
                attended_norm=_norm(tensors, prefix + attended_norm),
                widen=_dense(tensors, prefix + "intermediate.dense"),
                narrow=_dense(tensors, prefix + "output.dense"),
                norm=_norm(tensors, prefix + "output.LayerNorm"),
            )
        )
    return EncoderWeights(
        words=tensors["embeddings.word_embeddings.weight"],
        positions=positions,
        norm=_norm(tensors, "embeddings.LayerNorm"),
        layers=tuple(layers),
        distances=distances,
        n_heads=int(config["num_attention_heads"]),
        epsilon=float(config["layer_norm_eps"]),
    )


def _dense(tensors: Mapping[str, Array], name: str) -> Dense:
    return Dense(np.ascontiguousarray(tensors[f"{name}.weight"].T), tensors[f"{name}.bias"])


def _norm(tensors: Mapping[str, Array], name: str) -> Norm:
    return Norm(tensors[f"{name}.weight"], tensors[f"{name}.bias"])


def _distance_buckets(later: NDArray[np.int64], n_buckets: int) -> NDArray[np.int64]:
    """MPNet's buckets (as T5's, Raffel et al. 2020): one a distance when near, wider and wider when far."""
    half = n_buckets // 2
    near = half // 2
    distance = np.abs(later)
    # In single precision, as where the model was trained: at powers of two it decides which bucket.
    share = np.log(np.maximum(distance, 1).astype(np.float32) / near) / np.float32(np.log(_FURTHEST / near))
    far = np.minimum(near + (share * (half - near)).astype(np.int64), half - 1)
    return np.asarray(np.where(distance < near, distance, far) + np.where(later > 0, half, 0), dtype=np.int64)
