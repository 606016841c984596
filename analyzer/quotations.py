"""Finds what stands inside quotation marks: the words of a speaker, not of the text.

In goes a `Document`, out come ranges of its text. A quotation that its paragraph leaves open goes on to the end of
the paragraph when the next one opens with a mark again, as the custom for long quotations is.
"""

from __future__ import annotations

import re

from analyzer.document import BlockKind, Document

# Double marks, also doubled as in a table, or a typewriter's; and single ones that can be no apostrophe: after a space
# or a dash, before a space or punctuation.
_MARK = re.compile(
    r"[“”„«»]|\"{1,2}|``|''|(?<![\w’'])[‘'](?=[^\s’'])"
    r"|(?<=[^\s‘'’(\[{—–-])['’](?![\w’'])|(?<=\S[—–-])['’](?![\w’'])"
)
_CLOSING = {"“": "”", "„": "“”", "«": "»", "»": "«", '"': '"', "``": "''", "‘": "’", "'": "'"}
_ALWAYS_OPEN = frozenset({"“", "„", "«", "``"})
# Marks with which the next paragraph goes on with a quotation that one of them opened.
_GO_ON = (frozenset('“"'), frozenset("‘"))
# Of "'em", "the '90s", "the class of '98": an apostrophe. But: they said '98 people died'.
_ELIDED = re.compile(r"\d0s\b|(?:em|til|tis|twas|n|cause|bout|re|hood|nuff|round)\b", re.IGNORECASE)
_YEAR = re.compile(r"\d\ds?\b")
# Punctuation that begins no quotation, as an ellipsis or the point of ".5" does.
_NEVER_FIRST = re.compile(r"[,;:!?)\]]|\.(?!\.\.|\w)")
_WORD_BEFORE = re.compile(r"(?<!\bsaid)(?<!\bsays)(?<!\badded)(?<!\bwrote)\b\s\Z")


def quoted_ranges(document: Document) -> list[tuple[int, int]]:
    """Start and end in `document.text` of everything quoted, without the marks; ascending, not overlapping."""
    ranges: list[tuple[int, int]] = []
    for number, block in enumerate(document.blocks):
        text = document.text[block.start : block.end]
        if block.kind is BlockKind.QUOTE:
            ranges.append((block.start, block.end))
            continue
        following = document.blocks[number + 1] if number + 1 < len(document.blocks) else None
        first = document.text[following.start] if following is not None else ""
        ranges += [(block.start + start, block.start + end) for start, end in _quoted(text, first)]
    return ranges


def _quoted(text: str, following: str) -> list[tuple[int, int]]:
    """Ranges inside quotation marks; one that is never closed counts only where the next paragraph, whose first
    character is `following`, goes on with it.
    """
    found = []
    opened: re.Match[str] | None = None
    for mark in _MARK.finditer(text):
        opens = _opens(text, mark)
        if opened is None:
            opened = mark if opens else None
        elif _kind(opened) == _kind(mark) and _kind(mark) in '"“' and opens:
            # A mark that can only open says that nobody closed the one before.
            opened = mark
        elif _kind(mark) in _CLOSING[_kind(opened)] and not _is_possessive(text, mark):
            found.append((opened.end(), mark.start()))
            opened = None
    if opened is not None and any({_kind(opened), following} <= marks for marks in _GO_ON):
        found.append((opened.end(), len(text)))
    return found


def _kind(mark: re.Match[str]) -> str:
    return '"' if mark.group() == '""' else mark.group()


def _is_possessive(text: str, mark: re.Match[str]) -> bool:
    """Whether a single mark after an s, as in "the workers' rights", ends no quotation: one after punctuation does
    later, before another begins.
    """
    if (
        mark.group() not in "’'"
        or text[mark.start() - 1] != "s"
        or not text[mark.end() : mark.end() + 2].strip().isalpha()
    ):
        return False
    later = next((m for m in _MARK.finditer(text, mark.end()) if m.group() in "‘’'"), None)
    return later is not None and later.group() in "’'" and text[later.start() - 1] in ".,!?…"


def _opens(text: str, mark: re.Match[str]) -> bool:
    before, after = text[max(0, mark.start() - 1) : mark.start()], text[mark.end() : mark.end() + 1]
    kind = _kind(mark)
    if kind in _ALWAYS_OPEN:
        return True
    if kind == '"':
        is_after_one = before.isalnum() or (before and before in ".!?…%)]")
        return not is_after_one and bool(after.strip()) and not _NEVER_FIRST.match(text, mark.end())
    if kind == "»":
        return not before.strip() and after.isalnum()
    if kind not in ("‘", "'") or before.isalnum() or (before and before in ".,;:!?…%)]") or not after.strip():
        return False
    is_year = _YEAR.match(text, mark.end()) and _WORD_BEFORE.search(text[max(0, mark.start() - 8) : mark.start()])
    return not is_year and not _ELIDED.match(text, mark.end())
