"""How sure the labels of a sentence are: what is asserted, what is only probable, in every format that people read.

Takes sentences of a report, gives their labels in words with a question mark where the model is unsure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Literal

from analyzer.counts import labels_of, loaded_probability
from analyzer.render.words import named, percent, percent_below
from analyzer.report import Report, SentenceReport

# A label that is less probable than this is shown with a question mark.
SURE = 0.6
# Between these probabilities wording is only possibly loaded.
_POSSIBLY_LOADED = (0.35, 0.65)
# A link less probable than this is shown as a "perhaps".
LIKELY_LINK = 0.5


def sentence_number(index: int) -> str:
    """How a sentence is called everywhere: "s12" is `sentences[12]` of the JSON report."""
    return f"s{index}"


def distribution(sentence: SentenceReport, head: str) -> Mapping[str, float]:
    """The probabilities of a head's labels; empty where the head has none."""
    found = sentence.probabilities.get(head)
    return found if isinstance(found, dict) else {}


def is_unsure(sentence: SentenceReport, head: str) -> bool:
    """Whether the label of a head is the model's choice, but a hardly more probable one than others.

    A label that is not the likeliest was not the model's choice, and has its reason in `notes`.
    """
    found, label = distribution(sentence, head), str(getattr(sentence, head))
    return label in found and found[label] < SURE and found[label] >= max(found.values())


def asserted(sentence: SentenceReport, head: str, words: Mapping[str, str]) -> str:
    """The label of a head in words, with a question mark and its probability when it is unsure."""
    label = str(getattr(sentence, head))
    if is_unsure(sentence, head):
        return f"{named(label, words)}? {percent_below(distribution(sentence, head)[label], SURE)}"
    return named(label, words)


def loadedness(sentence: SentenceReport) -> Literal["loaded", "possibly", "no"]:
    """Whether the wording is loaded, possibly loaded, or not."""
    low, high = _POSSIBLY_LOADED
    probability = loaded_probability(sentence)
    if sentence.loaded and probability >= high:
        return "loaded"
    return "possibly" if sentence.loaded or probability >= low else "no"


def loaded_shares(report: Report) -> str:
    """How much of a document's wording is loaded, and possibly loaded, as its sentences are marked."""
    counts = Counter(loadedness(sentence) for sentence in report.sentences)
    total = max(1, len(report.sentences))
    loaded = round(100 * counts["loaded"] / total)
    # The two add up to what is told of both together elsewhere.
    possibly = round(100 * (counts["loaded"] + counts["possibly"]) / total) - loaded
    return f"{loaded}% of the sentences are in loaded framing{f', {possibly}% possibly' if counts['possibly'] else ''}"


def own_labels(sentence: SentenceReport) -> list[str]:
    """What the model's own heads say of a sentence, in words, a head each: "tone: angry 70%", "biased? 52%".

    A label that merely holds or not is named where it holds.
    """
    found = []
    for head in sentence.labels:
        labels = labels_of(sentence, head)
        words = ", ".join(_own_label(sentence, head, label) for label in labels)
        if words:
            found.append(words if labels == [head] else f"{named(head, {})}: {words}")
    return found


def _own_label(sentence: SentenceReport, head: str, label: str) -> str:
    value = sentence.probabilities.get(head, {})
    probability = value.get(label) if isinstance(value, dict) else value
    if probability is None:
        return named(label, {})
    return f"{named(label, {})}{'?' if probability < SURE else ''} {percent(probability)}"
