"""Bars whose lengths are shares, and their keys: numbers in, places in percent of the bar's width out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.grounds import GROUND_WORDS, apportioned
from analyzer.render.words import TYPES
from analyzer.report import Grounds


@dataclass(frozen=True)
class Segment:
    """One part of a bar: its beginning and length in percent of the bar, and its whole percentage for the key."""

    name: str
    words: str
    start: float
    length: float
    percentage: int


def grounds_bar(grounds: Grounds) -> list[Segment]:
    """What something comes to rest on, as a bar of all eight grounds, the empty ones included."""
    return bar_of(grounds.model_dump(), GROUND_WORDS)


def kinds_bar(type_counts: Mapping[str, int]) -> list[Segment]:
    """The mix of kinds of sentence, as a bar of all four, the empty ones included."""
    return bar_of({kind: type_counts.get(kind, 0) for kind in TYPES}, TYPES)


def bar_of(amounts: Mapping[str, float], words: Mapping[str, str]) -> list[Segment]:
    """Amounts by name as parts of one bar, in their order."""
    whole = sum(amounts.values()) or 1.0
    percentages = apportioned(list(amounts.values()), 100)
    segments, at = [], 0.0
    for (name, amount), percentage in zip(amounts.items(), percentages, strict=True):
        length = 100 * amount / whole
        segments.append(Segment(name, words[name], round(at, 3), round(length, 3), percentage))
        at += length
    return segments
