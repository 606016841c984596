"""Tables drawn in plain text: cells between pipes or tabs, with or without a rule under the header.

In go lines, out come rows of cells; whether lines are a table at all is decided here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from analyzer.document import BlockKind
from analyzer.readers.headings import ends_sentence
from analyzer.readers.pieces import Piece, row_text

_RULE = re.compile(r"\s*[|+:=\-\s]*\Z")
_PIPE = re.compile(r"(?<!\\)\|")
# What stands before a tab where no table is: the mark of a list item, or who speaks.
_ITEM_MARK = re.compile(r"[-*+•‣◦▪●○·⁃o]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]")
_SPEAKER = re.compile(r"[^\d|]{1,40}:")
_WORD = re.compile(r"[^\W\d_]{3}")
_WORD_OR_FIGURE = re.compile(r"\w")
_YEAR = re.compile(r"(?:19|20)\d\d\b.{0,3}\Z")


def find_tables(lines: Sequence[str]) -> dict[int, int]:
    """Where tables begin in lines without a blank one between, and how many lines each has."""
    tables: dict[int, int] = {}
    start = 0
    while start < len(lines):
        length = 1
        for separator in ("|", "\t"):
            if run := _run(lines, start, separator):
                length = run
                if _is_table(lines[start : start + run], separator):
                    tables[start] = run
                break
        start += length
    return tables


def _run(lines: Sequence[str], start: int, separator: str) -> int:
    """How many lines from `start` on have the separator or are a rule."""
    end = start
    while end < len(lines) and (separator in lines[end].strip() or is_rule(lines[end])):
        end += 1
    return end - start


def is_rule(line: str) -> bool:
    """Whether the line is a separator such as `|---|:--:|` or `+-----+`."""
    return ("--" in line or "|-" in line or "==" in line) and ("|" in line or "+" in line) and bool(_RULE.match(line))


def table_pieces(lines: Sequence[str], table: int) -> list[Piece]:
    """The rows of table number `table`; rules are dropped, what stands above the first one is the header."""
    separator = "|" if any("|" in line for line in lines) else "\t"
    rows: list[Piece] = []
    headers = 0
    ruled = False
    cells_of_rows: list[list[str]] = []
    for line in lines:
        if is_rule(line):
            headers = headers if ruled or not rows else len(rows)
            ruled = ruled or bool(rows)
            continue
        cells = _cells(line, separator)
        if text := row_text(cells):
            cells_of_rows.append(cells)
            rows.append(Piece(BlockKind.TABLE_ROW, text, table))
    if not ruled and names_columns(cells_of_rows):
        headers = 1
    # A rule below all rows closes a box, except where it is the one below a header that nothing follows.
    if headers == len(rows) and (headers > 1 or is_rule(lines[0])):
        headers = 0
    for row in rows[:headers]:
        row.is_table_header = True
    return rows


def _cells(line: str, separator: str) -> list[str]:
    if separator == "\t":
        return line.strip().split("\t")
    line = line.strip().removeprefix("|")
    cells = [cell.replace(r"\|", "|").strip() for cell in _PIPE.split(line)]
    return cells[:-1] if len(cells) > 1 and not cells[-1] else cells


def _is_table(lines: Sequence[str], separator: str) -> bool:
    """At least two rows of equally many cells, or a row with a rule or an outer pipe on both sides.

    Two lines that pipes part and nothing else marks are a table only with a number in it: bylines are set so too.
    """
    rows = [_cells(line, separator) for line in lines if not is_rule(line)]
    counts = [len(row) for row in rows]
    if not counts or max(counts) < 2:
        return False
    if len(counts) < len(lines):
        return True
    if all(line.strip().startswith("|") and line.strip().endswith("|") for line in lines):
        return True
    if len(counts) < 2 or len(set(counts)) > 1 or (separator == "\t" and _are_items(rows)):
        return False
    return (
        separator == "\t"
        or len(counts) > 2
        or any(_is_number(cell) and not _WORD.search(cell) for row in rows for cell in row)
    )


def _are_items(rows: Sequence[Sequence[str]]) -> bool:
    """Whether they are items of a list, or what speakers say, with a tab behind their marks."""
    if any(len(row) != 2 for row in rows):
        return False
    marks = [row[0].strip() for row in rows]
    if all(map(_ITEM_MARK.fullmatch, marks)):
        return True
    return all(map(_SPEAKER.fullmatch, marks)) and any(ends_sentence(row[1].rstrip()) for row in rows)


def names_columns(rows: Sequence[Sequence[str]], *, is_bold: bool = False) -> bool:
    """Whether the first row holds words (or years) where rows below hold numbers; below one `is_bold`, these may be
    words too.
    """
    if len(rows) < 2 or len(rows[0]) < 2 or any(_is_number(cell) and not _YEAR.match(cell) for cell in rows[0]):
        return False
    return is_bold or any(map(_holds_numbers, zip_longest(*rows[1:], fillvalue="")))


def are_figures(row: Sequence[str]) -> bool:
    """Whether all cells of a row are numbers, as in none that names columns."""
    return all(map(_is_number, row))


def _holds_numbers(column: Iterable[str]) -> bool:
    """Whether most of the cells that are not empty are numbers; of what has a label a row, few are."""
    cells = [cell for cell in column if _WORD_OR_FIGURE.search(cell)]
    return bool(cells) and sum(map(_is_number, cells)) > len(cells) / 2


def _is_number(cell: str) -> bool:
    digits = sum(c.isdigit() for c in cell)
    return digits > 0 and digits >= sum(c.isalpha() for c in cell)
