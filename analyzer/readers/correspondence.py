"""What is in a mail beside what its author wrote: the mail that it answers, which becomes a quotation, and a signature.

A text or the tree of a page goes in; out comes the text, or the tree is changed in place, and what was left out is
counted. What stands below the header of another mail is its author's own where answers stand between quoted lines, and
where nothing stands above it: then it is passed on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from analyzer.readers.tree import BLOCK_TAGS, stands_in, text_of

_ANSWERED = re.compile(r"\s*-{3,}\s*original message\s*-{3,}\s*", re.IGNORECASE)
_FIELD = re.compile(r"\s*\*{0,2}(From|Sent|Date|To|Cc|Subject)\*{0,2}\s?:", re.IGNORECASE)
_HEADER = re.compile(r"From\s?:.{1,300}Sent\s?:.{1,300}Subject\s?:.{0,200}", re.IGNORECASE | re.DOTALL)
# What programs of mail write, and a memorandum does not: when it was sent.
_NEEDED, _MOST_FIELDS = {"from", "sent", "subject"}, 8
_QUOTED = re.compile(r">+")
_POSTSCRIPT = re.compile(r"\s*p\.?\s?s\b", re.IGNORECASE)
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
            below = lines[position + length :]
            is_quoted = any(map(str.strip, kept)) and not any(map(_QUOTED.match, below))
            return "\n".join((*kept, "", *(f"> {line}" if is_quoted else line for line in below)))
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
            if stands_in(signature, body):
                left_out["signature"] += 1
                signature.drop_tree()
    header = next(filter(_is_header, body.iter("p", "div")), None)
    if header is None or any(outer.tag == "blockquote" for outer in header.iterancestors()):
        return
    if not text_of(body).partition(text_of(header))[0].strip():
        return
    quoted = header.makeelement("blockquote", {})
    quoted.text, header.tail = header.tail, None
    level = header
    while level is not body and level is not None:
        quoted.extend(list(level.itersiblings()))
        level = level.getparent()
    body.append(quoted)
    left_out["header of another mail"] += 1
    header.drop_tree()


def _is_header(element: Any) -> bool:
    """Whether an element holds the fields of a header and nothing else."""
    text = text_of(element)
    if not _HEADER.fullmatch(text):
        return False
    lines = [text_of(inner) for inner in element.iterdescendants() if inner.tag in BLOCK_TAGS]
    return all(map(_FIELD.match, lines)) and not any(map(_HEADER.fullmatch, lines))


def _header_length(lines: Sequence[str], at: int) -> int:
    """How many lines from there on are the header of another mail; 0 where none begins."""
    begin = at + bool(_ANSWERED.fullmatch(lines[at]))
    while begin > at and begin < min(at + _MOST_FIELDS, len(lines)) and not lines[begin].strip():
        begin += 1
    fields = [_FIELD.match(line) for line in lines[begin : begin + _MOST_FIELDS]]
    count = next((number for number, field in enumerate(fields) if field is None), len(fields))
    names = {field[1].lower() for field in fields[:count] if field is not None}
    is_header = count > 0 and fields[0] is not None and fields[0][1].lower() == "from" and names >= _NEEDED
    return begin - at + (count if is_header else 0)


def _signature_end(lines: Sequence[str], at: int) -> int:
    """Where a signature ends: before a postscript, before another mail, or with the text."""
    ends = (
        number
        for number in range(at + 1, len(lines))
        if _QUOTED.match(lines[number]) or _POSTSCRIPT.match(lines[number]) or _header_length(lines, number)
    )
    return next(ends, len(lines))


def _unflowed(lines: Sequence[str]) -> list[str]:
    found: list[list[str]] = []
    goes_on = ""
    for line in lines:
        marks = _QUOTED.match(line)
        depth = marks[0] if marks else ""
        text = line[len(depth) :].removeprefix(" ")
        if goes_on == f"{depth}." and text.strip() and text != _SIGNATURE:
            found[-1].append(text)
        else:
            found.append([f"{depth} {text}" if depth else text])
        goes_on = f"{depth}." if text.endswith(" ") and text != _SIGNATURE else ""
    return list(map("".join, found))
