"""What a page is called, and which of its headings is the headline.

In goes the tree of a page, out come its title and the pieces of its text with the headline in front.
"""

from __future__ import annotations

import re
from typing import Any

from analyzer.document import BlockKind
from analyzer.readers.pieces import Piece
from analyzer.readers.tree import HEADINGS, text_of

_TITLE_CLASS = re.compile(r"(?:c\d+ )+title|title(?: c\d+)+")
_SITE_CLASS = re.compile(r"(?<![a-z])(?:logo|branding|site-?(?:title|name))(?![a-z])", re.IGNORECASE)


def page_title(root: Any) -> str:
    """What the page calls itself: its `og:title`, its only `h1`, its `title`. The name of the site is none of them."""
    if title := _property(root, "og:title"):
        return title
    if title := _titled_paragraph(root):
        return title
    headings = [text for text, tag in _headings(root, _property(root, "og:site_name")) if tag == "h1"]
    if len(headings) == 1:
        return headings[0]
    element = root.find(".//title")
    return (text_of(element) if element is not None else "") or (headings or [""])[0]


def with_headline(pieces: list[Piece], root: Any, title: str) -> list[Piece]:
    """With the page's headline in front, if it stands in the body and is left out of `pieces`: of the headings that
    the title names an `h1`, and the longest of them.
    """
    named = [
        (tag == "h1", len(text), text)
        for text, tag in _headings(root, _property(root, "og:site_name"))
        if _names(title, text) or (tag == "h1" and _names(text, title))
    ]
    headline = max(named, default=(False, 0, ""))[2]
    if not headline or any(piece.text == headline for piece in pieces[:5]):
        return pieces
    return [Piece(BlockKind.HEADING, headline), *pieces]


def _headings(root: Any, site: str) -> list[tuple[str, str]]:
    """The text and the tag of every heading but those that say whose page it is."""
    found = []
    for heading in root.iter(*HEADINGS):
        text = text_of(heading)
        if text and text != site and not _is_of_site(heading):
            found.append((text, heading.tag))
    return found


def _titled_paragraph(root: Any) -> str:
    """The title in an export of Google Docs: a paragraph of the classes `c7 title`, before all headings."""
    first = next((element for element in root.iter("p", *HEADINGS) if text_of(element)), None)
    is_title = first is not None and first.tag == "p" and _TITLE_CLASS.fullmatch(first.get("class", ""))
    return text_of(first) if is_title else ""


def _is_of_site(heading: Any) -> bool:
    parent = heading.getparent()
    bearers = [heading] if parent.tag in ("body", "article", "main") else [heading, parent]
    return any(_SITE_CLASS.search(f"{bearer.get('class', '')} {bearer.get('id', '')}") for bearer in bearers)


def _names(whole: str, part: str) -> bool:
    """Whether the words of `part` stand in `whole`."""
    return part != "" and part in whole and re.search(rf"(?<!\w){re.escape(part)}(?!\w)", whole) is not None


def _property(root: Any, name: str) -> str:
    for meta in root.iter("meta"):
        if meta.get("property") == name and (content := " ".join(meta.get("content", "").split())):
            return content
    return ""
