"""The conclusions that a corpus draws most often: in nearly the same words, by pairs of words, or as asked for.

Conclusions go in with their documents; out come texts with the documents that draw them and what they rest on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analyzer.overview.intervals import Estimate, estimate
from analyzer.overview.tables import Conclusions, Documents, Floats, Integers, Statement
from analyzer.overview.wording import Words, group_by_wording, read_words, shared_pairs, surface_of

MOST_REPEATED, MOST_PAIRS = 12, 12
# A conclusion of one document is not drawn often; a pair of words in fewer than these is a coincidence.
_LEAST_DOCUMENTS, _LEAST_FOR_PAIR = 2, 5
_MOST_OTHERS, _MOST_FOR_SURFACE = 3, 200


@dataclass(frozen=True)
class Drawn:
    """A conclusion with the documents that draw it: dependence by document, mean grounds (8,).

    `others` are further wordings, `n_groups` how many groups these documents belong to, `documents` their places, the
    one that depends most first, and `sentences` where each of them first draws it.
    """

    text: str
    others: list[str]
    documents: Integers
    sentences: Integers
    n_groups: int
    dependence: Estimate
    grounds: Floats


def drawn_often(conclusions: Conclusions, documents: Documents) -> tuple[list[Drawn], list[Drawn]]:
    """The conclusions of most documents by wording, and by pairs of words that they share."""
    words = read_words(str(text) for batch in conclusions.texts.chunks for text in batch.to_pylist())
    return _repeated(words, conclusions, documents), _sharing(words, conclusions, documents)


def stated(statements: Sequence[Statement], documents: Documents) -> list[Drawn]:
    """The phrases that were asked for, with the documents that state them."""
    return [
        _drawn(s.phrase, [], s.document, s.sentence, s.dependence, s.grounds, documents)
        for s in statements
        if len(s.document)
    ]


def _repeated(words: Words, conclusions: Conclusions, documents: Documents) -> list[Drawn]:
    groups = group_by_wording(words)
    order = np.lexsort((conclusions.document, groups))
    order = order[groups[order] >= 0]
    starts = np.unique(groups[order], return_index=True)[1]
    ends = np.append(starts[1:], len(order))
    # Only what several conclusions have in common can be common to several documents.
    several = [order[starts[k] : ends[k]] for k in np.flatnonzero(ends - starts >= _LEAST_DOCUMENTS)]
    counted = [(len(np.unique(conclusions.document[rows])), rows) for rows in several]
    often = sorted((c for c in counted if c[0] >= _LEAST_DOCUMENTS), key=lambda c: (-c[0], c[1][0]))
    return [_wording(conclusions, rows, documents) for _, rows in often[:MOST_REPEATED]]


def _wording(conclusions: Conclusions, rows: Integers, documents: Documents) -> Drawn:
    counts = Counter(conclusions.some_texts(rows))
    text, *others = sorted(counts, key=lambda text: (-counts[text], len(text), text))
    return _of_rows(text, others[:_MOST_OTHERS], conclusions, rows, documents)


def _sharing(words: Words, conclusions: Conclusions, documents: Documents) -> list[Drawn]:
    pairs = shared_pairs(words, conclusions.document, least=_LEAST_FOR_PAIR, most=MOST_PAIRS)
    return [
        _of_rows(
            surface_of(pair, conclusions.some_texts(pair.rows[:_MOST_FOR_SURFACE])),
            [],
            conclusions,
            pair.rows,
            documents,
        )
        for pair in pairs
    ]


def _of_rows(text: str, others: list[str], conclusions: Conclusions, rows: Integers, documents: Documents) -> Drawn:
    """What conclusions rest on: the mean over documents of the mean over the conclusions of each."""
    rows = rows[np.lexsort((conclusions.sentence[rows], conclusions.document[rows]))]
    distinct, first, which = np.unique(conclusions.document[rows], return_index=True, return_inverse=True)
    n = np.bincount(which)
    dependence = np.bincount(which, conclusions.dependence[rows]) / n
    grounds = np.stack([np.bincount(which, column) / n for column in conclusions.grounds[rows].T], axis=1)
    return _drawn(text, others, distinct, conclusions.sentence[rows[first]], dependence, grounds, documents)


def _drawn(
    text: str,
    others: list[str],
    rows: Integers,
    sentences: Integers,
    dependence: Floats,
    grounds: Floats,
    documents: Documents,
) -> Drawn:
    found = estimate(dependence)
    assert found is not None
    groups = documents.group[rows]
    order = np.lexsort((rows, -dependence))
    return Drawn(
        text=text,
        others=others,
        documents=rows[order],
        sentences=sentences[order],
        n_groups=len(np.unique(groups[groups >= 0])),
        dependence=found,
        grounds=grounds.mean(axis=0),
    )
