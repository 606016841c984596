"""What the document's form tells about a sentence, and the model cannot see: tables, headings, links and notes.

Model predictions go in, predictions with these labels set for certain come out, with the reason for each.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from analyzer.document import BlockKind, Document, Sentence
from analyzer.model.predictions import Array, Predictions
from analyzer.schema import STANDARD_SCHEMA, Role, SentenceType, Sourcing
from analyzer.tables import is_subheading, lines_beside, tables_of

_SENTENCE_END = (".", "!", "?", "…", '."', ".”", '!"', "!”", '?"', "?”")
_TOPIC_WORDS = 12
_NON_ASSERTIVE = STANDARD_SCHEMA.head("type").labels.index(SentenceType.NON_ASSERTIVE.value)
_NAMED, _VAGUE, _OWN, _NONE = (
    STANDARD_SCHEMA.head("sourcing").labels.index(source.value)
    for source in (Sourcing.NAMED, Sourcing.VAGUE, Sourcing.OWN, Sourcing.NONE)
)


def apply_form(
    predictions: Predictions, document: Document, sentences: Sequence[Sentence], *, but: Collection[int] = ()
) -> tuple[Predictions, dict[int, str]]:
    """Set the labels that the form of a sentence decides; also returns the reason by sentence index.

    A table's header row asserts nothing, nor do its caption, its source and the name of some of its rows; a data row is
    a factual claim as well sourced as its table, and a short heading without a full stop names a topic. The sentences
    `but` are none of these save a data row: what somebody calls a conclusion asserts something.
    """
    certain: dict[int, tuple[SentenceType, Sourcing]] = {}
    reasons: dict[int, str] = {}
    tables = {table.number: table for table in tables_of(document)}
    beside = {at: what for table in tables.values() for at, what in lines_beside(document, table).items()}
    for sentence in sentences:
        block = document.blocks[sentence.block]
        if block.kind is BlockKind.TABLE_ROW and block.table is not None:
            text = document.text[sentence.start : sentence.end]
            asserts_nothing = "header row" if block.is_table_header else "subheading" if is_subheading(text) else ""
            if not asserts_nothing:
                is_sourced = tables[block.table].is_sourced
                certain[sentence.index] = (SentenceType.FACTUAL_CLAIM, Sourcing.NAMED if is_sourced else Sourcing.NONE)
                reasons[sentence.index] = f"row of a table that names {'its' if is_sourced else 'no'} source"
            elif sentence.index not in but:
                certain[sentence.index] = (SentenceType.NON_ASSERTIVE, Sourcing.NONE)
                reasons[sentence.index] = f"{asserts_nothing} of a table"
        elif sentence.index in but:
            continue
        elif sentence.block in beside:
            certain[sentence.index] = (SentenceType.NON_ASSERTIVE, Sourcing.NONE)
            reasons[sentence.index] = f"{beside[sentence.block]} of a table"
        elif block.kind is BlockKind.HEADING and _names_topic(document.text[sentence.start : sentence.end]):
            certain[sentence.index] = (SentenceType.NON_ASSERTIVE, Sourcing.NONE)
            reasons[sentence.index] = "heading"
    return _with_labels(predictions, certain), reasons


def apply_citations(predictions: Predictions, cited: Mapping[int, str]) -> tuple[Predictions, dict[int, str]]:
    """Make sentences that assert something, and cite what is said in `cited`, named ones where they had no source or a
    vague one; also returns the reason by the index of those whose label changes.
    """
    heads = predictions.probabilities
    if not cited or not {"type", "sourcing"} <= heads.keys():
        return predictions, {}
    asserts = heads["type"].argmax(axis=1) != _NON_ASSERTIVE
    rows = np.array([sentence for sentence in cited if asserts[sentence]], dtype=np.intp)
    before = heads["sourcing"].argmax(axis=1)
    sourcing: Array = heads["sourcing"].copy()
    sourcing[rows, _NAMED] = 1.0 - sourcing[rows, _OWN]
    sourcing[rows, _VAGUE] = sourcing[rows, _NONE] = 0.0
    after = sourcing.argmax(axis=1)
    reasons = {sentence: cited[sentence] for sentence in rows.tolist() if before[sentence] != after[sentence]}
    return replace(predictions, probabilities={**heads, "sourcing": sourcing}), reasons


def _names_topic(text: str) -> bool:
    return len(text.split()) <= _TOPIC_WORDS and not text.endswith(_SENTENCE_END)


def _with_labels(predictions: Predictions, certain: dict[int, tuple[SentenceType, Sourcing]]) -> Predictions:
    if not certain:
        return predictions
    rows = np.array(list(certain))
    values = {
        "type": [kind.value for kind, _ in certain.values()],
        "content": [kind.value for kind, _ in certain.values()],
        "sourcing": [source.value for _, source in certain.values()],
        "role": [Role.BACKGROUND.value] * len(certain),
    }
    probabilities = dict(predictions.probabilities)
    for name, labels in values.items():
        if name not in probabilities:
            continue
        order = STANDARD_SCHEMA.head(name).labels
        changed: Array = probabilities[name].copy()
        changed[rows] = np.eye(len(order), dtype=np.float32)[[order.index(label) for label in labels]]
        probabilities[name] = changed
    return replace(predictions, probabilities=probabilities)
