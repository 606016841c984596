"""JSON: the report of one document as an object, those of several as an array, each valid under
`analyzer.report.json_schema`.

With `quiet`, every report is one line (JSON Lines). Where the stream cannot take every character, the rest is escaped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from textwrap import indent
from typing import TextIO

from analyzer.report import Report


def write(reports: Sequence[Report], stream: TextIO, *, quiet: bool, failures: Sequence[str] = ()) -> None:
    """Write reports to `stream` as JSON text that ends with a line break; documents with `failures` have none."""
    if quiet and not reports:
        return
    if quiet:
        text = "\n".join(report.to_json(indent=None) for report in reports)
    elif not reports:
        text = "[]"
    elif len(reports) == 1 and not failures:
        text = reports[0].to_json()
    else:
        text = "[\n" + ",\n".join(indent(report.to_json(), "  ") for report in reports) + "\n]"
    write_text(text, stream)


def write_text(text: str, stream: TextIO) -> None:
    """Write JSON text and a line break to `stream`, escaping what its encoding lacks."""
    stream.write((text if _takes_every_character(stream) else _escaped(text)) + "\n")


def _takes_every_character(stream: TextIO) -> bool:
    # A stream in memory has no encoding and takes everything.
    return (stream.encoding or "utf-8").lower().startswith("utf")


def _escaped(text: str) -> str:
    """JSON text in ASCII: what is not ASCII can only stand inside a string, where an escape means the same."""
    return re.sub(r"[^\x00-\x7f]", lambda found: json.dumps(found[0])[1:-1], text)
