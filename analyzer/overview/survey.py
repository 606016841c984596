"""Everything that an overview tells, found in the tables of a scored corpus, before it is put into words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyzer.overview.drawn import Drawn, drawn_often, stated
from analyzer.overview.intervals import LEAST_TO_COMPARE
from analyzer.overview.slices import Periods, Slice, by_group, by_period, slice_of, trend_of
from analyzer.overview.tables import Documents, ScoredCorpus
from analyzer.overview.telling import Telling, telling

# Groups whose course over time is drawn: the largest ones, if most of their periods say something.
_MOST_TRENDS = 6
# Documents named beside a conclusion that many draw.
MOST_EXAMPLES = 3


@dataclass(frozen=True)
class Survey:
    """What was found; `groups` is empty and `periods` None where the corpus has no groups or dates to compare."""

    documents: Documents
    whole: Slice
    groups: list[Slice]
    periods: Periods | None
    trends: list[tuple[str, list[Slice]]]
    repeated: list[Drawn]
    sharing: list[Drawn]
    stated: list[Drawn]
    telling: list[Telling]

    def mentioned(self) -> list[int]:
        """The places of all documents that the page names, each once, in its order."""
        drawn = [int(row) for d in (*self.stated, *self.repeated) for row in d.documents[:MOST_EXAMPLES]]
        return list(dict.fromkeys([*drawn, *(listed.row for told in self.telling for listed in told.documents)]))


def survey(corpus: ScoredCorpus) -> Survey:
    """Look through the tables of a corpus."""
    documents = corpus.documents
    groups = by_group(documents)
    periods = by_period(documents)
    repeated, sharing = drawn_often(corpus.conclusions, documents)
    return Survey(
        documents=documents,
        whole=slice_of(documents, np.arange(len(documents)), "all"),
        groups=groups,
        periods=periods,
        trends=_trends(documents, groups, periods),
        repeated=repeated,
        sharing=sharing,
        stated=stated(corpus.statements, documents),
        telling=telling(documents),
    )


def _trends(documents: Documents, groups: list[Slice], periods: Periods | None) -> list[tuple[str, list[Slice]]]:
    if periods is None:
        return []
    found = []
    for group in groups[:_MOST_TRENDS]:
        dependence = group.estimates["dependence"]
        if dependence is not None and dependence.n >= LEAST_TO_COMPARE * len(periods.slices):
            rows = np.flatnonzero(documents.group == documents.group_names.index(group.name))
            found.append((group.name, trend_of(documents, rows, periods)))
    return found if len(found) > 1 else []
