"""`analyzer overview`: one page on a scored corpus."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.extras import needs_extra
from analyzer.cli.options import Debug, Out
from analyzer.cli.telling import tell
from analyzer.errors import AnalyzerError


def overview(
    scored: Annotated[Path, typer.Argument(metavar="SCORED", help="The folder that `analyzer score -o` wrote.")],
    out: Out = None,
    reports: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Write the reports of the documents that the page names to this folder, from the corpus as it was "
            "scored, and link them.",
        ),
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Model folder that the corpus was scored with, for --reports.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Draw one HTML page on a scored corpus.

    It has charts, and needs no network and no script.

    Dependence, loaded share and sourcing by group and over time, with 95 % intervals; the conclusions drawn most often
    and what they rest on; the most telling documents. It says which groups are too small to compare.

    Needs the extra: pip install 'editorial-analyzer[corpus]'

    Examples:

      analyzer score articles.jsonl.gz -o scored --group outlet --date published

      analyzer overview scored -o overview.html --reports reports
    """
    with needs_extra("corpus"):
        from analyzer.overview import overview as make
    from analyzer.render import write_out
    from analyzer.render.html import write_page

    if out is None and sys.stdout.isatty():
        raise AnalyzerError("this is a page of HTML, not for a terminal; write it to a file with -o overview.html")
    beside = out.parent if out is not None else Path()
    # Reports take long, so this is told before; their folder is made, with those above it.
    if not beside.is_dir() and not (reports and reports.resolve().is_relative_to(beside.resolve())):
        raise AnalyzerError(f"cannot write {out}: no such folder; make it, or choose another file with -o")
    page = make(scored, beside=beside, reports=reports, model=model, tell=tell)
    write_out(partial(write_page, page), out)
