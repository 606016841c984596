"""Tells whether a text reads as English, which is all the model was taught.

The share of function words tells it without a language model: English prose has over a quarter of them, text in
other languages next to none.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+")
_FUNCTION_WORDS = frozenset((
    "the", "of", "and", "to", "in", "a", "is", "that", "for", "it", "as", "was", "with", "be", "by", "on", "not",
    "he", "his", "but", "at", "are", "this", "have", "from", "or", "had", "they", "which", "an", "were", "we",
    "their", "been", "has", "will", "would", "there", "if", "more", "when", "who", "so", "no", "said", "can", "its",
    "about", "up", "out", "what", "than", "them", "could",
))  # fmt: skip
# Lowest share in 641 English news articles and editorials: 0.22; samples of German, French, Spanish, Dutch: to 0.13.
_LEAST_SHARE = 0.17
_LEAST_WORDS = 20
# How the warnings begin.
NOT_ENGLISH = ("is not written in Latin letters", "does not read as English")
_SAMPLE_CHARACTERS = 20_000


def _is_foreign(character: str) -> bool:
    """Whether it is a letter beyond the Latin alphabets."""
    return character > "\u024f" and character.isalpha()


def language_warning(text: str) -> str | None:
    """A warning when the text does not read as English; None when it does or is too short to tell."""
    sample = text[:_SAMPLE_CHARACTERS]
    letters = sum(map(str.isalpha, sample))
    # Chinese and Japanese write no spaces, so that words cannot be counted.
    if letters >= _LEAST_WORDS and sum(map(_is_foreign, sample)) > letters / 2:
        return f"{NOT_ENGLISH[0]}, as English is: the model knows only English, so take no label at its word"
    words = [word.lower() for word in _WORD.findall(sample)]
    if len(words) < _LEAST_WORDS:
        return None
    share = sum(word in _FUNCTION_WORDS for word in words) / len(words)
    if share >= _LEAST_SHARE:
        return None
    return (
        f"{NOT_ENGLISH[1]} ({100 * share:.0f}% function words, English prose has over 20%): "
        "the model knows only English, so take no label at its word"
    )
