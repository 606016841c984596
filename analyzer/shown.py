"""What is shown of what the model says of each sentence: labels, probabilities and marked words.

Probabilities and token scores go in; out come, by sentence, the fields of its report that have these names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from analyzer.document import Document, Sentence
from analyzer.marks import mark_own_words, mark_words
from analyzer.model.folder import ModelFolder
from analyzer.model.predictions import Predictions
from analyzer.report import Span
from analyzer.schema import ATTRIBUTED, STANDARD_SCHEMA, HeadKind, LabelSchema, SpanLabel


def shown_labels(predictions: Predictions, model: ModelFolder) -> list[dict[str, Any]]:
    """The shown label of every head, by sentence: a name for a single head, the names that hold for a multi head, yes
    or no for `loaded`, None for a standard head that the model lacks.
    """
    columns: dict[str, list[Any]] = {}
    for head in model.schema.sentence_heads:
        probabilities = predictions.probabilities[head.name]
        if head.kind is HeadKind.SINGLE:
            columns[head.name] = [head.labels[k] for k in probabilities.argmax(axis=1)]
        else:
            holds = probabilities >= model.settings.thresholds[head.name]
            columns[head.name] = [[label for label, h in zip(head.labels, row, strict=True) if h] for row in holds]
    if {"type", "content", "sourcing"} <= columns.keys():
        # Where nothing is attributed, what is said is what the sentence does.
        rows = zip(columns["type"], columns["content"], columns["sourcing"], strict=True)
        columns["content"] = [content if sourcing in ATTRIBUTED else kind for kind, content, sourcing in rows]
    loaded = SpanLabel.LOADED.value
    if loaded in columns:
        columns[loaded] = [bool(labels) for labels in columns[loaded]]
    own = {head.name for head in model.schema.own_heads}
    standard = [head.name for head in STANDARD_SCHEMA.sentence_heads]
    return [
        {
            **{name: columns[name][index] if name in columns else None for name in standard},
            "labels": {name: column[index] for name, column in columns.items() if name in own},
        }
        for index in range(len(predictions.features))
    ]


def shown_probabilities(predictions: Predictions, schema: LabelSchema) -> list[dict[str, dict[str, float] | float]]:
    """The shown probabilities of every sentence, by head."""
    shown: list[dict[str, dict[str, float] | float]] = [{} for _ in predictions.features]
    for head in schema.sentence_heads:
        rows = np.round(predictions.probabilities[head.name].astype(np.float64), 4).tolist()
        named = head.kind is HeadKind.SINGLE or len(head.labels) > 1
        for sentence, row in zip(shown, rows, strict=True):
            sentence[head.name] = dict(zip(head.labels, row, strict=True)) if named else row[0]
    return shown


def shown_spans(
    document: Document,
    sentences: Sequence[Sentence],
    predictions: Predictions,
    labels: Sequence[dict[str, Any]],
    model: ModelFolder,
) -> list[list[Span]]:
    """The marked words of every sentence, ascending: the standard ones, then those of the model's own heads."""
    standard = STANDARD_SCHEMA.span_labels
    given, tokens = model.schema.span_labels, predictions.tokens
    marked: list[list[Span]] = [[] for _ in sentences]
    if given[: len(standard)] == standard:
        marked = mark_words(
            document,
            sentences,
            tokens,
            loaded=[bool(label["loaded"]) for label in labels],
            sourcing=[str(label["sourcing"]) for label in labels],
            thresholds=model.settings.thresholds,
        )
    own = {label: column for column, label in enumerate(given) if label not in standard}
    if own:
        others = mark_own_words(document, sentences, tokens, own, model.settings.thresholds)
        marked = [
            sorted([*a, *b], key=lambda span: (span.start, span.end)) for a, b in zip(marked, others, strict=True)
        ]
    return marked
