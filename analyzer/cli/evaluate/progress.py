"""How far a measurement has come: a bar on stderr, where that is a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Told what is being done, and which part of it from 0 to 1.
Tell = Callable[[str, float], None]


@contextmanager
def progress_bar() -> Iterator[Tell]:
    """A function to tell the progress to."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("measuring", total=1.0)
        now = ""

        def tell(what: str, share: float) -> None:
            nonlocal now
            if what != now:
                bar.reset(task, description=what, total=1.0)
                now = what
            bar.update(task, completed=share)

        yield tell
