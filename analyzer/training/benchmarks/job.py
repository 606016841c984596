"""What a benchmark is, and what it is given to do."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analyzer.errors import AnalyzerError
from analyzer.model.folder import ModelFolder
from analyzer.training.options import TrainingOptions
from analyzer.training.public import read_rows

# Told what is being done, and which part of it from 0 to 1.
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Job:
    """The corpora to measure on, and how: `limit` takes so many rows only, to try things out.

    `options` are those of `TrainingOptions` that differ from their defaults.
    """

    data: Path
    options: Mapping[str, Any] = field(default_factory=dict)
    folds: int = 5
    limit: int | None = None
    progress: Progress = lambda what, share: None

    @property
    def training(self) -> TrainingOptions:
        """How to train."""
        return TrainingOptions(**self.options)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of a file of the data folder, in its order; `AnalyzerError` when it cannot be read."""
        path = self.data / name
        try:
            rows = read_rows(path)
        except OSError as error:
            raise AnalyzerError(
                f"{path}: cannot be read ({error}); give a folder that has {name} with --data"
            ) from error
        if self.limit is None or self.limit >= len(rows):
            return rows
        kept = sorted(random.Random(0).sample(range(len(rows)), self.limit))
        return [rows[place] for place in kept]


@dataclass(frozen=True)
class Benchmark:
    """What a benchmark does: `trains` from an encoder folder, or `measures` a model folder, or either.

    Both return figures; `shown` are the ones that a table shows, as paths into them.
    """

    shown: Sequence[str]
    trains: Callable[[Job, Path], dict[str, Any]] | None = None
    measures: Callable[[Job, ModelFolder], dict[str, Any]] | None = None
