"""How far a training run has come, and everything in it that moves, written to a checkpoint and read from one."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor

from analyzer.model.predictions import Array, Predictions
from analyzer.training.checkpoint import (
    Checkpoint,
    flat_optimizer,
    random_state,
    restore_optimizer,
    restore_random,
)
from analyzer.training.data import LabelledDocument


@dataclass(frozen=True)
class Epoch:
    """What came out of one epoch; `score` is what was measured on held-out documents, None without any."""

    number: int
    steps: int
    loss: float
    score: float | None


@dataclass(frozen=True)
class Held:
    """Documents that are not trained on but measured after every epoch; `score` is 1 at best."""

    documents: Sequence[LabelledDocument]
    score: Callable[[Sequence[LabelledDocument], Sequence[Predictions]], float]


@dataclass
class Come:
    """How far a run has come: steps, losses, epochs with what was predicted after them, and the best of these."""

    step: int = 0
    losses: list[float] = field(default_factory=list)
    epochs: list[Epoch] = field(default_factory=list)
    held: list[dict[str, Array]] = field(default_factory=list)
    best: int = 0
    done: bool = False


@dataclass(frozen=True)
class MovingParts:
    """What moves in a run: weights named `moving`, their average, the optimizer, its schedule, and chance."""

    network: Any
    average: Any
    optimizer: torch.optim.Optimizer
    schedule: Any
    order: random.Random
    moving: Sequence[str]

    def write(self, checkpoint: Checkpoint, come: Come, best: Mapping[str, Tensor]) -> None:
        """Write a run with the weights of its `best` epoch; one that is done keeps only what comes out of it."""
        tensors = {
            f"held.{number}.{name}": torch.from_numpy(array)
            for number, held in enumerate(come.held)
            for name, array in held.items()
        }
        state: dict[str, Any] = {"step": come.step, "losses": come.losses, "best": come.best, "done": come.done}
        state["epochs"] = [asdict(epoch) for epoch in come.epochs]
        parts: dict[str, Mapping[str, Tensor]] = {"average": dict(self.average.module.named_parameters()), "best": best}
        if not come.done:
            parts["network"] = dict(self.network.named_parameters())
            of_optimizer, state["optimizer"] = flat_optimizer(self.optimizer)
            of_chance, state["order"] = random_state(self.order)
            tensors |= of_optimizer | of_chance
            state["schedule"] = {k: v for k, v in self.schedule.state_dict().items() if k != "lr_lambdas"}
            state["averaged"] = int(self.average.n_averaged)
        for part, found in parts.items():
            tensors |= {f"{part}.{name}": found[name] for name in self.moving if name in found}
        checkpoint.write(tensors, state)

    def read(self, checkpoint: Checkpoint) -> tuple[Come, dict[str, Tensor]]:
        """Set everything to what was written; returns how far the run had come and the weights of its best epoch."""
        tensors, state = checkpoint.read()
        held: dict[int, dict[str, Array]] = {}
        for key, tensor in _under(tensors, "held.").items():
            number, name = key.split(".", 1)
            held.setdefault(int(number), {})[name] = tensor.numpy()
        epochs = [Epoch(**epoch) for epoch in state["epochs"]]
        arrays = [held[number] for number in sorted(held)]
        come = Come(state["step"], state["losses"], epochs, arrays, state["best"], state["done"])
        self.average.module.load_state_dict(_under(tensors, "average."), strict=False)
        if not come.done:
            self.network.load_state_dict(_under(tensors, "network."), strict=False)
            restore_optimizer(self.optimizer, tensors, state["optimizer"])
            groups = len(self.optimizer.param_groups)
            self.schedule.load_state_dict({**state["schedule"], "lr_lambdas": [None] * groups})
            self.average.n_averaged.fill_(state["averaged"])
            restore_random(tensors, state["order"], self.order)
        return come, _under(tensors, "best.")


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}
