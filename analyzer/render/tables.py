"""Tables of a report: its rows are blocks of their own, and a table begins at its header row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar


class Row(Protocol):
    """A row of a table, which knows whether it is a header."""

    @property
    def is_table_header(self) -> bool:
        """Whether the row asserts nothing, as header rows do."""
        ...


_Row = TypeVar("_Row", bound=Row)


def split_tables(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """Split rows that follow one another into tables: each begins at a header row."""
    table: list[_Row] = []
    for row in rows:
        if row.is_table_header and any(not earlier.is_table_header for earlier in table):
            yield table
            table = []
        table.append(row)
    yield table
