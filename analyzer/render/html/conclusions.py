"""The side panel: every conclusion, most dependent first, with what it rests on and what sourcing would change."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.render.html.bars import Segment, grounds_bar
from analyzer.render.html.summary import sentence_case
from analyzer.render.plain import plain
from analyzer.render.sureness import asserted, is_unsure, sentence_number
from analyzer.render.words import dependence_meaning, interval_meaning
from analyzer.report import Interval, Report

# Characters of a sentence quoted in a list; the whole of it stands in the text.
_EXCERPT = 96


@dataclass(frozen=True)
class FixView:
    """A sentence, and the conclusion's dependence if it named its source."""

    sentence: int
    number: str
    excerpt: str
    dependence_if_sourced: float


@dataclass(frozen=True)
class ConclusionView:
    """One conclusion in words; `doubt` says so when it is only probably one. It `is_supported` even by what it hardly
    rests on.
    """

    sentence: int
    number: str
    text: str
    dependence: float
    interval: Interval
    interval_words: str
    meaning: str
    doubt: str
    grounds: list[Segment]
    fixes: list[FixView]
    n_premises: int
    is_supported: bool


def conclusions_of(report: Report) -> list[ConclusionView]:
    """The conclusions of a report as the panel shows them."""
    sentences = {sentence.index: sentence for sentence in report.sentences}
    supported = {link.sentence for sentence in report.sentences for link in sentence.supports}
    views = []
    for conclusion in sorted(report.conclusions, key=lambda c: (-c.dependence, c.sentence)):
        sentence = sentences[conclusion.sentence]
        views.append(
            ConclusionView(
                sentence=conclusion.sentence,
                number=sentence_number(conclusion.sentence),
                text=plain(conclusion.text),
                dependence=conclusion.dependence,
                interval=conclusion.interval,
                interval_words=sentence_case(interval_meaning(conclusion.interval)),
                meaning=sentence_case(dependence_meaning(conclusion.dependence, of_document=False)),
                doubt=asserted(sentence, "role", {}) if is_unsure(sentence, "role") else "",
                grounds=grounds_bar(conclusion.grounds),
                fixes=[
                    FixView(
                        fix.sentence,
                        sentence_number(fix.sentence),
                        excerpt(sentences[fix.sentence].text),
                        fix.dependence_if_sourced,
                    )
                    for fix in conclusion.fixes
                ],
                n_premises=len(conclusion.premises),
                is_supported=conclusion.sentence in supported,
            )
        )
    return views


def excerpt(text: str, most: int = _EXCERPT) -> str:
    """The beginning of a long text, up to a word boundary."""
    text = plain(text)
    if len(text) <= most:
        return text
    boundary = text.rfind(" ", 0, most)
    return text[: boundary if boundary > 0 else most] + "…"
