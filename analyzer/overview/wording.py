"""Groups conclusions by wording: the same words or nearly the same, and pairs of words that many of them share.

In go the texts of conclusions; out come, for each, the number of its group, and for pairs the conclusions that hold
them. A conclusion is the set of its content words, stemmed; two belong together when most of both sets is shared and
either both or neither deny. MinHash signatures find those worth comparing, so that the work grows with the number of
conclusions and not with its square.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash, RMinHashLSH

from analyzer.statements import content_stem, is_denial, neighbours_in, words_of

# What stands for words without a stem of their own.
_FUNCTION_WORD, _DENIAL = -1, -2

Numbers = NDArray[np.int64]

# Content words that two conclusions share, among all that either has (Jaccard). Lower, and on labelled conclusions of
# 641 documents what merely begins alike ("It's time that …") ran together; higher, and an added clause parts them.
SIMILAR = 0.5
_PERMUTATIONS, _BANDS, _SEED = 64, 16, 1
# Groups compared with one conclusion; alike as they are, the first that fits is as good as any.
_MOST_CANDIDATES = 40
# A pair must stand together this many times as often as its words would by chance.
LEAST_LIFT = 4.0
# A pair whose documents are for the most part those of a pair listed before says nothing new.
_MOST_OVERLAP = 0.5


@dataclass(frozen=True)
class Words:
    """Content words of many texts: those of text k are `stems[starts[k]:starts[k + 1]]`, places in `vocabulary`."""

    stems: NDArray[np.int32]
    starts: Numbers
    denies: NDArray[np.bool_]
    vocabulary: list[str]

    def __iter__(self) -> Iterator[NDArray[np.int32]]:
        """The stems of each text."""
        return (self.stems[start:end] for start, end in pairwise(self.starts))


@dataclass(frozen=True)
class SharedPair:
    """Two stems that stand together in the conclusions `rows`."""

    stems: tuple[str, str]
    rows: Numbers


def read_words(texts: Iterable[str]) -> Words:
    """The content words of texts."""
    numbering = _Numbering()
    known = numbering.of_words
    numbers = array("i")
    starts = [0]
    for text in texts:
        numbers.extend(known[word] if word in known else numbering.add(word) for word in words_of(text))
        starts.append(len(numbers))
    every = np.frombuffer(numbers, np.int32) if numbers else np.empty(0, np.int32)
    kept = np.concatenate([[0], np.cumsum(every >= 0)])
    denials = np.concatenate([[0], np.cumsum(every == _DENIAL)])
    return Words(every[every >= 0], kept[starts], np.diff(denials[starts]) > 0, list(numbering.of_stems))


class _Numbering:
    """Numbers stems; words are looked up far more often than they are new, so each is stemmed once."""

    def __init__(self) -> None:
        self.of_words: dict[str, int] = {}
        self.of_stems: dict[str, int] = {}

    def add(self, word: str) -> int:
        stem = content_stem(word)
        if is_denial(word):
            number = _DENIAL
        elif stem is None:
            number = _FUNCTION_WORD
        else:
            number = self.of_stems.setdefault(stem, len(self.of_stems))
        self.of_words[word] = number
        return number


def group_by_wording(words: Words) -> Numbers:
    """The number of each text's group, from 0 in order of appearance; −1 for a text without content words."""
    placing = _Placing(words.vocabulary)
    known: dict[tuple[bytes, bool], int] = {}
    groups = []
    for stems, denies in zip(words, words.denies, strict=True):
        distinct = np.unique(stems)
        key = (distinct.tobytes(), bool(denies))
        if key not in known:
            known[key] = placing.place(frozenset(distinct.tolist()), bool(denies)) if len(distinct) else -1
        groups.append(known[key])
    return np.array(groups, dtype=np.int64)


class _Placing:
    """Finds for one set of stems after another the first group that is worded like it, or begins a new one."""

    def __init__(self, vocabulary: list[str]) -> None:
        self._vocabulary = vocabulary
        self._index = RMinHashLSH(threshold=SIMILAR, num_perm=_PERMUTATIONS, num_bands=_BANDS)
        self._leaders: list[tuple[frozenset[int], bool]] = []

    def place(self, stems: frozenset[int], denies: bool) -> int:
        signature = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
        signature.update([self._vocabulary[stem] for stem in stems])
        for candidate in sorted(self._index.query(signature))[:_MOST_CANDIDATES]:
            leader, leader_denies = self._leaders[candidate]
            shared = len(stems & leader)
            if denies == leader_denies and shared >= SIMILAR * (len(stems) + len(leader) - shared):
                return int(candidate)
        self._leaders.append((stems, denies))
        self._index.insert(len(self._leaders) - 1, signature)
        return len(self._leaders) - 1


def shared_pairs(words: Words, documents: Numbers, *, least: int, most: int) -> list[SharedPair]:
    """Up to `most` pairs of neighbouring content words that stand in the conclusions of at least `least` documents.

    `documents` is the document of each text. Pairs that more documents share come first.
    """
    text_of = np.repeat(np.arange(len(words.starts) - 1), np.diff(words.starts))
    neighbours = np.flatnonzero(text_of[:-1] == text_of[1:])
    pairs = words.stems[neighbours].astype(np.int64) << 32 | words.stems[neighbours + 1]
    n_occurrences = np.bincount(words.stems, minlength=len(words.vocabulary))
    found: list[tuple[SharedPair, set[int]]] = []
    for pair, rows in _by_documents(pairs, text_of[neighbours], documents, least):
        first, second = pair >> 32, pair & 0xFFFFFFFF
        among = set(documents[rows].tolist())
        by_chance = n_occurrences[first] * n_occurrences[second] / len(words.stems)
        is_word = all(len(words.vocabulary[stem]) > 1 for stem in (first, second))
        is_new = all(len(among & other) <= _MOST_OVERLAP * len(among) for _, other in found)
        if first != second and is_word and len(rows) >= LEAST_LIFT * by_chance and is_new:
            found.append((SharedPair((words.vocabulary[first], words.vocabulary[second]), rows), among))
        if len(found) == most:
            break
    return [pair for pair, _ in found]


def _by_documents(pairs: Numbers, rows: Numbers, documents: Numbers, least: int) -> Iterator[tuple[int, Numbers]]:
    """Pairs with the texts that hold them, those of most documents first, down to `least` documents."""
    order = np.argsort(pairs, kind="stable")
    pairs, rows = pairs[order], rows[order]
    distinct, starts = np.unique(pairs, return_index=True)
    ends = np.append(starts[1:], len(pairs))
    held = [(k, np.unique(rows[starts[k] : ends[k]])) for k in np.flatnonzero(ends - starts >= least)]
    counted = [(len(np.unique(documents[texts])), k, texts) for k, texts in held]
    for n_documents, k, texts in sorted(counted, key=lambda item: (-item[0], item[1])):
        if n_documents >= least:
            yield int(distinct[k]), texts


def surface_of(pair: SharedPair, texts: Iterable[str]) -> str:
    """The words that most of these texts have for a pair, with those between them: "rule of law"."""
    forms = Counter(form for text in texts for form in neighbours_in(text, pair.stems))
    return max(forms, key=lambda form: (forms[form], -len(form), form), default=" ".join(pair.stems))
