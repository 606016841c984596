"""Tables drawn in plain text: cells between pipes, tabs or several spaces, with or without a rule under the header.

In go lines, out come rows of cells; whether lines are a table at all is decided here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from analyzer.document import BlockKind
from analyzer.readers.headings import ends_sentence
from analyzer.readers.pieces import Piece, row_text

_SPACES = "  "
_SEPARATORS = ("|", "\t", _SPACES)
_GAP = re.compile(r"\s{2,}")
_UNDERLINE = re.compile(r"[-=\s]{3,}")
_RULE = re.compile(r"[|+:=\-\s]*\Z")
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
        for separator in _SEPARATORS:
            if run := _run(lines, start, separator):
                length = run
                if _is_table(lines[start : start + run], separator):
                    tables[start] = run
                break
        start += length
    return tables


def _run(lines: Sequence[str], start: int, separator: str) -> int:
    """How many lines from `start` on have the separator or are a rule."""
    if separator == _SPACES:
        return _spaced_run(lines, start)
    end = start
    while end < len(lines) and (_holds_cells(lines[end], separator) or is_rule(lines[end])):
        end += 1
    return end - start


def _holds_cells(line: str, separator: str) -> bool:
    """Whether the separator stands in the line; a tab before one text only sets it in."""
    is_set_in = separator == "\t" and "\t" not in line.strip() and line.lstrip(" ").startswith("\t")
    return separator in line.strip(" ") and not is_set_in


def _spaced_run(lines: Sequence[str], start: int) -> int:
    """How many lines from `start` on have as many cells, or underline them; the first may lack that in the corner."""
    if _SPACES not in lines[start].strip():
        return 0
    columns = len(_cells(lines[start], _SPACES)) + lines[start].startswith(_SPACES)
    end = start + 1
    while end < len(lines) and (_UNDERLINE.fullmatch(lines[end]) or len(_cells(lines[end], _SPACES)) == columns):
        end += 1
    return end - start


def is_rule(line: str) -> bool:
    """Whether the line is a separator such as `|---|:--:|` or `+-----+`."""
    return ("--" in line or "|-" in line or "==" in line) and ("|" in line or "+" in line) and bool(_RULE.match(line))


def table_pieces(lines: Sequence[str], table: int) -> list[Piece]:
    """The rows of table number `table`; rules are dropped, what stands above the first one is the header."""
    separator = next((mark for mark in _SEPARATORS[:2] if any(mark in line for line in lines)), _SPACES)
    rows: list[Piece] = []
    headers = 0
    ruled = False
    cells_of_rows: list[list[str]] = []
    cells_of_lines = iter(_rows(lines, separator))
    for line in lines:
        if _parts_rows(line, separator):
            headers = headers if ruled or not rows else len(rows)
            ruled = ruled or bool(rows)
            continue
        cells = next(cells_of_lines)
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


def _parts_rows(line: str, separator: str) -> bool:
    return is_rule(line) or (separator == _SPACES and _UNDERLINE.fullmatch(line) is not None)


def _rows(lines: Sequence[str], separator: str) -> list[list[str]]:
    """The cells of all lines but the rules, with those that are empty at the end of a line or in the corner."""
    rows = [_cells(line, separator) for line in lines if not _parts_rows(line, separator)]
    if not rows:
        return []
    columns = max(map(len, rows))
    if separator == "\t":
        full = sum(len(row) == columns for row in rows)
        if len(rows[0]) == columns > 2 and full > len(rows) / 2:
            rows = [row + [""] * (columns - len(row)) for row in rows]
        used = {column for row in rows for column, cell in enumerate(row) if cell.strip()}
        first, last = min(used, default=0), max(used, default=0)
        rows = [row[first : last + 1] for row in rows]
    elif separator == _SPACES and len(rows[0]) < columns:
        rows[0] = ["", *rows[0]]
    return rows


def _cells(line: str, separator: str) -> list[str]:
    if separator == "\t":
        return line.strip(" ").split("\t")
    if separator == _SPACES:
        return _GAP.split(line.strip())
    line = line.strip().removeprefix("|")
    cells = [cell.replace(r"\|", "|").strip() for cell in _PIPE.split(line)]
    return cells[:-1] if len(cells) > 1 and not cells[-1] else cells


def _is_table(lines: Sequence[str], separator: str) -> bool:
    """At least two rows of equally many cells, or a row with a rule or an outer pipe on both sides.

    Two lines that pipes part and nothing else marks are a table only with a number in it: bylines are set so too. Three
    lines that spaces part are one with a column of numbers: prose has two spaces behind its stops.
    """
    rows = _rows(lines, separator)
    counts = [len(row) for row in rows]
    if not counts or max(counts) < 2:
        return False
    if separator == _SPACES:
        columns = list(zip_longest(*rows[1:], fillvalue=""))
        return len(rows) > 2 and not _are_items(rows) and any(map(_holds_numbers, columns[1:]))
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
