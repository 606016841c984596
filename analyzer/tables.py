"""Tables of a document: where each stands, its caption, and whether a "Source: …" line or caption sources its rows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from analyzer.document import CELL_SEPARATOR, BlockKind, Document

# A source that is still to come is none.
_GIVEN = r"(?!(?:tk|tbd|tba|tbc|unknown|none|n/?a|not (?:given|stated|available|known))\b)"
_SOURCE_LINE = re.compile(
    rf"^\W*(?:(?:table|figure)\s*\d*[.:]?.{{0,200}}?|notes?\s*:.{{0,300}}?)?\bsources?\s*:\s*\W*{_GIVEN}\w",
    re.IGNORECASE,
)
# As those write it who make charts, in a field of a short line: "Chart: FactLine · Data source: ONS", "SOURCE ONS".
_CREDIT = re.compile(
    r"(?:^|[·•|.;])\W*(?:(?i:(?:data )?source(?:\(s\)|s)?)(?:\s*[:.]|\s[–—-])\s"
    rf"|SOURCES?\s(?!(?:OF|FOR|AND|IN)\b)(?=[A-Z]))\s*\W*(?i:{_GIVEN})\w"
)
_CAPTION = re.compile(r"^\W*(?:table|figure)\b", re.IGNORECASE)
_CAPTION_ALONE = re.compile(
    r"^\W*(?:table|figure|chart|exhibit)\s*([A-Z]?[\d.]*\d|[IVX]+)?\s*(?:[.:|–—-](?:\s|$)|$)", re.IGNORECASE
)
_NOTE_LINE = re.compile(r"^\W*(?:notes?|methodology)\b|^[*†]", re.IGNORECASE)
# Notes that may stand between a table and its source.
_MOST_NOTES = 2
# In characters, what a line beside a table has that is no paragraph of the text.
_LONGEST_LINE = 200
_VALUE = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Table:
    """Table `number` of a document: its blocks `first` to `last`, the block that names its source, if any does, which
    may be a row of it, the blocks that are captions beside it, and the number by which one of these calls it, or "".
    """

    number: int
    first: int
    last: int
    source: int | None
    captions: tuple[int, ...]
    name: str

    @property
    def is_sourced(self) -> bool:
        """Whether its rows have a source."""
        return self.source is not None


def tables_of(document: Document) -> list[Table]:
    """The tables of a document, in its order."""
    rows: dict[int, list[int]] = {}
    for at, block in enumerate(document.blocks):
        if block.table is not None:
            rows.setdefault(block.table, []).append(at)
    return [_table(document, number, blocks[0], blocks[-1]) for number, blocks in rows.items()]


def lines_beside(document: Document, table: Table) -> dict[int, str]:
    """The blocks beside a table that are nothing but its caption or source, and which of the two each is."""
    found = dict.fromkeys(table.captions, "caption")
    if table.source is not None and document.blocks[table.source].table is None:
        found[table.source] = "source"
    return {at: what for at, what in found.items() if len(_text(document, at)) <= _LONGEST_LINE}


def is_subheading(row: str) -> bool:
    """Whether a row of a table holds nothing but the name of the rows below it."""
    label, *cells = row.split(CELL_SEPARATOR)
    return bool(cells) and not any(map(_VALUE.search, cells)) and _VALUE.search(label) is not None


def _table(document: Document, number: int, first: int, last: int) -> Table:
    beside = [at for at in (first - 1, last + 1) if 0 <= at < len(document.blocks)]
    captions = {at: match[1] or "" for at in beside if (match := _CAPTION_ALONE.search(_text(document, at)))}
    name = next(iter(captions.values()), "")
    return Table(number, first, last, _source(document, first, last), tuple(captions), name)


def _source(document: Document, first: int, last: int) -> int | None:
    """The block that names the source of the table of blocks `first` to `last`, in it or directly beside it.

    One between two tables is that of the upper one, unless that has one already or the line is a caption.
    """
    below = last + 2
    while below < min(len(document.blocks), last + 2 + _MOST_NOTES) and document.blocks[below - 1].table is None:
        if not _NOTE_LINE.search(_text(document, below - 1)):
            break
        below += 1
    if (source := _first_source(document, first, min(below, len(document.blocks)))) is not None:
        return source
    line = first - 1
    while first > 0 and _names_source(document, first - 1):
        upper = None if first == 1 else document.blocks[first - 2].table
        if upper is None or _CAPTION.search(_text(document, first - 1)):
            return line
        above, first = first - 1, next(at for at in range(first) if document.blocks[at].table == upper)
        if _first_source(document, first, above) is not None:
            return line
    return None


def _first_source(document: Document, first: int, end: int) -> int | None:
    """The first block from `first` to the one before `end` that names a source."""
    return next((at for at in range(first, end) if _names_source(document, at)), None)


def _names_source(document: Document, at: int) -> bool:
    block, text = document.blocks[at], _text(document, at)
    if _SOURCE_LINE.search(text):
        return True
    is_line = block.kind is not BlockKind.TABLE_ROW and len(text) <= _LONGEST_LINE
    return is_line and _CREDIT.search(text) is not None


def _text(document: Document, at: int) -> str:
    block = document.blocks[at]
    return document.text[block.start : block.end]
