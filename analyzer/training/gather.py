"""From the rows of a table to labelled documents: every row is checked, rows of one document are put together.

In go a `Table` and the `Columns` that a user named, out come `LabelledDocument`s, or `BadData` with all that is wrong.
A row without a document of its own is a document of one sentence.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np

from analyzer.document import Sentence
from analyzer.schema import HeadKind
from analyzer.shared_text import FURNITURE, SHARED_TEXT, text_key
from analyzer.training.cells import MADE_OF, Shape, cell, labels_in, shape_of, spans_in, yes_or_no
from analyzer.training.data import LabelledDocument, SpanPlaces
from analyzer.training.heads import LabelColumn, rare_classes
from analyzer.training.problems import BadData, Problem
from analyzer.training.public import segmented
from analyzer.training.rows import Row, Table

_TRAIN = ("train", "training", "fit")
_HELD_OUT = ("dev", "development", "validation", "valid", "val", "eval", "test", "testing")
TRAIN, DEV = "train", "dev"


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which column holds what; None: the table has none."""

    text: str
    labels: Sequence[LabelColumn]
    document: str | None = None
    order: str | None = None
    split: str | None = None


@dataclass(frozen=True)
class _Sentence:
    """A row that is in order."""

    row: Row
    text: str
    document: str
    split: str
    place: float


def check_columns(table: Table, wanted: Mapping[str, str | None]) -> None:
    """Raise `BadData` for columns that the table lacks; `wanted` is option → column."""
    problems = []
    for option, column in wanted.items():
        if column is not None and column not in table.columns:
            near = get_close_matches(column, table.columns, 1)
            there = ", ".join(map(repr, table.columns))
            fix = f"did you mean {near[0]!r}? There are {there}" if near else f"there are {there}"
            problems.append(Problem(table.name, None, f"no column {column!r} ({option})", fix))
    if problems:
        raise BadData(problems)


def gather(table: Table, columns: Columns, *, is_whole: bool = True) -> list[LabelledDocument]:
    """The documents of a table, in its order; `BadData` tells all that is wrong with it.

    A table that `is_whole` is what a model is made from: it must have every class.
    """
    problems: list[Problem] = []
    sentences = [s for row in table.rows if (s := _sentence(row, table, columns, problems)) is not None]
    for label_column in columns.labels:
        problems += _wrong_cells(table, sentences, label_column)
    if is_whole and not problems:
        problems += _rare_classes(table, sentences, columns.labels)
    problems += _leaks(table, sentences, stand_alone=columns.document is None)
    if problems:
        raise BadData(sorted(problems, key=lambda problem: problem.row or 0))
    groups: dict[str, list[_Sentence]] = defaultdict(list)
    for sentence in sentences:
        groups[sentence.document].append(sentence)
    return [_document(table.name, id, group, columns.labels) for id, group in groups.items()]


def _sentence(row: Row, table: Table, columns: Columns, problems: list[Problem]) -> _Sentence | None:
    def refuse(what: str, fix: str) -> _Sentence | None:
        problems.append(Problem(table.name, row.number, what, fix))
        return None

    text = row.values.get(columns.text)
    if text is None or (isinstance(text, str) and not text.strip()):
        return refuse(f"empty text in column {columns.text!r}", "fill it in or take the row out")
    if not isinstance(text, str):
        return refuse(f"the text is {text!r}, a {type(text).__name__}", f"give text in column {columns.text!r}")
    split = _split(row.values.get(columns.split)) if columns.split else TRAIN
    if split is None:
        words = f"{', '.join(_TRAIN)} or {', '.join(_HELD_OUT)}"
        return refuse(f"unknown split {row.values.get(columns.split or '')!r}", f"write {words}")
    document = row.values.get(columns.document) if columns.document else row.number
    if document is None or document == "":
        return refuse(f"no document in column {columns.document!r}", "fill it in")
    place = row.values.get(columns.order, 0) if columns.order else 0
    try:
        number = float(place)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        return refuse(f"{place!r} in column {columns.order!r} is no number", "give the place in the document")
    return _Sentence(row, text, str(document), split, number)


