"""Which sentences read something off a table of their document.

A sentence near a table reads it when it repeats a telling figure of a row, any with a word of its row's label, or two
of one row or column with a word of what names these; when it names a row and speaks as a takeaway does. One that points
at the table ("see Table 2") reads all of it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest

from analyzer.document import CELL_SEPARATOR, BlockKind, Document, Sentence
from analyzer.figures import Figure, figures_of
from analyzer.tables import Table, is_subheading, lines_beside, tables_of

# Blocks after a table, and before it, in which a sentence can read it.
_REACH_AFTER, _REACH_BEFORE = 4, 2
_MOST_ROWS, _MOST_ROWS_POINTED_AT = 3, 20
_LEAST_LETTERS = 4
_WORD = re.compile(r"[A-Za-z][\w'-]+")
_NAME = re.compile(r"[A-Za-z][\w'-]+|(?:19|20)\d\d\b")
# What names nothing of a table.
_COMMON = frozenset((
    "about", "after", "been", "before", "between", "each", "figure", "from", "have", "into", "more", "most", "over",
    "share", "source", "table", "than", "that", "their", "them", "these", "they", "this", "those", "total", "under",
    "were", "what", "when", "which", "with", "year", "years",
))  # fmt: skip
# A table, not a bill that is tabled; a row of it, not one over something.
_POINTS_AT_ROW = re.compile(
    r"\b(?:takeaways?|as shown|tables? (?:\d|above|below|shows?)|(?:the|this|that|our|each) (?:table|chart)\b"
    r"|the (?:figures|numbers|data) (?:above|below|here|show|suggest|say|tell|make|speak|in th)"
    r"|(?:the|this|that|first|second|third|last|top|bottom|middle) (?:row|column)s?\b"
    r"(?! (?:about|between|over|with)\b))",
    re.IGNORECASE,
)
_SHOWS = (
    r"(?:also )?(?:(?:show|give|list|report|present|compare|indicate|illustrate|demonstrate|suggest)s?"
    r"|summari[sz]es|sets? out|makes? (?:clear|plain))\b"
)
_POINTS_AT_TABLE = re.compile(
    r"(?:\b(?:see(?: also)?|cf\.?|(?:shown|seen|set out|listed|given) (?:in|by)|according to) (?:the |this |our )?"
    r"(?:(?:above|following) )?table\b(?:\s(\d+)\b)?|\(table\s(\d+)\)"
    rf"|\btable\s(\d+)(?: (?:above|below))? {_SHOWS}"
    rf"|\b(?:the|this) (?:(?:above|following) )?table(?: (?:above|below))? {_SHOWS})"
    # Not one of another document.
    r"(?!\s(?:\d+\s)?(?:(?:of|in|from|on) (?:an?|her|his|its|that|the|their)|no|nothing|little)\b)",
    re.IGNORECASE,
)

# Row and column of a table.
_Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TableReading:
    """Sentence number `sentence` reads off the table rows that are the sentences `rows`."""

    sentence: int
    rows: tuple[int, ...]
    table_is_sourced: bool


def read_off_tables(
    document: Document, sentences: Sequence[Sentence], *, but: Collection[int] = ()
) -> list[TableReading]:
    """The readings of every table, in the order of the sentences; a sentence reads the nearest table only, or one that
    it calls by its number. The sentences `but` read none: what names a source of its own rests on that.
    """
    tables = tables_of(document)
    if not tables:
        return []
    beside = {at for table in tables for at in lines_beside(document, table)}
    names = {table.name for table in tables if table.name}
    readers, rows = defaultdict(list), defaultdict(list)
    called: dict[str, list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        block = document.blocks[sentence.block]
        if block.table is not None:
            rows[block.table].append(sentence)
        elif block.kind is not BlockKind.HEADING and sentence.block not in beside and sentence.index not in but:
            readers[sentence.block].append(sentence)
            if names and (name := _name_of_table(document.text[sentence.start : sentence.end])) in names:
                called[name].append(sentence)
    readings: dict[int, tuple[int, TableReading]] = {}
    for table in tables:
        grid = _Grid(document, table, rows[table.number])
        reach = (
            *range(table.first - _REACH_BEFORE, table.first),
            *range(table.last + 1, table.last + _REACH_AFTER + 1),
        )
        near = (sentence for block in reach for sentence in readers.get(block, ()))
        for sentence in (*called.get(table.name, ()), *near):
            text = document.text[sentence.start : sentence.end]
            name = _name_of_table(text)
            is_called = bool(name) and name == table.name
            # One that has another number is not meant, nor one without where there is one that has it.
            is_meant = is_called or (name is not None and not (name and (table.name or name in names)))
            start = document.blocks[sentence.block].start
            matched = grid.rows_read(text, document.text[start : min(start + 80, sentence.start)], is_meant=is_meant)
            distance = max(table.first - sentence.block, sentence.block - table.last) * (not is_called)
            if matched and (sentence.index not in readings or distance < readings[sentence.index][0]):
                readings[sentence.index] = (distance, TableReading(sentence.index, matched, table.is_sourced))
    return [reading for _, (_, reading) in sorted(readings.items())]


class _Grid:
    """The rows of a table that hold data, by their cells and by the words that name them."""

    def __init__(self, document: Document, table: Table, rows: Sequence[Sentence]) -> None:
        texts = [document.text[row.start : row.end] for row in rows]
        is_header = [document.blocks[row.block].is_table_header for row in rows]
        data = [at for at, text in enumerate(texts) if not is_header[at] and not is_subheading(text)]
        self._rows = [rows[at].index for at in data]
        split = [texts[at].split(CELL_SEPARATOR) for at in data]
        self._labels, self._cells = [cells[0] for cells in split], [cells[1:] for cells in split]
        headers = [texts[at].split(CELL_SEPARATOR)[1:] for at in range(len(texts)) if is_header[at]]
        self._headers = [_names_in(" ".join(names)) for names in zip_longest(*headers, fillvalue="")]
        self._label_words = [_WORD.findall(label)[:2] for label in self._labels]
        self._named_by = [_names_in(label) for label in self._labels]
        title = [at for at in (table.first - 1, *table.captions) if at in table.captions or _is_heading(document, at)]
        spans = [document.blocks[at] for at in title]
        self._title = _names_in(" ".join(document.text[block.start : block.end] for block in spans))

    def rows_read(self, text: str, lead_in: str, *, is_meant: bool) -> tuple[int, ...]:
        """The rows whose figures a sentence repeats; else, where it points at the table, those whose
        label it names, or all of one that `is_meant`.
        """
        words = {word.lower() for word in _WORD.findall(text)}
        by_label = [at for at, label in enumerate(self._label_words) if _names(text, words, label)]
        figures = figures_of(text).values()
        named = _names_in(text)
        read: Sequence[int] = sorted(self._repeated(figures, named), key=lambda at: (at not in by_label, at))[
            :_MOST_ROWS
        ]
        if not read and is_meant:
            read = by_label or range(min(len(self._rows), _MOST_ROWS_POINTED_AT))
        elif not read and _POINTS_AT_ROW.search(f"{lead_in} {text}"):
            read = by_label[:_MOST_ROWS]
        return tuple(self._rows[at] for at in read)

    def _repeated(self, figures: Iterable[Figure], named: Set[str]) -> set[int]:
        """The rows with figures of a sentence that holds the words `named`.

        One of two digits may be there by chance: it counts with a word of its row's label, or beside another of its
        row or column, with a word of what names these. What counts something that is not of the table never does.
        """
        read: set[int] = set()
        in_line: dict[tuple[int, int], dict[str, list[_Cell]]] = defaultdict(lambda: defaultdict(list))
        for figure in figures:
            for cell, found in self._figures.get(figure.number, ()):
                is_telling = replace(figure, is_share=figure.is_share and found.is_share).is_telling
                is_named = any(not name[0].isdigit() for name in self._named_by[cell[0]] & named)
                is_of_table = self._may_count(figure)
                if (is_telling and is_named) or (is_of_table and (is_telling or is_named)):
                    read.add(cell[0])
                for line in enumerate(cell) if is_of_table else ():
                    in_line[line][figure.number].append(cell)
        for by_number in in_line.values():
            cells = [cell for found in by_number.values() for cell in found]
            if len(by_number) > 1 and named & self._title.union(*map(self._names_of, cells)):
                read |= {row for row, _ in cells}
        return read

    @cached_property
    def _figures(self) -> dict[str, list[tuple[_Cell, Figure]]]:
        found = defaultdict(list)
        for row, cells in enumerate(self._cells):
            for column, cell in enumerate(cells):
                for figure in figures_of(cell).values():
                    found[figure.number].append(((row, column), figure))
        return found

    @cached_property
    def _words(self) -> set[str]:
        return self._title.union(*self._named_by, *self._headers)

    def _may_count(self, figure: Figure) -> bool:
        return not figure.counted or _stem(figure.counted) in self._words

    def _headers_of(self, column: int) -> set[str]:
        return self._headers[column] if column < len(self._headers) else set()

    def _names_of(self, cell: _Cell) -> set[str]:
        return self._named_by[cell[0]] | self._headers_of(cell[1])


def _name_of_table(text: str) -> str | None:
    """The number of the table that a sentence points at, "" where it gives none; None where it points at no table."""
    pointer = _POINTS_AT_TABLE.search(text)
    return None if pointer is None else next(filter(None, pointer.groups()), "")


def _is_heading(document: Document, at: int) -> bool:
    return at >= 0 and document.blocks[at].kind is BlockKind.HEADING


def _names_in(text: str) -> set[str]:
    """What may name something in a text: words of four letters and more, abbreviations in capitals, and years."""
    words = _NAME.findall(text)
    return {_stem(word) for word in words if len(word) >= _LEAST_LETTERS and word.lower() not in _COMMON} | {
        word for word in words if word.isupper() and len(word) < _LEAST_LETTERS
    }


def _stem(word: str) -> str:
    return word.lower().rstrip("s")


def _names(text: str, words: Collection[str], label: Sequence[str]) -> bool:
    """Whether the words of a label stand in a sentence; a short one alone only as an abbreviation, in capitals."""
    if not label or any(word.lower() not in words for word in label):
        return False
    if max(map(len, label)) >= _LEAST_LETTERS or len(label) > 1:
        return True
    return label[0].isupper() and re.search(rf"\b{re.escape(label[0])}\b", text) is not None
