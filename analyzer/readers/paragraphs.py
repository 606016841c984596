"""Gives paragraphs of HTML that no element holds one: text between double line breaks, in a bare `div`, in a `pre`.

What finds the article of a page looks for `p` elements and drops text that stands in none. A tree goes in and is
changed in place.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from analyzer.readers.tree import HEADINGS

_BLOCKS = frozenset((
    "p", "div", "section", "article", "main", "header", "footer", "nav", "aside", "figure", "figcaption", "ul", "ol",
    "li", "dl", "dt", "dd", "table", "tr", "td", "th", "thead", "tbody", "caption", "address", "details", "summary",
    "fieldset", "form", "hr", "pre", "center", "blockquote", "body", *HEADINGS,
))  # fmt: skip
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


def make_paragraphs(body: Any) -> None:
    """Wrap every such text in a `p`."""
    for pre in list(body.iter("pre")):
        _split_preformatted(pre)
    # Looked up, since a page may have tens of thousands of siblings.
    have_paragraphs = {paragraph.getparent() for paragraph in body.iter("p")}
    for element in list(body.iter("*")):
        if element.tag == "center":
            element.tag = "div"
        if _has_double_break(element):
            _wrap_runs(element)
        elif element.getparent() in have_paragraphs and _is_bare_paragraph(element):
            element.tag = "p"


def _split_preformatted(pre: Any) -> None:
    """A `pre` without `code` in it is a text that was typed."""
    paragraphs = [text for text in _BLANK_LINE.split("".join(pre.itertext())) if text.strip()]
    if pre.find(".//code") is not None:
        return
    tail = pre.tail
    pre.clear()
    pre.tag, pre.tail = "div", tail
    for text in paragraphs:
        _paragraph(pre).text = text


def _has_double_break(element: Any) -> bool:
    return any(
        child.tag == following.tag == "br" and not (child.tail or "").strip() for child, following in pairwise(element)
    )


def _is_bare_paragraph(element: Any) -> bool:
    """A `div` that has no name and holds no block: among paragraphs, one by another name."""
    if element.tag != "div" or element.attrib:
        return False
    return not any(inner.tag in _BLOCKS for inner in element.iterdescendants())


def _wrap_runs(element: Any) -> None:
    """Put what stands between double breaks, or beside blocks, into paragraphs."""
    tail, text = element.tail, element.text
    children = [(child, child.tail) for child in element]
    for child, _ in children:
        child.tail = None
        element.remove(child)
    element.text = None
    if element.tag in ("p", "font", "span"):
        element.tag = "div"
    run = _Run(element)
    run.add_text(text)
    breaks = 0
    for child, after in children:
        if child.tag == "br":
            breaks += 1
            if breaks == 2:
                run.end()
            elif breaks == 1:
                run.add(child)
        elif child.tag in _BLOCKS:
            run.end()
            element.append(child)
        else:
            run.add(child)
        if child.tag != "br" or (after or "").strip():
            breaks = 0
        run.add_text(after)
    run.end()
    element.tail = tail


class _Run:
    """The paragraph that is being filled; it is put into its parent with its first word."""

    def __init__(self, parent: Any) -> None:
        self._parent = parent
        self._paragraph: Any = None

    def add(self, element: Any) -> None:
        if self._paragraph is None:
            if element.tag == "br":
                return
            self._paragraph = _paragraph(self._parent)
        self._paragraph.append(element)

    def add_text(self, text: str | None) -> None:
        if self._paragraph is None:
            if not (text or "").strip():
                return
            self._paragraph = _paragraph(self._parent)
        if len(self._paragraph):
            self._paragraph[-1].tail = (self._paragraph[-1].tail or "") + (text or "")
        else:
            self._paragraph.text = (self._paragraph.text or "") + (text or "")

    def end(self) -> None:
        self._paragraph = None


def _paragraph(parent: Any) -> Any:
    made = parent.makeelement("p", {})
    parent.append(made)
    return made
