"""Finds the sentences that state a given conclusion: `--conclusion "regulatory capture"`.

A sentence states it when it has every content word of the phrase, in any inflection or derivation ("the regulator
has been captured"), and does not deny it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import snowballstemmer

from analyzer.errors import AnalyzerError

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_FUNCTION_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "been",
        "being",
        "but",
        "by",
        "for",
        "from",
        "had",
        "has",
        "have",
        "he",
        "her",
        "his",
        "i",
        "in",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "our",
        "she",
        "so",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "was",
        "we",
        "were",
        "what",
        "which",
        "who",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)
_DENIALS = frozenset(
    [
        "not",
        "no",
        "never",
        "hardly",
        "neither",
        "nor",
        "without",
        "isn't",
        "wasn't",
        "aren't",
        "cannot",
        "can't",
        "doesn't",
        "didn't",
    ]
)
# Words before a match in which a denial counts as denying it.
_DENIAL_REACH = 4
# Derivations share this much of the shorter word's beginning: "regulatory" and "regulators", "captured" and "capture".
_SHARED_PREFIX, _LEAST_PREFIX = 0.7, 5


def find_statements(phrase: str, texts: Sequence[str]) -> list[int]:
    """Indices of the sentences that state the phrase; `AnalyzerError` when the phrase has no content word."""
    wanted = [word for word in _words(phrase) if word not in _FUNCTION_WORDS]
    if not wanted:
        raise AnalyzerError(f"conclusion {phrase!r} has no word to look for; give the words that state it")
    return [index for index, text in enumerate(texts) if _states(_words(text), wanted)]


def _states(words: Sequence[str], wanted: Sequence[str]) -> bool:
    places = [next((at for at, word in enumerate(words) if _same(word, want)), None) for want in wanted]
    found = [at for at in places if at is not None]
    if len(found) < len(wanted):
        return False
    first = min(found)
    return not any(word in _DENIALS for word in words[max(0, first - _DENIAL_REACH) : first])


def _words(text: str) -> list[str]:
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]


def _same(word: str, wanted: str) -> bool:
    if word == wanted or _stem(word) == _stem(wanted):
        return True
    shorter = min(len(word), len(wanted))
    needed = max(_LEAST_PREFIX, int(_SHARED_PREFIX * shorter + 0.5))
    return shorter >= needed and word[:needed] == wanted[:needed]


_STEMMER = snowballstemmer.stemmer("english")


@lru_cache(maxsize=4096)
def _stem(word: str) -> str:
    return str(_STEMMER.stemWord(word))
