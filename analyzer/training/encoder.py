"""The encoder in training: loaded from a folder or the hub, its lowest layers frozen and their outputs kept.

What frozen layers make of a window never changes, so it is worked out once and kept in a memory-mapped file; only the
layers above run at every step. A model that has nothing but its int8 encoder is read with that as far as it is frozen.
"""

from __future__ import annotations

import hashlib
import json
import platform
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence
from transformers import AutoConfig

from analyzer.errors import AnalyzerError
from analyzer.model.folder import (
    CONFIG,
    HEADS,
    ONNX_ENCODER,
    TOKENIZER,
    TORCH_WEIGHTS,
    ModelFolder,
    is_int8_only,
    onnx_files,
    open_folder,
)
from analyzer.model.onnx_runtime import OnnxEncoder, processors
from analyzer.model.torch_network import padded
from analyzer.model.torch_weights import layers_of
from analyzer.model.windows import Window
from analyzer.training.graph import lowest_layers
from analyzer.training.options import TrainingOptions
from analyzer.training.reading import passes_of

_TOKENS_A_PASS = 4096


def find_encoder(name: str) -> Path:
    """The folder of that name, or else that of a Hugging Face encoder, fetched if it is not in its cache."""
    path = Path(name).expanduser()
    if path.exists():
        return path
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=[CONFIG, TOKENIZER, TORCH_WEIGHTS]))
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise AnalyzerError(
            f"{name}: no such folder, and no encoder of that name can be had from the Hugging Face hub ({reason}); "
            "give --encoder a folder with config.json, tokenizer.json and model.safetensors"
        ) from error


def name_of(encoder: Path) -> str:
    """What an encoder is called: its folder's name, or, in the cache of the Hugging Face hub, its name there."""
    *_, repository, kind, _ = ("", "", *encoder.parts)
    if kind == "snapshots" and repository.startswith("models--"):
        return repository.removeprefix("models--").replace("--", "/")
    return encoder.name


def fingerprint_of(folder: Path) -> str:
    """What tells the weights of a folder from any others, those of the int8 encoder where it has no others."""
    encoder = folder / TORCH_WEIGHTS
    digest = hashlib.sha256()
    for path in (*([encoder] if encoder.is_file() else onnx_files(folder)), folder / HEADS):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def int8_below(folder: Path, options: TrainingOptions) -> ModelFolder | None:
    """The model in a folder where training leaves some or all layers of its encoder as they are in int8: one that has
    only that, or of which what marks words is trained alone; None elsewhere.
    """
    if options.marks_only:
        return open_folder(folder)
    stays = is_int8_only(folder) and options.layers is None and options.freeze > 0
    return open_folder(folder) if stays else None


