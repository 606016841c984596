"""The documents worth reading first: those at either end of a measure, of those long enough for it to mean something.

Documents go in; out come short lists of their places with the figure that put them there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyzer.overview.tables import Documents, Floats, Integers
from analyzer.render.plain import plain

MOST_LISTED = 5
# What a document must have before its share means something.
LEAST_CONCLUSIONS, LEAST_SENTENCES, LEAST_CLAIMS = 3, 10, 5


@dataclass(frozen=True)
class Listed:
    """A document with its figure; `of` is what the figure is a share or mean of."""

    row: int
    figure: float
    of: int


@dataclass(frozen=True)
class Telling:
    """A list of documents. `about` says what it shows of which documents, `noun` what their figure is over."""

    title: str
    about: str
    noun: str
    documents: list[Listed]


def telling(documents: Documents) -> list[Telling]:
    """The lists, each with up to `MOST_LISTED` documents; empty where none is long enough."""
    conclusions = documents.figures("n_conclusions")
    sentences = documents.figures("n_sentences")
    claims = documents.claims.sum(axis=1)
    d = np.where(conclusions >= LEAST_CONCLUSIONS, documents.dependence, np.nan)
    loaded = np.where(sentences >= LEAST_SENTENCES, documents.figures("loaded_share"), np.nan)
    unsourced = np.where(claims >= LEAST_CLAIMS, documents.figures("unsourced_share"), np.nan)
    argued = f"of documents with at least {LEAST_CONCLUSIONS} conclusions"
    return [
        Telling(
            "Highest dependence",
            f"Their conclusions rest on least; {argued}.",
            "conclusion",
            _top(documents, d, conclusions),
        ),
        Telling(
            "Lowest dependence",
            f"Their conclusions rest most on what is sourced; {argued}.",
            "conclusion",
            _top(documents, d, conclusions, lowest=True),
        ),
        Telling(
            "Most loaded",
            f"Sentences that are or may be in loaded framing; of documents with at least {LEAST_SENTENCES} sentences.",
            "sentence",
            _top(documents, loaded, sentences),
        ),
        Telling(
            "Most claims unsourced",
            f"Factual claims without a source; of documents with at least {LEAST_CLAIMS}.",
            "factual claim",
            _top(documents, unsourced, claims),
        ),
    ]


def _top(documents: Documents, figures: Floats, of: Floats | Integers, *, lowest: bool = False) -> list[Listed]:
    """The documents of the highest (or lowest) figure, of equal ones that with more to show; copies count once, and
    nothing is not the most of anything.
    """
    order = np.lexsort((-of, figures if lowest else -figures))
    listed: list[Listed] = []
    lengths = documents.figures("n_characters")
    seen = set()
    for row in order[: np.count_nonzero(~np.isnan(figures) if lowest else figures > 0)].tolist():
        title = plain(documents.text("title", row)).casefold()
        # Not by its day, since a copy may be printed later; a column has the same title every week.
        known_by = (title or row, round(figures[row], 3), lengths[row], tuple(documents.claims[row].tolist()))
        if known_by not in seen:
            seen.add(known_by)
            listed.append(Listed(row, float(figures[row]), int(of[row])))
        if len(listed) == MOST_LISTED:
            break
    return listed
