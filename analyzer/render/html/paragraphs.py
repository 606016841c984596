"""The document by paragraphs: the rows of the table, and the miniature that shows where the unsourced weight lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.counts import labels_of
from analyzer.render.html.article import STANDARD_MARKS
from analyzer.render.html.bars import Segment, kinds_bar
from analyzer.render.html.conclusions import excerpt
from analyzer.render.plain import plain
from analyzer.render.words import TYPES, count_of, named, percent, share_of
from analyzer.report import Paragraph, Report, SentenceReport, by_paragraph
from analyzer.schema import SentenceType

_EXCERPT = 60


@dataclass(frozen=True)
class Row:
    """A paragraph in the table; shares are words, and a dash where there is nothing to share.

    `own` tells how many of its sentences have which label of the model's own heads.
    """

    index: int
    kind: str
    excerpt: str
    kinds: list[Segment]
    kinds_words: str
    loaded: str
    unsourced: str
    dependence: float | None
    contribution: float | None
    own: str


@dataclass(frozen=True)
class Strip:
    """A paragraph in the miniature: its place and height in thousandths of the document, its weight from 0 to 1."""

    index: int
    y: float
    height: float
    weight: float
    is_heading: bool
    words: str


def rows_of(report: Report) -> list[Row]:
    """One row a paragraph that has a sentence in it."""
    inside = by_paragraph(report.sentences)
    return [
        Row(
            index=paragraph.index,
            kind="" if paragraph.kind == "paragraph" else named(paragraph.kind, {}),
            excerpt=excerpt(report.document.text[paragraph.start : paragraph.end], _EXCERPT),
            kinds=kinds_bar(paragraph.type_counts),
            kinds_words=_kinds_words(paragraph),
            loaded=share_of(paragraph.loaded_share),
            unsourced=share_of(paragraph.unsourced_share),
            dependence=paragraph.dependence,
            contribution=paragraph.contribution,
            own=_own_words(inside[paragraph.index]),
        )
        for paragraph in report.paragraphs
        if paragraph.index in inside
    ]


def miniature_of(report: Report) -> list[Strip]:
    """The paragraphs from top to bottom. Without conclusions, the weight is the number of unsourced factual claims."""
    whole = max(1, len(report.document.text))
    weights = [_weight(paragraph, report) for paragraph in report.paragraphs]
    heaviest = max(weights, default=0.0) or 1.0
    return [
        Strip(
            index=paragraph.index,
            y=round(1000 * paragraph.start / whole, 2),
            height=round(1000 * (paragraph.end - paragraph.start) / whole, 2),
            weight=round(weight / heaviest, 4),
            is_heading=paragraph.kind == "heading",
            words=_words(paragraph),
        )
        for paragraph, weight in zip(report.paragraphs, weights, strict=True)
    ]


def _kinds_words(paragraph: Paragraph) -> str:
    """How many sentences of each kind: "2 factual claims, 1 inference"."""
    counts = {kind: paragraph.type_counts.get(kind, 0) for kind in TYPES}
    return ", ".join(
        f"{count} {TYPES[kind]}" if kind == SentenceType.NON_ASSERTIVE.value else count_of(count, TYPES[kind])
        for kind, count in counts.items()
        if count
    )


def _own_words(sentences: Sequence[SentenceReport]) -> str:
    """How many sentences have each label of the model's own heads, and how many words are marked: "biased 2"."""
    counts = Counter(label for s in sentences for head in s.labels for label in labels_of(s, head))
    counts.update(span.kind for s in sentences for span in s.spans if span.kind not in STANDARD_MARKS)
    return plain(", ".join(f"{named(label, {})} {count}" for label, count in sorted(counts.items()))) or "–"


def _weight(paragraph: Paragraph, report: Report) -> float:
    if report.conclusions:
        return paragraph.contribution or 0.0
    return (paragraph.unsourced_share or 0.0) * paragraph.type_counts.get("factual_claim", 0)


def _words(paragraph: Paragraph) -> str:
    words = f"paragraph {paragraph.index}"
    if paragraph.contribution:
        return f"{words}, contributes {paragraph.contribution:.2f}"
    if paragraph.unsourced_share:
        return f"{words}, {percent(paragraph.unsourced_share)} of its claims unsourced"
    return words
