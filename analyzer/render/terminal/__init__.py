"""The terminal report: a summary, the conclusions with what they rest on, then every paragraph, sentence by sentence.

`rich` is imported only when such a report is written, so that other formats start without it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from analyzer.report import Report

if TYPE_CHECKING:
    from rich.console import Console

# Columns of a report that goes to a file, whatever the terminal it was asked for in.
_FILE_WIDTH = 100


def write(reports: Sequence[Report], stream: TextIO, *, quiet: bool) -> None:
    """Write reports to `stream`: coloured and as wide as the terminal when it is one, else plain text."""
    from analyzer.render.terminal.page import render, render_summary

    def draw() -> None:
        if quiet:
            for report in reports:
                render_summary(report, console)
        else:
            render(reports, console)

    console = console_for(stream)
    if console.is_terminal:
        draw()
        return
    with console.capture() as captured:
        draw()
    # rich fills lines up to the width, which in a file is only noise.
    stream.write("".join(line.rstrip() + "\n" for line in captured.get().splitlines()))


def console_for(stream: TextIO) -> Console:
    """The console that writes to `stream`; a file that is not standard output gets a fixed width and no colour."""
    from rich.console import Console

    class _Console(Console):
        def on_broken_pipe(self) -> None:
            # rich would exit with 1, which is the exit code for a crossed threshold: leave it to the command line.
            raise

    if stream is sys.stdout:
        return _Console(file=stream, highlight=False)
    return _Console(file=stream, highlight=False, width=_FILE_WIDTH, color_system=None, force_terminal=False)
