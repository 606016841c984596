"""Splits of labelled documents, and when two documents share text, so that both belong on one side of a split."""

from __future__ import annotations

import re
from collections.abc import Sequence

SPLITS = ("train", "calibration", "dev", "test")
# In characters: shorter sentences ("Yes.") stand in many documents without making them one.
SHARED_TEXT = 60
# What stands in so many documents belongs to their site ("You also agree to …"), not to an article.
FURNITURE = 10


def text_key(text: str) -> str:
    """What two texts share that differ only in case, punctuation and spacing."""
    return " ".join(re.findall(r"\w+", text.lower()))


def telling_keys(texts: Sequence[str]) -> set[str]:
    """The keys of the sentences by which a document is known: of long ones, and of the only one that it has."""
    return {text_key(text) for text in texts if len(text) >= SHARED_TEXT or len(texts) == 1}
