"""The HTML report: one self-contained page that needs no network, for reports of one document or several.

The template engine is imported only when such a page is written, so that other formats start without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from analyzer.report import Report


def write(reports: Sequence[Report], stream: TextIO, *, quiet: bool) -> None:
    """Write one page with all reports to `stream`; with `quiet`, only the table of one line a document."""
    from analyzer.render.html.page import render

    write_page(render(reports, quiet=quiet), stream)


def write_page(page: str, stream: TextIO) -> None:
    """Write a page of HTML to `stream`; where that is not in UTF-8, which the page says it is in, as ASCII."""
    # A stream in memory has no encoding and takes everything; style and script are ASCII already.
    if not (stream.encoding or "utf-8").lower().startswith("utf"):
        page = page.encode("ascii", "xmlcharrefreplace").decode("ascii")
    stream.write(page)
