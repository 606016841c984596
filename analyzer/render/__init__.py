"""Output formats: what is written for the reports of a run, to standard output or to a file.

Every format is a function in `FORMATS` that writes reports to a text stream. Adding one is one file and one line here;
the file is imported when its format is asked for.
"""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from analyzer.errors import AnalyzerError
from analyzer.report import Report

if TYPE_CHECKING:
    from analyzer.comparison import Comparison


class Format(Protocol):
    """Writes reports to `stream`; `quiet` asks for one line a document."""

    def __call__(self, reports: Sequence[Report], stream: TextIO, *, quiet: bool) -> None: ...  # noqa: D102


def _imported_later(module: str, function: str = "write") -> Any:
    def write(*arguments: Any, **options: Any) -> None:
        getattr(importlib.import_module(f"analyzer.render.{module}"), function)(*arguments, **options)

    return write


FORMATS: Mapping[str, Format] = {
    name: _imported_later(name)
    for name in ("terminal", "json", "html", "markdown", "concise", "sarif", "github", "aif")
}


class DiffFormat(Protocol):
    """Writes what an edit changed to `stream`; `quiet` asks for the scores alone."""

    def __call__(self, comparison: Comparison, stream: TextIO, *, quiet: bool) -> None: ...  # noqa: D102


DIFF_FORMATS: Mapping[str, DiffFormat] = {
    "terminal": _imported_later("difference", "write_text"),
    "html": _imported_later("difference", "write_html"),
}


# Formats for programs, which do not see what stderr says of documents that could not be analysed.
_TELL_FAILURES = ("json", "sarif")


def output(
    reports: Sequence[Report],
    *,
    format: str,
    quiet: bool = False,
    path: Path | None = None,
    failures: Sequence[str] = (),
) -> None:
    """Write reports in one of `FORMATS` to standard output, or to the file `path` as UTF-8; `failures` says why other
    documents could not be analysed.

    Raises `AnalyzerError` when the file cannot be written.
    """
    more: dict[str, Any] = {"failures": failures} if format in _TELL_FAILURES else {}
    _write(partial(FORMATS[format], reports, quiet=quiet, **more), path)


def output_diff(comparison: Comparison, *, format: str, quiet: bool = False, path: Path | None = None) -> None:
    """Write what an edit changed in one of `DIFF_FORMATS`, as `output` does."""
    _write(partial(DIFF_FORMATS[format], comparison, quiet=quiet), path)


def _write(write: Callable[[TextIO], None], path: Path | None) -> None:
    if path is None:
        write(sys.stdout)
        sys.stdout.flush()
        return
    # Written once it is complete: what goes wrong before leaves a file that is there as it was.
    whole = io.StringIO()
    write(whole)
    try:
        with path.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(whole.getvalue())
    except OSError as error:
        raise AnalyzerError(f"cannot write {path}: {error.strerror or error}; choose another file with -o") from error
