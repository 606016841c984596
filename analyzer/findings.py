"""Findings: the sentences that an editor may want to look at, for annotations, exit codes, baselines and silencing.

In go a report and a `Policy` (which rules to report at which level, from which thresholds), out come its `Finding`s.
A rule is one function and one line in `RULES`. None asserts a label that the model is unsure of.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from analyzer.counts import loaded_probability
from analyzer.grounds import GROUND_WORDS, apportioned
from analyzer.report import ArgumentGraph, Conclusion, Finding, Report, SentenceReport, Share
from analyzer.schema import QUOTED_LOADED, SentenceType, Sourcing

Level = Literal["off", "note", "warning", "error"]
_EXCERPT = 80
_MOST_RELATED = 3
# A trace that comes to no premise more often than this finds none worth the name, nor does one that stops at the
# conclusion itself this often.
_LEAST_PREMISE, _MOSTLY_BARE = 0.1, 0.5
# A dependence from which most of what a conclusion rests on is without a source.
_MOSTLY = 0.6
# Scores of a report have so many digits, and a difference of two of them has no more.
_DIGITS = 4
_WORD = re.compile(r"[^\W_]+")


class Thresholds(BaseModel):
    """From where on something is reported; all are shares of 1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Share = Field(default=0.6, description="how probable a label must be to be relied on")
    loaded: Share = Field(default=0.65, description="how probable it must be that the wording is loaded")
    matters: Share = Field(
        default=0.1,
        description="how far a conclusion's dependence must fall if a claim were sourced for the claim to be reported "
        "as unsourced; 0 reports every unsourced factual claim",
    )
    dependence: Share = Field(default=0.7, description="the dependence from which a conclusion is reported")
    circular: Share = Field(default=0.3, description="the circular share of its grounds from which one is reported")


class Policy(BaseModel):
    """Which findings are made. `levels` changes the level of rules, `terms` are words that do not count as loaded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    levels: Mapping[str, Level] = Field(default_factory=dict)
    thresholds: Thresholds = Thresholds()
    terms: tuple[str, ...] = ()

    def level(self, rule: str) -> Level:
        """The level at which findings of a rule are reported."""
        return self.levels.get(rule, RULES[rule].level)


@dataclass(frozen=True)
class _Hit:
    """What a rule has to say of a sentence."""

    message: str
    reason: str
    related: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Case:
    """A report with what the rules look up in it. `conclusions` has those that surely are conclusions, `bare` the
    chance by sentence that a trace stops there for want of a premise, `continuing` the sentences whose vague source
    another one beside them names.
    """

    report: Report
    thresholds: Thresholds
    conclusions: Mapping[int, Conclusion]
    bare: Mapping[int, float]
    fixes: Mapping[int, Sequence[tuple[float, float, int]]]
    continuing: Collection[int]


@dataclass(frozen=True)
class Rule:
    """A rule: the level of its findings unless configured, what it looks for in a line, and what to do about it."""

    level: Level
    summary: str
    help: str
    check: Callable[[SentenceReport, _Case], _Hit | None]


def find(report: Report, policy: Policy, silenced: Mapping[int, Collection[str]] | None = None) -> list[Finding]:
    """The findings in a report, in the order of its text; `silenced` names the rules silenced for a sentence."""
    sure = {
        conclusion.sentence: conclusion
        for conclusion in report.conclusions
        if _is_sure(report.sentences[conclusion.sentence], "role", policy.thresholds.label)
    }
    continuing = _continuing(report.sentences, policy.thresholds.label)
    case = _Case(report, policy.thresholds, sure, _bare(report.graph), _fixes(sure.values()), continuing)
    occurrences: Counter[tuple[str, str]] = Counter()
    found = []
    for sentence in report.sentences:
        words = normal(sentence.text)
        for name, rule in RULES.items():
            level = policy.level(name)
            if level == "off" or (hit := rule.check(sentence, case)) is None:
                continue
            is_silenced = name in (silenced or {}).get(sentence.index, ())
            occurrences[name, words] += 1
            found.append(
                Finding(
                    rule=name,
                    level=level,
                    status="silenced" if is_silenced else "open",
                    sentence=sentence.index,
                    message=hit.message,
                    reason=hit.reason,
                    related=list(hit.related),
                    fingerprint=_fingerprint(name, words, occurrences[name, words]),
                )
            )
    return found


def normal(text: str) -> str:
    """The words of a text in lower case: what stays when punctuation, spacing and typography change."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def open_findings(report: Report) -> list[Finding]:
    """The findings that count: neither silenced nor known."""
    return [finding for finding in report.findings if finding.status == "open"]


