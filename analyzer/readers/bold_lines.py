"""Bold lines of a page: "**What we know**" above a paragraph, or at its top before a line break.

In goes a tree; such lines are made paragraphs of their own in it, and out come the texts of those that are headings,
as of a bold line in Markdown. They stay `p` elements: what finds the article of a page drops headings that it doubts.
"""

from __future__ import annotations

from typing import Any

from analyzer.readers.headings import holds_sentences
from analyzer.readers.tree import is_data_table, text_of

_BOLD = ("strong", "b")
_LONGEST_HEADING = 100
_NOT_PARTED = frozenset(("li", "blockquote", "dd", "figure"))


def part_bold_lines(body: Any) -> None:
    """Puts each bold line that is followed by others of its paragraph into a paragraph before it."""
    tables = _data_tables(body)
    for paragraph in list(body.iter("p")):
        for bold in _bold_lines(paragraph, tables):
            _part(bold, paragraph)


def bold_headings(body: Any) -> frozenset[str]:
    """The texts of the paragraphs that are a bold line, end without a stop, and stand above a text."""
    found = set()
    tables = _data_tables(body)
    for paragraph in body.iter("p"):
        text = text_of(paragraph) if len(paragraph) == 1 and _bold_lines(paragraph, tables) else ""
        if _is_heading(text) and _heads_text(paragraph):
            found.add(text)
    return frozenset(found)


def _data_tables(body: Any) -> set[Any]:
    return {table for table in body.iter("table") if is_data_table(table)}


def _bold_lines(paragraph: Any, tables: set[Any]) -> list[Any]:
    """Its bold lines, if it is a paragraph of the text: in no item, quotation or caption, and no cell of `tables`."""
    lines = [bold for bold in paragraph.iterchildren(*_BOLD) if _begins_line(bold) and _ends_line(bold)]
    outer = paragraph.iterancestors() if lines else ()
    return [] if any(element.tag in _NOT_PARTED or element in tables for element in outer) else lines


def _begins_line(bold: Any) -> bool:
    previous = bold.getprevious()
    before = bold.getparent().text if previous is None else previous.tail
    return not (before or "").strip() and (previous is None or previous.tag == "br")


def _ends_line(bold: Any) -> bool:
    following = bold.getnext()
    return not (bold.tail or "").strip() and (following is None or following.tag == "br")


def _part(bold: Any, paragraph: Any) -> None:
    line_break, text = bold.getnext(), text_of(bold)
    if line_break is None or not text or text[-1] in ",;" or _goes_on(line_break):
        return
    if bold.getprevious() is not None:
        _move(paragraph, list(bold.itersiblings(preceding=True))[::-1])
    bold.tail = None
    _move(paragraph, [bold])
    paragraph.text, line_break.tail = line_break.tail, None
    paragraph.remove(line_break)


def _goes_on(line_break: Any) -> bool:
    """Whether what stands behind the break is nothing, or the rest of a sentence that began before it."""
    following = line_break.getnext()
    text = (line_break.tail or "").strip() or ("" if following is None else following.text_content().strip())
    return text == "" or text[0].islower()


def _move(paragraph: Any, children: list[Any]) -> None:
    """Puts the first children of a paragraph, with the text before them, into a paragraph before it."""
    block = paragraph.makeelement("p", {})
    block.text, paragraph.text = paragraph.text, None
    block.extend(children)
    paragraph.addprevious(block)


def _is_heading(text: str) -> bool:
    if not 0 < len(text) <= _LONGEST_HEADING or holds_sentences(text):
        return False
    return text[-1] not in ".…,;:" and text[0] not in "“\"'‘"


def _heads_text(paragraph: Any) -> bool:
    following = paragraph.getnext()
    return following is not None and following.tag in ("p", "ul", "ol") and following.text_content().strip() != ""
