"""Reads labelled documents (JSON lines, one document a line).

Each line has `id`, `source`, `split` and `sentences`, a list of `{text, paragraph, <a label per head>, supports,
spans}` where `supports` holds the indices of the sentences that this one supports and `spans` the marked words, as
`{kind, start, end}` with offsets into the sentence. `span_labels` of a line says which kinds were marked in it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analyzer.errors import AnalyzerError
from analyzer.schema import EXCERPT, Head, HeadKind, LabelSchema, span_label_of
from analyzer.shared_text import SPLITS
from analyzer.training.problems import BadData, Problem

SpanPlaces = frozenset[tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class LabelledDocument:
    """A document with gold labels.

    `labels[head]` has shape (n,) of label indices for a single head, (n, labels) of 0/1 for a multi head; a head that
    nobody labelled is not in it. `supports` are pairs (premise, supported sentence), None where nobody looked for
    them. `spans[label]` are the words marked so, as (sentence, start, end), for the span labels that were looked for.
    """

    id: str
    source: str
    split: str
    texts: tuple[str, ...]
    paragraphs: tuple[int, ...]
    labels: dict[str, NDArray[np.int64]]
    supports: frozenset[tuple[int, int]] | None
    spans: dict[str, SpanPlaces] = field(default_factory=dict)


def load_labelled(path: Path, schema: LabelSchema) -> list[LabelledDocument]:
    """Read a labelled file; `BadData` tells, with file and line, what is wrong in every line that is."""
    documents, problems = [], []
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    try:
                        documents.append(_document(line, schema))
                    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
                        what = f"not a labelled document ({error})"
                        problems.append(Problem(str(path), number, what, "see labeled/README.md"))
    except (OSError, UnicodeDecodeError) as error:
        raise AnalyzerError(
            f"{path}: cannot be read ({error}); give a JSON-lines file of labelled documents"
        ) from error
    if problems:
        raise BadData(problems)
    if not documents:
        raise AnalyzerError(f"{path}: no labelled document in it; give a JSON-lines file with one document a line")
    return documents


def _document(line: str, schema: LabelSchema) -> LabelledDocument:
    row: dict[str, Any] = json.loads(line)
    sentences = row["sentences"]
    count = len(sentences)
    if not count:
        raise ValueError("it has no sentences")
    split = row.get("split", "train")
    if split not in SPLITS:
        raise ValueError(f"split is {split!r}, expected one of {', '.join(SPLITS)}")
    labels = {head.name: _labels(sentences, head.name, head.kind, head.labels) for head in schema.sentence_heads}
    supports = frozenset((i, int(j)) for i, s in enumerate(sentences) for j in s.get("supports", ()))
    if any(not 0 <= j < count or i == j for i, j in supports):
        raise ValueError(f"a support link that leaves the document's {count} sentences or points at itself")
    return LabelledDocument(
        id=str(row["id"]),
        source=str(row.get("source", "")),
        split=split,
        texts=tuple(_text(s["text"]) for s in sentences),
        paragraphs=tuple(int(s.get("paragraph", 0)) for s in sentences),
        labels=labels,
        # In an excerpt nobody can tell what its premises support.
        supports=supports if schema.links and not row.get(EXCERPT) else None,
        spans={label: _spans(sentences, label) for label in _marked_labels(row, schema)},
    )


def _text(text: Any) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"text is {text!r}, expected the words of a sentence")
    return text


def _labels(
    sentences: Sequence[dict[str, Any]], name: str, kind: HeadKind, labels: tuple[str, ...]
) -> NDArray[np.int64]:
    if kind is HeadKind.SINGLE:
        position = {label: index for index, label in enumerate(labels)}
        for sentence in sentences:
            if sentence[name] not in position:
                raise ValueError(f"{name} is {sentence[name]!r}, expected one of {', '.join(labels)}")
        return np.array([position[s[name]] for s in sentences], dtype=np.int64)
    if len(labels) == 1:
        for sentence in sentences:
            if sentence[name] not in (0, 1):
                raise ValueError(f"{name} is {sentence[name]!r}, expected true or false")
        return np.array([[int(s[name])] for s in sentences], dtype=np.int64)
    for sentence in sentences:
        unknown = [label for label in sentence[name] if label not in labels]
        if unknown:
            raise ValueError(f"{name} has {unknown[0]!r}, expected labels among {', '.join(labels)}")
    return np.array([[int(label in s[name]) for label in labels] for s in sentences], dtype=np.int64)


def _marked_labels(row: dict[str, Any], schema: LabelSchema) -> list[str]:
    return [label for label in schema.span_labels if label in row.get("span_labels", ())]


def _spans(sentences: Sequence[dict[str, Any]], label: str) -> SpanPlaces:
    found = set()
    for index, sentence in enumerate(sentences):
        for span in sentence.get("spans", ()):
            # Quoted loaded words are loaded words too: a report tells them apart by the quotation marks.
            if span_label_of(span["kind"]) != label:
                continue
            if not 0 <= span["start"] < span["end"] <= len(sentence["text"]):
                raise ValueError(f"a span {span['start']}–{span['end']} outside sentence {index}")
            found.add((index, int(span["start"]), int(span["end"])))
    return frozenset(found)


def label_counts(documents: Sequence[LabelledDocument], head: Head) -> dict[str, int]:
    """How often each label of a head is given; all documents have labels for it."""
    if head.kind is HeadKind.SPAN:
        return {label: sum(len(document.spans.get(label, ())) for document in documents) for label in head.labels}
    rows = np.concatenate([document.labels[head.name] for document in documents])
    totals = np.bincount(rows, minlength=len(head.labels)) if rows.ndim == 1 else rows.sum(0)
    return dict(zip(head.labels, totals.tolist(), strict=True))


def count_by(values: Iterable[str]) -> dict[str, int]:
    """How often each value occurs, most frequent first."""
    counts: dict[str, int] = defaultdict(int)
    for value in values:
        counts[value] += 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