def _fingerprint(rule: str, words: str, occurrence: int) -> str:
    return hashlib.sha256(f"{rule}\n{words}\n{occurrence}".encode()).hexdigest()[:32]


def _bare(graph: ArgumentGraph) -> dict[int, float]:
    """By sentence: the chance that it neither has a source nor any support."""
    bare = {node.sentence: 1.0 - node.sourcing["named"] - node.sourcing["own"] for node in graph.nodes}
    for link in graph.links:
        bare[link.supported] *= 1.0 - link.probability
    return bare


def _fixes(conclusions: Collection[Conclusion]) -> dict[int, list[tuple[float, float, int]]]:
    """By sentence: the dependence of conclusions now and were it sourced, and which; the largest fall first."""
    fixes: dict[int, list[tuple[float, float, int]]] = {}
    for conclusion in conclusions:
        for fix in conclusion.fixes:
            change = (conclusion.dependence, fix.dependence_if_sourced, conclusion.sentence)
            fixes.setdefault(fix.sentence, []).append(change)
    for changes in fixes.values():
        changes.sort(key=lambda change: (change[1] - change[0], change[2]))
    return fixes


def _continuing(sentences: Sequence[SentenceReport], threshold: float) -> set[int]:
    """The sentences that go on, in a row of those with a vague source in a paragraph, with what another one attributes:
    a quotation of several sentences has its source in one.
    """
    found: set[int] = set()
    for (_, is_vague), row in groupby(sentences, lambda sentence: (sentence.paragraph, _is_vague(sentence, threshold))):
        said = list(row) if is_vague else []
        unattributed = {s.index for s in said if not any(span.kind in ("source", "cue") for span in s.spans)}
        if len(unattributed) < len(said):
            found |= unattributed
    return found


def _unsourced(sentence: SentenceReport, case: _Case) -> _Hit | None:
    label = case.thresholds.label
    if sentence.type != SentenceType.FACTUAL_CLAIM.value or sentence.sourcing != Sourcing.NONE.value:
        return None
    if not (_is_sure(sentence, "type", label) and _is_sure(sentence, "sourcing", label)):
        return None
    changes = case.fixes.get(sentence.index, [])
    reason = f"factual claim {_percent(sentence, 'type')}, no source {_percent(sentence, 'sourcing')}"
    if changes and round(changes[0][0] - changes[0][1], _DIGITS) >= case.thresholds.matters:
        now, supposed, conclusion = changes[0]
        text = _excerpt(case.report.sentences[conclusion].text)
        message = (
            f"Factual claim without a source that a conclusion rests on; naming one would take the dependence of "
            f"“{text}” from {now:.2f} to {supposed:.2f}"
        )
        return _Hit(message, reason, tuple(change[2] for change in changes[:_MOST_RELATED]))
    if case.thresholds.matters == 0.0:
        return _Hit("Factual claim without a source", reason)
    return None


def _vague(sentence: SentenceReport, case: _Case) -> _Hit | None:
    if not _is_vague(sentence, case.thresholds.label) or sentence.index in case.continuing:
        return None
    return _Hit(_unidentified(sentence), f"vague source {_percent(sentence, 'sourcing')}")


def _is_vague(sentence: SentenceReport, threshold: float) -> bool:
    asserts = sentence.type != SentenceType.NON_ASSERTIVE.value
    return asserts and sentence.sourcing == Sourcing.VAGUE.value and _is_sure(sentence, "sourcing", threshold)


def _unidentified(sentence: SentenceReport) -> str:
    sources, cues = (_quoted(sentence, (kind,)) for kind in ("source", "cue"))
    if not sources and cues:
        return f"No source that can be identified is given for {cues}"
    if sum(span.kind == "source" for span in sentence.spans) > 1:
        return f"A source cannot be identified, among: {sources}"
    return f"The source cannot be identified{f': {sources}' if sources else ''}"


def _loaded(sentence: SentenceReport, case: _Case) -> _Hit | None:
    probability = loaded_probability(sentence)
    if not sentence.loaded or probability < case.thresholds.loaded:
        return None
    if sentence.text.isalpha():
        return None  # One word without a stop is a label or a button.
    words = _quoted(sentence, ("loaded",))
    if not words and _quoted(sentence, (QUOTED_LOADED,)):
        return None  # What is loaded in it is the speaker's.
    message = f"Loaded wording{f': {words}' if words else ''}; would a neutral word lose anything but the stance?"
    return _Hit(message, f"loaded framing {100 * probability:.0f}%")


