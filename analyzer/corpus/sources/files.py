"""Opens and names files of a corpus, compressed or not, and says in one way what is wrong with one."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from analyzer.corpus.sources.row import Row


def name_of(path: str) -> str:
    """A file's name as text: bytes that are not UTF-8 are escaped, so that no two names become one."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


@contextmanager
def opened(path: str) -> Iterator[tuple[IO[bytes], BinaryIO]]:
    """The file's content, and the file itself, whose position says how much of it has been read."""
    with Path(path).open("rb") as file:
        if path.lower().endswith(".gz"):
            with gzip.open(file) as content:
                yield cast(IO[bytes], content), file
        else:
            yield file, file


UNREADABLE = (OSError, EOFError, zlib.error)


def broken(path: str, row: int, error: Exception) -> Row:
    """The row that stands for the rest of a file that cannot be read on."""
    if isinstance(error, EOFError):
        reason = "the compressed file is cut short"
    elif isinstance(error, gzip.BadGzipFile | zlib.error):
        reason = f"not gzip-compressed, or damaged ({error})"
    else:
        reason = f"cannot be read ({getattr(error, 'strerror', None) or error})"
    after = f" after row {row}; what comes after it is lost" if row else ""
    return Row(source=path if not row else f"{path}:{row + 1}", problem=f"{reason}{after}: get the file again")
