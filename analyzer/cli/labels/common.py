"""What the commands of `analyzer labels` share: options, and how they write."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.errors import AnalyzerError

if TYPE_CHECKING:
    from analyzer.schema import LabelSchema

SchemaFile = Annotated[
    Path | None,
    typer.Option("--schema", help="schema.json of a model with other heads; the standard heads when left out."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print everything as JSON.")]


def schema_of(path: Path | None) -> LabelSchema:
    """The label schema in a file, or the standard one."""
    from analyzer.schema import STANDARD_SCHEMA, LabelSchema

    if path is None:
        return STANDARD_SCHEMA
    try:
        return LabelSchema.from_json(path.read_text(encoding="utf-8"), origin=str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise AnalyzerError(f"{path}: cannot be read ({error}); give a model's schema.json") from error


def read_file(path: Path) -> str:
    """The text of a file that another tool wrote."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AnalyzerError(f"{path}: cannot be read ({error}); give a file in UTF-8") from error


def write_data(text: str, path: Path | None) -> None:
    """Write data as UTF-8 to a file, or to standard output."""
    data = text.encode("utf-8")
    if path is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        path.write_bytes(data)
    except OSError as error:
        raise AnalyzerError(f"cannot write {path}: {error.strerror or error}; choose another file with -o") from error


def show(line: str) -> None:
    """Print a line of a result; what came from a file can do nothing to the terminal."""
    from analyzer.render.plain import writable

    indent = line[: len(line) - len(line.lstrip(" "))]
    print(indent + writable(_keeping_columns(line[len(indent) :]), sys.stdout.encoding or "utf-8"))


def _keeping_columns(line: str) -> str:
    """The line made harmless word by word, since columns are set with runs of spaces."""
    from analyzer.render.plain import plain

    return " ".join(plain(part) for part in line.split(" "))
