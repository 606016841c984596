"""Figures: the numbers of a text that tell something, as printed.

Years, dates, times, ages and the numbers of pages and sections are no figures, nor is a single digit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = re.compile(r"(\d[\d.,]*\d|\d)(\s?%|\s(?:percent|per cent)\b)?")
_MONTH = (
    r"(?:(?-i:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\b\.?)"
)
_NO_FIGURE = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}|\b{_MONTH}\s\d{{1,2}}(?!\d)|\b\d{{1,2}}[.:]\d\d\s?[ap]\.?m\b"
    r"|\b\d+[-\s]years?[-\s]olds?\b|\baged?\s(?:of\s)?\d+|(?<=[a-z], )\d\d(?=,)"
    r"|\b(?:(?:pages?|sections?|articles?|chapters?|clauses?|tables?|figures?|charts?|number)|nos?\.|pp?\.)\s\d[\d.]*",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
# A noun that a number counts. Not: 31 across the country, 31 less than.
_COUNTED = re.compile(
    r"\s((?!(?:across|always|cents|does|dollars|euros|less|minus|percentage|plus|points|pounds|this|towards|versus)\b)"
    r"(?:[a-z]{3,}s|people|men|women|children))\b"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as printed, without separators of thousands; `counted` is the plural noun behind it, or ""."""

    number: str
    is_share: bool
    counted: str = ""

    @property
    def is_telling(self) -> bool:
        """Whether it is hardly in two places by chance: a percentage, a fraction, or three digits."""
        return self.is_share or "." in self.number or len(self.number) > 2


def figures_of(text: str) -> dict[str, Figure]:
    """The figures of a text by their number."""
    text = _NO_FIGURE.sub(lambda found: " " * len(found[0]), text)
    figures = {}
    for found in _NUMBER.finditer(text):
        number = found[1].replace(",", "")
        if len(number) >= 2 and number.count(".") < 2 and not _YEAR.fullmatch(found[1]):
            counted = _COUNTED.match(text, found.end())
            figures[number] = Figure(number, bool(found[2]), counted[1] if counted else "")
    return figures
