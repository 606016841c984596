"""Lines with which somebody begins to speak: "Q: Why?", "JOAN BELL: …", "[00:12:31] Hugo: …"."""

from __future__ import annotations

import re

_NAME = r"(?:[A-Z][\w.'’-]*[ ]){0,3}[A-Z][\w.'’-]*(?:[ ]\([^()]{1,30}\))?"
_TIME = r"[\[(]\d{1,2}:\d{2}(?::\d{2})?[\])]|\[[\d/.,: APMapm-]{6,30}\]"
_TURN = re.compile(rf"\s*\*{{0,2}}(?:{_TIME}|(?:\d{{1,2}}:\d{{2}}[ ])?{_NAME}:)\*{{0,2}}\s+\S")


def is_turn(line: str) -> bool:
    """Whether a line begins with a name or an initial and a colon, or with a time in brackets."""
    return _TURN.match(line) is not None
