"""Output formats: what is written for the reports of a run, to standard output or to a file.

Every format is a function in `FORMATS` that writes reports to a text stream. Adding one is one file and one line here;
the file is imported when its format is asked for.
"""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
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
    documents could not be analysed. Where all could not, a format that has no place for that writes nothing.

    Raises `AnalyzerError` when it cannot be written.
    """
    if failures and not reports and format not in _TELL_FAILURES:
        return
    more: dict[str, Any] = {"failures": failures} if format in _TELL_FAILURES else {}
    write_out(partial(FORMATS[format], reports, quiet=quiet, **more), path)


def output_diff(comparison: Comparison, *, format: str, quiet: bool = False, path: Path | None = None) -> None:
    """Write what an edit changed in one of `DIFF_FORMATS`, as `output` does."""
    write_out(partial(DIFF_FORMATS[format], comparison, quiet=quiet), path)


def write_out(write: Callable[[TextIO], None], path: Path | None) -> None:
    """Let `write` write to standard output, or to the file `path` as UTF-8; `AnalyzerError` when it cannot."""
    if path is None:
        _write_to_standard_output(write)
        return
    # Written once it is complete: what goes wrong before leaves a file that is there as it was.
    whole = io.StringIO()
    write(whole)
    try:
        with path.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(whole.getvalue())
    except OSError as error:
        raise AnalyzerError(f"cannot write {path}: {error.strerror or error}; choose another file with -o") from error


def _write_to_standard_output(write: Callable[[TextIO], None]) -> None:
    try:
        write(sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # Closed, or what is left to write would fail once more at the end of the program.
        with suppress(OSError):
            sys.stdout.close()
        raise AnalyzerError(
            f"cannot write to standard output: {error.strerror or error}; write to a file with -o"
        ) from error
