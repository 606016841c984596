"""How sure the labels of a sentence are: what is asserted, what is only probable, in every format that people read.

Takes sentences of a report, gives their labels in words with a question mark where the model is unsure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from analyzer.render.words import named, percent
from analyzer.report import SentenceReport
from analyzer.schema import STANDARD_SCHEMA

# A label that is less probable than this is shown with a question mark.
SURE = 0.6
# Between these probabilities wording is only possibly loaded.
_POSSIBLY_LOADED = (0.35, 0.65)
# A link less probable than this is shown as a "perhaps".
LIKELY_LINK = 0.5
_STANDARD = frozenset(head.name for head in STANDARD_SCHEMA.heads)


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
        return f"{named(label, words)}? {percent(distribution(sentence, head)[label])}"
    return named(label, words)


def loaded_probability(sentence: SentenceReport) -> float:
    """How likely the wording is loaded; the yes or no itself where a report gives no probability."""
    probability = sentence.probabilities.get("loaded")
    return probability if isinstance(probability, float) else float(sentence.loaded)


def loadedness(sentence: SentenceReport) -> Literal["loaded", "possibly", "no"]:
    """Whether the wording is loaded, possibly loaded, or not."""
    low, high = _POSSIBLY_LOADED
    probability = loaded_probability(sentence)
    if sentence.loaded and probability > high:
        return "loaded"
    return "possibly" if sentence.loaded or probability >= low else "no"


def other_heads(sentence: SentenceReport) -> list[tuple[str, str, float]]:
    """Head, likeliest label and its probability, of the heads that only a user's own model has."""
    found = []
    for head, value in sentence.probabilities.items():
        labels = value if isinstance(value, dict) else {"yes": value, "no": 1.0 - value}
        if head not in _STANDARD and labels:
            label = max(labels, key=labels.__getitem__)
            found.append((head, label, labels[label]))
    return found
