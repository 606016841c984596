"""Credits: the line below a quotation that is set off which says whose words it has, as "— Jane Doe, Acme" does."""

from __future__ import annotations

import re
from dataclasses import dataclass

from analyzer.document import BlockKind, Document

_CREDIT = re.compile(r"(?:[—–―]|--?)\s*(?=\W*[A-Z])([^!?\n]{3,100})")
_UNNAMED = re.compile(r"\W*(?:an?|another|anonymous|one|some|unknown)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Credit:
    """Block `at` of a document credits the quotation in the blocks `quotation` to `name`, or to "" where it names
    nobody.
    """

    at: int
    quotation: range
    name: str


def credits_of(document: Document) -> list[Credit]:
    """The credits of quotations, in the order of the document."""
    found: list[Credit] = []
    first = None
    for at, block in enumerate(document.blocks):
        credit = _CREDIT.fullmatch(document.text, block.start, block.end)
        if first is not None and credit and block.kind in (BlockKind.QUOTE, BlockKind.PARAGRAPH):
            found.append(Credit(at, range(first, at), "" if _UNNAMED.match(credit[1]) else credit[1].strip()))
            first = None
        elif block.kind is not BlockKind.QUOTE:
            first = None
        elif first is None:
            first = at
    return found
