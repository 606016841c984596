"""The corpus in slices: by group and by month, quarter or year, each with its figures and how sure they are.

Documents go in, slices come out, with remarks in words on those too small to be compared.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyzer.overview.intervals import LEAST_TO_COMPARE, WIDEST_TO_COMPARE, Estimate, estimate
from analyzer.overview.tables import Documents, Floats, Integers

# The measures of a slice: the column it is a mean of, and what it is called.
MEASURES = {
    "dependence": "Dependence",
    "unsourced_share": "Unsourced claims",
    "loaded_share": "Loaded or possibly",
}
# What a document must have for the measure to exist.
_COUNTED = {"dependence": "with a conclusion", "unsourced_share": "with a factual claim", "loaded_share": "in all"}
_UNITS = ("month", "quarter", "year")
# More periods than this make a chart of dots; fewer documents than this a period, and it shows noise.
_MOST_PERIODS, _TYPICAL_PERIOD = 40, 10
# From this many documents on, days far from those of all but this share at either end are taken for mistakes.
_LEAST_FOR_STRAYS, _MOST_STRAYS = 20, 0.01

# Authors or addresses may be the groups, tens of thousands of them; those of fewest documents say nothing anyway.
MOST_GROUPS = 200


@dataclass(frozen=True)
class Slice:
    """Some documents: `estimates` by measure (None where no document has it), mean grounds (8,) and claims (4,).

    `starts` is the first day of a period; None for a group.
    """

    name: str
    n_documents: int
    estimates: dict[str, Estimate | None]
    grounds: Floats | None
    claims: Integers
    starts: datetime.date | None = None


@dataclass(frozen=True)
class Periods:
    """The corpus over time by `unit` (month, quarter or year), periods without documents included.

    Documents without a date, and those of days far from all others, are counted and in no slice.
    """

    unit: str
    slices: list[Slice]
    n_undated: int
    n_far: int


def slice_of(documents: Documents, rows: Integers, name: str, starts: datetime.date | None = None) -> Slice:
    """The slice of some documents, given by their places."""
    estimates = {measure: estimate(documents.figures(measure)[rows]) for measure in MEASURES}
    scored = rows[~np.isnan(documents.dependence[rows])]
    return Slice(
        name=name,
        n_documents=len(rows),
        estimates=estimates,
        grounds=documents.grounds[scored].mean(axis=0) if len(scored) else None,
        claims=documents.claims[rows].sum(axis=0),
        starts=starts,
    )


def by_group(documents: Documents, *, most: int = MOST_GROUPS) -> list[Slice]:
    """One slice a group, up to `most`, that of most documents first; none where the corpus has fewer than two."""
    if len(documents.group_names) < 2:
        return []
    parts = [(code, rows) for code, rows in _rows_by_code(documents.group) if code >= 0]
    parts.sort(key=lambda part: (-len(part[1]), documents.group_names[part[0]]))
    return [slice_of(documents, rows, documents.group_names[code]) for code, rows in parts[:most]]


def by_period(documents: Documents) -> Periods | None:
    """The corpus over time, in the finest unit that leaves enough documents in most periods.

    None where the documents have no dates, or all fall into one month.
    """
    every = np.flatnonzero(~np.isnat(documents.days))
    dated = every[~_are_far(documents.days[every])]
    unit = _unit_for(documents.days[dated])
    if unit is None:
        return None
    periods = _periods(documents.days[dated], unit)
    rows_of = dict(_rows_by_code(periods))
    slices = []
    for period in range(int(periods.min()), int(periods.max()) + 1):
        rows = dated[rows_of.get(period, np.empty(0, np.int64))]
        slices.append(slice_of(documents, rows, _period_name(period, unit), _first_day(period, unit)))
    return Periods(unit, slices, len(documents) - len(every), len(every) - len(dated))


def trend_of(documents: Documents, rows: Integers, over: Periods) -> list[Slice]:
    """Some documents in the periods of the corpus."""
    rows = rows[~np.isnat(documents.days[rows])]
    periods = _periods(documents.days[rows], over.unit)
    rows_of = dict(_rows_by_code(periods))
    first = _periods(np.array([over.slices[0].starts], "datetime64[D]"), over.unit)[0]
    empty = np.empty(0, np.int64)
    return [
        slice_of(documents, rows[rows_of.get(int(first) + k, empty)], part.name, part.starts)
        for k, part in enumerate(over.slices)
    ]


def remarks(slices: Sequence[Slice], *, most: int = 8) -> list[str]:
    """By measure, which slices cannot be compared, and why; for each reason the first `most` by name."""
    found = []
    for measure, words in MEASURES.items():
        reasons = [_listed(few, most) for few in _too_small(slices, measure)]
        if any(reasons):
            found.append(f"{words}: {'; '.join(filter(None, reasons))}.")
    return found


def _too_small(slices: Sequence[Slice], measure: str) -> tuple[list[str], list[str]]:
    """Names with the number that tells against them: too few documents, or too wide an interval."""
    few, wide = ["too few documents " + _COUNTED[measure]], ["interval too wide"]
    for part in slices:
        found = part.estimates[measure]
        n = found.n if found else 0
        if n < LEAST_TO_COMPARE:
            few.append(f"{part.name} ({n})")
        elif found and found.width is not None and found.width > WIDEST_TO_COMPARE:
            wide.append(f"{part.name} ({found.width:.2f} from {n})")
    return few, wide


def _listed(reason: list[str], most: int) -> str:
    what, *names = reason
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{what}: {', '.join(names[:most])}{more}" if names else ""


def _rows_by_code(codes: Integers) -> Iterable[tuple[int, Integers]]:
    order = np.argsort(codes, kind="stable")
    distinct, starts = np.unique(codes[order], return_index=True)
    return zip(distinct.tolist(), np.split(order, starts[1:]), strict=True) if len(codes) else ()


def _are_far(days: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Which days lie as far from the middle ones as these from each other, and a year at the least: 1970-01-01, which
    often stands for none, would make a chart of months one of years, nearly all of them empty.
    """
    if len(days) < _LEAST_FOR_STRAYS:
        return np.zeros(len(days), dtype=np.bool_)
    numbers = days.astype(np.int64)
    ordered = np.sort(numbers)
    strays = math.ceil(_MOST_STRAYS * len(days))
    first, last = ordered[strays], ordered[-1 - strays]
    room = max(last - first, 366)
    return np.asarray((numbers < first - room) | (numbers > last + room))


def _unit_for(days: NDArray[np.datetime64]) -> str | None:
    fitting = []
    for unit in _UNITS:
        periods = _periods(days, unit)
        if not len(periods) or periods.min() == periods.max():
            continue
        fitting.append(unit)
        if periods.max() - periods.min() < _MOST_PERIODS:
            counts = np.bincount(periods - periods.min())
            if np.median(counts) >= _TYPICAL_PERIOD:
                return unit
    return fitting[-1] if fitting else None


def _periods(days: NDArray[np.datetime64], unit: str) -> Integers:
    """The number of each day's period, counted in that unit from 1970."""
    if unit == "year":
        return days.astype("datetime64[Y]").astype(np.int64)
    months = days.astype("datetime64[M]").astype(np.int64)
    return months if unit == "month" else months // 3


def _first_day(period: int, unit: str) -> datetime.date:
    months = period * {"month": 1, "quarter": 3, "year": 12}[unit]
    return datetime.date(1970 + months // 12, months % 12 + 1, 1)


def _period_name(period: int, unit: str) -> str:
    first = _first_day(period, unit)
    if unit == "year":
        return str(first.year)
    return f"{first:%b %Y}" if unit == "month" else f"Q{(first.month + 2) // 3} {first.year}"
