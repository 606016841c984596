"""When two documents share text: what labels are checked for, and what is kept on one side of a split."""

from __future__ import annotations

# In characters: shorter sentences ("Yes.") stand in many documents without making them one.
SHARED_TEXT = 60
# What stands in so many documents belongs to their site ("You also agree to …"), not to an article.
FURNITURE = 10
