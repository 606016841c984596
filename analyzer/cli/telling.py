"""What a command says on standard error: notes, and how far it has come.

Names of files and words of documents are in it; they can do nothing to the terminal.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def tell(note: str) -> None:
    """Print a line on the run."""
    from analyzer.render.plain import plain, writable

    print(writable(plain(f"analyzer: {note}"), sys.stderr.encoding or "utf-8"), file=sys.stderr)


@contextmanager
def progress(description: str, *, is_long: bool = True) -> Iterator[Callable[[int, int | None], None]]:
    """A progress bar, told (done, total); silent where that is no terminal, or what is done takes no time."""
    if not is_long or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    from analyzer.render.plain import plain

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(escape(plain(description)), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