def n_layers_of(folder: Path) -> int:
    """How many layers the encoder in a folder has; `AnalyzerError` where it does not say."""
    try:
        return int(json.loads((folder / CONFIG).read_text(encoding="utf-8"))["num_hidden_layers"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AnalyzerError(
            f"{folder}: no encoder can be loaded from here (its config.json lacks num_hidden_layers); give the folder "
            "of a model, or of a Hugging Face encoder of BERT's kind"
        ) from error


class Int8Encoder(nn.Module):
    """Stands in a network for an encoder of which nothing is trained and which `Int8Reader` runs."""

    def __init__(self, folder: Path) -> None:
        """Read what kind of encoder it is."""
        super().__init__()
        self.config = AutoConfig.from_pretrained(folder, local_files_only=True)
        self.embeddings, self.encoder = nn.Module(), nn.Module()
        self.encoder.layer = nn.ModuleList()


def freeze(encoder: Any, n_layers: int) -> None:
    """Leave the embeddings and the lowest layers as they are: less to fit, and less to compute."""
    below = [encoder.embeddings, *layers_of(encoder)[:n_layers]]
    if n_layers:
        # All layers of MPNet share what distances add to the attention.
        below.append(getattr(encoder.encoder, "relative_attention_bias", nn.Module()))
    for module in below:
        module.requires_grad_(False)


def keep_layers(encoder: Any, n_layers: int) -> None:
    """Leave the encoder only so many of its layers, evenly spaced, the lowest among them, as DistilBERT begins (Sanh et
    al. 2019, arXiv:1910.01108). Raises `AnalyzerError` when it has fewer.
    """
    layers = layers_of(encoder)
    if not 1 <= n_layers <= len(layers):
        raise AnalyzerError(f"--layers is {n_layers}, but the encoder has {len(layers)}; give a number from 1 to that")
    encoder.encoder.layer = nn.ModuleList([layers[number * len(layers) // n_layers] for number in range(n_layers)])
    encoder.config.num_hidden_layers = n_layers


def best_device() -> torch.device:
    """The GPU if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def is_faster_in_bfloat16(device: torch.device) -> bool:
    """Whether the device is faster in bfloat16 than in single precision.

    Emulated, it is many times slower; and with AVX512_BF16 but no AMX, PyTorch's products are half as fast on a Xeon
    (two cores, PyTorch 2.13: 167 GFLOPS beside 320) and a training step takes three times as long, while on an EPYC
    they are twice as fast (two cores: 417 GFLOPS beside 170) and a step takes a tenth less.
    """
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device)[0] >= 8
    if device.type != "cpu" or platform.system() != "Linux":
        return False
    flags = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    return not flags.isdisjoint({"amx_bf16", "bf16"}) or {"avx512_bf16", "AuthenticAMD"} <= flags


class Reader:
    """Runs an encoder over windows; where `frozen` keeps the outputs of its lowest layers, only over those above."""

    def __init__(self, encoder: Any, *, frozen: FrozenOutputs | None = None) -> None:
        """Take an encoder on its device."""
        self._encoder = encoder
        self._frozen = frozen
        self._device = next((p.device for p in encoder.parameters()), best_device())
        self._bfloat16 = is_faster_in_bfloat16(self._device)

    def __call__(self, windows: Sequence[Window]) -> Tensor:
        """Token vectors (windows, longest window, n_encoder) in single precision."""
        with torch.autocast(self._device.type, torch.bfloat16) if self._bfloat16 else nullcontext():
            if self._frozen is None:
                ids, mask = padded(windows)
                output = self._encoder(input_ids=ids.to(self._device), attention_mask=mask.to(self._device))
            else:
                vectors, mask = self._frozen.read(windows)
                output = self._encoder(inputs_embeds=vectors, attention_mask=mask.to(self._device))
        hidden: Tensor = output.last_hidden_state.float()
        return hidden


class Int8Reader:
    """Runs the int8 encoder of a model folder over windows, as `Reader` does one of PyTorch; or its lowest layers."""

    def __init__(self, folder: ModelFolder, device: torch.device, n_layers: int | None = None) -> None:
        """Load the encoder of a folder, or so many of its layers; the vectors are put on `device`."""
        graph = None
        if n_layers is not None and n_layers < n_layers_of(folder.path):
            graph = lowest_layers(folder.path / ONNX_ENCODER, n_layers).SerializeToString()
        self._encoder, self._device = OnnxEncoder(folder, graph=graph), device
        self.tokenizer, self.n_encoder = self._encoder.tokenizer, self._encoder.n_encoder

    def __call__(self, windows: Sequence[Window]) -> Tensor:
        """Token vectors (windows, longest window, n_encoder)."""
        with ThreadPoolExecutor(processors()) as pool:
            vectors = [torch.from_numpy(of_window) for of_window in pool.map(self._encoder.token_vectors, windows)]
        return pad_sequence(vectors, batch_first=True).to(self._device)


class KeptVectors:
    """Token vectors of windows, worked out once."""

    def __init__(
        self,
        read: Callable[[Sequence[Window]], Tensor],
        n_encoder: int,
        windows: Iterable[Window],
        on_read: Callable[[int, int], None] = lambda tokens, total: None,
    ) -> None:
        """Read all windows that training will read; `read` gives vectors (windows, longest window, n_encoder), and
        `on_read` gets the number of tokens that it has read, and of all.
        """
        self._device = best_device()
        unique = {window.token_ids: window for window in windows}
        ordered = sorted(unique.values(), key=lambda window: (len(window.token_ids), window.token_ids))
        total = sum(len(window.token_ids) for window in ordered)
        self._place: dict[tuple[int, ...], int] = {}
        # Half precision, as the shipped weights are; a file without a name, gone when the process is.
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `close`)
        self._kept = np.memmap(self._file, np.float16, "w+", shape=(max(total, 1), n_encoder))
        at = 0
        for part in passes_of([(0, window) for window in ordered], _TOKENS_A_PASS):
            hidden = read([window for _, window in part]).cpu().numpy()
            for vectors, (_, window) in zip(hidden, part, strict=True):
                length = len(window.token_ids)
                self._place[window.token_ids] = at
                self._kept[at : at + length] = vectors[:length]
                at += length
            on_read(at, total)

    def __call__(self, windows: Sequence[Window]) -> Tensor:
        """Kept vectors (windows, longest window, n_encoder), zero beyond the end of a window."""
        longest = max(len(window.token_ids) for window in windows)
        vectors = torch.zeros(len(windows), longest, self._kept.shape[1])
        for w, window in enumerate(windows):
            at, length = self._place[window.token_ids], len(window.token_ids)
            vectors[w, :length] = torch.from_numpy(self._kept[at : at + length].astype(np.float32))
        return vectors.to(self._device)

    def close(self) -> None:
        """Give the file back."""
        del self._kept
        self._file.close()


class FrozenOutputs:
    """What the embeddings and the lowest layers of an encoder make of each window, worked out once.

    While it is open the encoder holds only its layers above: `close` puts it, and any copy, together again.
    """

    def __init__(
        self,
        encoder: Any,
        n_layers: int,
        windows: Iterable[Window],
        on_read: Callable[[int, int], None] = lambda tokens, total: None,
        *,
        read: Callable[[Sequence[Window]], Tensor] | None = None,
    ) -> None:
        """Run the layers over all windows that training will read, with `read` if it is given, and take them out of the
        encoder.
        """
        layers = layers_of(encoder)
        self._embeddings, self._lower = encoder.embeddings, list(layers[:n_layers])
        encoder.encoder.layer = layers[:n_layers]
        was_training = encoder.training
        with torch.no_grad():
            self._kept = KeptVectors(read or Reader(encoder.eval()), encoder.config.hidden_size, windows, on_read)
        encoder.train(was_training)
        encoder.embeddings, encoder.encoder.layer = _Given(), layers[n_layers:]

    def read(self, windows: Sequence[Window]) -> tuple[Tensor, Tensor]:
        """Kept vectors (windows, longest window, n_encoder), and the attention mask."""
        return self._kept(windows), padded(windows)[1]

    def close(self, *encoders: Any) -> None:
        """Give encoders the embeddings and layers that were taken out, and the file back."""
        for encoder in encoders:
            encoder.encoder.layer = nn.ModuleList([*self._lower, *encoder.encoder.layer])
            encoder.embeddings = self._embeddings
        self._kept.close()


class _Given(nn.Module):
    """Stands for the embeddings where the vectors are given."""

    def forward(self, inputs_embeds: Tensor, **_: Any) -> Tensor:
        return inputs_embeds
