"""Writes a trained network as a model folder: fp16 weights to train on, int8 ONNX and heads for the CPU."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import save_file
from torch import Tensor, nn

from analyzer.model.folder import (
    CONFIG,
    HEADS,
    ONNX_ENCODER,
    SCHEMA,
    TOKENIZER,
    TORCH_WEIGHTS,
    ModelFolder,
    ModelSettings,
)
from analyzer.schema import LabelSchema
from analyzer.training.trainer import TrainedNetwork


class _TokenVectors(nn.Module):
    """The encoder with one tensor out, which is what is traced."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        hidden: Tensor = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return hidden


def write_weights(
    network: TrainedNetwork, schema: LabelSchema, folder: Path, *, encoder_of: ModelFolder | None = None
) -> None:
    """Write tokenizer, configuration, schema, fp16 weights, heads and the int8 encoder; then `write_settings`.

    Heads of the network beyond those of `schema` (the auxiliary ones) are left out. An encoder that is still that of
    another model, `encoder_of`, is copied from there, so that it computes the very same.
    """
    folder.mkdir(parents=True, exist_ok=True)
    network.tokenizer.save(str(folder / TOKENIZER))
    config = network.encoder.config.to_dict()
    # The folder it came from is nobody's business; its name says what the encoder is.
    config["_name_or_path"] = Path(config.get("_name_or_path", "")).name
    _write_config(folder, config)
    (folder / SCHEMA).write_text(schema.to_json(), encoding="utf-8")
    halves = {
        f"encoder.{k}": v.half().contiguous() for k, v in network.encoder.state_dict().items() if v.is_floating_point()
    }
    dropped = tuple(f"heads.{k}." for k in range(len(schema.sentence_heads), len(network.heads.heads)))
    heads = {k: v.half().contiguous() for k, v in network.heads.state_dict().items() if not k.startswith(dropped)}
    save_file({**halves, **{f"document_heads.{k}": v for k, v in heads.items()}}, folder / TORCH_WEIGHTS)
    save_arrays({k: np.asarray(v.numpy()) for k, v in heads.items()}, folder / HEADS)
    if encoder_of is None:
        _write_onnx(network.encoder, folder / ONNX_ENCODER)
    else:
        shutil.copyfile(encoder_of.path / ONNX_ENCODER, folder / ONNX_ENCODER)
    for name in (TORCH_WEIGHTS, HEADS):
        (folder / name).chmod(0o644)  # safetensors makes files that only their owner can read


def write_settings(settings: ModelSettings, folder: Path) -> None:
    """Write the settings into `config.json`, under `analyzer`."""
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    _write_config(folder, {**config, "analyzer": settings.to_config()})


def _write_config(folder: Path, config: Mapping[str, Any]) -> None:
    (folder / CONFIG).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's words about its own insides, which nobody who trains a model can act on."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _write_onnx(encoder: nn.Module, path: Path) -> None:
    example = torch.randint(1, 100, (2, 16))
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length")
    with tempfile.TemporaryDirectory() as scratch:
        exported, prepared = Path(scratch, "exported.onnx"), Path(scratch, "prepared.onnx")
        with _quiet():
            torch.onnx.export(
                _TokenVectors(encoder).eval(),
                (example, torch.ones_like(example)),
                exported,
                input_names=["input_ids", "attention_mask"],
                output_names=["token_vectors"],
                dynamic_shapes={name: {0: batch, 1: length} for name in ("input_ids", "attention_mask")},
                dynamo=True,
                external_data=False,
                verbose=False,
            )
        quant_pre_process(str(exported), str(prepared), skip_symbolic_shape=True)
        # Seven-bit weights: CPUs without VNNI add int8 products in 16 bits, which saturate with eight.
        quantize_dynamic(prepared, path, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    model = onnx.load(path)
    model.ClearField("metadata_props")
    for item in (*model.graph.node, *model.graph.input, *model.graph.output, *model.graph.value_info):
        item.ClearField("metadata_props")
        item.ClearField("doc_string")
    onnx.save(model, path)
