"""`analyzer schema`: the JSON schema of the report."""

from __future__ import annotations

import json

import typer


def schema() -> None:
    """Print the JSON schema that `analyzer report --format json` follows.

    Example:  analyzer schema > report.schema.json
    """
    from analyzer.report import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))
