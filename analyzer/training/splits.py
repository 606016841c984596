"""Divides labelled documents: what belongs together (a document, a text met twice) never stands on both sides.

In go documents, out come numbers of groups and folds with about the same share of every label.
"""

from __future__ import annotations

import random
import warnings
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from analyzer.errors import AnalyzerError
from analyzer.schema import HeadKind, LabelSchema
from analyzer.shared_text import FURNITURE, telling_keys
from analyzer.training.data import LabelledDocument

_MOST_PARTS = 20


def groups_of(documents: Sequence[LabelledDocument]) -> NDArray[np.int64]:
    """The number of each document's group (documents,): documents that share a text are of one group.

    A text counts from 60 characters on if it is no furniture of a site, that of a document of one sentence always.
    """
    keys = [telling_keys(document.texts) for document in documents]
    often = Counter(key for of_document in keys for key in of_document)
    group = list(range(len(documents)))

    def top(number: int) -> int:
        while group[number] != number:
            group[number] = group[group[number]]
            number = group[number]
        return number

    first: dict[str, int] = {}
    for number, (document, of_document) in enumerate(zip(documents, keys, strict=True)):
        for key in sorted(of_document):
            if often[key] < FURNITURE or len(document.texts) == 1:
                group[top(number)] = top(first.setdefault(key, number))
    return np.array([top(number) for number in range(len(documents))], dtype=np.int64)


def hold_out(
    documents: Sequence[LabelledDocument], share: float, *, seed: int
) -> tuple[list[LabelledDocument], list[LabelledDocument]]:
    """Split documents into (kept, held out), whole groups at a time and at most that share of them."""
    groups: dict[int, list[int]] = {}
    for place, number in enumerate(groups_of(documents).tolist()):
        groups.setdefault(number, []).append(place)
    shuffled = sorted(groups.values(), key=lambda group: min(documents[place].id for place in group))
    random.Random(seed).shuffle(shuffled)
    held: set[int] = set()
    for group in shuffled:
        if len(held) + len(group) <= share * len(documents):
            held.update(group)
    kept = [document for place, document in enumerate(documents) if place not in held]
    return kept, [documents[place] for place in sorted(held)]


def folds_of(
    documents: Sequence[LabelledDocument], schema: LabelSchema, n_folds: int, *, seed: int
) -> NDArray[np.int64]:
    """The fold of each document (documents,), 0 to n_folds - 1: whole groups, labels spread as evenly as can be."""
    groups = groups_of(documents)
    n_groups = len(set(groups.tolist()))
    if n_groups < 2:
        raise AnalyzerError("all documents share a text: give others, so that some can be held out")
    n_folds = min(n_folds, n_groups)
    of_sentence = np.concatenate([np.full(len(d.texts), k) for k, d in enumerate(documents)])
    strata = np.concatenate([_strata(document, schema) for document in documents])
    _, strata = np.unique(strata, return_inverse=True)
    splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    folds = np.zeros(len(documents), dtype=np.int64)
    enough = np.bincount(strata).max() >= n_folds
    rows = np.zeros(len(strata))
    y = strata if enough else np.zeros_like(strata)
    with warnings.catch_warnings():
        # That a rare mix of labels cannot be in every fold is as it must be.
        warnings.filterwarnings("ignore", message="The least populated class")
        for number, (_, held) in enumerate(splitter.split(rows, y, groups[of_sentence])):
            folds[of_sentence[held]] = number
    return folds


def hold_out_share(
    documents: Sequence[LabelledDocument], schema: LabelSchema, share: float, *, seed: int
) -> NDArray[np.bool_]:
    """Which documents (documents,) make about `share` of all, in whole groups with labels as in the whole."""
    parts = max(Fraction(share).limit_denominator(_MOST_PARTS), Fraction(1, _MOST_PARTS))
    folds = folds_of(documents, schema, parts.denominator, seed=seed)
    # Folds are of uneven size, and as few as there are documents: so many of them as come nearest, but not all.
    shares = np.cumsum(np.bincount(folds))[:-1] / len(documents)
    return np.asarray(folds <= np.abs(shares - share).argmin())


def _strata(document: LabelledDocument, schema: LabelSchema) -> NDArray[np.str_]:
    """What each sentence is labelled (sentences,), in one word; marked words count as yes or no."""
    words = [""] * len(document.texts)
    for head in schema.heads:
        if head.kind is HeadKind.SPAN:
            inside = {place[0] for label in head.labels for place in document.spans.get(label, ())}
            words = [f"{word} {int(index in inside)}" for index, word in enumerate(words)]
        elif head.name in document.labels:
            rows = document.labels[head.name].reshape(len(words), -1).tolist()
            words = [f"{word} {row}" for word, row in zip(words, rows, strict=True)]
    return np.array(words)