def is_of_split(value: Any, split: str) -> bool:
    """Whether a cell of a split column says that split, by its own name or another one of it."""
    return split in (_split(value), str(value).strip().lower())


def _split(value: Any) -> str | None:
    word = str(value).strip().lower()
    return TRAIN if word in _TRAIN else DEV if word in _HELD_OUT else None


def _wrong_cells(table: Table, sentences: Sequence[_Sentence], column: LabelColumn) -> list[Problem]:
    found = []
    for sentence in sentences:
        problem = _wrong_cell(cell(sentence.row.values.get(column.column)), sentence.text, column)
        if problem:
            found.append(Problem(table.name, sentence.row.number, *problem))
    return found


def _wrong_cell(value: Any, text: str, column: LabelColumn) -> tuple[str, str] | None:
    """What is wrong with a label and how to mend it; None when it is in order."""
    head, shape = column.head, shape_of(value)
    if shape is Shape.MISSING:
        return f"no label in column {column.column!r}", "fill it in or take the row out"
    one_label = head.kind is HeadKind.MULTI and len(head.labels) == 1
    if shape not in MADE_OF[head.kind] and not (one_label and shape is Shape.YES_NO):
        what = f"column {column.column!r} has {value!r}, which is {shape.value}"
        return what, f"give {'yes or no' if one_label else _WANTED[head.kind]}"
    if one_label and yes_or_no(value) is not None:
        return None
    for label in labels_in(head.kind, head.name, value):
        if label not in head.labels:
            near = get_close_matches(label, head.labels, 1)
            known = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(head.labels[:10])}"
            return f"unknown label {label!r} of head {head.name!r}", known
    return _wrong_span(value, text) if head.kind is HeadKind.SPAN else None


def _wrong_span(value: Any, text: str) -> tuple[str, str] | None:
    for span in spans_in(value):
        if not 0 <= span.start < span.end <= len(text):
            what = f"offsets {span.start}–{span.end} outside the text of {len(text)} characters"
            return what, "count characters from 0; the end is the one after the last"
        if span.text is not None and span.text != text[span.start : span.end]:
            what = f"offsets {span.start}–{span.end} hold {text[span.start : span.end]!r}, not {span.text!r}"
            return what, "count characters (not bytes) of the text as it is in the row"
    return None


def _rare_classes(table: Table, sentences: Sequence[_Sentence], columns: Sequence[LabelColumn]) -> list[Problem]:
    found = []
    for column in columns:
        rows: dict[str, list[int]] = {label: [] for label in column.head.labels}
        for sentence in sentences:
            for label in set(_labels_of(sentence, column)):
                rows[label].append(sentence.row.number)
        counts = {label: len(places) for label, places in rows.items()}
        first = {label: places[0] for label, places in rows.items() if places}
        found += rare_classes(table.name, column.head, counts, len(sentences), first)
    return found


def _labels_of(sentence: _Sentence, column: LabelColumn) -> list[str]:
    """The labels of a sentence that is in order; a label that merely holds is known by its own name."""
    head, value = column.head, cell(sentence.row.values[column.column])
    if head.kind is HeadKind.MULTI and len(head.labels) == 1 and (said := yes_or_no(value)) is not None:
        return list(head.labels) if said else []
    return labels_in(head.kind, head.name, value)


