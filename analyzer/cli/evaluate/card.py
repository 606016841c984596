"""`analyzer evaluate card`: puts what was measured into the metrics and the card of a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.extras import needs_extra
from analyzer.cli.options import Debug


def card(
    model: Annotated[Path, typer.Argument(help="Model folder whose metrics.json and README.md are written.")],
    results: Annotated[
        list[Path] | None, typer.Argument(metavar="RESULT...", help="Results that were written with --json.")
    ] = None,
    seeds: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="RESULT",
            help="A result, or a metrics.json, of a model trained alike with another seed; once for each.",
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """Write the card of a model anew.

    Results are put into its metrics, and the card tells all that was measured.

    A section of the card appears only when it was measured. With --seeds, the card has mean and standard deviation
    of every figure that all these results have.

    Needs the extra: pip install 'editorial-analyzer[train]'

    Examples:

      analyzer evaluate models/default --contrast contrast.jsonl --json -o contrast.json

      analyzer evaluate babe --data corpora --encoder all-MiniLM-L6-v2 --json -o babe.json

      analyzer evaluate card models/default contrast.json babe.json

      analyzer evaluate card models/default --seeds seed0/metrics.json --seeds seed1/metrics.json
    """
    with needs_extra("train"):
        from analyzer.training.recording import record

    for path in record(model, results or [], seeds or []):
        typer.echo(f"wrote {path}", err=True)
