"""Checkpoints: all that a training run is, on the disk, so that it goes on after a kill as if nothing had been.

Tensors are kept as safetensors, the rest as JSON, never a pickle. A checkpoint takes the place of the one before it at
once, so that a kill while it is written leaves one of the two whole.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from analyzer.errors import AnalyzerError

_TENSORS, _STATE, _RUN = "checkpoint.safetensors", "state", "run"


class Checkpoint:
    """The checkpoint of one training run, in a folder of its own."""

    def __init__(self, folder: Path, run: str = "") -> None:
        """Take the folder, which need not exist, and what tells the run from any other."""
        self._path, self._run = folder / _TENSORS, run

    @property
    def exists(self) -> bool:
        """Whether one was ever written."""
        return self._path.is_file()

    def write(self, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
        """Write tensors and JSON values in one file."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        scratch = self._path.with_suffix(".part")
        about = {_STATE: json.dumps(state), _RUN: self._run}
        save_file({k: v.detach().cpu().contiguous() for k, v in tensors.items()}, scratch, about)
        with scratch.open("r+b") as file:
            os.fsync(file.fileno())
        scratch.replace(self._path)

    def read(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What `write` was given; `AnalyzerError` when another run wrote it."""
        from safetensors import safe_open

        with safe_open(self._path, framework="pt") as file:
            about = file.metadata()
        if about.get(_RUN, self._run) != self._run:
            raise AnalyzerError(f"{self._path}: written by another run; delete {self._path.parent} to start again")
        # Copies: Windows replaces no file that is mapped into memory.
        return {name: tensor.clone() for name, tensor in load_file(self._path).items()}, json.loads(about[_STATE])


def random_state(order: random.Random) -> tuple[dict[str, Tensor], list[Any]]:
    """The state of the generators that training draws from: torch's as tensors, Python's as JSON."""
    tensors = {"random.cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        tensors["random.cuda"] = torch.cuda.get_rng_state()
    return tensors, list(order.getstate())


def restore_random(tensors: Mapping[str, Tensor], state: list[Any], order: random.Random) -> None:
    """Set the generators to what `random_state` gave."""
    torch.set_rng_state(tensors["random.cpu"])
    if torch.cuda.is_available() and "random.cuda" in tensors:
        torch.cuda.set_rng_state(tensors["random.cuda"])
    version, numbers, gauss = state
    order.setstate((version, tuple(numbers), gauss))


def flat_optimizer(optimizer: torch.optim.Optimizer) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The state of an optimizer: tensors by "optimizer.PARAMETER.NAME", and its groups as JSON."""
    state = optimizer.state_dict()
    tensors = {
        f"optimizer.{number}.{name}": value for number, of in state["state"].items() for name, value in of.items()
    }
    return tensors, {"groups": state["param_groups"]}


def restore_optimizer(
    optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor], state: Mapping[str, Any]
) -> None:
    """Give an optimizer what `flat_optimizer` took."""
    found: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith("optimizer."):
            _, number, name = key.split(".", 2)
            found.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({"state": found, "param_groups": state["groups"]})
