"""What results are shown in, on a terminal and in the model card alike: tables of text, and their cells.

In go results as `analyzer evaluate … --json` prints them, out come cells, and a table as lines of either form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.training.results import SEEDS, figure

NOTHING = "–"


@dataclass(frozen=True)
class Table:
    """Rows of text under a heading; every row is as long as `header`."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


def aligned(table: Table) -> str:
    """The table for a terminal: first column to the left, the others to the right."""
    lines = _told(table)
    widths = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))]
    text = [
        "  ".join(
            cell.ljust(w) if k < 1 else cell.rjust(w) for k, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    return "\n".join([table.title, *(line.rstrip() for line in text), *([table.note] if table.note else [])])


def markdown(table: Table, *, heading: bool = True) -> str:
    """The table in Markdown, under a heading of the third level."""
    header, *others = _told(table)
    rows = [header, ["---"] * len(header), *others]
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    title = [f"### {table.title}", ""] if heading else []
    return "\n".join([*title, *lines, *(["", table.note] if table.note else [])])


def _told(table: Table) -> list[list[str]]:
    """The header and the rows, without columns in which no row has anything."""
    rows = table.rows
    kept = [k for k in range(len(table.header)) if not rows or any(row[k] != NOTHING for row in rows)]
    return [[line[k] for k in kept] for line in (table.header, *rows)]


def number(value: float | None, *, signed: bool = False) -> str:
    """A figure with three decimals."""
    if value is None:
        return NOTHING
    return f"{value:+.3f}" if signed else f"{value:.3f}"


def between(interval: Sequence[float] | None, *, signed: bool = False) -> str:
    """An interval, from and to."""
    return NOTHING if not interval else " to ".join(number(value, signed=signed) for value in interval)


def percent(share: Mapping[str, Any] | None, key: str = "mean") -> str:
    """A share in percent with its interval."""
    if not share or share[key] is None:
        return NOTHING
    found = f"{100 * share[key]:.1f} %"
    low_high = share["interval"]
    return f"{found} ({100 * low_high[0]:.1f} to {100 * low_high[1]:.1f})" if low_high else found


class Results:
    """Results, read by path; a figure may have a spread over seeds beside it."""

    def __init__(self, results: Mapping[str, Any]) -> None:
        self._results = results
        self._seeds = results.get(SEEDS, {})

    @property
    def seeds(self) -> int:
        """How many seeds the spread is over; 0 without any."""
        return int(self._seeds.get("results", 0))

    def get(self, path: str) -> Any:
        """What is at that path; None where nothing is."""
        return figure(self._results, path)

    def section(self, path: str) -> Mapping[str, Any]:
        """The mapping at that path, empty where nothing is."""
        found = self.get(path)
        return found if isinstance(found, Mapping) else {}

    def spread(self, path: str) -> list[str]:
        """A cell with mean ± standard deviation over the seeds; no cell at all without seeds."""
        if not self.seeds:
            return []
        found = self._seeds["figures"].get(path)
        return [NOTHING if found is None else f"{found['mean']:.3f} ± {found['sd']:.3f}"]

    @property
    def spread_header(self) -> list[str]:
        """The heading of such cells."""
        return [f"{self.seeds} seeds"] if self.seeds else []
