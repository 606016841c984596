"""Header rows of a table in several levels, with cells over several columns, made one: "2024 Votes", "2024 Share".

What finds the article of a page takes the second one for data. A table of a page goes in and is changed in place.
"""

from __future__ import annotations

from itertools import takewhile
from typing import Any

from analyzer.readers.tables import names_columns
from analyzer.readers.tree import text_of

# A page may state what it likes; a header of more is left as it is.
_MOST_COLUMNS, _MOST_LEVELS = 200, 4


def join_header_rows(table: Any) -> None:
    """Writes the names of each column, from the top down, into one row of header cells; what spans all columns above
    them, the table's title, becomes a paragraph before it.
    """
    rows = list(table.iter("tr"))
    if len(rows) > 1 and len(_cells(rows[0])) == 1 < len(_cells(rows[1])) and _spans(_cells(rows[0])[0], "colspan") > 1:
        title = rows.pop(0)
        paragraph = table.makeelement("p", {})
        paragraph.text = text_of(title)
        table.addprevious(paragraph)
        title.drop_tree()
    above = rows[: _n_header_rows(table, rows)]
    if not 1 < len(above) <= _MOST_LEVELS or len(above) == len(rows):
        return
    names = _names_of_columns(above)
    marked = any(cell.tag == "th" for row in above for cell in _cells(row))
    below = [[text_of(cell) for cell in _cells(row)] for row in rows[len(above) :]]
    if not names_columns([names, *below], is_bold=marked):
        return
    for cell in list(above[0]):
        above[0].remove(cell)
    for name in names:
        cell = table.makeelement("th", {})
        cell.text = name
        above[0].append(cell)
    for row in above[1:]:
        row.drop_tree()


def _n_header_rows(table: Any, rows: list[Any]) -> int:
    """How many rows the page marks as a header; without marks, as many as the first row's cells reach down to."""
    if in_head := table.findall("thead/tr"):
        return len(in_head)
    if marked := len(list(takewhile(lambda row: all(cell.tag == "th" for cell in _cells(row)), rows))):
        return marked
    cells = _cells(rows[0]) if rows else []
    spans_columns = any(_spans(cell, "colspan") > 1 for cell in cells)
    return max((_spans(cell, "rowspan") for cell in cells), default=1) if spans_columns else 1


def _names_of_columns(rows: list[Any]) -> list[str]:
    """None of more columns than a table has."""
    names: dict[int, list[str]] = {}
    taken: set[tuple[int, int]] = set()
    for number, row in enumerate(rows):
        column = 0
        for cell in _cells(row):
            while (number, column) in taken:
                column += 1
            if column + _spans(cell, "colspan") > _MOST_COLUMNS:
                return []
            text = text_of(cell)
            for spanned in range(column, column + _spans(cell, "colspan")):
                names.setdefault(spanned, []).append(text)
                taken |= {(below, spanned) for below in range(number, min(number + _spans(cell, "rowspan"), len(rows)))}
    return [" ".join(filter(None, names.get(column, ()))) for column in range(max(names, default=-1) + 1)]


def _cells(row: Any) -> list[Any]:
    return [cell for cell in row if cell.tag in ("td", "th")]


def _spans(cell: Any, direction: str) -> int:
    stated = cell.get(direction, "").strip()
    return max(int(stated[:4]), 1) if stated.isascii() and stated.isdigit() else 1
