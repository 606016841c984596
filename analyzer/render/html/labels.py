"""The labels of a sentence as one line of text: what a screen reader says and what is printed beside it."""

from __future__ import annotations

from analyzer.counts import loaded_probability
from analyzer.render.plain import plain
from analyzer.render.sureness import (
    LIKELY_LINK,
    asserted,
    is_unsure,
    loadedness,
    own_labels,
    sentence_number,
)
from analyzer.render.words import REPORTED, SOURCING, TYPES, percent
from analyzer.report import SentenceReport
from analyzer.schema import Role, SentenceType

_MOST_TARGETS = 3


def label_words(sentence: SentenceReport) -> str:
    """All labels worth showing beside a sentence, most important first: "s12: factual claim, no source"."""
    words = [asserted(sentence, "type", TYPES)] if sentence.type else []
    loaded = loadedness(sentence)
    if loaded != "no":
        doubt = f"possibly loaded {percent(loaded_probability(sentence))}"
        words.append("loaded framing" if loaded == "loaded" else doubt)
    if sentence.sourcing and sentence.type != SentenceType.NON_ASSERTIVE.value:
        words.append(asserted(sentence, "sourcing", SOURCING))
    if sentence.content != sentence.type:
        words.append(asserted(sentence, "content", REPORTED))
    if sentence.role and (sentence.role != Role.BACKGROUND.value or is_unsure(sentence, "role")):
        words.append(_role(sentence))
    words += own_labels(sentence)
    words += [note for note in sentence.notes if note not in words]
    return plain(f"{sentence_number(sentence.index)}: {', '.join(words)}")


def _role(sentence: SentenceReport) -> str:
    words = asserted(sentence, "role", {})
    if sentence.role == Role.CONCLUSION.value and sentence.dependence is not None:
        words += f" (dependence {sentence.dependence:.2f})"
    targets = [sentence_number(link.sentence) for link in sentence.supports if link.probability >= LIKELY_LINK]
    return f"{words} for {' and '.join(targets[:_MOST_TARGETS])}" if targets else words