def _leaks(table: Table, sentences: Sequence[_Sentence], *, stand_alone: bool) -> list[Problem]:
    """Texts and documents that stand on both sides of the table's own splits."""
    trained: dict[tuple[str, str], int] = {}
    furniture = _furniture(sentences)
    for sentence in sentences:
        if sentence.split == TRAIN:
            for key in _identities(sentence, furniture, stand_alone=stand_alone):
                trained.setdefault(key, sentence.row.number)
    found = []
    for sentence in sentences:
        if sentence.split == DEV:
            for identity in _identities(sentence, furniture, stand_alone=stand_alone):
                if identity in trained:
                    words = f"the same {identity[0]} is in the training split, row {trained[identity]}"
                    fix = "leave it in one split, or let --held-out divide the rows"
                    found.append(Problem(table.name, sentence.row.number, words, fix))
                    break
    return found


def _furniture(sentences: Sequence[_Sentence]) -> frozenset[str]:
    """The keys of texts that so many documents have that they are furniture of a site."""
    of_documents = {(sentence.document, text_key(sentence.text)) for sentence in sentences}
    often = Counter(key for _, key in of_documents)
    return frozenset(key for key, count in often.items() if count >= FURNITURE)


def _identities(sentence: _Sentence, furniture: Collection[str], *, stand_alone: bool) -> list[tuple[str, str]]:
    """What must not be on both sides: the text, unless it is short or furniture of a site, and the document."""
    key = text_key(sentence.text)
    is_telling = stand_alone or (len(sentence.text) >= SHARED_TEXT and key not in furniture)
    text = [("text", key)] if is_telling else []
    return [*text, ("document", sentence.document)]


def _document(source: str, id: str, sentences: list[_Sentence], columns: Sequence[LabelColumn]) -> LabelledDocument:
    ordered = sorted(sentences, key=lambda sentence: sentence.place)
    heads = [column for column in columns if column.head.kind is not HeadKind.SPAN]
    # A row is a sentence. Where only words are marked it may be a whole article: that is read as a report reads it.
    pieces = [[_whole(s.text)] if heads else _pieces(s.text) for s in ordered]
    starts = [[piece.start for piece in of_row] for of_row in pieces]
    texts = [s.text[p.start : p.end] for s, of_row in zip(ordered, pieces, strict=True) for p in of_row]
    labels = {}
    for column in heads:
        rows = [[int(label in _labels_of(s, column)) for label in column.head.labels] for s in ordered]
        array = np.array(rows, dtype=np.int64)
        labels[column.head.name] = array if column.head.kind is HeadKind.MULTI else array.argmax(axis=1)
    spans = {
        label: _places(ordered, starts, texts, column, label)
        for column in columns
        if column.head.kind is HeadKind.SPAN
        for label in column.head.labels
    }
    return LabelledDocument(
        id=id,
        source=source,
        split=ordered[0].split,
        texts=tuple(texts),
        paragraphs=tuple(piece.block for of_row in pieces for piece in of_row),
        labels=labels,
        supports=None,
        spans=spans,
    )


def _pieces(text: str) -> list[Sentence]:
    return segmented(text) or [_whole(text)]


def _whole(text: str) -> Sentence:
    return Sentence(0, 0, 0, len(text))


def _places(
    ordered: Sequence[_Sentence], starts: Sequence[Sequence[int]], texts: Sequence[str], column: LabelColumn, label: str
) -> SpanPlaces:
    """Spans of one label as (sentence, start, end), cut at the boundaries of sentences."""
    places, number = set(), 0
    for sentence, begins in zip(ordered, starts, strict=True):
        given = spans_in(cell(sentence.row.values[column.column]))
        spans = [span for span in given if (span.label or column.head.name) == label]
        for begin in begins:
            length = len(texts[number])
            for span in spans:
                start, end = max(0, span.start - begin), min(length, span.end - begin)
                if start < end:
                    places.add((number, start, end))
            number += 1
    return frozenset(places)


_WANTED = {
    HeadKind.SINGLE: "one label",
    HeadKind.MULTI: 'a list of labels: ["calm", "ironic"]',
    HeadKind.SPAN: 'a list of spans: [[0, 4]] or [{"start": 0, "end": 4, "label": "…"}]',
}
