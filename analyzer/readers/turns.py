"""Lines with which somebody begins to speak: "Q: Why?", "JOAN BELL: …", "[00:12:31] Hugo: …"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_NAME = r"(?:[A-Z][\w.'’-]*[ ]){0,3}[A-Z][\w.'’-]*(?:[ ]\([^()]{1,30}\))?"
_TIME = r"[\[(]\d{1,2}:\d{2}(?::\d{2})?[\])]|\[[\d/.,: APMapm-]{6,30}\]"
# What stands before a colon in the head of a letter, an article or a press release.
_LABEL = (
    r"Authors?|By|Cc|Contacts?|Date|E-?mail|From|Notes?|Phone|Photos?|Published|Sent|Sources?|Subject|Tags?|Tel|Title|To"
    r"|Updated|Website"
)
_TURN = re.compile(
    rf"\s*\*{{0,2}}(?P<speaker>{_TIME}|(?:\d{{1,2}}:\d{{2}}[ ])?(?!(?:{_LABEL}):){_NAME}:)\*{{0,2}}\s+\S"
)
_LEAST_TURNS = 3


def is_turn(line: str) -> bool:
    """Whether a line begins with a name or an initial and a colon, or with a time in brackets."""
    return _TURN.match(line) is not None


def holds_turns(lines: Iterable[str]) -> bool:
    """Whether a conversation is among the lines: several turns, of which times are told or one speaker has two."""
    speakers = Counter(turn["speaker"] for line in lines if (turn := _TURN.match(line)))
    has_times = any(speaker[0] in "[(" for speaker in speakers)
    return speakers.total() >= _LEAST_TURNS and (has_times or max(speakers.values()) > 1)
