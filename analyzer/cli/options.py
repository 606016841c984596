"""What several commands share: their options, and their exit codes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

# FOUND: the command did its work, and not all that it found is as it should be.
FINE, FOUND, FAILED = 0, 1, 2

Debug = Annotated[bool, typer.Option("--debug", help="Show a traceback when something goes wrong.")]
Model = Annotated[
    Path | None, typer.Option(help="Model folder, or large (in a checkout); the shipped model when left out.")
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file instead of standard output.")]
VagueCredit = Annotated[float | None, typer.Option(metavar="0-1", help="What a vague source counts for in the score.")]
