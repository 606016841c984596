"""The GPU runtime: the encoder's own weights (not quantised), run by PyTorch. Needs the extra `train`.

Windows of any documents share a batch here: nothing is quantised, so that none changes another, and a GPU is only
fast when it is given many at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from transformers import AutoConfig, AutoModel

from analyzer.errors import AnalyzerError
from analyzer.model.encoder import Encoder
from analyzer.model.folder import TORCH_WEIGHTS, ModelFolder
from analyzer.model.predictions import Array
from analyzer.model.windows import Window

_TOKENS_A_BATCH = 16_384


class TorchEncoder(Encoder):
    """The encoder of a model folder, run by PyTorch."""

    def __init__(self, folder: ModelFolder, *, device: str = "cuda") -> None:
        """Load the weights of a folder to a device."""
        super().__init__(folder)
        self._device = device
        self._encoder = load_encoder(folder.path)[0].to(device).eval()

    def encode(self, windows: Sequence[Window]) -> Iterator[Array]:
        """Token vectors (tokens of the window, n_encoder) of every window, in their order."""
        for batch in _batches(windows):
            longest = max(len(window.token_ids) for window in batch)
            ids = torch.zeros(len(batch), longest, dtype=torch.long)
            mask = torch.zeros_like(ids)
            for row, window in enumerate(batch):
                ids[row, : len(window.token_ids)] = torch.tensor(window.token_ids)
                mask[row, : len(window.token_ids)] = 1
            with torch.inference_mode():
                inputs = {"input_ids": ids.to(self._device), "attention_mask": mask.to(self._device)}
                hidden: Array = self._encoder(**inputs).last_hidden_state.float().cpu().numpy()
            for row, window in enumerate(batch):
                yield hidden[row, : len(window.token_ids)]


def _batches(windows: Sequence[Window]) -> Iterator[list[Window]]:
    """Consecutive windows, padding included no more than `_TOKENS_A_BATCH` tokens, but one at least."""
    batch: list[Window] = []
    longest = 0
    for window in windows:
        longest = max(longest, len(window.token_ids))
        if batch and longest * (len(batch) + 1) > _TOKENS_A_BATCH:
            yield batch
            batch, longest = [], len(window.token_ids)
        batch.append(window)
    if batch:
        yield batch


def load_encoder(folder: Path) -> tuple[Any, Tokenizer]:
    """The encoder and the tokenizer of a Hugging Face folder, or of a model folder, from local safetensors only."""
    try:
        # No dropout on attention: it keeps PyTorch from its fast attention, which halves the speed on a CPU.
        config = AutoConfig.from_pretrained(folder, local_files_only=True, attention_probs_dropout_prob=0.0)
        if hasattr(config, "analyzer"):
            encoder = AutoModel.from_config(config)
            encoder.load_state_dict(_encoder_weights(folder / TORCH_WEIGHTS), strict=False)
        else:
            encoder = AutoModel.from_pretrained(folder, config=config, local_files_only=True, use_safetensors=True)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:
        message = f"{folder}: no encoder can be loaded from here ({error}); give a folder with config.json, "
        raise AnalyzerError(message + "tokenizer.json and model.safetensors") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return encoder, tokenizer


def _encoder_weights(path: Path) -> dict[str, Tensor]:
    prefix = "encoder."
    return {name[len(prefix) :]: w.float() for name, w in load_file(path).items() if name.startswith(prefix)}
