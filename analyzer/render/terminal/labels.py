"""The labels of one sentence in words: asserted where the model is sure, marked as uncertain where it is not."""

from __future__ import annotations

from rich.text import Text

from analyzer.render.sureness import (
    LIKELY_LINK,
    asserted,
    distribution,
    is_unsure,
    loaded_probability,
    loadedness,
    own_labels,
    sentence_number,
)
from analyzer.render.terminal.pen import SOURCING_MARKS, Pen
from analyzer.render.words import REPORTED, SOURCING, TYPES, named, percent
from analyzer.report import SentenceReport, Span
from analyzer.schema import Role, SentenceType, Sourcing

_MOST_TARGETS = 3
_NOT_UNDERLINED = ("quoted_loaded", "source", "cue")
_ATTRIBUTED = (Sourcing.NAMED.value, Sourcing.VAGUE.value)


def sentence_labels(sentence: SentenceReport, pen: Pen) -> list[Text]:
    """All labels worth showing beside a sentence, most important first."""
    pieces = [type_label(sentence, pen), loaded_label(sentence, pen)]
    if sentence.type != SentenceType.NON_ASSERTIVE.value:
        pieces.append(sourcing_label(sentence, pen))
    if sentence.content != sentence.type and sentence.sourcing in _ATTRIBUTED:
        pieces.append(pen(asserted(sentence, "content", REPORTED)))
    if sentence.role not in (None, Role.BACKGROUND.value):
        pieces.append(_role_label(sentence, pen))
    style = "" if sentence.type else "bold"
    return [piece for piece in [*pieces, *(pen(words, style) for words in own_labels(sentence))] if piece]


def type_label(sentence: SentenceReport, pen: Pen) -> Text:
    """The type; an unsure one with its probability and the runner-up: "inference? 52% (or factual claim 41%)"."""
    if sentence.type is None:
        return Text()
    words = pen(asserted(sentence, "type", TYPES), "bold")
    if is_unsure(sentence, "type"):
        others = {label: p for label, p in distribution(sentence, "type").items() if label != sentence.type}
        if others:
            second = max(others, key=others.__getitem__)
            words.append_text(pen(f" (or {named(second, TYPES)} {percent(others[second])})", "not bold"))
    return words


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


def _start(span: Span) -> int:
    return span.start


def _role_label(sentence: SentenceReport, pen: Pen) -> Text:
    """The role, with the dependence of a conclusion and the sentences that are supported."""
    words = asserted(sentence, "role", {})
    if sentence.role == Role.CONCLUSION.value and sentence.dependence is not None:
        words += f", dependence {sentence.dependence:.2f}"
    links = sorted(sentence.supports, key=lambda link: -link.probability)
    sure = [sentence_number(link.sentence) for link in links if link.probability >= LIKELY_LINK]
    if sure:
        words += f", for {', '.join(sure[:_MOST_TARGETS])}"
    elif links:
        words += f", perhaps for {sentence_number(links[0].sentence)}"
    return pen(words)
