"""Marked words: from a probability for every token to spans of whole words.

In go the tokens of a sentence with their places and probabilities, out come spans with offsets into the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

# The likeliest word of a run must be this probable: runs that never are were mostly stray "the" and "on".
LEAST_PEAK = 0.5
# A letter may have accents of their own after it; underscores around a word are marks.
_LETTERS = r"(?:[^\W_][\u0300-\u036f]*)+"
# An abbreviation such as U.S. has its last full stop, and so has "Jr." with more to follow.
_WORD = re.compile(
    r"(?:[^\W\d_]\.){2,}(?!\w)|\b(?:Jr|Sr|Inc|Corp|Co|Ltd|Esq)\.(?=[\s,;)]+\S)"
    rf"|@?{_LETTERS}(?:(?:[-'’.,]|_+){_LETTERS})*|\S"
)
_CLOSING = {"(": ")", "[": "]", "“": "”", '"': '"'}


@dataclass(frozen=True)
class SentenceTokens:
    """The tokens of one sentence: `offsets` (t, 2) in code points into it, `probabilities` (t, labels) to be marked."""

    offsets: NDArray[np.int64]
    probabilities: Array


@dataclass(frozen=True, slots=True)
class MarkedWords:
    """`text[start:end]` of a sentence, and the probability of its most probable word."""

    start: int
    end: int
    probability: float


def span_threshold(label: str) -> str:
    """The name under which a span label's threshold stands in the settings of a model."""
    return f"spans.{label}"


def words_of(text: str) -> list[tuple[int, int]]:
    """Start and end of every word and every mark of a sentence; what hyphens and apostrophes join is one word."""
    return [match.span() for match in _WORD.finditer(text)]


def word_probabilities(words: Sequence[tuple[int, int]], tokens: SentenceTokens) -> Array:
    """Probabilities (words, span labels): the mean over the tokens of a word, 0 for a word that was cut off."""
    starts = np.array([start for start, _ in words], dtype=np.int64)
    found = np.zeros((len(words), tokens.probabilities.shape[1]), dtype=np.float32)
    counts = np.zeros((len(words), 1), dtype=np.float32)
    if len(words):
        of_token = np.maximum(np.searchsorted(starts, tokens.offsets[:, 0], side="right") - 1, 0)
        np.add.at(found, of_token, tokens.probabilities)
        np.add.at(counts, of_token, 1.0)
    return np.asarray(found / np.maximum(counts, 1.0), dtype=np.float32)


def marked_words(
    text: str, words: Sequence[tuple[int, int]], probabilities: Array, threshold: float, peak: float = LEAST_PEAK
) -> list[MarkedWords]:
    """Runs of words whose probability (words,) reaches the threshold, without the punctuation at their ends, but with
    what closes a bracket or a quotation inside, or right behind.

    At least one word of a run must reach `peak`; the threshold says how far the run goes from there (hysteresis
    thresholding, Canny 1986).
    """
    if not (probabilities >= threshold).any():
        return []
    spans = []
    run: list[int] = []
    for place in range(len(words) + 1):
        if place < len(words) and probabilities[place] >= threshold:
            run.append(place)
            continue
        kept = run[_without_ends([text[slice(*words[k])] for k in run])]
        if kept and max(probabilities[kept]) >= peak:
            closing = _closing([text[slice(*words[k])] for k in kept])
            start, end = words[kept[0]][0], words[kept[-1]][1]
            end += len(closing) * (closing != "" and text.startswith(closing, end))
            spans.append(MarkedWords(start, end, float(max(probabilities[kept]))))
        run = []
    return spans


def _without_ends(run: Sequence[str]) -> slice:
    """Which words of a run are marked: from its first word to its last, and marks that open or close a pair with one
    between them.
    """
    is_word = [place for place, word in enumerate(run) if word[0].isalnum() or (word[0] == "@" and len(word) > 1)]
    if not is_word:
        return slice(0)
    first, last = is_word[0], is_word[-1]
    opened: list[int] = []
    for place, word in enumerate(run):
        if opened and word == _CLOSING[run[opened[-1]]]:
            opener = opened.pop()
            # With neither of them between words, they enclose the whole run.
            if opener > is_word[0] or place < is_word[-1]:
                first, last = min(first, opener), max(last, place)
        elif word in _CLOSING:
            opened.append(place)
    return slice(first, last + 1)


def _closing(run: Sequence[str]) -> str:
    """The mark that closes the last pair which a run leaves open; "" where it leaves none."""
    opened: list[str] = []
    for word in run:
        if opened and word == _CLOSING[opened[-1]]:
            opened.pop()
        elif word in _CLOSING:
            opened.append(word)
    return _CLOSING[opened[-1]] if opened else ""


def sigmoid(x: Array) -> Array:
    """Probabilities from logits, without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)), dtype=np.float32)
