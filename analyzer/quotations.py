"""Finds what stands inside quotation marks: the words of a speaker, not of the text.

In goes a `Document`, out come ranges of its text. A quotation that its paragraph leaves open goes on to the end of
the paragraph when the next one opens with a mark again, as the custom for long quotations is.
"""

from __future__ import annotations

import re

from analyzer.document import BlockKind, Document

# Double marks, and single ones that can be no apostrophe: after a space or a dash, before a space or punctuation.
_MARK = re.compile(r"[“”„«»\"]|(?<![\w’'])[‘'](?=\w)|(?<=[\w.,!?…])['’](?![\w’'])")
_CLOSING = {"“": "”", "„": "“”", "«": "»", '"': '"', "‘": "’", "'": "'"}
_CURLY = frozenset("“„«")
# Of "the '90s", "'em", "'til": an apostrophe.
_ELIDED = re.compile(r"\d0s\b|(?:em|til|tis|twas|n|cause|bout)\b", re.IGNORECASE)


def quoted_ranges(document: Document) -> list[tuple[int, int]]:
    """Start and end in `document.text` of everything quoted, without the marks; ascending, not overlapping."""
    ranges: list[tuple[int, int]] = []
    for number, block in enumerate(document.blocks):
        text = document.text[block.start : block.end]
        if block.kind is BlockKind.QUOTE:
            ranges.append((block.start, block.end))
            continue
        following = document.blocks[number + 1] if number + 1 < len(document.blocks) else None
        goes_on = following is not None and document.text[following.start] in '“"'
        ranges += [(block.start + start, block.start + end) for start, end in _quoted(text, goes_on=goes_on)]
    return ranges


def _quoted(text: str, *, goes_on: bool) -> list[tuple[int, int]]:
    """Ranges inside quotation marks; one that is never closed counts only where the quotation `goes_on`."""
    found = []
    opened: re.Match[str] | None = None
    for mark in _MARK.finditer(text):
        if opened is None:
            if _opens(text, mark):
                opened = mark
        elif mark.group() in _CLOSING[opened.group()] and not _is_possessive(text, mark):
            found.append((opened.end(), mark.start()))
            opened = None
    if opened is not None and goes_on and opened.group() in '“"':
        found.append((opened.end(), len(text)))
    return found


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
    before, after = text[mark.start() - 1 : mark.start()], text[mark.end() : mark.end() + 1]
    if mark.group() == '"':
        return not before.isalnum()
    if mark.group() in "‘’'" and _ELIDED.match(text, mark.end()):
        return False
    return mark.group() in _CURLY or (mark.group() in "‘'" and after.isalnum())
