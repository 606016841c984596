"""Days of publication as archives write them. In goes a text, out comes a day, or why it names none.

Whether 3/4/2016 is in March or in April shows only beside others of its column: `order_of` looks at many, `day_of` is
told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from typing import Literal

from dateutil import parser

DateOrder = Literal["day first", "month first"]

# What pandas writes for an integer in a column that has gaps.
_WHOLE_NUMBER = re.compile(r"(\d+)\.0")
_BASIC = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{6})?")
# To the hour or the minute, it has as many digits as the seconds or milliseconds since 1970.
_BASIC_TIME = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:[01]\d|2[0-3])(?:[0-5]\d)?")
# With the year first, the month comes next, whatever lies between them.
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
# A year of two digits may come first where hyphens are, as in ISO 8601 before 2000; elsewhere it comes last.
_TWO_DIGITS = re.compile(r"\W?\d\d?-\d\d?-\d\d?(?!\d)")
_YEAR_LAST = re.compile(r"(\d\d?)(?:([/.])(\d\d?)\2(?:\d{4}|\d\d)|-(\d\d?)-\d{4})(?!\d)")
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}")
_EPOCH_START = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FIRST_YEAR, _LAST_YEAR = 1600, 2100
# A part of the date that is missing takes its value from these, and gives itself away by being different.
_DEFAULTS = datetime(2001, 1, 1), datetime(2004, 2, 2)


def order_of(texts: Iterable[str]) -> DateOrder | None:
    """The order of day and month in dates such as 31/3/2016; None where nothing settles it, or they disagree."""
    found: set[DateOrder] = set()
    for text in texts:
        if numbers := _YEAR_LAST.match(text.strip()):
            first, second = int(numbers[1]), int(numbers[3] or numbers[4])
            if second <= 12 < first <= 31:
                found.add("day first")
            elif first <= 12 < second <= 31:
                found.add("month first")
    return found.pop() if len(found) == 1 else None


def day_of(text: str, order: DateOrder | None = None) -> tuple[date | None, str | None]:
    """The day, as written (no time zone is applied), and a note when there is none, or not a whole one.

    Reads ISO 8601, what people and mail programs write ("March 3, 2016"), and seconds or milliseconds since 1970.
    `order` is that of its column: without one, 3/4/2016 is no day; a date that contradicts it has a note.
    """
    text = text.strip()
    if whole := _WHOLE_NUMBER.fullmatch(text):
        text = whole[1]
    try:
        if numbers := _BASIC.fullmatch(text) or _YEAR_FIRST.match(text):
            return _published(date(*map(int, numbers.groups())))
        if _EPOCH.fullmatch(text):
            return _of_digits(text)
        found = {
            parser.parse(text, default=default, dayfirst=day_first, yearfirst=year_first, ignoretz=True).date()
            for default in _DEFAULTS
            for day_first in ((False, True) if order is None else (order == "day first",))
            for year_first in {False, bool(_TWO_DIGITS.match(text))}
        }
    except (ValueError, OverflowError, TypeError):
        return None, f"date {text[:40]!r} is not readable; write it as 2016-03-31"
    day = min(found)
    named = f"date {text[:40]!r}"
    if len(found) == 1:
        contradicts = order is not None and order_of([text]) not in (order, None)
        return _published(day, f"{named} is not {order}, as its column is; taken as {day}" if contradicts else None)
    if len({(other.year, other.month) for other in found}) == 1:
        return _published(day.replace(day=1), f"{named} names no day; taken as the first of the month")
    if found == {default.date().replace(year=day.year) for default in _DEFAULTS}:
        return None, f"{named} names no month; write it as 2016-03-31"
    return None, f"{named} could be more than one day; write it as 2016-03-31"


def _of_digits(text: str) -> tuple[date | None, str | None]:
    """The day of a time in digits alone: as it is written, else since 1970."""
    seconds = float(text) / (1000 if len(text) > 11 and "." not in text else 1)
    since_1970 = (_EPOCH_START + timedelta(seconds=seconds)).date()
    if numbers := _BASIC_TIME.fullmatch(text):
        with suppress(ValueError):
            day = date(*map(int, numbers.groups()))
            # Read as seconds, ten such digits are in 2030 or later; read as milliseconds, twelve are in 1976.
            note = f"date {text!r} could be more than one day; taken as {day.isoformat()}" if len(text) == 12 else None
            return day, note
    return _published(since_1970)


def _published(day: date, note: str | None = None) -> tuple[date | None, str | None]:
    """The day, if something can have been published on it: archives write 0001-01-01 or 9999-12-31 for none."""
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return None, f"date {day.isoformat()} is no day of publication; taken for none"
    return day, note
