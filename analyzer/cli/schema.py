"""`analyzer schema`: the JSON schema of the report, or the columns of the tables of a corpus."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from analyzer.cli.extras import needs_extra


def schema(
    tables: Annotated[
        bool, typer.Option("--tables", help="Describe the tables that `analyzer score` writes instead, as Markdown.")
    ] = False,
) -> None:
    """Print the JSON schema of reports.

    It is what `analyzer report --format json` follows.

    Examples:

      analyzer schema > report.schema.json

      analyzer schema --tables > tables.md
    """
    if tables:
        with needs_extra("corpus"):
            from analyzer.corpus.tables import describe
        typer.echo(describe())
        return
    from analyzer.report import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))
