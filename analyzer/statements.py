"""Finds the sentences that state a given conclusion: `--conclusion "regulatory capture"`.

A sentence states it when it has every content word of the phrase, in any inflection or derivation ("the regulator
has been captured"), denies it where the phrase does and not otherwise, and does not ask.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import snowballstemmer

from analyzer.errors import AnalyzerError

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_FUNCTION_WORDS = frozenset((
    "a", "an", "and", "are", "as", "at", "be", "been", "being", "but", "by", "for", "from", "had", "has", "have",
    "he", "her", "his", "i", "in", "is", "it", "its", "of", "on", "or", "our", "she", "so", "than", "that", "the",
    "their", "them", "then", "there", "these", "they", "this", "those", "to", "was", "we", "were", "what", "which",
    "who", "will", "with", "would", "you", "your",
))  # fmt: skip
_DENIALS = frozenset((
    "not", "no", "never", "hardly", "neither", "nor", "nobody", "nothing", "without", "cannot",
))  # fmt: skip
# Words before a match in which a denial counts as denying it: before its first word ("never a case of regulatory
# capture"), and before any other ("the regulator has not been captured").
_DENIAL_REACH, _DENIAL_WITHIN = 4, 3
# What stands between a match and a denial after it: "regulatory capture it is not", "regulatory capture is a myth".
_BETWEEN = frozenset((
    "a", "been", "did", "do", "does", "had", "has", "have", "here", "is", "it", "just", "that", "this", "was", "were",
    "are", "be", "simply", "entirely", "plainly",
))  # fmt: skip
_FALSE = frozenset({"false", "fiction", "myth", "nonsense", "untrue"})
_NOT_DENIED = frozenset({"only", "just", "merely", "simply"})
_DENYING_PAIRS = frozenset({("anything", "but"), ("far", "from")})
_QUESTION = re.compile(r"\?\W*\Z")
# Derivations share this much of the shorter word's beginning: "regulatory" and "regulators", "captured" and "capture".
_SHARED_PREFIX, _LEAST_PREFIX = 0.7, 5
# What may follow that beginning: endings that make words of one another, not "international" of "internal".
_ENDINGS = frozenset((
    "", "s", "e", "es", "ed", "d", "ing", "ion", "ions", "or", "ors", "er", "ers", "r", "rs", "ory", "ories", "y",
    "ies", "ive", "ives", "al", "als", "ally", "ly", "ity", "ial", "ially", "ment", "ments", "ance", "ence", "ant",
    "ants", "ent", "ents", "ency", "ancy", "ure", "ures", "ist", "ists", "ism", "istic", "ic", "ics", "ical", "ically",
    "ise", "ize", "ised", "ized", "ising", "izing", "ation", "ations", "ative", "ary", "able", "ably", "ible", "ibly",
    "ous", "ness", "cy", "tic", "tics", "t", "te", "ted", "ting", "tion", "tions", "tor", "tors", "tory", "ship",
    "ful", "less",
))  # fmt: skip
_UNRELATED = frozenset({("police", "policy"), ("policy", "police")})


def find_statements(phrase: str, texts: Sequence[str]) -> list[int]:
    """Indices of the sentences that state the phrase; `AnalyzerError` when the phrase has no content word."""
    words = words_of(phrase)
    wanted = [word for word in words if word not in _FUNCTION_WORDS and not is_denial(word)]
    if not wanted:
        raise AnalyzerError(f"conclusion {phrase!r} has no word to look for; give the words that state it")
    denied = any(_denies(words, at) for at in range(len(words)))
    return [
        index
        for index, text in enumerate(texts)
        if not _QUESTION.search(text) and _states(words_of(text), wanted, denied=denied)
    ]


def content_stem(word: str) -> str | None:
    """The stem of a word as `words_of` gives it; None for a function word."""
    return None if word in _FUNCTION_WORDS else _stem(word)


def is_denial(word: str) -> bool:
    """Whether a word as `words_of` gives it denies."""
    return word in _DENIALS or word.endswith("n't")


def neighbours_in(text: str, stems: tuple[str, str]) -> Iterator[str]:
    """Where content words with these stems stand next to each other: the text from the first to the second."""
    found = [(match, word) for match in _WORD.finditer(text) for word in words_of(match.group())]
    content = [(match, word) for match, word in found if word not in _FUNCTION_WORDS and not is_denial(word)]
    for (first, first_word), (second, second_word) in pairwise(content):
        if (_stem(first_word), _stem(second_word)) == stems:
            yield text[first.start() : second.end()]


def _states(words: Sequence[str], wanted: Sequence[str], *, denied: bool) -> bool:
    places = [next((at for at, word in enumerate(words) if _same(word, want)), None) for want in wanted]
    found = [at for at in places if at is not None]
    if len(found) < len(wanted):
        return False
    reached = dict.fromkeys(found, _DENIAL_WITHIN) | {min(found): _DENIAL_REACH}
    before = (at - back for at, reach in reached.items() for back in range(1, min(reach, at) + 1))
    return (any(_denies(words, at) for at in before) or _denied_after(words, max(found) + 1)) == denied


def _denied_after(words: Sequence[str], at: int) -> bool:
    """Whether what ends before that place is denied by what follows: by a verb that is, as "is not" and "isn't"."""
    start = at
    while at < len(words) and words[at] in _BETWEEN:
        at += 1
    if at == len(words):
        return False
    return words[at].endswith("n't") or (at > start and (words[at] in _FALSE or _denies(words, at)))


def _denies(words: Sequence[str], at: int) -> bool:
    """Whether the word at that place denies, as "from" of "far from" does; "not only" does not."""
    if tuple(words[max(0, at - 1) : at + 1]) in _DENYING_PAIRS:
        return True
    return is_denial(words[at]) and _NOT_DENIED.isdisjoint(words[at + 1 : at + 2])


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, with straight apostrophes."""
    return _WORD.findall(unicodedata.normalize("NFC", text).lower().replace("’", "'"))


def _same(word: str, wanted: str) -> bool:
    if word == wanted or _stem(word) == _stem(wanted):
        return True
    shorter = min(len(word), len(wanted))
    shared = next((place for place in range(shorter) if word[place] != wanted[place]), shorter)
    if shared < max(_LEAST_PREFIX, int(_SHARED_PREFIX * shorter + 0.5)):
        return False
    return {word[shared:], wanted[shared:]} <= _ENDINGS and (word[:6], wanted[:6]) not in _UNRELATED


_STEMMER = snowballstemmer.stemmer("english")


@lru_cache(maxsize=4096)
def _stem(word: str) -> str:
    return str(_STEMMER.stemWord(word))
