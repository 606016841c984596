"""Puts an article together that a page cuts into several containers, by advertisements or a paragraph at a time.

What finds the article of a page takes the first container. A tree goes in and is changed in place.
"""

from __future__ import annotations

import re
from typing import Any

from analyzer.readers.beside import is_beside
from analyzer.readers.tree import BLOCK_TAGS, HEADINGS, leads_away, words_of

_CONTAINERS = ("div", "section", "article")
_OF_TEXT = re.compile(
    r"(?:post|entry|page|main|rich)[\W_]*content|article|body|chunk|copy|paragraph|story|text", re.IGNORECASE
)
# What has texts of its own.
_OF_OTHERS = re.compile(
    r"author|banner|bio|caption|card|footer|grid|item|list|menu|nav|repl(?:y|ies)|share|side|teaser|widget",
    re.IGNORECASE,
)


def join_parts(body: Any) -> None:
    """Move into the first of several containers of the same name, side by side, what stands in the others and between
    them, but for advertisements and the like.
    """
    groups: dict[tuple[Any, str, str], list[Any]] = {}
    for element in body.iter(*_CONTAINERS):
        # The posts of a live blog are articles, with names of their own.
        name = _name(element) if element.tag != "article" else "article"
        if _OF_TEXT.search(name) and not (_OF_OTHERS.search(_name(element)) or is_beside(element)):
            groups.setdefault((element.getparent(), element.tag, name), []).append(element)
    for parts in groups.values():
        if len(parts) > 1 and all(map(_holds_text, parts)):
            _join(parts)


def _name(element: Any) -> str:
    return f"{element.get('class', '')} {element.get('itemprop', '')}"


def _holds_text(part: Any) -> bool:
    """Whether it holds paragraphs, and is no teaser: its words are not those of links, nor its heading one."""
    links = [link for link in part.iter("a") if leads_away(link)]
    if part.find(".//p") is None or any(outer.tag in HEADINGS for link in links for outer in link.iterancestors()):
        return False
    return 2 * sum(len(words_of(link)) for link in links) < len(words_of(part))


def _join(parts: list[Any]) -> None:
    first, last, others = parts[0], parts[-1], set(parts[1:])
    between = []
    for sibling in first.itersiblings():
        between += [sibling] if isinstance(sibling.tag, str) else []
        if sibling is last:
            break
    after, last.tail = last.tail, None
    text, first.tail = first.tail, after
    _add_paragraph(first, text)
    for element in between:
        text, element.tail = element.tail, None
        if not is_beside(element):
            if element in others:
                element.tag = "div"
                element.attrib.clear()
            elif element.tag == "div" and not any(inner.tag in BLOCK_TAGS for inner in element.iterdescendants()):
                element.tag = "p"
            first.append(element)
        _add_paragraph(first, text)


def _add_paragraph(parent: Any, text: str | None) -> None:
    if text and text.strip():
        paragraph = parent.makeelement("p", {})
        paragraph.text = text
        parent.append(paragraph)
