"""Raised characters, the marks of notes and exponents, which would run into the word or the figure before them.

In goes what is raised, out comes what says the same without markup.
"""

from __future__ import annotations

import re

_SIGNS = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_FIGURES = re.compile(r"[+−-]?\d[\d,–-]{0,11}")
_MARK = re.compile(r"\d{1,3}|[a-z]|[*†‡§¶]{1,3}")
_LETTER = re.compile(r"[a-z]")
# Not the ends of ordinals and titles: "XIXᵉ", "Mᵉ"; nor the power in "xⁿ".
_BEFORE_MARK = re.compile(r"(?:\d|[^\W\d_][a-z]{2})\Z")


def as_text(raised: str, before: str, *, is_link: bool) -> str:
    """`12¹` and `10⁶` for figures, `12[1]` for a link to a note, `1.1[a]` for a letter behind a figure or a word;
    ordinals and all else as it is.

    `before` is what stands before it.
    """
    text = raised.strip()
    if is_link and _MARK.fullmatch(text):
        return raised.replace(text, f"[{text}]")
    if _FIGURES.fullmatch(text):
        return raised.translate(_SIGNS)
    if _LETTER.fullmatch(text) and _BEFORE_MARK.search(before[-3:]):
        return raised.replace(text, f"[{text}]")
    return raised