def _dependent(sentence: SentenceReport, case: _Case) -> _Hit | None:
    conclusion = case.conclusions.get(sentence.index)
    if conclusion is None or conclusion.dependence < case.thresholds.dependence:
        return None
    low, high = conclusion.interval
    score = f"dependence {conclusion.dependence:.2f}, likely {low:.2f} to {high:.2f}"
    how = "mostly" if conclusion.dependence >= _MOSTLY else "in part"
    message = f"Conclusion that rests {how} on premises without a source, or with a vague one ({score})"
    is_bare = case.bare.get(sentence.index, 0.0) >= _MOSTLY_BARE
    if is_bare or all(premise.weight < _LEAST_PREMISE for premise in conclusion.premises):
        premise = "hardly a premise" if conclusion.premises else "no premise"
        message = f"Conclusion for which the text gives {premise} ({score})"
    grounds = conclusion.grounds.model_dump()
    percentages = dict(zip(grounds, apportioned(list(grounds.values()), 100), strict=True))
    largest = sorted(grounds, key=lambda ground: -grounds[ground])[:_MOST_RELATED]
    shares = ", ".join(f"{GROUND_WORDS[ground]} {percentages[ground]}%" for ground in largest)
    related = tuple(fix.sentence for fix in conclusion.fixes[:_MOST_RELATED])
    return _Hit(message, f"rests on: {shares}", related)


def _circular(sentence: SentenceReport, case: _Case) -> _Hit | None:
    conclusion = case.conclusions.get(sentence.index)
    if conclusion is None or conclusion.grounds.circular < case.thresholds.circular:
        return None
    share = f"{100 * conclusion.grounds.circular:.0f}%"
    premises = tuple(premise.sentence for premise in conclusion.premises[:_MOST_RELATED])
    how = "mostly" if conclusion.grounds.circular >= _MOSTLY else "in part"
    message = f"Conclusion that rests {how} on premises that support each other, with nothing else below them"
    return _Hit(message, f"circular {share} of its grounds", premises)


def _is_sure(sentence: SentenceReport, head: str, threshold: float) -> bool:
    """Whether the label of a head is probable enough; one that has no probability did not come from the model."""
    found = sentence.probabilities.get(head)
    return not isinstance(found, dict) or found.get(getattr(sentence, head), 1.0) >= threshold


def _percent(sentence: SentenceReport, head: str) -> str:
    found = sentence.probabilities.get(head)
    probability = found.get(getattr(sentence, head), 1.0) if isinstance(found, dict) else 1.0
    return f"{100 * probability:.0f}%"


def _quoted(sentence: SentenceReport, kinds: Collection[str]) -> str:
    return ", ".join(f"“{_excerpt(span.text)}”" for span in sentence.spans if span.kind in kinds)


def _excerpt(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _EXCERPT else f"{text[: _EXCERPT - 1].rstrip()}…"


RULES: Mapping[str, Rule] = {
    "unsourced": Rule(
        "warning",
        "A factual claim that a conclusion rests on names no source",
        "The sentence puts something on record that can be looked up, says nothing about where it comes from, and a "
        "conclusion of the text would depend clearly less on unsourced premises if it did. Name the person, document "
        "or data behind it, or show the evidence. Unsourced is not false: the claim may well be true.",
        _unsourced,
    ),
    "vague": Rule(
        "note",
        "The source that is given cannot be identified",
        "“Critics say”, “sources”, “studies show”: a source is pointed at, but a reader could not find it. Say who or "
        "which, or say why the source cannot be named.",
        _vague,
    ),
    "loaded": Rule(
        "note",
        "The author's own words push the reader toward a judgement beyond what is stated",
        "Put the plain synonym in: if a stance disappears, the word was loaded. Words inside quotation marks belong to "
        "the speaker and are not counted. Words that are terms of your field can be listed as `terms` in the "
        "configuration.",
        _loaded,
    ),
    "dependent-conclusion": Rule(
        "note",
        "A conclusion rests mostly on premises that nobody sourced",
        "Ask of the conclusion “says who, or why?”, and again of each reason given: most ways end at a statement that "
        "names no source and shows no evidence. The related sentences are those whose sourcing would change most.",
        _dependent,
    ),
    "circular": Rule(
        "warning",
        "The premises of a conclusion support each other and rest on nothing else",
        "Followed down, the reasons for this conclusion lead back to themselves. Give one of them a reason or a source "
        "outside the circle.",
        _circular,
    ),
}
