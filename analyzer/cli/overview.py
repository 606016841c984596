"""`analyzer overview`: one page on a scored corpus."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.extras import needs_extra
from analyzer.errors import AnalyzerError


def overview(
    scored: Annotated[Path, typer.Argument(metavar="SCORED", help="The folder that `analyzer score -o` wrote.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write to this file instead of standard output.")
    ] = None,
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
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback when something goes wrong.")] = False,
) -> None:
    """Make one page of HTML on a scored corpus, with charts, that needs no network and no script.

    Dependence, loaded share and sourcing by group and over time, with 95 % intervals; the conclusions drawn most often
    and what they rest on; the most telling documents. It says which groups are too small to compare.

    Needs the extra: pip install 'editorial-analyzer[corpus]'

    Examples:

      analyzer score articles.jsonl.gz -o scored --group outlet --date published

      analyzer overview scored -o overview.html --reports reports
    """
    with needs_extra("corpus"):
        from analyzer.overview import overview as make

    if out is None and sys.stdout.isatty():
        raise AnalyzerError("this is a page of HTML, not for a terminal; write it to a file with -o overview.html")
    beside = out.parent if out is not None else Path()
    page = make(scored, beside=beside, reports=reports, model=model, tell=_tell)
    if out is None:
        encoding = sys.stdout.encoding or "utf-8"
        # Names are in any script; what the encoding lacks is written as a reference. Style is ASCII already.
        sys.stdout.write(page.encode(encoding, "xmlcharrefreplace").decode(encoding))
        return
    try:
        with out.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(page)
    except OSError as error:
        raise AnalyzerError(f"cannot write {out}: {error.strerror or error}; choose another file with -o") from error


def _tell(note: str) -> None:
    from analyzer.render.plain import plain

    print(f"analyzer: {plain(note)}", file=sys.stderr)
