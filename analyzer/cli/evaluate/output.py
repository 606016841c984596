"""Where a result goes: standard output or a file, as JSON or as tables."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analyzer.errors import AnalyzerError

if TYPE_CHECKING:
    from analyzer.training.result_tables import Table

JsonOption = Annotated[bool, typer.Option("--json", help="Print everything measured as JSON.")]
LimitOption = Annotated[
    int | None, typer.Option(min=1, help="Measure on so many documents only, chosen by a fixed seed, to try it out.")
]


def check_out(out: Path | None) -> None:
    """Raise `AnalyzerError` when a file cannot be written, before anything is measured for it."""
    if out is None:
        return
    is_new = not out.exists()
    try:
        out.open("a", encoding="utf-8").close()
        if is_new:
            out.unlink()
    except OSError as error:
        raise _unwritable(out, error) from error


def write_result(result: dict[str, Any], tables: Iterable[Table], *, as_json: bool, out: Path | None) -> None:
    """Write a result, as JSON when asked to and else as its tables.

    What cannot be written to its file is printed, before an `AnalyzerError` says so.
    """
    from analyzer.training.result_tables import aligned

    text = json.dumps(result, indent=2) if as_json else "\n\n".join(map(aligned, tables))
    if out is None:
        _print(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        _print(text)
        raise _unwritable(out, error) from error


def _print(text: str) -> None:
    from analyzer.render.plain import writable

    typer.echo(writable(text, sys.stdout.encoding or "utf-8"))


def _unwritable(out: Path, error: OSError) -> AnalyzerError:
    return AnalyzerError(f"{out}: cannot be written ({error.strerror or error}); give another file with -o")
