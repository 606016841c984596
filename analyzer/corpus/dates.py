"""Days of publication as archives write them. In goes a text, out comes a day, or why it names none."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

from dateutil import parser

_MONTH = re.compile(r"\d{4}-\d{2}")
_BASIC = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{6})?")
# With the year first, the month comes next, whatever lies between them.
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}")
_EPOCH_START = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FIRST_YEAR, _LAST_YEAR = 1600, 2100
# A part of the date that is missing takes its value from these, and gives itself away by being different.
_DEFAULTS = datetime(2001, 1, 1), datetime(2004, 2, 2)


def day_of(text: str) -> tuple[date | None, str | None]:
    """The day, as written (no time zone is applied), and a note when there is none, or not a whole one.

    Reads ISO 8601, what people and mail programs write ("March 3, 2016"), and seconds or milliseconds since 1970.
    """
    text = text.strip()
    try:
        if _MONTH.fullmatch(text):
            return date.fromisoformat(f"{text}-01"), f"date {text!r} names no day; taken as the first of the month"
        if numbers := _BASIC.fullmatch(text) or _YEAR_FIRST.match(text):
            return _published(date(*map(int, numbers.groups())))
        if _EPOCH.fullmatch(text):
            seconds = float(text) / (1000 if len(text) > 11 and "." not in text else 1)
            return _published((_EPOCH_START + timedelta(seconds=seconds)).date())
        found = {
            parser.parse(text, default=default, dayfirst=day_first, ignoretz=True).date()
            for default in _DEFAULTS
            for day_first in (False, True)
        }
    except (ValueError, OverflowError, TypeError):
        return None, f"date {text[:40]!r} is not readable; write it as 2016-03-31"
    if len(found) > 1:
        return None, f"date {text[:40]!r} could be more than one day; write it as 2016-03-31"
    return _published(found.pop())


def _published(day: date) -> tuple[date | None, str | None]:
    """The day, if something can have been published on it: archives write 0001-01-01 or 9999-12-31 for none."""
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return None, f"date {day.isoformat()} is no day of publication; taken for none"
    return day, None
