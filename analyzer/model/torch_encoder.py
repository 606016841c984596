"""The GPU runtime: the encoder's own weights, which are int8 only where it has no others, run in floating point by
PyTorch. Needs the extra `train`.

Windows of any documents share a batch here, one after the other and without padding: nothing is quantised, so that
none changes another, and a GPU is only fast when it is given many at once.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file
from torch import Tensor
from torch.nn import functional as F

from analyzer.errors import AnalyzerError
from analyzer.model.encoder import EncodedWindow, Encoder
from analyzer.model.folder import CONFIG, TORCH_WEIGHTS, ModelFolder, is_int8_only
from analyzer.model.int8_weights import read_int8
from analyzer.model.tagging import N_TAGS, TokenMarker, neighbours
from analyzer.model.torch_network import TokenMarker as TorchMarker
from analyzer.model.torch_packed import Packed, PackedEncoder, PaddedAttention, attend_packed
from analyzer.model.weights import EncoderWeights, read_weights
from analyzer.model.windows import Window

# Tokens a batch: enough for a GPU's matrix units; on a CPU what the caches hold is faster.
_TOKENS_A_BATCH = {"cuda": 65_536, "cpu": 2_048}


@dataclass(frozen=True)
class _Batch:
    """A batch that the device works on: its windows, and when `done`, their vectors and marks."""

    windows: Sequence[Window]
    vectors: Tensor
    marks: Tensor
    done: Callable[[], None]


class TorchEncoder(Encoder):
    """The encoder of a model folder, run by PyTorch."""

    def __init__(self, folder: ModelFolder, *, device: str = "cuda") -> None:
        """Load the weights of a folder to a device; raises `AnalyzerError` when there is no such device."""
        super().__init__(folder)
        self._device = check_device(device)
        weights = _weights_of(folder.path)
        on_gpu = self._device.type == "cuda"
        # Half precision on a GPU, as the weights are shipped; bfloat16 would keep three bits less of every vector.
        self._precision = torch.float16 if on_gpu else torch.float32
        packed = on_gpu and weights.distances is None and _has_packed_attention()
        attention = attend_packed if packed else PaddedAttention(weights.distances).to(self._device, self._precision)
        self._encoder = PackedEncoder(weights, attention).to(self._device, self._precision).eval()

    def encode(self, windows: Sequence[Window], mark: TokenMarker) -> Iterator[EncodedWindow]:
        """Read every window, in their order; a batch is made ready while the device works on the one before it."""
        marker = None
        if mark.n_labels:
            marker = TorchMarker.twin_of(mark).to(self._device, self._precision).eval()
        before: _Batch | None = None
        for batch in _batches(windows, _TOKENS_A_BATCH[self._device.type]):
            begun = self._begin(batch, marker)
            if before is not None:
                yield from _windows_of(before)
            before = begun
        if before is not None:
            yield from _windows_of(before)

    def _begin(self, windows: Sequence[Window], marker: TorchMarker | None) -> _Batch:
        lengths = np.array([len(window.token_ids) for window in windows])
        starts = np.concatenate([[0], lengths.cumsum()])
        ids = np.concatenate([np.array(window.token_ids) for window in windows])
        spans = np.concatenate([np.array(w.spans) + start for w, start in zip(windows, starts, strict=False)])
        with torch.inference_mode():
            packed = Packed(
                ids=self._sent(ids),
                places=self._sent(np.arange(len(ids)) - np.repeat(starts[:-1], lengths)),
                starts=self._sent(starts.astype(np.int32)),
                longest=int(lengths.max()),
            )
            hidden = self._encoder(packed)
            marks = hidden.new_zeros((len(ids), 0, N_TAGS)).float()
            if marker is not None:
                marks = marker(hidden, self._sent(neighbours(spans.tolist(), len(ids)))).float()
            # The mean of each sentence's tokens: they are picked from the row, and summed in single precision.
            tokens = np.concatenate([np.arange(start, end) for start, end in spans])
            bags = np.concatenate([[0], (spans[:, 1] - spans[:, 0]).cumsum()[:-1]])
            vectors = F.embedding_bag(self._sent(tokens), hidden.float(), self._sent(bags), mode="mean")
            return self._fetched(windows, vectors, marks)

    def _sent(self, array: NDArray[np.int64] | NDArray[np.int32]) -> Tensor:
        tensor = torch.from_numpy(array)
        return tensor.pin_memory().to(self._device, non_blocking=True) if self._device.type == "cuda" else tensor

    def _fetched(self, windows: Sequence[Window], vectors: Tensor, marks: Tensor) -> _Batch:
        """The batch with its results on their way to memory that the CPU reads."""
        if self._device.type != "cuda":
            return _Batch(windows, vectors, marks, lambda: None)
        kept_vectors, kept_marks = (torch.empty(t.shape, dtype=t.dtype, pin_memory=True) for t in (vectors, marks))
        kept_vectors.copy_(vectors, non_blocking=True)
        kept_marks.copy_(marks, non_blocking=True)
        event = torch.cuda.Event()
        event.record()
        return _Batch(windows, kept_vectors, kept_marks, event.synchronize)


def _weights_of(path: Path) -> EncoderWeights:
    try:
        config = json.loads((path / CONFIG).read_text(encoding="utf-8"))
        if is_int8_only(path):
            return read_int8(path, config)
        tensors = load_file(path / TORCH_WEIGHTS)
    except Exception as error:
        raise AnalyzerError(f"{path}: its weights cannot be read ({error}); restore the folder") from error
    prefix = "encoder."
    return read_weights(config, {n[len(prefix) :]: t for n, t in tensors.items() if n.startswith(prefix)})


def _windows_of(batch: _Batch) -> Iterator[EncodedWindow]:
    batch.done()
    # Copies: memory that the device writes to is little, and is used again.
    vectors, marks = batch.vectors.numpy().copy(), batch.marks.numpy().copy()
    sentence = token = 0
    for window in batch.windows:
        following = sentence + len(window.spans), token + len(window.token_ids)
        yield EncodedWindow(vectors[sentence : following[0]], marks[token : following[1]])
        sentence, token = following


def _batches(windows: Sequence[Window], tokens: int) -> Iterator[list[Window]]:
    """Consecutive windows, so many tokens at most, but one window at least."""
    batch: list[Window] = []
    size = 0
    for window in windows:
        if batch and size + len(window.token_ids) > tokens:
            yield batch
            batch, size = [], 0
        batch.append(window)
        size += len(window.token_ids)
    if batch:
        yield batch


def check_device(name: str) -> torch.device:
    """The device of that name; `AnalyzerError` when PyTorch cannot use it."""
    device = torch.device(name)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise AnalyzerError(
            "PyTorch finds no GPU here that it can use; leave out --device cuda, or install it for CUDA"
        )
    return device


def _has_packed_attention() -> bool:
    """Whether this PyTorch can attend inside windows that lie one after the other (2.10 and later can)."""
    return importlib.util.find_spec("torch.nn.attention.varlen") is not None
