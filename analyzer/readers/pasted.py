"""What comes along when a page is copied into a text: its buttons and counters, marks for editing, numbers of pages.

In go the lines of the text, out come those that belong to it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from analyzer.readers.headings import ends_sentence

_BUTTON = re.compile(
    r"(?:share(?: this post)?|subscribe(?: now)?|sign (?:in|up)|leave a comment|start writing|get (?:the )?app"
    r"|copy link|restack|upgrade to paid|read in app|[\d,.]{1,9}k? (?:likes?|restacks?|shares?|replies)|∙"
    r"|type your email.{0,3}|substack is the home for great culture|privacy ∙ terms ∙ collection notice"
    r"|discussion about this post|thanks for reading .{1,80}! subscribe for free to receive new posts.{0,40}"
    r"|skip to (?:main )?content|this post is public so feel free to share it\.?|advertisement|\[edit(?: source)?\])",
    re.IGNORECASE,
)
_LONG = 60
_EDIT = re.compile(r"(?<=\S)\[edit(?: source)?\]\s*\Z")
_PAGE_NUMBER = re.compile(r"\s*(?:page )?\d{1,4}\s*", re.IGNORECASE)


def without_furniture(lines: Sequence[str], left_out: Counter[str]) -> list[str]:
    """The lines without those of buttons, and without the numbers of pages that stand in a sentence."""
    is_button = [_BUTTON.fullmatch(line.strip()) is not None for line in lines]
    filled = [number for number, line in enumerate(lines) if line.strip()]
    places = {number: at for at, number in enumerate(filled)}
    kept: list[str] = []
    for number, line in enumerate(lines):
        at = places.get(number, 0)
        # In a table that was copied a cell a line, "Share" names a column.
        beside = (*filled[max(0, at - 1) : at], *filled[at + 1 : at + 2])
        if is_button[number] and any(is_button[other] or len(lines[other]) > _LONG for other in beside):
            left_out["line of buttons"] += 1
            kept.append("")
        else:
            kept.append(_EDIT.sub("", line) if line.rstrip().endswith("]") else line)
    return _without_page_numbers(kept, left_out)


def names_button(text: str) -> bool:
    """Whether a text is all that a button or a label of a page says: "Subscribe now", "Advertisement"."""
    return _BUTTON.fullmatch(text) is not None


def _without_page_numbers(lines: Sequence[str], left_out: Counter[str]) -> list[str]:
    """A number alone between blank lines, before and after which one sentence goes on, is that of a page."""
    kept: list[str] = []
    position = 0
    while position < len(lines):
        number = position + 1
        is_alone = not lines[position].strip() and number + 2 < len(lines) and not lines[number + 1].strip()
        if is_alone and kept and _PAGE_NUMBER.fullmatch(lines[number]) and _goes_on(kept[-1], lines[number + 2]):
            left_out["page number"] += 1
            position = number + 2
        else:
            kept.append(lines[position])
            position += 1
    return kept


def _goes_on(line: str, following: str) -> bool:
    text, after = line.strip(), following.strip()
    return bool(text) and not ends_sentence(text) and after[:1].islower()
