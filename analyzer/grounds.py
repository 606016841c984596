"""What a conclusion comes to rest on, in words and in whole percentages that add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

GROUND_WORDS: Mapping[str, str] = {
    "named_fact": "named fact",
    "named_opinion": "named opinion",
    "own": "own evidence",
    "vague": "vague source",
    "unsourced_fact": "unsourced fact",
    "unsourced_inference": "unsourced inference",
    "unsourced_speculation": "unsourced speculation",
    "circular": "circular",
}
GROUNDS = tuple(GROUND_WORDS)
OPINIONS = ("named_opinion", "unsourced_inference", "unsourced_speculation")


def opinion_percentage(shares: Mapping[str, float]) -> int:
    """How much of the grounds is what somebody thinks: the sum of the whole percentages that a bar's key shows."""
    percentages = dict(zip(shares, apportioned(list(shares.values()), 100), strict=True))
    return sum(percentages[ground] for ground in OPINIONS)


def apportioned(shares: Sequence[float], total: int) -> list[int]:
    """Whole numbers that add up to `total`, as close to `shares` of it as can be (largest remainders)."""
    whole = sum(shares)
    if whole <= 0:
        return [0] * len(shares)
    exact = [share / whole * total for share in shares]
    counts = [int(value) for value in exact]
    by_remainder = sorted(range(len(shares)), key=lambda k: counts[k] - exact[k])
    for k in by_remainder[: total - sum(counts)]:
        counts[k] += 1
    return counts
