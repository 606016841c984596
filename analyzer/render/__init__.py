"""Output formats: what is written for the reports of a run, to standard output or to a file.

Every format is a function in `FORMATS` that writes reports to a text stream. Adding one is one file and one line here.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, TextIO

from analyzer.errors import AnalyzerError
from analyzer.render import html, json, terminal
from analyzer.report import Report


class Format(Protocol):
    """Writes reports to `stream`; `quiet` asks for one line a document."""

    def __call__(self, reports: Sequence[Report], stream: TextIO, *, quiet: bool) -> None: ...  # noqa: D102


FORMATS: Mapping[str, Format] = {
    "terminal": terminal.write,
    "json": json.write,
    "html": html.write,
}


def output(reports: Sequence[Report], *, format: str, quiet: bool = False, path: Path | None = None) -> None:
    """Write reports in one of `FORMATS` to standard output, or to the file `path` as UTF-8.

    Raises `AnalyzerError` when the file cannot be written.
    """
    write = FORMATS[format]
    if path is None:
        write(reports, sys.stdout, quiet=quiet)
        sys.stdout.flush()
        return
    try:
        with path.open("w", encoding="utf-8", newline="\n") as stream:
            write(reports, stream, quiet=quiet)
    except OSError as error:
        raise AnalyzerError(f"cannot write {path}: {error.strerror or error}; choose another file with -o") from error
