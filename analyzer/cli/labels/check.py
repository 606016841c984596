"""`analyzer labels check`: whether labelled files are well-formed and follow the guidelines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.labels.common import SchemaFile, schema_of, show
from analyzer.cli.options import FINE, FOUND, Debug
from analyzer.cli.telling import progress, tell


def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Labelled documents, JSON lines.")],
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 on warnings too.")] = False,
    schema: SchemaFile = None,
    debug: Debug = False,
) -> int:
    """Check labelled documents.

    Their form, the rules of the guidelines, and what must not stand in two of them.

    Every problem is a line, file:line: sentence N: what; the fix. A warning is what the guidelines leave to judgement.
    Files that are given together are checked together: no id twice, no text in both train and dev.

    Exit code: 0 no errors, 1 errors (with --strict: or warnings), 2 a file could not be read.

    Examples:

      analyzer labels check labels.jsonl

      analyzer labels check --strict ours.jsonl theirs.jsonl
    """
    from analyzer.labelling.checking import check_files

    with progress("checking") as advance:
        checked = check_files(files, schema_of(schema), progress=lambda done: advance(done, None))
    for placed in checked.problems:
        show(str(placed))
    warnings = len(checked.problems) - checked.errors
    tell(
        f"{checked.documents:,} documents, {checked.sentences:,} sentences: "
        f"{checked.errors:,} errors, {warnings:,} warnings"
    )
    return FOUND if checked.errors or (strict and warnings) else FINE
