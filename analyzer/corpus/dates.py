"""Days of publication as archives write them. In goes a text, out comes a day, or why it names none."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

from dateutil import parser

_MONTH = re.compile(r"\d{4}-\d{2}")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)")
_BASIC = re.compile(r"\d{8}")
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}")
_EPOCH_START = datetime(1970, 1, 1, tzinfo=timezone.utc)
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
        if _ISO.match(text):
            return date.fromisoformat(text[:10]), None
        if _BASIC.fullmatch(text):
            return date(int(text[:4]), int(text[4:6]), int(text[6:])), None
        if _EPOCH.fullmatch(text):
            seconds = float(text) / (1000 if len(text) > 11 and "." not in text else 1)
            return (_EPOCH_START + timedelta(seconds=seconds)).date(), None
        found = {
            parser.parse(text, default=default, dayfirst=day_first).date()
            for default in _DEFAULTS
            for day_first in (False, True)
        }
    except (ValueError, OverflowError, TypeError):
        return None, f"date {text[:40]!r} is not readable; write it as 2016-03-31"
    if len(found) > 1:
        return None, f"date {text[:40]!r} could be more than one day; write it as 2016-03-31"
    return found.pop(), None
