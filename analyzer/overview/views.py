"""What the page shows, worked out: rows, bars, cells and sentences for the template.

In go slices, conclusions and lists of documents; out come frozen views, whose texts may hold anything
that a corpus holds: the template escapes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analyzer.grounds import GROUND_WORDS, GROUNDS
from analyzer.overview.charts import distinct_names
from analyzer.overview.drawn import Drawn
from analyzer.overview.intervals import LEAST_TO_COMPARE, Estimate
from analyzer.overview.slices import MEASURES, Slice
from analyzer.overview.survey import MOST_EXAMPLES
from analyzer.overview.tables import SOURCES, TYPES, Documents, Floats
from analyzer.overview.telling import Telling
from analyzer.render.html.bars import Segment, bar_of
from analyzer.render.html.conclusions import excerpt
from analyzer.render.plain import plain
from analyzer.render.words import SOURCING, count_of, percent, range_of
from analyzer.render.words import TYPES as TYPE_WORDS

_TITLE, _STATEMENT = 120, 320
# The colour of each source in a bar is that of the ground that it makes.
_COLOUR_OF_SOURCE = {"named": "named_fact", "own": "own", "vague": "vague", "none": "unsourced_fact"}

# The address of a document's report, or of a sentence in it (None: of the whole); None where there is no report.
Links = Callable[[int, "int | None"], "str | None"]


@dataclass(frozen=True)
class Cell:
    """A measure of a slice: its mean and interval in words; `few` when it cannot be compared.

    `n` is the number of documents that have it, empty where all of the slice do.
    """

    mean: str
    interval: str
    n: str
    few: bool


@dataclass(frozen=True)
class SliceRow:
    """A group or period in the table beside a chart."""

    name: str
    n_documents: str
    cells: list[Cell]
    grounds: list[Segment] | None
    claims: list[Segment] | None


@dataclass(frozen=True)
class DocumentView:
    """A document that is mentioned: its name, what places it (group, date), and the address of its report."""

    name: str
    about: list[str]
    href: str | None


@dataclass(frozen=True)
class DrawnView:
    """A conclusion that many documents draw."""

    text: str
    others: list[str]
    n_documents: str
    groups: str
    dependence: float
    interval: str
    doubt: str
    grounds: list[Segment]
    examples: list[DocumentView]


@dataclass(frozen=True)
class TellingView:
    """A list of telling documents, each with its figure in words and what that is over."""

    title: str
    about: str
    rows: list[tuple[DocumentView, str, str]]


def slice_rows(slices: Sequence[Slice]) -> list[SliceRow]:
    """The rows of a table of slices."""
    names = distinct_names([part.name for part in slices])
    return [
        SliceRow(
            name=name,
            n_documents=f"{part.n_documents:,}",
            cells=[cell(part, measure) for measure in MEASURES],
            grounds=None if part.grounds is None else grounds_bar(part.grounds),
            claims=claims_bar(part) if part.claims.sum() else None,
        )
        for name, part in zip(names, slices, strict=True)
    ]


def cell(part: Slice, measure: str) -> Cell:
    """A measure in words: dependence as a number, shares as percentages."""
    found = part.estimates[measure]
    if found is None:
        return Cell("–", "", "", False)
    shown = "{:.2f}".format if measure == "dependence" else percent
    interval = "" if found.interval is None else f"{shown(found.interval[0])}–{shown(found.interval[1])}"
    n = "" if found.n == part.n_documents else f"{found.n:,}"
    return Cell(shown(found.mean), interval, n, not found.is_comparable)


def grounds_bar(grounds: Floats) -> list[Segment]:
    """Mean grounds (8,) as a bar."""
    return bar_of(dict(zip(GROUNDS, grounds.tolist(), strict=True)), GROUND_WORDS)


def claims_bar(part: Slice) -> list[Segment]:
    """The factual claims of a slice by sourcing, in the colours of the grounds that they make."""
    words = {_COLOUR_OF_SOURCE[source]: SOURCING[source] for source in SOURCES}
    counts = dict(zip(SOURCES, part.claims.tolist(), strict=True))
    return bar_of({_COLOUR_OF_SOURCE[source]: count for source, count in counts.items()}, words)


def kinds_bar(documents: Documents) -> list[Segment]:
    """All sentences of the corpus by type."""
    return bar_of({kind: float(np.nansum(documents.figures(f"type_{kind}"))) for kind in TYPES}, TYPE_WORDS)


def document_view(documents: Documents, row: int, link: Links, sentence: int | None = None) -> DocumentView:
    """A document by its title, or else its id; linked to `sentence` in its report where one is given."""
    day = documents.days[row]
    about = [documents.group_of(row), "" if np.isnat(day) else str(day)]
    name = documents.text("title", row) or documents.text("id", row)
    return DocumentView(
        excerpt(name, _TITLE) or "untitled", [plain(part) for part in about if part], link(row, sentence)
    )


def drawn_view(drawn: Drawn, documents: Documents, link: Links) -> DrawnView:
    """A conclusion with the documents in which it rests on least."""
    return DrawnView(
        text=excerpt(drawn.text, _STATEMENT),
        others=[excerpt(other, _STATEMENT) for other in drawn.others],
        n_documents=f"{len(drawn.documents):,}",
        groups=f"in {count_of(drawn.n_groups, 'group')}" if drawn.n_groups > 1 else "",
        dependence=drawn.dependence.mean,
        interval="" if drawn.dependence.interval is None else range_of(drawn.dependence.interval),
        doubt=_doubt(drawn.dependence),
        grounds=grounds_bar(drawn.grounds),
        examples=[
            document_view(documents, int(row), link, int(sentence))
            for row, sentence in zip(drawn.documents[:MOST_EXAMPLES], drawn.sentences[:MOST_EXAMPLES], strict=True)
        ],
    )


def _doubt(found: Estimate) -> str:
    """Why a mean cannot be compared with others; empty where it can."""
    if found.is_comparable:
        return ""
    return "few documents" if found.n < LEAST_TO_COMPARE else "wide interval"


def telling_view(told: Telling, documents: Documents, link: Links) -> TellingView:
    """A list of documents; dependence as a number, shares as percentages."""
    shown = "{:.2f}".format if told.noun == "conclusion" else percent
    rows = [
        (document_view(documents, listed.row, link), shown(listed.figure), count_of(listed.of, told.noun))
        for listed in told.documents
    ]
    return TellingView(told.title, told.about, rows)


def failures_words(failures: Mapping[str, int]) -> str:
    """How many documents failed, by stage: "read 3, text 9"; empty without any."""
    return ", ".join(f"{plain(stage)} {count:,}" for stage, count in sorted(failures.items()))
