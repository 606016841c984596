"""From a tree of HTML, or of trafilatura's XML, to pieces of text.

In goes an lxml element, out come its blocks in reading order: text runs on until an element that stands
on lines of its own begins or ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from analyzer.document import BlockKind
from analyzer.readers.headings import ends_sentence
from analyzer.readers.links import END, Links
from analyzer.readers.pieces import Piece, row_text
from analyzer.readers.tables import names_columns
from analyzer.readers.turns import is_turn

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_KINDS = {
    **dict.fromkeys((*HEADINGS, "head"), BlockKind.HEADING),
    **dict.fromkeys(("li", "item", "dd", "dt"), BlockKind.LIST_ITEM),
    **dict.fromkeys(("blockquote", "quote"), BlockKind.QUOTE),
}
_BREAKING = frozenset((
    "p", "div", "section", "article", "main", "header", "footer", "nav", "aside", "figure", "ul", "ol", "dl", "list",
    "table", "tr", "row", "td", "th", "cell", "caption", "body", "html", "address", "details", "summary", "fieldset",
    "form", "hr", "pre", "center",
))  # fmt: skip
BLOCK_TAGS = _BREAKING | frozenset(_KINDS)
_LINE_BREAKS = frozenset(("br", "lb"))
# Stands for a line break; the page has no such character.
_BREAK = "\x00"
_QUOTED = re.compile('[“”„«»"]')
# How a letter closes, above the name.
_CLOSING = re.compile(
    r"(?:yours|sincerely|regards|(?:best|kind|warm) (?:regards|wishes)|respectfully|signed)(?: \w+){0,2},",
    re.IGNORECASE,
)
_FEW_WORDS = 4
_LONGEST_LINE = 80


def pieces_of(root: Any) -> list[Piece]:
    """The blocks under `root`."""
    collector = _Collector()
    collector.walk(root, BlockKind.PARAGRAPH)
    collector.flush(BlockKind.PARAGRAPH)
    return collector.pieces


def words_of(element: Any) -> list[str]:
    """The words under an element, in reading order."""
    return " ".join(element.itertext()).split()


def leads_away(link: Any) -> bool:
    """Whether a link leads to another place than one in its page."""
    return not link.get("href", "#").startswith("#")


def stands_in(element: Any, root: Any) -> bool:
    """Whether an element is still under `root`, from which others were taken."""
    return any(outer is root for outer in element.iterancestors())


def text_of(element: Any) -> str:
    """The text of an element of a page, with single spaces."""
    return " ".join(element.text_content().split())


class _Collector:
    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.run: list[str] = []
        self.links = Links()
        self.tables = 0

    def walk(self, element: Any, kind: BlockKind) -> None:
        tag = element.tag
        if not isinstance(tag, str):  # a comment or processing instruction
            return
        if tag == "table" and is_data_table(element):
            self.flush(kind)
            self._add_table(element)
            return
        inner = _KINDS.get(tag, kind)
        if kind is BlockKind.QUOTE and inner is not BlockKind.HEADING:
            inner = kind
        breaks = tag in BLOCK_TAGS
        if breaks:
            self.flush(kind)
        target = element.get("href")
        self._add_text(self.links.begin(target) if target else None)
        self._add_text(element.text)
        for child in element:
            if child.tag in _LINE_BREAKS:
                self._break_line(child, inner)
            else:
                self.walk(child, inner)
            self._add_text(child.tail)
        self._add_text(END if target else None)
        if breaks:
            self.flush(inner)

    def flush(self, kind: BlockKind) -> None:
        """Ends the block that the text since the last one makes."""
        run = "".join(self.run)
        lines = [text for line in self.links.unmark(run)[0].split(_BREAK) if (text := " ".join(line.split()))]
        apart = kind is BlockKind.PARAGRAPH and _stand_apart(lines)
        for part in run.split(_BREAK) if apart else [run.replace(_BREAK, " ")]:
            text, references = self.links.unmark(" ".join(part.split()))
            if text:
                self.pieces.append(Piece(kind, text, references=references))
        self.run = []

    def _add_text(self, text: str | None) -> None:
        if text:
            self.run.append(text)

    def _break_line(self, element: Any, kind: BlockKind) -> None:
        """One break is a line of the same block, two in a row begin a new one."""
        following = element.getnext()
        doubled = following is not None and following.tag in _LINE_BREAKS and not (element.tail or "").strip()
        if doubled:
            self.flush(kind)
        else:
            self.run.append(_BREAK)
            self._add_text(element.text)

    def _add_table(self, table: Any) -> None:
        rows = [[cell for cell in row if cell.tag in ("td", "th", "cell")] for row in table.iter("tr", "row")]
        texts = [[" ".join(piece.text for piece in pieces_of(cell)) for cell in row] for row in rows]
        headers = [_is_header(row, of_row) for row, of_row in zip(rows, texts, strict=True)]
        if texts and not any(_names_column(cell) for row in rows for cell in row):
            headers[0] = names_columns(texts)
        found = [
            Piece(BlockKind.TABLE_ROW, text, self.tables, header)
            for row, header in zip(texts, headers, strict=True)
            if (text := row_text(row))
        ]
        self.pieces += found
        self.tables += bool(found)


def _stand_apart(lines: Sequence[str]) -> bool:
    """Whether lines with a break between are each by itself: turns of a conversation, names below a letter."""
    if len(lines) > 1 and all(map(is_turn, lines)):
        return True
    if len(lines) > 1 and _CLOSING.fullmatch(lines[0]):
        return all(map(_is_short, lines[1:]))
    if len(lines) < 3 or _QUOTED.search(" ".join(lines)) or (ends_sentence(lines[-1]) and not ends_sentence(lines[0])):
        return False
    return all(map(_is_short, lines))


def _is_short(line: str) -> bool:
    return len(line) <= _LONGEST_LINE and line[-1] not in ",;-–—" and not line[0].islower()


def is_data_table(table: Any) -> bool:
    """Not one that only lays out the page: that has tables, a single column, or whole texts in its cells."""
    if any(inner is not table for inner in table.iter("table")):
        return False
    rows = [[cell for cell in row if cell.tag in ("td", "th", "cell")] for row in table.iter("tr", "row")]
    if max((len(row) for row in rows), default=0) < 2:
        return False
    return not any(_holds_text(cell) for row in rows for cell in row)


def _holds_text(cell: Any) -> bool:
    """Whether a cell holds a heading, or paragraphs: three of them, or two that are more than a figure and its unit."""
    blocks = [piece for piece in pieces_of(cell) if piece.kind is not BlockKind.LIST_ITEM]
    if any(block.kind is BlockKind.HEADING for block in blocks):
        return not _names_column(cell)
    # Of so few words, a stop is that of an abbreviation ("Marsh, U.S.").
    sentences = (ends_sentence(block.text) and len(block.text.split()) > _FEW_WORDS for block in blocks)
    return len(blocks) > 2 or (len(blocks) == 2 and any(sentences))


def _is_header(cells: Sequence[Any], texts: Sequence[str]) -> bool:
    """Whether all cells name columns; an empty one may, beside others that do."""
    named = [_names_column(cell) for cell in cells]
    return any(named) and all(is_named or not text for is_named, text in zip(named, texts, strict=True))


def _names_column(cell: Any) -> bool:
    return bool(cell.tag == "th" or cell.get("role") == "head")
