"""Tables as evidence: which sentences read something off a table of their document, and whether it is sourced.

A sentence near a table reads it when it repeats a telling figure of a row, two figures of the table, or any with a
word of its row's label, or when it names a row and speaks as a takeaway does. A "Source: …" line or caption beside the
table sources all of its rows.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from analyzer.document import CELL_SEPARATOR, BlockKind, Document, Sentence

# Blocks after a table, and before it, in which a sentence can read it.
_REACH_AFTER, _REACH_BEFORE = 4, 2
_MOST_ROWS = 3
_LEAST_LETTERS = 4
_NUMBER = re.compile(r"(\d[\d.,]*\d|\d)(\s?%|\s(?:percent|per cent)\b)?")
_WORD = re.compile(r"[A-Za-z][\w'-]+")
# A source that is still to come is none.
_SOURCE_LINE = re.compile(
    r"^\W*(?:(?:table|figure)\s*\d*[.:]?.{0,200}?|notes?\s*:.{0,300}?)?\bsources?\s*:\s*\W*"
    r"(?!(?:tk|tbd|tba|tbc|unknown|none|n/?a|not (?:given|stated|available|known))\b)\w",
    re.IGNORECASE,
)
_NOTE_LINE = re.compile(r"^\W*(?:notes?|methodology)\b|^[*†]", re.IGNORECASE)
# Notes that may stand between a table and its source.
_MOST_NOTES = 2
_CAPTION = re.compile(r"^\W*(?:table|figure)\b", re.IGNORECASE)
# A table, not a bill that is tabled; a row of it, not one over something.
_POINTS_AT_TABLE = re.compile(
    r"\b(?:takeaways?|as shown|tables? (?:\d|above|below|shows?)|(?:the|this|that|our|each) (?:table|chart)\b"
    r"|the (?:figures|numbers|data) (?:above|below|here|show|suggest|say|tell|make|speak|in th)"
    r"|(?:the|this|that|first|second|third|last|top|bottom|middle) (?:row|column)s?\b"
    r"(?! (?:about|between|over|with)\b))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TableReading:
    """Sentence number `sentence` reads off the table rows that are the sentences `rows`."""

    sentence: int
    rows: tuple[int, ...]
    table_is_sourced: bool


def read_off_tables(document: Document, sentences: Sequence[Sentence]) -> list[TableReading]:
    """The readings of every table, in the order of the sentences; a sentence reads the nearest table only."""
    of_table: dict[int, list[Sentence]] = defaultdict(list)
    of_block: dict[int, list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        of_block[sentence.block].append(sentence)
        table = document.blocks[sentence.block].table
        if table is not None:
            of_table[table].append(sentence)
    readings: dict[int, tuple[int, TableReading]] = {}
    for rows in of_table.values():
        first, last = rows[0].block, rows[-1].block
        data = [row for row in rows if not document.blocks[row.block].is_table_header]
        sourced = is_sourced(document, first, last)
        reach = (*range(first - _REACH_BEFORE, first), *range(last + 1, last + _REACH_AFTER + 1))
        for sentence in (sentence for block in reach for sentence in of_block.get(block, ())):
            distance = first - sentence.block if sentence.block < first else sentence.block - last
            if document.blocks[sentence.block].kind in (BlockKind.HEADING, BlockKind.TABLE_ROW):
                continue
            matched = _rows_read(document, sentence, data)
            if matched and (sentence.index not in readings or distance < readings[sentence.index][0]):
                readings[sentence.index] = (distance, TableReading(sentence.index, matched, sourced))
    return [reading for _, (_, reading) in sorted(readings.items())]


def is_sourced(document: Document, first: int, last: int) -> bool:
    """Whether a "Source: …" line or caption stands in or directly beside the table of blocks `first` to `last`.

    One between two tables is that of the upper one, unless that has one already or the line is a caption.
    """
    below = last + 2
    while below < min(len(document.blocks), last + 2 + _MOST_NOTES) and document.blocks[below - 1].table is None:
        if not _NOTE_LINE.search(_texts(document, below - 1, below)[0]):
            break
        below += 1
    if any(map(_SOURCE_LINE.search, _texts(document, first, below))):
        return True
    while first > 0 and _SOURCE_LINE.search(line := _texts(document, first - 1, first)[0]):
        upper = None if first == 1 else document.blocks[first - 2].table
        if upper is None or _CAPTION.search(line):
            return True
        line_at, first = first - 1, next(at for at in range(first) if document.blocks[at].table == upper)
        if any(map(_SOURCE_LINE.search, _texts(document, first, line_at))):
            return True
    return False


def _texts(document: Document, first: int, end: int) -> list[str]:
    """The texts of the blocks from `first` to the one before `end`."""
    return [document.text[block.start : block.end] for block in document.blocks[first:end]]


def _rows_read(document: Document, sentence: Sentence, rows: Sequence[Sentence]) -> tuple[int, ...]:
    """The rows whose figures the sentence repeats; else, where it points at the table, those whose label it names.

    A number of two digits may be there by chance: it counts beside another figure of the table, or a word of its row's
    label.
    """
    text = document.text[sentence.start : sentence.end]
    block = document.blocks[sentence.block]
    lead_in = document.text[block.start : min(block.start + 80, sentence.start)]
    figures = _figures(text)
    words = {word.lower() for word in _WORD.findall(text)}
    repeated: dict[int, set[str]] = {}
    telling, by_label = set(), []
    for row in rows:
        label, *cells = document.text[row.start : row.end].split(CELL_SEPARATOR)
        of_row = _figures(" ".join(cells))
        repeated[row.index] = figures.keys() & of_row.keys()
        label_words = _WORD.findall(label)
        if _names(text, words, label_words[:2]):
            by_label.append(row.index)
        is_named = any(word.lower() in words for word in label_words if len(word) >= _LEAST_LETTERS)
        if is_named or any(_is_telling(n, is_share=figures[n] and of_row[n]) for n in repeated[row.index]):
            telling.add(row.index)
    several = len(set().union(*repeated.values())) > 1
    by_figure = [index for index, shared in repeated.items() if shared and (several or index in telling)]
    if by_figure:
        return tuple(sorted(by_figure, key=lambda index: index not in by_label)[:_MOST_ROWS])
    return tuple(by_label[:_MOST_ROWS]) if _POINTS_AT_TABLE.search(lead_in + " " + text) else ()


def _names(text: str, words: Collection[str], label: Sequence[str]) -> bool:
    """Whether the words of a label stand in a sentence; a short one alone only as an abbreviation, in capitals."""
    if not label or any(word.lower() not in words for word in label):
        return False
    if max(map(len, label)) >= _LEAST_LETTERS or len(label) > 1:
        return True
    return label[0].isupper() and re.search(rf"\b{re.escape(label[0])}\b", text) is not None


def _figures(text: str) -> dict[str, bool]:
    """The numbers of a text that may be matched, of two digits or more, and whether each is a percentage."""
    found = {number.rstrip(".,").replace(",", ""): bool(unit) for number, unit in _NUMBER.findall(text)}
    return {n: is_share for n, is_share in found.items() if len(n) >= 2 and not re.fullmatch(r"(?:19|20)\d\d", n)}


def _is_telling(number: str, *, is_share: bool) -> bool:
    """Whether a number is hardly in a sentence and in a table by chance: a percentage, a fraction, or three digits."""
    return is_share or "." in number or len(number) > 2
