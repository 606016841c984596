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
    r"|copy link|restack|upgrade to paid|read in app|[\d,.]{1,9}k? (?:likes?|restacks?|shares?|replies)|∙(?: paid)?"
    r"|type your email.{0,3}|substack is the home for great culture|privacy ∙ terms ∙ collection notice"
    r"|discussion about this post|thanks for reading .{1,80}! subscribe for free to receive new posts.{0,40}"
    r"|skip to (?:main )?content|this post is public so feel free to share it\.?|advertisement|\[edit(?: source)?\])",
    re.IGNORECASE,
)
# Of a page's counters and tabs, which are such only beside a button.
_COUNTER = re.compile(r"[\d,.]{1,9}k?", re.IGNORECASE)
_TAB = re.compile(r"comments?|restacks?|likes?|replies", re.IGNORECASE)
_DIVIDER = re.compile(r"[-*_ ]{3,}")
# A heading of one word, "## Share", may be one of the text.
_MARKS = re.compile(r"#{1,6}\s+(?=\S+\s)|\*\*|(?<!!)\[(?=[^\[\]]{1,60}\]\()|(?<=[^\[\]])\]\([^()\s]{0,300}\)")
_LONG, _LONGEST_BUTTON = 60, 500
_EDIT = re.compile(r"(?<=\S)\[edit(?: source)?\]\s*\Z")
_PAGE_NUMBER = re.compile(r"\s*(?:page )?\d{1,4}\s*", re.IGNORECASE)


def without_furniture(lines: Sequence[str], left_out: Counter[str]) -> list[str]:
    """The lines without those of buttons, and without the numbers of pages that stand in a sentence."""
    furniture = _furniture(lines)
    if furniture:
        left_out["line of buttons"] += len(furniture)
    kept = [
        "" if number in furniture else _EDIT.sub("", line) if line.rstrip().endswith("]") else line
        for number, line in enumerate(lines)
    ]
    return _without_page_numbers(kept, left_out)


def names_button(text: str) -> bool:
    """Whether a text is all that a button or a label of a page says: "Subscribe now", "Advertisement"."""
    return _BUTTON.fullmatch(text) is not None


def _furniture(lines: Sequence[str]) -> set[int]:
    """Which lines are buttons, or the counters and tabs with them. In a table that was copied a cell a line, "Share"
    names a column: so several stand together, counters before a button, or a long line beside one.
    """
    found: set[int] = set()
    filled = [(number, bare) for number, line in enumerate(lines) if (bare := _bare(line))]
    start = 0
    while start < len(filled):
        end = start
        while end < len(filled) and _is_furniture(filled[end][1]):
            end += 1
        last = end
        while last > start and _COUNTER.fullmatch(filled[last - 1][1]):
            last -= 1
        run = filled[start:last]
        buttons = sum(_BUTTON.fullmatch(bare) is not None for _, bare in run)
        beside = (*filled[max(0, start - 1) : start], *filled[last : last + 1])
        if buttons and (buttons > 1 or any(len(bare) > _LONG for _, bare in beside)):
            found.update(number for number, _ in run)
        start = max(end, start + 1)
    return found


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


def _bare(line: str) -> str:
    """The line without the marks of a heading, a link and bold type; `""` for one that divides."""
    bare = line.strip()
    if len(bare) > _LONGEST_BUTTON:
        return bare
    return "" if _DIVIDER.fullmatch(bare) else _MARKS.sub("", bare)


def _is_furniture(bare: str) -> bool:
    return len(bare) <= _LONGEST_BUTTON and any(pattern.fullmatch(bare) for pattern in (_BUTTON, _COUNTER, _TAB))
