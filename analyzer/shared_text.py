"""Splits of labelled documents, and when two documents share text, so that both belong on one side of a split."""

from __future__ import annotations

SPLITS = ("train", "calibration", "dev", "test")
# In characters: shorter sentences ("Yes.") stand in many documents without making them one.
SHARED_TEXT = 60
# What stands in so many documents belongs to their site ("You also agree to …"), not to an article.
FURNITURE = 10
