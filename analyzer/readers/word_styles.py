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

_HEADING_LEVEL = re.compile("[0-8]")  # the level above these is that of body text
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
        chain: dict[str, Any] = {}
        current = identifier
        while current in elements and current not in styles and current not in chain:
            chain[current] = elements[current]
            current = value_at(elements[current], "basedOn") or ""
        based_on = styles.get(current)
        for of_chain, element in reversed(chain.items()):
            based_on = styles[of_chain] = _style(element, based_on)
    return styles


def _style(element: Any, based_on: Style | None) -> Style:
    name = (value_at(element, "name") or "").lower()
    kind = _kind_by_name(name) or kind_by_properties(element)
    is_contents = _CONTENTS.fullmatch(name) is not None
    is_title = name == "title" or (kind is None and based_on is not None and based_on.is_title)
    return Style(kind or (based_on.kind if based_on else None), is_title, is_contents)


def _kind_by_name(name: str) -> BlockKind | None:
    if name in ("title", "subtitle") or re.fullmatch(r"heading \d", name):
        return BlockKind.HEADING
    if "quote" in name or name == "block text":
        return BlockKind.QUOTE
    return BlockKind.LIST_ITEM if name.startswith("list") else None


def kind_by_properties(element: Any) -> BlockKind | None:
    """The kind that a style or a paragraph states itself."""
    level = value_at(element, "pPr", "outlineLvl")
    if level is not None and _HEADING_LEVEL.fullmatch(level):
        return BlockKind.HEADING
    number = value_at(element, "pPr", "numPr", "numId")
    return BlockKind.LIST_ITEM if number not in (None, "0") else None
