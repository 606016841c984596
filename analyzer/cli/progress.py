"""How a training run tells how it goes: a bar with the time left on a terminal, lines with it elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analyzer.training.course import Watcher


@contextmanager
def training_progress() -> Iterator[Watcher]:
    """A watcher that writes to stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from analyzer.training.course import Watcher

    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[left]}{task.fields[loss]}"))
    clock, clock_of_reading = _Clock(), _Clock()
    with Progress(*columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal) as bar:
        reading = bar.add_task("reading", total=1.0, loss="", left="", visible=False)
        training = bar.add_task("training", total=1.0, loss="", left="")

        def read(tokens: int, total: int) -> None:
            done = tokens / total
            bar.update(reading, completed=done, left=clock_of_reading.left(done), visible=done < 1)

        def step(stage: int, stages: int, step: int, steps: int, loss: float) -> None:
            done = (stage + step / steps) / stages
            bar.update(training, completed=done, loss=f"  loss {loss:.2f}", left=clock.left(done))

        def say(line: str) -> None:
            left = f" ({clock.last})" if clock.last and not console.is_terminal else ""
            console.print(f"{line}{left}", markup=False, soft_wrap=True)

        yield Watcher(step, say, read)


class _Clock:
    """Tells the time left from the part that is done; what was done before a resumed run began does not count.

    It begins anew where less is done than before.
    """

    def __init__(self) -> None:
        self._begin: tuple[float, float] | None = None
        self._done = 0.0
        self.last = ""

    def left(self, done: float) -> str:
        now = time.monotonic()
        last, self._done = self._done, done
        if self._begin is None or done < last:
            self._begin = (now, done)
            return ""
        begin, before = self._begin
        seconds = (now - begin) / max(done - before, 1e-9) * (1 - done)
        self.last = f"{seconds / 60:.0f} min left" if seconds >= 90 else f"{seconds:.0f} s left"
        return self.last
