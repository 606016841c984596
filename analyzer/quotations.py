"""Finds what stands inside quotation marks: the words of a speaker, not of the text.

In goes a `Document`, out come ranges of its text. A quotation that its paragraph leaves open goes on to the end of
the paragraph when the next one opens with a mark again, as the custom for long quotations is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from analyzer.credits import credits_of
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
_GO_ON = (frozenset('“"'), frozenset("‘"), frozenset("'"))
# In characters, what a caption or a link has that stands in a quotation.
_LONGEST_BETWEEN = 120
# Of "'em", "the '90s", "the class of '98": an apostrophe. But: they said '98 people died'.
_ELIDED = re.compile(r"\d0s\b|(?:em|til|tis|twas|n|cause|bout|re|hood|nuff|round)\b", re.IGNORECASE)
_YEAR = re.compile(r"\d\ds?\b")
# Punctuation that begins no quotation, as an ellipsis or the point of ".5" does.
_NEVER_FIRST = re.compile(r"[,;:!?)\]]|\.(?!\.\.|\w)")
# How many marks further a search goes for the one that closes a quotation.
_MARKS_AHEAD = 20
_WORD_BEFORE = re.compile(r"(?<!\bsaid)(?<!\bsays)(?<!\badded)(?<!\bwrote)\b\s\Z")


def quoted_ranges(document: Document) -> list[tuple[int, int]]:
    """Start and end in `document.text` of everything quoted, without the marks and the credit of a quotation that is
    set off; ascending, not overlapping.
    """
    ranges: list[tuple[int, int]] = []
    credit_lines = {credit.at for credit in credits_of(document)}
    for number, block in enumerate(document.blocks):
        text = document.text[block.start : block.end]
        if block.kind is BlockKind.QUOTE and number not in credit_lines:
            ranges.append((block.start, block.end))
            continue
        following = [document.text[b.start : b.end] for b in document.blocks[number + 1 : number + 3]]
        ranges += [(block.start + start, block.start + end) for start, end in _quoted(text, _next_mark(following))]
    return ranges


def _next_mark(following: Sequence[str]) -> str:
    """The first character of the next paragraph; of the one after it, where a caption or a link stands between that
    has no marks.
    """
    if not following:
        return ""
    is_between = len(following) > 1 and len(following[0]) <= _LONGEST_BETWEEN and not _MARK.search(following[0])
    text = following[1] if is_between else following[0]
    return "" if _ELIDED.match(text, 1) or _YEAR.match(text, 1) else text[0]


def _quoted(text: str, following: str) -> list[tuple[int, int]]:
    """Ranges inside quotation marks; one that is never closed counts only where the next paragraph, whose first
    character is `following`, goes on with it.
    """
    found = []
    opened: re.Match[str] | None = None
    # The mark that closes a quotation of the other kind inside the one that is open.
    inner = ""
    marks = list(_MARK.finditer(text))
    for number, mark in enumerate(marks):
        opens = _opens(text, mark)
        if opened is None:
            opened, inner = mark if opens else None, ""
        elif _kind(opened) == _kind(mark) and _kind(mark) in '"“' and opens:
            # A mark that can only open says that nobody closed the one before.
            opened, inner = mark, ""
        elif opens and {_kind(opened), _kind(mark)} == {'"', "“"}:
            inner = _CLOSING[_kind(mark)]
        elif inner and _kind(mark) == inner:
            inner = ""
        elif _closes(text, opened, mark) or (not opens and _closes_another_kind(text, opened, marks, number)):
            found.append((opened.end(), mark.start()))
            opened = None
    if opened is not None and any({_kind(opened), following} <= marks for marks in _GO_ON):
        found.append((opened.end(), len(text)))
    return found


def _kind(mark: re.Match[str]) -> str:
    return '"' if mark.group() == '""' else mark.group()


def _closes(text: str, opened: re.Match[str], mark: re.Match[str]) -> bool:
    if _kind(mark) not in _CLOSING[_kind(opened)]:
        return False
    # After a space, an apostrophe stands for what is left out.
    return not (mark.group() in "’'" and text[mark.start() - 1].isspace()) and not _is_possessive(text, mark)


def _closes_another_kind(text: str, opened: re.Match[str], marks: Sequence[re.Match[str]], at: int) -> bool:
    """Whether a typewriter's mark, `marks[at]`, closes a curly one, or the reverse, as hands that mix them
    write: where the mark that belongs to the opened one does not come before another begins.
    """
    kinds = _kind(opened), _kind(marks[at])
    if kinds == ('"', "”"):
        return True
    if kinds != ("“", '"'):
        return False
    for later in marks[at + 1 : at + 1 + _MARKS_AHEAD]:
        if _kind(later) == "”":
            return False
        if _kind(later) in '"“' and _opens(text, later):
            return True
    return True


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
