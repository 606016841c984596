"""What the paragraph styles of a Word document mean.

In goes the XML of its styles, out comes what each makes of a paragraph: by its name, by what it states, or by the
styles that it is based on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from analyzer.document import BlockKind
from analyzer.readers.word_xml import given, tag_of, value_at

_BODY_LEVEL = 9  # the outline level that Word gives to body text
_CONTENTS = re.compile(r"toc \d|table of (?:figures|authorities)")


@dataclass(slots=True)
class Style:
    """What a style says of its paragraphs."""

    kind: BlockKind | None
    is_title: bool
    is_contents: bool


def styles_in(root: Any) -> dict[str, Style]:
    """The styles by their ids, followed up through those that they are based on."""
    elements = {id: style for style in root if tag_of(style) == "style" and (id := given(style, "styleId"))}
    styles: dict[str, Style] = {}
    for identifier in elements:
        kind, is_title, seen, current = None, False, set(), identifier
        is_contents = _CONTENTS.fullmatch((value_at(elements[identifier], "name") or "").lower()) is not None
        while kind is None and current in elements and current not in seen:
            seen.add(current)
            style = elements[current]
            name = (value_at(style, "name") or "").lower()
            is_title = is_title or name == "title"
            kind = _kind_by_name(name) or kind_by_properties(style)
            current = value_at(style, "basedOn") or ""
        styles[identifier] = Style(kind, is_title, is_contents)
    return styles


def _kind_by_name(name: str) -> BlockKind | None:
    if name in ("title", "subtitle") or re.fullmatch(r"heading \d", name):
        return BlockKind.HEADING
    if "quote" in name or name == "block text":
        return BlockKind.QUOTE
    return BlockKind.LIST_ITEM if name.startswith("list") else None


def kind_by_properties(element: Any) -> BlockKind | None:
    """The kind that a style or a paragraph states itself."""
    level = value_at(element, "pPr", "outlineLvl")
    if level is not None and level.isdigit() and int(level) < _BODY_LEVEL:
        return BlockKind.HEADING
    number = value_at(element, "pPr", "numPr", "numId")
    return BlockKind.LIST_ITEM if number not in (None, "0") else None
