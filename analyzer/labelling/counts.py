"""Counts what labelled documents hold: labels by head, genres, lengths, links, marked words.

Documents go in; plain dictionaries come out, ready for a table or JSON.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import mean, median
from typing import Any

from analyzer.labelling.documents import AnnotatedDocument
from analyzer.schema import LabelSchema

# The details of a document that are counted, where documents have them.
DETAILS = ("genre", "topic", "leaning")


def count(documents: Sequence[AnnotatedDocument], schema: LabelSchema) -> dict[str, Any]:
    """Documents by split, source and details, sentences by head and label, lengths, links and spans."""
    sentences = [sentence for document in documents for sentence in document.sentences]
    details = {key: [str(d.details[key]) for d in documents if d.details.get(key)] for key in DETAILS}
    return {
        "documents": len(documents),
        "sentences": len(sentences),
        "split": _counted(d.split for d in documents),
        "source": _counted(d.source for d in documents),
        **{key: _counted(values) for key, values in details.items() if values},
        "heads": {
            head.name: _counted(label for s in sentences for label in _labels(s.labels[head.name], head.labels))
            for head in schema.sentence_heads
        },
        "sentences_a_document": _spread([len(d.sentences) for d in documents]),
        "words_a_sentence": _spread([len(s.text.split()) for s in sentences]),
        "links": {
            "links": sum(len(s.supports) for s in sentences),
            "documents_with_links": sum(any(s.supports for s in d.sentences) for d in documents),
            "distance": _spread([abs(j - i) for d in documents for i, s in enumerate(d.sentences) for j in s.supports]),
        },
        "spans": _counted(mark.kind for s in sentences for mark in s.marks),
        "documents_with_marked_words": sum(bool(d.span_labels) for d in documents),
    }


def _labels(value: object, labels: Sequence[str]) -> list[str]:
    if isinstance(value, bool):
        return [labels[0] if value else f"not {labels[0]}"]
    return list(value) if isinstance(value, tuple) else [str(value)]


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))


def _spread(values: Sequence[int]) -> dict[str, float] | None:
    """Least, median, mean and most; None for no values."""
    if not values:
        return None
    return {"least": min(values), "median": median(values), "mean": round(mean(values), 1), "most": max(values)}
