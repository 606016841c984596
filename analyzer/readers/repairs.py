"""Rewrites in the tree of a page what would be lost on the way to its text, or run into its neighbour.

Quotation marks that only the markup shows, raised characters, captions, the speaker of a quotation, the lines of a
headline, bold lines, names of columns, and paragraphs that no element holds. A tree goes in and is changed in place.
"""

from __future__ import annotations

import re
from typing import Any

from analyzer.readers.bold_lines import part_bold_lines
from analyzer.readers.header_rows import fill_spans, join_header_rows
from analyzer.readers.paragraphs import make_paragraphs
from analyzer.readers.parts import join_parts
from analyzer.readers.raised import as_text
from analyzer.readers.tables import names_columns
from analyzer.readers.tree import HEADINGS, is_data_table, text_of

_KICKERS = ("span", "em", "strong", "b", "i", "a", "small", "font")
_BEGINS_WORD = re.compile(r"\s*[\w“‘]")


def repair(body: Any) -> None:
    """Rewrites all of that under `body`."""
    join_parts(body)
    for element in list(body.iter("time", "label")):
        element.tag = "span"
    for raised in list(body.iter("sup")):
        _write_raised(raised)
    for table in filter(is_data_table, list(body.iter("table"))):
        join_header_rows(table)
        fill_spans(table)
        _name_columns(table)
    for heading in list(body.iter(*HEADINGS)):
        _part_words(heading)
    for figure in list(body.iter("figure")):
        if figure.find(".//blockquote") is not None:
            figure.tag = "div"
    for footer in body.xpath(".//blockquote//footer"):
        footer.tag = "p"
    for element in list(body.iter("section", "article", "main")):
        _show_bare_text(element)
    make_paragraphs(body)
    part_bold_lines(body)
    quotes = [(quote, sum(1 for _ in quote.iterancestors("q"))) for quote in body.iter("q")]
    for quote, depth in quotes:
        opening, closing = "‘’" if depth % 2 else "“”"
        quote.text = f"{opening}{quote.text or ''}"
        if len(quote):
            quote[-1].tail = f"{quote[-1].tail or ''}{closing}"
        else:
            quote.text += closing
        quote.tag = "span"
    for caption in list(body.iter("caption")):
        table = caption.getparent()
        if table is not None and table.tag == "table":
            caption.tag = "p"
            tail, caption.tail = caption.tail, None
            table.addprevious(caption)
            caption.tail = tail
    # The last one first, since each goes to the place right behind its figure.
    for caption in reversed(list(body.iter("figcaption"))):
        caption.tag = "p"
        figure = next(caption.iterancestors("figure"), None)
        if figure is not None:
            caption.drop_tree()
            caption.tail, figure.tail = figure.tail, None
            figure.addnext(caption)


def _part_words(heading: Any) -> None:
    """A space where a line breaks, and between a kicker and the headline when each has an element to itself."""
    for line_break in heading.iter("br"):
        line_break.tail = f" {line_break.tail or ''}"
    for element in heading.iterdescendants(*_KICKERS):
        following = element.getnext()
        if element.tail or following is None or following.tag not in _KICKERS:
            continue
        # A letter alone is a drop cap.
        if len(element.text_content().strip()) > 1 and _BEGINS_WORD.match(following.text_content()):
            element.tail = " "


def _write_raised(element: Any) -> None:
    """A mark of a note, or an exponent, in characters that are no figures of the text before it."""
    previous = element.getprevious()
    before = (element.getparent().text if previous is None else previous.tail) or ""
    inner = element.text_content()
    links = [*element.iter("a"), *(outer for outer in element.iterancestors("a") if outer.text_content() == inner)]
    text = as_text(inner, before, is_link=any("#" in link.get("href", "") for link in links))
    if text != inner:
        target = next((link.get("href", "") for link in element.iter("a")), "")
        for child in list(element):
            element.remove(child)
        element.tag, element.text = "span", text
        element.set("href", target)


def _name_columns(table: Any) -> None:
    """Cells in bold that are the whole first row of a table name its columns."""
    rows = [list(row.iterchildren("td")) for row in table.iter("tr")]
    if not rows or table.find(".//th") is not None:
        return
    cells, texts = rows[0], [[text_of(cell) for cell in row] for row in rows]
    bold = [" ".join(text_of(part) for part in cell.iter("b", "strong")) for cell in cells]
    if any(bold) and bold == texts[0] and names_columns(texts, is_bold=True):
        for cell in cells:
            cell.tag = "th"


def _show_bare_text(element: Any) -> None:
    """Puts a double line break before text in no paragraph, which is what makes paragraphs of its runs."""
    if any((text or "").strip() for text in (element.text, *(child.tail for child in element))):
        for _ in range(2):
            element.insert(0, element.makeelement("br", {}))
        element[1].tail, element.text = element.text, None
