"""Puts an article together that a page cuts into several containers, by advertisements or a paragraph at a time.

What finds the article of a page takes the first container. A tree goes in and is changed in place.
"""

from __future__ import annotations

import re
from typing import Any

from analyzer.readers.tree import HEADINGS, words_of

_CONTAINERS = ("div", "section", "article")
_OF_TEXT = re.compile(r"article|body|chunk|content|copy|entry|paragraph|post|story|text", re.IGNORECASE)
_OF_OTHERS = re.compile(
    r"author|bio|caption|card|comment|footer|grid|item|list|menu|nav|promo|related|share|side|teaser|widget",
    re.IGNORECASE,
)
_BLOCKS = ("p", "ul", "ol", "table", "figure", "blockquote", *HEADINGS)


def join_parts(body: Any) -> None:
    """Move into the first of several containers of the same name, side by side, what stands in the others and between
    them.
    """
    groups: dict[tuple[Any, str, str], list[Any]] = {}
    for element in body.iter(*_CONTAINERS):
        # The posts of a live blog or a thread are articles, with names of their own.
        name = f"{element.get('class', '')} {element.get('itemprop', '')}" if element.tag != "article" else "article"
        groups.setdefault((element.getparent(), element.tag, name), []).append(element)
    for (_, _, name), parts in groups.items():
        if len(parts) > 1 and _OF_TEXT.search(name) and not _OF_OTHERS.search(name) and all(map(_holds_text, parts)):
            _join(parts)


def _holds_text(part: Any) -> bool:
    """Whether it holds paragraphs, and is no teaser: its words are not those of links, nor its heading one."""
    links = [link for link in part.iter("a") if not link.get("href", "").startswith("#")]
    if part.find(".//p") is None or any(outer.tag in HEADINGS for link in links for outer in link.iterancestors()):
        return False
    return 2 * sum(len(words_of(link)) for link in links) < len(words_of(part))


def _join(parts: list[Any]) -> None:
    first, last, others = parts[0], parts[-1], set(parts[1:])
    moved = []
    for sibling in first.itersiblings():
        if sibling in others or sibling.tag in _BLOCKS or next(sibling.iter(*_BLOCKS), None) is not None:
            moved.append(sibling)
        if sibling is last:
            break
    for element in moved:
        if element in others:
            element.tag = "div"
            element.attrib.clear()
        first.append(element)
