"""The article as running text: the blocks of a document in their structure, each sentence with its marks.

A report goes in; out come runs of blocks (paragraph, heading, list, quotation, table) for the templates, in which the
text of every sentence is cut where marked words begin and end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from analyzer.document import CELL_SEPARATOR, BlockKind
from analyzer.render.html.labels import label_words
from analyzer.render.plain import plain
from analyzer.render.sureness import is_unsure, loadedness, own_labels
from analyzer.render.tables import split_tables
from analyzer.report import Paragraph, Report, SentenceReport, by_paragraph
from analyzer.schema import QUOTED_LOADED, SentenceType, SpanLabel

# Marks of the standard model; any of a model's own labels is drawn as "own-mark".
_OWN_MARK = "own-mark"
STANDARD_MARKS = (SpanLabel.LOADED.value, QUOTED_LOADED, SpanLabel.SOURCE.value, SpanLabel.CUE.value)
_MARKS = (*STANDARD_MARKS, _OWN_MARK)
_LONGEST_WORD = 18
_LETTERS = {"factual_claim": "F", "inference": "I", "speculation": "S"}


@dataclass(frozen=True)
class Piece:
    """Words of a sentence that carry the same marks (classes of the page, possibly none)."""

    text: str
    marks: tuple[str, ...]


@dataclass(frozen=True)
class SentenceView:
    """A sentence as drawn: `cells` are its pieces, by cell of a table row and in one cell elsewhere.

    `first` is its first word, which never parts from the marker before it; the cells hold the rest. `gap` is what
    stands between it and the sentence before it, `labels` are its labels as text, `own` those of a model's own heads,
    and `is_noted` whether one of these holds that need not.
    """

    sentence: SentenceReport
    gap: str
    first: Piece
    cells: tuple[tuple[Piece, ...], ...]
    letter: str
    unsure: bool
    unsure_source: bool
    loaded: str
    labels: str
    own: tuple[str, ...]
    is_noted: bool

    @property
    def kind(self) -> str:
        """The kind that it is tinted as: its type, or whether a model's own label holds for it."""
        return self.sentence.type or ("own" if self.is_noted else "unlabelled")

    @property
    def asserts(self) -> bool:
        """Whether it has a source or lacks one."""
        return self.sentence.type != SentenceType.NON_ASSERTIVE.value


@dataclass(frozen=True)
class BlockView:
    """One block; `rest` is what its text has after its last sentence, all of it where it has none."""

    paragraph: Paragraph
    sentences: tuple[SentenceView, ...]
    rest: str

    @property
    def is_table_header(self) -> bool:
        """Whether a table row asserts nothing, as header rows do."""
        return bool(self.sentences) and not self.sentences[0].asserts


@dataclass(frozen=True)
class Run:
    """Blocks of one kind that belong together: one heading or paragraph, or the items of a list, a table, a quote."""

    kind: str
    blocks: tuple[BlockView, ...]

    @property
    def columns(self) -> int:
        """Cells in the longest row of a table."""
        return max((len(s.cells) for block in self.blocks for s in block.sentences), default=1)


def blocks_of(report: Report) -> list[Run]:
    """The runs of blocks of a document, in its order."""
    inside = by_paragraph(report.sentences)
    blocks = [_block(paragraph, inside.get(paragraph.index, []), report) for paragraph in report.paragraphs]
    runs: list[Run] = []
    for kind, members in groupby(blocks, key=lambda block: block.paragraph.kind):
        together = list(members)
        if kind == BlockKind.TABLE_ROW.value:
            runs.extend(Run(kind, tuple(table)) for table in split_tables(together))
        elif kind in (BlockKind.LIST_ITEM.value, BlockKind.QUOTE.value):
            runs.append(Run(kind, tuple(together)))
        else:
            runs.extend(Run(kind, (block,)) for block in together)
    return runs


def pieces_of(sentence: SentenceReport) -> list[Piece]:
    """The text of a sentence, cut where marked words begin and end."""
    length = len(sentence.text)
    spans = [
        (
            span.kind if span.kind in _MARKS else _OWN_MARK,
            max(0, span.start - sentence.start),
            min(length, span.end - sentence.start),
        )
        for span in sentence.spans
    ]
    spans = [(kind, start, end) for kind, start, end in spans if start < end]
    cuts = sorted({0, length, *(start for _, start, _ in spans), *(end for _, _, end in spans)})
    pieces = []
    for start, end in pairwise(cuts):
        marks = {kind for kind, first, last in spans if first <= start and end <= last}
        pieces.append(Piece(sentence.text[start:end], tuple(mark for mark in _MARKS if mark in marks)))
    return pieces


def _block(paragraph: Paragraph, sentences: Sequence[SentenceReport], report: Report) -> BlockView:
    text, at, views = report.document.text, paragraph.start, []
    is_row = paragraph.kind == BlockKind.TABLE_ROW.value
    for sentence in sentences:
        pieces = pieces_of(sentence)
        cells = _cells(pieces) if is_row else [pieces]
        first, cells[0] = _first_word(cells[0])
        views.append(
            SentenceView(
                sentence=sentence,
                gap=plain(text[at : sentence.start]),
                first=first,
                cells=tuple(tuple(Piece(plain(p.text), p.marks) for p in cell) for cell in cells),
                letter=_LETTERS.get(sentence.type or "", ""),
                unsure=is_unsure(sentence, "type"),
                unsure_source=is_unsure(sentence, "sourcing"),
                loaded=loadedness(sentence),
                labels=label_words(sentence),
                own=tuple(plain(words) for words in own_labels(sentence)),
                is_noted=any(labels for labels in sentence.labels.values() if not isinstance(labels, str)),
            )
        )
        at = sentence.end
    return BlockView(paragraph, tuple(views), plain(text[at : paragraph.end]))


def _first_word(pieces: Sequence[Piece]) -> tuple[Piece, list[Piece]]:
    """The first word, and the pieces of what follows; a long one is cut, so that it can break into lines."""
    if not pieces:
        return Piece("", ()), []
    begin, *others = pieces
    word = begin.text.split(" ", 1)[0][:_LONGEST_WORD]
    return Piece(plain(word), begin.marks), [Piece(begin.text[len(word) :], begin.marks), *others]


def _cells(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces of a table row, cell by cell."""
    cells: list[list[Piece]] = [[]]
    for piece in pieces:
        first, *others = piece.text.split(CELL_SEPARATOR)
        cells[-1].append(Piece(first, piece.marks))
        cells.extend([Piece(text, piece.marks)] for text in others)
    return cells
