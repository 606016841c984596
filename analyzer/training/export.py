"""Writes a trained network as a model folder: fp16 weights to train on, int8 ONNX and heads for the CPU."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx.external_data_helper import set_external_data
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import save_file
from tokenizers import Tokenizer

from analyzer.model.folder import (
    CONFIG,
    HEADS,
    ONNX_ENCODER,
    ONNX_WEIGHTS,
    SCHEMA,
    TOKENIZER,
    TORCH_WEIGHTS,
    ModelFolder,
    ModelSettings,
    onnx_files,
)
from analyzer.model.torch_network import DocumentHeads
from analyzer.model.torch_weights import layers_of
from analyzer.model.weights import EncoderWeights, read_weights
from analyzer.model.windows import Window, pack_windows, special_tokens
from analyzer.schema import LabelSchema
from analyzer.training.graph import Int8Layer, build_graph, read_int8_layers
from analyzer.training.rounding import round_weights
from analyzer.training.trainer import TrainedNetwork

# About 10,000 tokens: more than the widest layer has inputs, several times.
N_WINDOWS = 40
# Hosts of source code take files of up to 100 MB.
_BYTES_A_FILE = 90_000_000
# Smaller arrays stay in the graph.
_LEAST_BESIDE = 1024


def write_weights(
    network: TrainedNetwork,
    schema: LabelSchema,
    folder: Path,
    *,
    documents: Sequence[Sequence[str]],
    encoder_of: ModelFolder | None = None,
) -> None:
    """Write tokenizer, configuration, schema, fp16 weights, heads and the int8 encoder; then `write_settings`.

    Heads of the network beyond those of `schema` (the auxiliary ones) are left out. `documents`, given as the
    sentences of each, are what the int8 encoder is fitted to: some that it was trained on. Its frozen layers are those
    of another model, `encoder_of`, if there is one, and stay in int8 what they are there, so that they compute the very
    same; where all are frozen, its files are copied. Fp16 weights of one that is there in int8 only are not written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    network.tokenizer.save(str(folder / TOKENIZER))
    config = network.encoder.config.to_dict()
    # The folder it came from is nobody's business; its name says what the encoder is.
    config["_name_or_path"] = Path(config.get("_name_or_path", "")).name
    _write_config(folder, config)
    (folder / SCHEMA).write_text(schema.to_json(), encoding="utf-8")
    save_arrays(_weights_of_heads(network.heads, schema), folder / HEADS)
    n_kept = network.options.freeze if encoder_of is not None else 0
    if encoder_of is not None and n_kept >= len(layers_of(network.encoder)):
        for path in (*onnx_files(encoder_of.path), encoder_of.path / TORCH_WEIGHTS):
            if path.is_file():
                shutil.copyfile(path, folder / path.name)
    else:
        weights = {k: v for k, v in network.encoder.state_dict().items() if v.is_floating_point()}
        save_file({f"encoder.{k}": v.half().contiguous() for k, v in weights.items()}, folder / TORCH_WEIGHTS)
        windows = calibration_windows(documents, network.tokenizer, network.options.window)
        tensors = {name: tensor.float().numpy() for name, tensor in network.encoder.state_dict().items()}
        kept = read_int8_layers(encoder_of.path / ONNX_ENCODER, n_kept) if encoder_of is not None else []
        write_onnx(read_weights(config, tensors), windows, folder / ONNX_ENCODER, kept)
    for path in filter(Path.is_file, (folder / HEADS, folder / TORCH_WEIGHTS, *onnx_files(folder))):
        path.chmod(0o644)  # safetensors and onnx make files that only their owner can read


def _weights_of_heads(heads: DocumentHeads, schema: LabelSchema) -> dict[str, NDArray[np.float16]]:
    """What is above the encoder, of the heads of `schema` alone, which are the first of each kind."""
    dropped = tuple(f"heads.{k}." for k in range(len(schema.sentence_heads), len(heads.heads)))
    kept = {name: tensor for name, tensor in heads.state_dict().items() if not name.startswith(dropped)}
    if heads.spans is not None:
        n_labels, n_kept = len(heads.spans.bias), len(schema.span_labels)
        # The layers that mark words have rows for each label in turn.
        kept |= {f"spans.{n}": t[: len(t) // n_labels * n_kept] for n, t in heads.spans.state_dict().items()}
    return {name: np.asarray(tensor.half().contiguous().numpy()) for name, tensor in kept.items()}


def write_settings(settings: ModelSettings, folder: Path) -> None:
    """Write the settings into `config.json`, under `analyzer`."""
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    _write_config(folder, {**config, "analyzer": settings.to_config()})


def _write_config(folder: Path, config: Mapping[str, Any]) -> None:
    (folder / CONFIG).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def write_onnx(weights: EncoderWeights, windows: Sequence[Window], path: Path, kept: Sequence[Int8Layer] = ()) -> None:
    """Write the encoder in int8, rounded so that it computes nearly the same on `windows`, the lowest layers as they
    are `kept`; its weights beside it.
    """
    for old in onnx_files(path.parent):
        old.unlink(missing_ok=True)
    model = build_graph(weights, round_weights(weights, windows, kept))
    _put_weights_beside(model)
    onnx.save(model, path)


def _put_weights_beside(model: onnx.ModelProto) -> None:
    """Say which file each array is to be written to, so that no file but one of a single array is larger than
    `_BYTES_A_FILE`.
    """
    number, size = 1, 0
    for tensor in model.graph.initializer:
        n_bytes = len(tensor.raw_data)
        if n_bytes < _LEAST_BESIDE:
            continue
        if size and size + n_bytes > _BYTES_A_FILE:
            number, size = number + 1, 0
        set_external_data(tensor, ONNX_WEIGHTS if number == 1 else f"{ONNX_WEIGHTS}.{number}")
        size += n_bytes


def calibration_windows(
    documents: Sequence[Sequence[str]], tokenizer: Tokenizer, limit: int, *, n_windows: int = N_WINDOWS
) -> list[Window]:
    """Windows spread evenly over documents, given as the sentences of each; short documents share a window."""
    cls_id, sep_id = special_tokens(tokenizer)
    sentences = [sentence for document in documents for sentence in document]
    starts = np.linspace(0, len(sentences) - 1, min(n_windows, len(sentences))).astype(int)
    windows = []
    for start in starts:
        encodings = tokenizer.encode_batch(sentences[start : start + limit // 2], add_special_tokens=False)
        windows.append(pack_windows([e.ids for e in encodings], cls_id=cls_id, sep_id=sep_id, limit=limit)[0])
    return windows
