"""What a reader grasps in five seconds: the document's dependence, what it rests on, and its kinds of sentence."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.grounds import opinion_percentage
from analyzer.render.html.bars import Segment, grounds_bar, kinds_bar
from analyzer.render.plain import plain
from analyzer.render.sureness import loaded_shares
from analyzer.render.words import (
    NO_CONCLUSION,
    NO_SCORE,
    count_of,
    dependence_meaning,
    interval_meaning,
    label_shares,
    named,
    percent,
    range_of,
    share_of,
    unsourced_meaning,
)
from analyzer.report import Interval, Report


@dataclass(frozen=True)
class OwnHead:
    """A head of the model's own, and how often each of its labels is given."""

    name: str
    shares: list[str]


@dataclass(frozen=True)
class Summary:
    """The top of a document's report, in words and bars; what belongs to a conclusion, or to heads that the model
    lacks, is None where there is none.
    """

    about: list[str]
    notes: list[str]
    dependence: float | None
    meaning: str
    interval: Interval | None
    interval_words: str
    vague_credit: str
    grounds: list[Segment] | None
    opinion: str | None
    kinds: list[Segment] | None
    loaded: str
    unsourced: str
    own: list[OwnHead]


@dataclass(frozen=True)
class OverviewRow:
    """One document of several in one line."""

    prefix: str
    name: str
    dependence: str
    interval: str
    conclusions: int
    loaded: str
    unsourced: str


def summary_of(report: Report) -> Summary:
    """The summary of a report."""
    document = report.document
    if not report.model.is_standard:
        meaning = NO_SCORE
    elif document.dependence is None:
        meaning = f"{NO_CONCLUSION.capitalize()}, so there is no dependence to score."
    else:
        meaning = sentence_case(dependence_meaning(document.dependence, of_document=True))
    return Summary(
        about=_about(report),
        notes=[plain(note) for note in document.notes],
        dependence=document.dependence,
        meaning=meaning,
        interval=document.interval,
        interval_words=interval_meaning(document.interval) if document.interval else "",
        vague_credit=percent(report.graph.vague_credit),
        grounds=grounds_bar(document.grounds) if document.grounds else None,
        opinion=f"{opinion_percentage(document.grounds.model_dump())}%" if document.grounds else None,
        kinds=kinds_bar(document.type_counts) if document.type_counts else None,
        loaded=f"{loaded_shares(report)}.",
        unsourced=sentence_case(unsourced_meaning(document.unsourced_share)),
        own=[
            OwnHead(plain(named(head.name, {})), [plain(words) for words in label_shares(report, head)])
            for head in report.model.heads
        ],
    )


def overview_row(report: Report, prefix: str) -> OverviewRow:
    """The line of a document in the table of several."""
    document = report.document
    return OverviewRow(
        prefix=prefix,
        name=name_of(report),
        dependence="–" if document.dependence is None else f"{document.dependence:.2f}",
        interval="" if document.interval is None else range_of(document.interval),
        conclusions=len(report.conclusions),
        loaded=share_of(document.loaded_share),
        unsourced=share_of(document.unsourced_share),
    )


def name_of(report: Report) -> str:
    """What the document is called: its title, else its path, else its id."""
    document = report.document
    return plain(document.title or document.path or document.id) or "untitled"


def sentence_case(clause: str) -> str:
    """A clause as a sentence of its own."""
    return f"{clause[0].upper()}{clause[1:]}."


def _about(report: Report) -> list[str]:
    document, model = report.document, report.model
    path = [plain(document.path)] if document.path and document.title else []
    return [
        *path,
        count_of(len(report.sentences), "sentence"),
        count_of(len(report.paragraphs), "paragraph"),
        count_of(len(report.conclusions), "conclusion"),
        plain(f"model {model.name} {model.version}"),
    ]
