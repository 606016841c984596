"""Labelled documents as data, as they stand in the JSON-lines files that labeled/README.md describes.

A row of such a file goes in, an `AnnotatedDocument` comes out, and back: tools that pass labels on need everything that
is known of a document, also what training does not look at (genre, topic). Of a sentence, only the keys of the form
come back; `form` warns of others. Rows that break the form are refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from analyzer.document import laid_out
from analyzer.errors import AnalyzerError
from analyzer.labelling.form import DOCUMENT_KEYS, problems_of_form
from analyzer.schema import EXCERPT, LabelSchema

# A name for a single head, yes or no for a multi head of one label, the labels that hold for one of several.
LabelValue = str | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """Marked words of a sentence: `text[start:end]`."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class AnnotatedSentence:
    """One sentence with a label for every head; `supports` are positions of sentences in the document."""

    text: str
    paragraph: int
    labels: dict[str, LabelValue]
    supports: tuple[int, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class AnnotatedDocument:
    """A document with labels. `span_labels` are the kinds of words that were looked for; `details` is all the rest."""

    id: str
    source: str
    split: str
    sentences: tuple[AnnotatedSentence, ...]
    span_labels: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)


def rows_of_file(path: Path) -> Iterator[tuple[int, Any]]:
    """Line number and content of every line that is not blank; a line that is no JSON gives the `ValueError`."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    yield number, json.loads(line)
                except (ValueError, RecursionError) as error:
                    yield number, ValueError(str(error))
    except (OSError, UnicodeDecodeError) as error:
        raise AnalyzerError(
            f"{path}: cannot be read ({error}); give a JSON-lines file of labelled documents"
        ) from error


def read_documents(path: Path, schema: LabelSchema) -> list[AnnotatedDocument]:
    """Read a labelled file; `AnalyzerError` names place, sentence and value of the first thing that is wrong."""
    documents = []
    for number, row in rows_of_file(path):
        for problem in problems_of_form(row, schema):
            if problem.is_error:
                raise AnalyzerError(f"{path}:{number}: {problem}; `analyzer labels check` lists every problem")
        documents.append(document_of(row, schema))
    if not documents:
        raise AnalyzerError(f"{path}: no labelled document in it; give a JSON-lines file with one document a line")
    return documents


def document_of(row: dict[str, Any], schema: LabelSchema) -> AnnotatedDocument:
    """The document in a row that has no problems of form."""
    return AnnotatedDocument(
        id=row["id"],
        source=row.get("source", ""),
        split=row.get("split", "train"),
        sentences=tuple(_sentence(sentence, schema) for sentence in row["sentences"]),
        span_labels=tuple(row.get("span_labels", ())),
        details={key: value for key, value in row.items() if key not in DOCUMENT_KEYS},
    )


def _sentence(row: dict[str, Any], schema: LabelSchema) -> AnnotatedSentence:
    return AnnotatedSentence(
        text=row["text"],
        paragraph=row.get("paragraph", 0),
        labels={head.name: _value(row[head.name]) for head in schema.sentence_heads},
        supports=tuple(row.get("supports", ())),
        marks=tuple(Mark(span["start"], span["end"], span["kind"]) for span in row.get("spans", ())),
    )


def _value(value: Any) -> LabelValue:
    if isinstance(value, list):
        return tuple(value)
    return bool(value) if isinstance(value, int) else str(value)


def row_of(document: AnnotatedDocument) -> dict[str, Any]:
    """The row of a document, in the order of labeled/README.md."""
    return {
        "id": document.id,
        "source": document.source,
        "split": document.split,
        **document.details,
        **({"span_labels": list(document.span_labels)} if document.span_labels else {}),
        "sentences": [
            {
                "index": index,
                "paragraph": sentence.paragraph,
                "text": sentence.text,
                **{name: list(v) if isinstance(v, tuple) else v for name, v in sentence.labels.items()},
                "supports": list(sentence.supports),
                **({"spans": [_span(m) for m in sentence.marks]} if document.span_labels or sentence.marks else {}),
            }
            for index, sentence in enumerate(document.sentences)
        ],
    }


def _span(mark: Mark) -> dict[str, Any]:
    return {"kind": mark.kind, "start": mark.start, "end": mark.end}


def lines_of(rows: Iterable[dict[str, Any]]) -> str:
    """JSON lines of rows."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def only(document: AnnotatedDocument, kept: Iterable[int]) -> AnnotatedDocument:
    """The document with these sentences alone, renumbered, and the links among them; it says that it is an excerpt."""
    order = sorted(kept)
    if len(order) < len(document.sentences):
        document = replace(document, details={**document.details, EXCERPT: True})
    place = {old: new for new, old in enumerate(order)}
    sentences = (document.sentences[index] for index in order)
    return replace(
        document,
        sentences=tuple(replace(s, supports=tuple(place[j] for j in s.supports if j in place)) for s in sentences),
    )


@dataclass(frozen=True, slots=True)
class Layout:
    """A document as one text: `places` of its sentences in it, and (number, start, end) of its paragraphs."""

    text: str
    places: tuple[tuple[int, int], ...]
    paragraphs: tuple[tuple[int, int, int], ...]


def lay_out(document: AnnotatedDocument) -> Layout:
    """Put the sentences of a paragraph in a line, and a blank line between paragraphs."""
    numbers = [sentence.paragraph for sentence in document.sentences]
    whole, sentences = laid_out([sentence.text for sentence in document.sentences], numbers)
    number_of = {sentence.block: numbers[sentence.index] for sentence in sentences}
    return Layout(
        whole.text,
        tuple((sentence.start, sentence.end) for sentence in sentences),
        tuple((number_of[k], block.start, block.end) for k, block in enumerate(whole.blocks)),
    )
