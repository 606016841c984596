"""The GPU runtime: the encoder's own weights (not quantised), run by PyTorch. Needs the extra `train`.

Windows of any documents share a batch here: nothing is quantised, so that none changes another, and a GPU is only
fast when it is given many at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from analyzer.model.encoder import Encoder
from analyzer.model.folder import ModelFolder
from analyzer.model.predictions import Array
from analyzer.model.torch_weights import load_encoder
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
