"""The block parser that plain text and Markdown share: lines in, pieces of text out.

It knows headings, lists, quotations and tables as people type them, and tells hard-wrapped lines (joined)
from files with a paragraph on each line (kept apart) by asking whether the next word would still have fit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Sequence
from itertools import pairwise, zip_longest

from analyzer.document import BlockKind
from analyzer.readers.headings import Line, ends_sentence, is_title_case, mark_headings
from analyzer.readers.hyphens import HYPHEN_AT_END, LINE_HYPHEN, divides_words
from analyzer.readers.pasted import without_furniture
from analyzer.readers.tables import find_tables, table_pieces
from analyzer.readers.turns import holds_turns, is_turn

_BREAKS = re.compile("\r\n?|[\n\v\f\x85\u2028]")
_ATX = re.compile(r" {0,3}#{1,6}(?:[ \t]+|\Z)")
_SETEXT = re.compile(r" {0,3}(?:=+|-{2,})[ \t]*\Z")
_THEMATIC = re.compile(r"[ \t]*(?:(?:[-*_=~#+·•⁂—–][ \t]*){3,}|⁂)\Z")
_ITEM = re.compile(
    r"[ \t]*(?:[-*+•‣◦▪●○·⁃]|o(?=\t)|"
    r"(?P<number>\d{1,3})[.)]|\(\d{1,3}\)|\(?(?:[a-z]|[ivx]{1,5})\))[ \t]+(?:\[[ xX]\][ \t]+)?(?=\S)"
)
_THIRD = re.compile(r"[ \t]*\(c\)")
_SECOND = re.compile(r"[ \t]*\(b\)")
_QUOTE = re.compile(r" {0,3}>[ \t]?")
_QUOTES = re.compile(rf"\A(?:{_QUOTE.pattern})+")
# The first line of a quotation that is a note of the author's ("> [!NOTE]").
_ALERT = re.compile(r"\s*\[![A-Za-z]{2,20}\]\s*\Z")
_OPENING = '“"«„'

_GOES_ON = re.compile(r"\s*(?!(?:and|or|to|nor|und|et)\b)[^\W\d_]")
# Line lengths of hard-wrapped prose; verse and addresses are shorter, one-line paragraphs longer.
_NARROWEST, _WIDEST = 50, 120
# Those of narrow columns and wide windows, where most lines go on in the next one, which verse begins with a capital.
_NARROW_COLUMN, _WIDE_WINDOW, _LEAST_LINES, _MOSTLY_FULL = 25, 200, 5, 0.6
# A line that is so much longer than others was not wrapped as they were.
_WELL_OVER = 1.3


def split_lines(text: str) -> list[str]:
    """The lines of a text, however they are ended; a paragraph separator makes a blank line."""
    return _BREAKS.sub("\n", text.replace("\u2029", "\n\n")).split("\n")


def parse_lines(lines: Sequence[str], *, joins_lines: bool, left_out: Counter[str]) -> list[Line]:
    """The pieces of a text, headings marked.

    `joins_lines` is Markdown's rule: only a blank line ends a paragraph. What is left out is counted in `left_out`.
    """
    lines = without_furniture(lines, left_out)
    parser = _Parser(lines, joins_lines, left_out)
    parser.parse(lines)
    mark_headings(parser.pieces)
    _mark_running_quotes(parser.pieces)
    return parser.pieces


def _is_special(line: str, *, in_prose: bool = False) -> bool:
    """Whether the line cannot simply go on with the paragraph before it."""
    if item := _ITEM.match(line):
        # A wrapped line may begin with "1914. "; only a list that starts at its start interrupts a paragraph.
        return not in_prose or item["number"] in (None, "1")
    if in_prose and _SETEXT.match(line):
        return False
    return bool(_ATX.match(line) or _QUOTE.match(line) or _THEMATIC.match(line))


def _goes_apart(line: str) -> bool:
    return _is_special(line, in_prose=True) or bool(_SETEXT.match(line))


class _Parser:
    """Walks over chunks (lines between blank lines) and collects `pieces`."""

    def __init__(self, lines: Sequence[str], joins_lines: bool, left_out: Counter[str]) -> None:
        self.width = None if joins_lines else _wrap_width(lines)
        self.joins_lines = joins_lines
        self.left_out = left_out
        self.has_turns = holds_turns(lines)
        self.has_letters = any(map(_SECOND.match, lines))
        self.hyphen = LINE_HYPHEN if divides_words(lines) else "-"
        self.pieces: list[Line] = []
        self.tables = 0

    def parse(self, lines: Sequence[str], *, in_quote: bool = False) -> None:
        chunk: list[str] = []
        for line in (*lines, ""):
            if line.strip():
                chunk.append(line)
            elif chunk:
                first = len(self.pieces)
                self._parse_chunk(chunk, in_quote)
                self._set_surroundings(first)
                chunk = []

    def _set_surroundings(self, first: int) -> None:
        for index in range(first, len(self.pieces)):
            self.pieces[index].blank_before = index == first
            self.pieces[index].blank_after = index == len(self.pieces) - 1

    def _parse_chunk(self, lines: Sequence[str], in_quote: bool) -> None:
        # A table that is quoted is found inside the quotation.
        tables = find_tables(["" if _QUOTE.match(line) else line for line in lines])
        position = 0
        while position < len(lines):
            line = lines[position]
            if length := tables.get(position, 0):
                rows = table_pieces(lines[position : position + length], self.tables)
                self.pieces += (Line(row.kind, row.text, row.table, row.is_table_header) for row in rows)
                self.tables += bool(rows)
            elif heading := _ATX.match(line):
                length = 1
                text = line[heading.end() :].strip()
                self._add(BlockKind.HEADING, re.sub(r"(?:^|(?<=\s))#+\Z", "", text))
            elif _THEMATIC.match(line) or _SETEXT.match(line):
                length = 1
                self.left_out["separator line"] += 1
            elif not in_quote and _QUOTE.match(line):
                length = self._quoted_lines(lines, position, tables)
                quoted = [_QUOTES.sub("", line, count=1) for line in lines[position : position + length]]
                is_note = _ALERT.match(quoted[0])
                self.parse(quoted[1:] if is_note else quoted, in_quote=not is_note)
            else:
                length = self._parse_prose(lines, position, tables, in_quote)
            position += length

    def _quoted_lines(self, lines: Sequence[str], start: int, tables: Container[int]) -> int:
        """How many lines are quoted; in Markdown, those too with which prose goes on without the mark."""
        end = start
        while end < len(lines) and _QUOTE.match(lines[end]):
            end += 1
        if self.joins_lines and _QUOTES.sub("", lines[end - 1], count=1).strip():
            while end < len(lines) and end not in tables and not _goes_apart(lines[end]):
                end += 1
        return end - start

    def _parse_prose(self, lines: Sequence[str], start: int, tables: Container[int], in_quote: bool) -> int:
        """A list item or paragraphs, up to the next line that begins something else; returns how many lines."""
        item = self._item(lines[start])
        end = start + 1
        # Below an item goes on what is set in as its text is; what is set in less may be the next item.
        indent = _indent(lines[start]) if item is None and self._goes_on_item(lines[start:end]) else 0
        while end < len(lines) and end not in tables:
            if _is_special(lines[end], in_prose=item is None and _indent(lines[end]) >= indent):
                break
            if item is None and _SETEXT.match(lines[end]):
                # A heading is one line: below several, which CommonMark would make a heading of, people draw a line to
                # divide. So they do in plain text below a finished sentence, or begin a signature.
                if end > start + 1 or (not self.joins_lines and ends_sentence(lines[start].rstrip())):
                    break
                self._add(BlockKind.HEADING, lines[start])
                return 2
            end += 1
        kind = BlockKind.LIST_ITEM if item else BlockKind.PARAGRAPH
        if in_quote:
            kind = BlockKind.QUOTE
        prose = list(lines[start:end])
        if item:
            prose[0] = prose[0][item.end() :]
        elif self._goes_on_item(prose):
            kind = BlockKind.LIST_ITEM
        for paragraph in self._paragraphs(prose):
            self._add(
                kind, _joined(paragraph, self.hyphen), is_single_line=len(paragraph) == 1, may_be_heading=not in_quote
            )
            kind = BlockKind.PARAGRAPH if kind is BlockKind.LIST_ITEM and not _is_indented(prose[1:]) else kind
        return end - start

    def _item(self, line: str) -> re.Match[str] | None:
        """The mark of an item at the start of the line; where no item is (b), "(c)" says whose the text is."""
        return None if not self.has_letters and _THIRD.match(line) else _ITEM.match(line)

    def _goes_on_item(self, prose: Sequence[str]) -> bool:
        return bool(self.pieces) and self.pieces[-1].kind is BlockKind.LIST_ITEM and _is_indented(prose)

    def _paragraphs(self, lines: Sequence[str]) -> list[list[str]]:
        paragraphs = [[lines[0]]]
        for line, following in pairwise(lines):
            if self._breaks(line, following, first=line is lines[0]):
                paragraphs.append([following])
            else:
                paragraphs[-1].append(following)
        return paragraphs

    def _breaks(self, line: str, following: str, *, first: bool) -> bool:
        """Whether a paragraph ends between two lines that no blank line separates."""
        text, after = line.strip(), following.strip()
        if self.has_turns and is_turn(following):
            return True
        if self.joins_lines:
            is_hard = line.endswith("  ") and not after[0].islower() and text[-1] not in ",;"
            if is_hard and (len(text) <= _NARROWEST or ends_sentence(text)):
                return True
            return first and is_title_case(text) and len(after) > max(2 * len(text), 60) and not ends_sentence(text)
        if after[0].islower() and not ends_sentence(text):
            return False
        if self.width is None:
            return True
        indented = _indent(following) > _indent(line) and ends_sentence(text)
        return indented or len(line.rstrip()) + 1 + len(after.split(maxsplit=1)[0]) <= self.width

    def _add(self, kind: BlockKind, text: str, *, is_single_line: bool = True, may_be_heading: bool = False) -> None:
        if text.strip():
            self.pieces.append(Line(kind, text, is_single_line=is_single_line, may_be_heading=may_be_heading))


def _joined(lines: Sequence[str], hyphen: str) -> str:
    """Lines of a paragraph as one; a word with a hyphen at the end of a line, made `hyphen`, goes on in the next."""
    parts = [lines[0]]
    for line, following in pairwise(lines):
        if HYPHEN_AT_END.search(line[-8:]) and _GOES_ON.match(following):
            parts[-1] = parts[-1].rstrip()[:-1] + hyphen
            parts.append(following.lstrip())
        else:
            parts += (" ", following)
    return "".join(parts)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_indented(lines: Sequence[str]) -> bool:
    return bool(lines) and all(_indent(line) >= 2 for line in lines)


def _wrap_width(lines: Sequence[str]) -> int | None:
    """The column at which the lines were wrapped; None if a line ends where its author ended it."""
    inner = [
        (line.rstrip(), following)
        for line, following in pairwise(lines)
        if line.strip() and following.strip() and not is_turn(following)
        if not _is_special(following, in_prose=True) and not _ATX.match(line)
    ]
    if not inner:
        return None
    lengths = sorted(len(line) for line, _ in inner)
    width = lengths[int(0.95 * (len(lengths) - 1))]
    is_usual = _NARROWEST <= width <= _WIDEST
    if not is_usual:
        # A byline or a table beside the prose says nothing of its width.
        inner = [pair for pair in inner if len(pair[0]) >= _MOSTLY_FULL * width]
        if not (len(inner) >= _LEAST_LINES and _NARROW_COLUMN <= width <= _WIDE_WINDOW):
            return None
    # Where whole paragraphs are a line, others must show that they go on: signatures below a letter do not.
    if not is_usual or any(len(line) > _WELL_OVER * width and ends_sentence(line.rstrip()) for line in lines):
        going_on = sum(following.strip()[0].islower() for _, following in inner)
        if going_on < 0.5 * len(inner):
            return None
    filled = sum(len(line) + 1 + len(following.split(maxsplit=1)[0]) > width for line, following in inner)
    return width if filled >= 0.5 * len(inner) else None


def _mark_running_quotes(pieces: Sequence[Line]) -> None:
    """A quotation that runs across paragraphs opens each and closes only the last: those are quotations."""
    running = False
    for piece, following in zip_longest(pieces, pieces[1:]):
        text = piece.text.strip()
        opens = piece.kind is BlockKind.PARAGRAPH and text[0] in _OPENING
        marks = sum(text.count(mark) for mark in '“”"«»„')
        goes_on = following is not None and following.text.strip()[0] in _OPENING
        if opens and marks == 1 and (running or goes_on):
            piece.kind, running = BlockKind.QUOTE, goes_on
        else:
            if running and opens and marks == 2 and text[-1] in '”"»':
                piece.kind = BlockKind.QUOTE
            running = False
