"""JSON lines, plain or gzip-compressed: one object a line. A line that is none is a row with a problem."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO

from analyzer.corpus.sources.files import UNREADABLE, broken, opened
from analyzer.corpus.sources.row import Row
from analyzer.readers import LARGEST_FILE

_LIST = "a JSON list, not an object; where a file is one list, make lines of it with: jq -c '.[]'"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def rows(path: str) -> Iterator[Row]:
    """The objects of a file; numbered by line, from 1. Empty lines are passed over."""
    number = 0
    try:
        with opened(path) as (content, file):
            for number, line in enumerate(_lines(content), 1):
                if line.strip():
                    row = _row(line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line, f"{path}:{number}")
                    row.read = file.tell()
                    yield row
    except UNREADABLE as error:
        yield broken(path, number, error)


def _lines(content: IO[bytes]) -> Iterator[bytes]:
    """Lines, each of them no longer than one document may be; of a longer one, its beginning."""
    while line := content.readline(LARGEST_FILE + 1):
        yield line
        while len(line) > LARGEST_FILE and not line.endswith(b"\n"):
            line = content.readline(LARGEST_FILE + 1)


def _row(line: bytes, source: str) -> Row:
    if len(line) > LARGEST_FILE:
        return Row(source, problem=f"the line is longer than {LARGEST_FILE // 1_000_000} MB; split its document")
    try:
        values = json.loads(line)
    except UnicodeDecodeError:
        return Row(source, problem="not UTF-8; convert the file, for example with iconv")
    except (ValueError, RecursionError) as error:
        return Row(source, problem=_LIST if line.lstrip()[:1] == b"[" else f"not JSON ({error}); mend the line")
    if not isinstance(values, dict):
        problem = f"a {type(values).__name__}, not an object; give one object a line"
        return Row(source, problem=_LIST if isinstance(values, list) else problem)
    return Row(source, values)
