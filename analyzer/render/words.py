"""Scores and labels in words, for every format that people read.

Unsourced is not false: no phrase here calls a text true, untrue, biased or unreliable.
"""

from __future__ import annotations

from collections.abc import Mapping

from analyzer.report import HeadInfo, Interval, Report

TYPES: Mapping[str, str] = {
    "factual_claim": "factual claim",
    "inference": "inference",
    "speculation": "speculation",
    "non_assertive": "non-assertive",
}
SOURCING: Mapping[str, str] = {
    "named": "named source",
    "vague": "vague source",
    "own": "own evidence",
    "none": "no source",
}
REPORTED: Mapping[str, str] = {
    "factual_claim": "reports a fact",
    "inference": "reports an inference",
    "speculation": "reports a speculation",
    "non_assertive": "reports no assertion",
}
NO_CONCLUSION = "no conclusion of its own was found"
NO_SCORE = "The model has labels of its own alone, so no dependence is scored."
# Dependence below each limit, in words. Where it is low, what has no source at all is no more than that; where it is
# high, what has none or a vague one is no less.
SCALE = (
    (0.2, "nearly all of what {it} on has a source, or is shown in the text"),
    (0.4, "most of what {it} on has a source, or is shown in the text"),
    (0.6, "about half of what {it} on has no source, vague ones counted in part"),
    (0.8, "most of what {it} on has no source, or only a vague one"),
    (1.0, "nearly all of what {it} on has no source, or only a vague one"),
)
# An interval wider than this spans more than two steps of the scale.
_WIDE = 0.4


def named(label: str, words: Mapping[str, str]) -> str:
    """The words for a label; a label that has none (of a user's own model) without its underscores."""
    return words.get(label, label.replace("_", " "))


def dependence_meaning(dependence: float, *, of_document: bool) -> str:
    """What a dependence says, as a clause: "most of what it rests on has no source, or only a vague one"."""
    # By the figure as it is shown.
    phrase = next((words for limit, words in SCALE if round(dependence, 2) < limit), SCALE[-1][1])
    return phrase.format(it="its conclusions rest" if of_document else "it rests")


def unsourced_meaning(share: float | None) -> str:
    """The unsourced share of a document as a clause: "38% of the factual claims have no source and show no
    evidence".
    """
    if share is None:
        return "there are no factual claims to source"
    return f"{percent(share)} of the factual claims have no source and show no evidence"


def range_of(interval: Interval) -> str:
    """An interval as a range: "0.48–0.74"."""
    return f"{interval[0]:.2f}–{interval[1]:.2f}"


def interval_meaning(interval: Interval) -> str:
    """An interval in words, with the reason when it is a wide one."""
    low, high = interval
    if high - low > _WIDE:
        return f"likely {low:.2f} to {high:.2f}, a wide range: its labels and links are uncertain"
    return f"likely {low:.2f} to {high:.2f}"


def share_of(share: float | None) -> str:
    """A share of 1 as a percentage, a dash where there is none."""
    return "–" if share is None else percent(share)


def label_shares(report: Report, head: HeadInfo) -> list[str]:
    """How often each label of a model's own head is given: "angry 38%" of the sentences, "slur 3 times".

    A label that merely holds or not has the name of its head, which is not said again.
    """
    counts = report.document.label_counts.get(head.name, {})
    total = max(1, len(report.sentences))
    if head.labels == [head.name] and head.kind == "multi":
        return [f"{percent(counts.get(head.name, 0) / total)} of the sentences"]
    if head.kind == "span":
        return [f"{named(label, {})} {count_of(counts.get(label, 0), 'time')}" for label in head.labels]
    return [f"{named(label, {})} {percent(counts.get(label, 0) / total)}" for label in head.labels]


def percent(share: float) -> str:
    """A share of 1 as a percentage: "38%"."""
    return f"{100 * share:.0f}%"


def percent_below(share: float, limit: float) -> str:
    """A share of 1 below a limit as a percentage that is below it as well: "59%" of 0.598 where 60% is the limit."""
    return percent(share) if round(share, 2) < limit else f"{100 * limit - 1:.0f}%"


def count_of(number: int, noun: str) -> str:
    """A number with its noun: "1 conclusion", "4 conclusions"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
