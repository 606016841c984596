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
_WORD = re.compile(r"\w+(?:[-'’.,]\w+)*|\S")


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
    """Runs of words whose probability (words,) reaches the threshold, without the punctuation at their ends.

    At least one word of a run must reach `peak`; the threshold says how far the run goes from there (hysteresis
    thresholding, Canny 1986).
    """
    if not (probabilities >= threshold).any():
        return []
    spans = []
    is_word = [text[start:end][0].isalnum() for start, end in words]
    run: list[int] = []
    for place in range(len(words) + 1):
        if place < len(words) and probabilities[place] >= threshold:
            run.append(place)
            continue
        while run and not is_word[run[0]]:
            del run[0]
        while run and not is_word[run[-1]]:
            run.pop()
        if run and max(probabilities[run]) >= peak:
            spans.append(MarkedWords(words[run[0]][0], words[run[-1]][1], float(max(probabilities[run]))))
        run = []
    return spans


def sigmoid(x: Array) -> Array:
    """Probabilities from logits, without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)), dtype=np.float32)
