"""Where a result goes: standard output or a file, as JSON or as tables."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analyzer.errors import AnalyzerError

if TYPE_CHECKING:
    from analyzer.training.result_tables import Table

JsonOption = Annotated[bool, typer.Option("--json", help="Print everything measured as JSON.")]
OutOption = Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file instead of standard output.")]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show a traceback when something goes wrong.")]
LimitOption = Annotated[
    int | None, typer.Option(min=1, help="Measure on so many documents only, chosen by a fixed seed, to try it out.")
]


def write_result(result: dict[str, Any], tables: Iterable[Table], *, as_json: bool, out: Path | None) -> None:
    """Write a result, as JSON when asked to and else as its tables."""
    from analyzer.training.result_tables import aligned

    text = json.dumps(result, indent=2) if as_json else "\n\n".join(map(aligned, tables))
    if out is None:
        typer.echo(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise AnalyzerError(f"{out}: cannot be written ({error}); give another file with -o") from error
