"""What is in a mail beside what its author wrote: the mail that it answers, which becomes a quotation, and a signature.

A text or the tree of a page goes in; out comes the text, or the tree is changed in place, and what was left out is
counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from analyzer.readers.tree import text_of

_ANSWERED = re.compile(r"\s*-{3,}\s*(?:original|forwarded) message\s*-{3,}\s*", re.IGNORECASE)
_FIELD = re.compile(r"\s*\*{0,2}(From|Sent|Date|To|Cc|Subject)\s?:", re.IGNORECASE)
_HEADER = re.compile(r"\s*From\s?:.{1,300}(?:Sent|Date)\s?:.{1,300}Subject\s?:.{0,300}", re.IGNORECASE | re.DOTALL)
_LEAST_FIELDS = 3
_QUOTED = re.compile(r">+")
_SIGNATURE = "-- "
_SIGNATURES = (
    ".//*[contains(@class, 'gmail_signature')]", ".//*[contains(@class, 'moz-signature')]",
    ".//*[@id='Signature']", ".//*[@id='ms-outlook-mobile-signature']",
)  # fmt: skip


def written_text(text: str, left_out: Counter[str], *, is_flowed: bool) -> str:
    """The text of a mail, the one that it answers behind marks of quotation (`>`), without the signature.

    `is_flowed`: lines that end in a space go on in the next one (RFC 3676).
    """
    lines = text.splitlines()
    lines = _unflowed(lines) if is_flowed else lines
    kept: list[str] = []
    position = 0
    while position < len(lines):
        line = lines[position]
        if length := _header_length(lines, position):
            left_out["header of another mail"] += 1
            return "\n".join((*kept, "", *(f"> {quoted}" for quoted in lines[position + length :])))
        if line == _SIGNATURE:
            position = _signature_end(lines, position)
            left_out["signature"] += 1
        else:
            kept.append(line)
            position += 1
    return "\n".join(kept)


def quote_answered(body: Any, left_out: Counter[str]) -> None:
    """The same in a page: what stands below the header of another mail becomes a `blockquote`, signatures go."""
    for path in _SIGNATURES:
        for signature in body.xpath(path):
            if signature.getparent() is not None:
                left_out["signature"] += 1
                signature.drop_tree()
    header = next((e for e in body.iter("p", "div") if _HEADER.fullmatch(text_of(e)) and len(text_of(e)) < 1000), None)
    if header is None or any(outer.tag == "blockquote" for outer in header.iterancestors()):
        return
    quoted = header.makeelement("blockquote", {})
    level = header
    while level is not body and level is not None:
        quoted.extend(list(level.itersiblings()))
        level = level.getparent()
    body.append(quoted)
    left_out["header of another mail"] += 1
    header.drop_tree()


def _header_length(lines: Sequence[str], at: int) -> int:
    """How many lines from there on are the header of another mail; 0 where none begins."""
    begin = at + bool(_ANSWERED.fullmatch(lines[at]))
    while begin > at and begin < len(lines) and not lines[begin].strip():
        begin += 1
    first = _FIELD.match(lines[begin]) if begin < len(lines) else None
    if first is None or first[1].lower() != "from":
        return begin - at
    end = begin
    names = set()
    while end < len(lines) and (field := _FIELD.match(lines[end])):
        names.add(field[1].lower())
        end += 1
    return end - at if len(names) >= _LEAST_FIELDS else begin - at


def _signature_end(lines: Sequence[str], at: int) -> int:
    """Where a signature ends: before another mail, or with the text."""
    return next(
        (k for k in range(at + 1, len(lines)) if _QUOTED.match(lines[k]) or _header_length(lines, k)), len(lines)
    )


def _unflowed(lines: Sequence[str]) -> list[str]:
    found: list[str] = []
    goes_on = ""
    for line in lines:
        marks = _QUOTED.match(line)
        depth = marks[0] if marks else ""
        text = line[len(depth) :].removeprefix(" ")
        if found and goes_on == f"{depth}." and text != _SIGNATURE:
            found[-1] += text
        else:
            found.append(f"{depth} {text}" if depth else text)
        goes_on = f"{depth}." if text.endswith(" ") and text != _SIGNATURE else ""
    return found
