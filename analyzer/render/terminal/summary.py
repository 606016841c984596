"""The summary that opens a report: what a reader should know after five seconds."""

from __future__ import annotations

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from analyzer.grounds import apportioned, opinion_percentage
from analyzer.render.sureness import loaded_shares
from analyzer.render.terminal.pen import Pen
from analyzer.render.words import (
    NO_CONCLUSION,
    NO_SCORE,
    TYPES,
    count_of,
    dependence_meaning,
    interval_meaning,
    label_shares,
    named,
    range_of,
    share_of,
    unsourced_meaning,
)
from analyzer.report import DocumentScores, Report


def print_summary(report: Report, pen: Pen) -> None:
    """Print what the document is, its notes, its scores and its counts."""
    pen.print(*_heading(report, pen), *_notes(report.document, pen), "")
    pen.print(*(_dependence(report.document, pen) if report.model.is_standard else [pen(NO_SCORE), ""]))
    pen.print(*_counts(report, pen), *_own_counts(report, pen))


def summary_line(report: Report, pen: Pen) -> Text:
    """The document in one line, in columns that line up with those of other documents."""
    document = report.document
    score, interval = "  –", ""
    if document.dependence is not None and document.interval is not None:
        score, interval = f"{document.dependence:.2f}", f"({range_of(document.interval)})"
    unsourced = share_of(document.unsourced_share)
    columns = (
        f"{score:4} {interval:11}  {count_of(len(report.conclusions), 'conclusion'):14}"
        f"  loaded or possibly {share_of(document.loaded_share):>4}  unsourced {unsourced:>4}  "
    )
    name = document.path or document.title or document.id
    return pen.line(pen.aligned(columns), pen(name, "bold"))


def _heading(report: Report, pen: Pen) -> list[RenderableType]:
    document = report.document
    names = [name for name in (document.title, document.path, document.id) if name]
    size = [
        count_of(len(report.sentences), "sentence"),
        count_of(len(report.paragraphs), "paragraph"),
        count_of(len(report.conclusions), "conclusion"),
    ]
    about = [pen(name, "dim") for name in names[1:2]] + [pen(words, "dim") for words in size]
    return [pen(names[0] if names else "untitled", "bold"), pen.flow(about)]


def _notes(document: DocumentScores, pen: Pen) -> list[RenderableType]:
    return [pen.line(pen("Note: ", "bold"), pen(note)) for note in document.notes]


def _dependence(document: DocumentScores, pen: Pen) -> list[RenderableType]:
    if document.dependence is None:
        return [_apart(pen.field("Dependence", pen(f"{NO_CONCLUSION.capitalize()}, so there is none to score.")))]
    meaning = dependence_meaning(document.dependence, of_document=True)
    interval = f" ({interval_meaning(document.interval)})" if document.interval else ""
    fields = [
        pen.field(
            "Dependence",
            pen.line(pen(f"{document.dependence:.2f}", "bold"), pen(interval)),
            pen(f"{meaning[0].upper()}{meaning[1:]}. Unsourced is not false."),
        )
    ]
    if document.grounds is not None:
        fields.append(pen.field("Rests on", pen.bar(document.grounds)))
        share = opinion_percentage(document.grounds.model_dump())
        opinion = pen(f"{share}% of what its conclusions rest on is what somebody thinks, sourced or not")
        fields.append(pen.field("Opinion", opinion))
    return [_apart(field) for field in fields]


def _apart(field: RenderableType) -> RenderableType:
    return Padding(field, (0, 0, 1, 0))


def _counts(report: Report, pen: Pen) -> list[RenderableType]:
    document = report.document
    if not document.type_counts:
        return []
    numbers = apportioned([document.type_counts.get(kind, 0) for kind in TYPES], 100)
    kinds = [pen(f"{words} {number}%") for words, number in zip(TYPES.values(), numbers, strict=True)]
    loaded = pen(loaded_shares(report))
    unsourced = pen(unsourced_meaning(document.unsourced_share))
    return [pen.field("Sentences", pen.flow(kinds)), pen.field("Loaded", loaded), pen.field("Unsourced", unsourced)]


def _own_counts(report: Report, pen: Pen) -> list[RenderableType]:
    """How often the labels of the model's own heads are given."""
    return [
        pen.field(named(head.name, {}), pen.flow([pen(words) for words in label_shares(report, head)]))
        for head in report.model.heads
    ]
