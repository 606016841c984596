"""CSV and TSV with a header row, plain or gzip-compressed. A row that does not fit the header has a problem."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from analyzer.corpus.sources.files import UNREADABLE, broken, opened
from analyzer.corpus.sources.row import Row
from analyzer.readers import LARGEST_FILE

_DELIMITERS = (",", ";", "\t", "|")
_ESCAPED = "surrogateescape"


def rows(path: str) -> Iterator[Row]:
    """The rows under the header; numbered from 1, the header not counted."""
    csv.field_size_limit(LARGEST_FILE)
    number = 0
    try:
        with opened(path) as (content, file):
            # What is not UTF-8 must cost its own row, not the rest of the file.
            text = io.TextIOWrapper(content, encoding="utf-8-sig", errors=_ESCAPED, newline="")
            for number, row in enumerate(_rows(text, path), 1):
                row.source = f"{path}:{number}"
                row.read = file.tell()
                yield row
    except UNREADABLE as error:
        yield broken(path, number, error)


def _rows(text: IO[str], path: str) -> Iterator[Row]:
    first = text.readline()
    reader = csv.reader(_after(first, text), delimiter=_delimiter(first, path), strict=True)
    header: Sequence[str] | None = None
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row("", problem=f"not CSV ({error}); mend the row that ends on line {reader.line_num}")
            continue
        if header is None:
            header = [name.strip() for name in values]
        elif values:
            yield _row(header, values)


def _after(first: str, text: IO[str]) -> Iterator[str]:
    yield first
    yield from text


def _delimiter(header: str, path: str) -> str:
    if ".tsv" in (suffix.lower() for suffix in Path(path).suffixes):
        return "\t"
    return max(_DELIMITERS, key=header.count)


def _row(header: Sequence[str], values: Sequence[str]) -> Row:
    if len(values) != len(header):
        return Row("", problem=f"{len(values)} fields, but the header has {len(header)}; mend the row")
    try:
        "".join(values).encode()
    except UnicodeEncodeError:
        return Row("", problem="not UTF-8; convert the file, for example with iconv")
    return Row("", dict(zip(header, values, strict=True)))
