"""The labels of one sentence in words: asserted where the model is sure, marked as uncertain where it is not."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import shorten

from rich.text import Text

from analyzer.counts import loaded_probability
from analyzer.render.sureness import (
    LIKELY_LINK,
    asserted,
    distribution,
    is_unsure,
    loadedness,
    own_labels,
    sentence_number,
)
from analyzer.render.terminal.pen import SOURCING_MARKS, Pen
from analyzer.render.words import REPORTED, SOURCING, TYPES, named, percent
from analyzer.report import SentenceReport, Span
from analyzer.schema import QUOTED_LOADED, Role, SentenceType, SpanLabel

_MOST_TARGETS = 3
_MOST_WORDS, _LONGEST_WORDS = 3, 40
_NOT_UNDERLINED = (QUOTED_LOADED, SpanLabel.SOURCE.value, SpanLabel.CUE.value)


def sentence_labels(sentence: SentenceReport, pen: Pen) -> list[Text]:
    """All labels worth showing beside a sentence, most important first."""
    pieces = [type_label(sentence, pen), _with_words(loaded_label(sentence, pen), sentence, SpanLabel.LOADED, pen)]
    if sentence.type != SentenceType.NON_ASSERTIVE.value:
        pieces.append(_with_words(sourcing_label(sentence, pen), sentence, SpanLabel.SOURCE, pen))
    if sentence.content != sentence.type:
        pieces.append(pen(asserted(sentence, "content", REPORTED)))
    if sentence.role and (sentence.role != Role.BACKGROUND.value or is_unsure(sentence, "role")):
        pieces.append(_role_label(sentence, pen))
    style = "" if sentence.type else "bold"
    return [piece for piece in [*pieces, *(pen(words, style) for words in own_labels(sentence))] if piece]


def type_label(sentence: SentenceReport, pen: Pen) -> Text:
    """The type; an unsure one with its probability and the runner-up: "inference? 52% (or factual claim 41%)"."""
    if sentence.type is None:
        return Text()
    second = pen(_runner_up(sentence, "type", TYPES), "not bold")
    return pen(asserted(sentence, "type", TYPES), "bold").append_text(second)


def loaded_label(sentence: SentenceReport, pen: Pen) -> Text:
    """Whether the wording is loaded; empty when it is not."""
    found = loadedness(sentence)
    if found == "loaded":
        return pen("! loaded framing", "bold reverse")
    return pen(f"possibly loaded {percent(loaded_probability(sentence))}") if found == "possibly" else Text()


def sourcing_label(sentence: SentenceReport, pen: Pen) -> Text:
    """Where the assertion comes from, as symbol and words; empty where the model does not tell."""
    if sentence.sourcing is None:
        return Text()
    symbol, style = SOURCING_MARKS.get(sentence.sourcing, ("", ""))
    return pen(f"{symbol} {asserted(sentence, 'sourcing', SOURCING)}", style)


def marked_text(sentence: SentenceReport, pen: Pen, style: str = "") -> Text:
    """The sentence with its loaded words, and those that a model's own labels mark, underlined."""
    marked = Text(style=style)
    at = 0
    for span in sorted((span for span in sentence.spans if span.kind not in _NOT_UNDERLINED), key=_start):
        start, end = max(at, span.start - sentence.start), span.end - sentence.start
        if start < end:
            marked.append_text(pen(sentence.text[at:start])).append_text(pen(sentence.text[start:end], "underline"))
            at = end
    return marked.append_text(pen(sentence.text[at:]))


def _with_words(label: Text, sentence: SentenceReport, kind: SpanLabel, pen: Pen) -> Text:
    """A label with the words that are marked for it, which a style alone would not tell everywhere."""
    words = [" ".join(span.text.split()) for span in sentence.spans if span.kind == kind.value]
    if label and words:
        shown = ", ".join(f"“{shorten(some, _LONGEST_WORDS, placeholder='…')}”" for some in words[:_MOST_WORDS])
        label.append_text(pen(f": {shown}{', …' if len(words) > _MOST_WORDS else ''}", "not bold not reverse"))
    return label


def _start(span: Span) -> int:
    return span.start


def _runner_up(sentence: SentenceReport, head: str, words: Mapping[str, str]) -> str:
    """The likeliest other label of a head that is unsure: " (or premise 41%)"; empty where it is sure."""
    others = {label: p for label, p in distribution(sentence, head).items() if label != getattr(sentence, head)}
    if not others or not is_unsure(sentence, head):
        return ""
    second = max(others, key=others.__getitem__)
    return f" (or {named(second, words)} {percent(others[second])})"


def _role_label(sentence: SentenceReport, pen: Pen) -> Text:
    """The role, with the dependence of a conclusion and the sentences that are supported."""
    words = asserted(sentence, "role", {})
    if sentence.role == Role.BACKGROUND.value:
        return pen(words + _runner_up(sentence, "role", {}))
    if sentence.role == Role.CONCLUSION.value and sentence.dependence is not None:
        words += f", dependence {sentence.dependence:.2f}"
    links = sorted(sentence.supports, key=lambda link: -link.probability)
    sure = [sentence_number(link.sentence) for link in links if link.probability >= LIKELY_LINK]
    if sure:
        words += f", for {', '.join(sure[:_MOST_TARGETS])}"
    elif links:
        words += f", perhaps for {sentence_number(links[0].sentence)}"
    return pen(words)
