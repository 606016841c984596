"""Cells over several rows or columns of a table, given their place in each: a row says all that it says by itself.

Header rows in several levels are made one ("2024 Votes", "2024 Share"); what finds the article of a page takes the
second one for data. A table of a page goes in and is changed in place.
"""

from __future__ import annotations

from collections import deque
from itertools import takewhile
from typing import Any

from analyzer.readers.tables import names_columns
from analyzer.readers.tree import text_of

# A page may state what it likes; a header of more is left as it is.
_MOST_COLUMNS, _MOST_LEVELS = 200, 4
_MOST_CELLS, _LONGEST_LABEL = 50_000, 100
_SPANS = ("rowspan", "colspan")


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
        above[0].append(_cell(table, "th", name))
    for row in above[1:]:
        row.drop_tree()


def fill_spans(table: Any) -> None:
    """Repeats a label in the rows that it reaches down to, and puts empty cells behind one over several columns."""
    rows = list(table.iter("tr"))
    cells = [cell for row in rows for cell in _cells(row)]
    columns = max((sum(_spans(cell, "colspan") for cell in _cells(row)) for row in rows), default=0)
    if not any(cell.get(name) for cell in cells for name in _SPANS) or columns * len(rows) > _MOST_CELLS:
        return
    reaching: dict[int, tuple[str, int]] = {}
    for number, row in enumerate(rows):
        own = deque(_cells(row))
        filled: list[Any] = []
        while True:
            text, last = reaching.get(len(filled), ("", -1))
            if last >= number and len(filled) < columns:
                filled.append(_cell(table, "td", text))
                continue
            if not own:
                break
            cell = own.popleft()
            text, height, width = text_of(cell), _spans(cell, "rowspan"), _spans(cell, "colspan")
            for name in _SPANS:
                cell.attrib.pop(name, None)
            for place in range(width):
                label = text if place == 0 and len(text) <= _LONGEST_LABEL else ""
                reaching[len(filled)] = (label, number + height - 1)
                filled.append(_cell(table, cell.tag, "") if place else cell)
        row[:] = filled


def _cell(table: Any, tag: str, text: str) -> Any:
    cell = table.makeelement(tag, {})
    cell.text = text
    return cell


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
