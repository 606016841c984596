"""Counts and shares of the labels of sentences, as a report gives them for a document and for each paragraph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from analyzer.report import SentenceReport
from analyzer.schema import HeadKind, LabelSchema, SentenceType, Sourcing


def unsourced_share(sentences: Sequence[SentenceReport]) -> float | None:
    """The share of factual claims that have no source and show no evidence; None without any, or where the model tells
    no sources.
    """
    sources = [s.sourcing for s in sentences if s.type == SentenceType.FACTUAL_CLAIM.value and s.sourcing is not None]
    return round(sources.count(Sourcing.NONE.value) / len(sources), 4) if sources else None


def loaded_share(sentences: Sequence[SentenceReport]) -> float | None:
    """The share of loaded sentences, 0 without any; None where the model does not tell."""
    known = [sentence.loaded for sentence in sentences if sentence.loaded is not None]
    return round(sum(known) / len(known), 4) if known else None if sentences else 0.0


def loaded_probability(sentence: SentenceReport) -> float:
    """How likely the wording is loaded; the yes or no itself where a report gives no probability."""
    probability = sentence.probabilities.get("loaded")
    return probability if isinstance(probability, float) else float(bool(sentence.loaded))


def type_counts(sentences: Sequence[SentenceReport]) -> dict[str, int]:
    """Sentences by type; empty where the model tells no types."""
    counts = Counter(sentence.type for sentence in sentences)
    return {} if counts[None] else {kind.value: counts[kind.value] for kind in SentenceType}


def label_counts(sentences: Sequence[SentenceReport], schema: LabelSchema) -> dict[str, dict[str, int]]:
    """Sentences, or spans, by label of the model's own heads."""
    found: dict[str, dict[str, int]] = {}
    for head in schema.own_heads:
        if head.kind is HeadKind.SPAN:
            given = Counter(span.kind for sentence in sentences for span in sentence.spans)
        else:
            given = Counter(label for sentence in sentences for label in labels_of(sentence, head.name))
        found[head.name] = {label: given[label] for label in head.labels}
    return found


def labels_of(sentence: SentenceReport, head: str) -> list[str]:
    """The labels that a head of the model's own gives a sentence."""
    labels = sentence.labels[head]
    return [labels] if isinstance(labels, str) else labels
