"""CSV and TSV with a header row, plain or gzip-compressed, in UTF-8, or in UTF-16 with its mark.

A row that does not fit the header has a problem.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO

from analyzer.corpus.sources.files import UNREADABLE, broken, opened
from analyzer.corpus.sources.row import Row
from analyzer.readers import LARGEST_FILE

_DELIMITERS = (",", ";", "\t", "|")
_STATED = re.compile(r"\s*sep=(.)\s*", re.IGNORECASE)
# Lines that the delimiter is told from.
_LOOKED_AT = 5
_ESCAPED = "surrogateescape"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NOT_UTF_8 = "not UTF-8; save it as CSV UTF-8 in Excel, or convert it, for example with iconv -f WINDOWS-1252 -t UTF-8"


def rows(path: str) -> Iterator[Row]:
    """The rows under the header; numbered from 1, the header not counted."""
    csv.field_size_limit(LARGEST_FILE)
    number = 0
    try:
        with opened(path) as (content, file):
            is_utf_16 = content.read(2) in _UTF_16
            content.seek(0)
            # What is not UTF-8 must cost its own row, not the rest of the file.
            encoding, errors = ("utf-16", "replace") if is_utf_16 else ("utf-8-sig", _ESCAPED)
            text = io.TextIOWrapper(content, encoding=encoding, errors=errors, newline="")
            for number, row in enumerate(_rows(text, path), 1):
                row.source = f"{path}:{number}"
                row.read = file.tell()
                yield row
    except UNREADABLE as error:
        yield broken(path, number, error)


def _rows(text: IO[str], path: str) -> Iterator[Row]:
    lines = _Lines(text)
    delimiter = _stated(lines) or _delimiter(lines.peek(_LOOKED_AT), path)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    header: Sequence[str] | None = None
    while True:
        lines.begin()
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row("", problem=f"not CSV ({error}); mend {lines.taken()}")
            # A quotation mark that nobody closed takes in lines that are rows of their own.
            lines.give_back()
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            continue
        if not values:
            continue
        if header is None:
            header = [name.strip() for name in values]
            if problem := _problem_of(header):
                yield Row("", problem=problem)
                return
        else:
            yield _row(header, values, delimiter)


class _Lines:
    """The lines of a file, those of the record that is being read kept, so that they can be read again."""

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self._record: list[str] = []
        self._number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._text)
        self._record.append(line)
        self._number += 1
        return line

    def peek(self, count: int) -> list[str]:
        """The next lines, which stay the next ones."""
        self._again.extend(islice(self._text, max(0, count - len(self._again))))
        return list(islice(self._again, count))

    def begin(self) -> None:
        """The next line begins a record."""
        self._record.clear()

    def give_back(self) -> None:
        """All lines of the record but its first are to be read again."""
        self._again.extendleft(reversed(self._record[1:]))
        self._number -= max(0, len(self._record) - 1)

    def taken(self) -> str:
        """Which lines the record has taken so far, in words."""
        first = self._number - len(self._record) + 1
        return f"line {first}" if first >= self._number else f"line {first}, where its row begins"


def _stated(lines: _Lines) -> str | None:
    """The delimiter that Excel states in a line of its own above the header, which is taken."""
    stated = _STATED.fullmatch("".join(lines.peek(1)))
    if stated is None:
        return None
    next(lines)
    return stated[1]


def _delimiter(first: Sequence[str], path: str) -> str:
    """The delimiter that parts the header and the first rows into as many fields; else the one that stands most often
    in the header.
    """
    if ".tsv" in (suffix.lower() for suffix in Path(path).suffixes):
        return "\t"
    header = next((line for line in first if line.strip()), "")
    return max(_DELIMITERS, key=lambda delimiter: (_n_fields(first, delimiter), header.count(delimiter)))


def _n_fields(lines: Sequence[str], delimiter: str) -> int:
    """How many fields each of the lines has, 0 where they differ or nothing is parted."""
    try:
        counts = {len(values) for values in csv.reader(lines, delimiter=delimiter) if values}
    except csv.Error:
        return 0
    return counts.pop() if len(counts) == 1 and counts != {1} else 0


def _problem_of(header: Sequence[str]) -> str | None:
    if not _is_utf_8(header):
        return f"its header is {_NOT_UTF_8}"
    if header.count("") > 1:
        return f"its header has {header.count('')} columns without a name; give every column a name"
    twice = sorted({name for name in header if name and header.count(name) > 1})
    return f"its header has {twice[0]!r} more than once; give every column a name of its own" if twice else None


def _row(header: Sequence[str], values: Sequence[str], delimiter: str) -> Row:
    if len(values) != len(header):
        counts = f"{len(values)} fields, but the header has {len(header)}"
        return Row(
            "", problem=f"{counts}, parted by {delimiter!r}; mend the row, or state another in a line sep=; above"
        )
    if not _is_utf_8(values):
        return Row("", problem=_NOT_UTF_8)
    return Row("", dict(zip(header, values, strict=True)))


def _is_utf_8(values: Sequence[str]) -> bool:
    try:
        "".join(values).encode()
    except UnicodeEncodeError:  # what could not be decoded is there as halves of characters
        return False
    return True
