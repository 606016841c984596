"""The weights of a model folder or a Hugging Face encoder, as PyTorch modules; from local safetensors only, or from the
int8 encoder of a model that has no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel
from transformers.utils import logging

from analyzer.errors import AnalyzerError
from analyzer.model.folder import HEADS, TOKENIZER, TORCH_WEIGHTS, is_int8_only
from analyzer.model.int8_weights import read_int8
from analyzer.model.weights import check_architecture, write_tensors

_PREFIX = "encoder."
# A bar for every file that is loaded would only hide that of the work itself.
logging.disable_progress_bar()


def load_encoder(folder: Path) -> tuple[Any, Tokenizer]:
    """The encoder and the tokenizer of a Hugging Face folder, or of a model folder.

    Raises `AnalyzerError` where there is none, or one that no model folder can hold.
    """
    try:
        # No dropout on attention: it keeps PyTorch from its fast attention, which halves the speed on a CPU.
        config = AutoConfig.from_pretrained(folder, local_files_only=True, attention_probs_dropout_prob=0.0)
        check_architecture(config.to_dict())
        if hasattr(config, "analyzer"):
            encoder = AutoModel.from_config(config)
            encoder.load_state_dict(_encoder_weights(folder, config.to_dict()), strict=False)
        else:
            encoder = AutoModel.from_pretrained(folder, config=config, local_files_only=True, use_safetensors=True)
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        layers_of(encoder)
    except AnalyzerError:
        raise
    except Exception as error:
        message = f"{folder}: no encoder can be loaded from here ({error}); give a folder with config.json, "
        raise AnalyzerError(message + "tokenizer.json and model.safetensors") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return encoder, tokenizer


def load_heads(folder: Path) -> dict[str, Tensor]:
    """The weights above the encoder of a model folder, by the names that `DocumentHeads` has for them."""
    return {name: w.float() for name, w in load_file(folder / HEADS).items()}


def layers_of(encoder: Any) -> nn.ModuleList:
    """The layers of a BERT-like encoder, lowest first."""
    layers = encoder.encoder.layer
    if not isinstance(layers, nn.ModuleList):
        raise TypeError("its layers are not those of a BERT-like encoder")
    return layers


def _encoder_weights(folder: Path, config: Mapping[str, Any]) -> dict[str, Tensor]:
    if is_int8_only(folder):
        arrays = write_tensors(config, read_int8(folder, config))
        return {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    weights = load_file(folder / TORCH_WEIGHTS)
    return {name[len(_PREFIX) :]: w.float() for name, w in weights.items() if name.startswith(_PREFIX)}
