"""The document paragraph by paragraph: every sentence with its number, its labels and the reason of any mark.

Headings look like headings, and rows of a table stand in one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from analyzer.document import CELL_SEPARATOR, BlockKind
from analyzer.render.sureness import sentence_number
from analyzer.render.tables import split_tables
from analyzer.render.terminal.labels import marked_text, sentence_labels
from analyzer.render.terminal.pen import Pen
from analyzer.render.words import named
from analyzer.report import Paragraph, Report, SentenceReport, by_paragraph
from analyzer.schema import SentenceType

_LABEL_WIDTH = 36
_LEAST_CELL = 8
# Sourcing a paragraph's premises must change the document's dependence by this much to be worth a word.
_LEAST_CONTRIBUTION = 0.005


@dataclass(frozen=True)
class _Block:
    paragraph: Paragraph
    sentences: Sequence[SentenceReport]

    @property
    def is_table_header(self) -> bool:
        return bool(self.sentences) and self.sentences[0].type == SentenceType.NON_ASSERTIVE.value


def print_paragraphs(report: Report, pen: Pen) -> None:
    """Print every paragraph in the order of the document."""
    pen.section("Paragraph by paragraph")
    inside = by_paragraph(report.sentences)
    blocks = [_Block(paragraph, inside.get(paragraph.index, [])) for paragraph in report.paragraphs]
    for is_table, run in groupby(blocks, key=lambda block: block.paragraph.kind == BlockKind.TABLE_ROW.value):
        if is_table:
            for rows in split_tables(list(run)):
                _print_table(rows, pen)
        else:
            for block in run:
                _print_block(block, pen)


def _print_block(block: _Block, pen: Pen) -> None:
    is_heading = block.paragraph.kind == BlockKind.HEADING.value
    pen.print("", _header(block.paragraph, pen))
    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    grid.add_column(width=max((len(sentence_number(s.index)) for s in block.sentences), default=0), no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    if pen.has_label_column:
        grid.add_column(width=_LABEL_WIDTH)
    for sentence in block.sentences:
        text = marked_text(sentence, pen, "bold underline" if is_heading else "")
        grid.add_row(pen(sentence_number(sentence.index), "bold"), *_beside_or_under(text, sentence, pen))
    pen.print(grid)


def _header(paragraph: Paragraph, pen: Pen) -> RenderableType:
    pieces = [pen(f"paragraph {paragraph.index}")]
    if paragraph.kind != BlockKind.PARAGRAPH.value:
        pieces.append(pen(named(paragraph.kind, {})))
    if paragraph.dependence is not None:
        pieces.append(pen(f"dependence {paragraph.dependence:.2f}"))
    if paragraph.contribution is not None and paragraph.contribution >= _LEAST_CONTRIBUTION:
        pieces.append(pen(f"contributes {paragraph.contribution:.2f} to the document's"))
    for piece in pieces:
        piece.stylize("dim")
    return pen.flow(pieces)


def _beside_or_under(text: Text, sentence: SentenceReport, pen: Pen) -> list[RenderableType]:
    # That a heading is one stands above it already.
    notes = [pen(note, "dim italic") for note in sentence.notes if note != BlockKind.HEADING.value]
    labels = Group(pen.flow(sentence_labels(sentence, pen)), *notes)
    return [text, labels] if pen.has_label_column else [Group(text, labels)]


def _print_table(rows: Sequence[_Block], pen: Pen) -> None:
    cells = [_cells(row) for row in rows]
    n_columns = max(map(len, cells))
    if (n_columns + 1) * _LEAST_CELL > pen.width:
        for row in rows:
            _print_block(row, pen)
        return
    lines = [
        [pen(_numbers(row.sentences), "bold"), *map(pen, row_cells), *[Text()] * (n_columns - len(row_cells))]
        for row, row_cells in zip(rows, cells, strict=True)
    ]
    has_header = rows[0].is_table_header
    table = Table(box=box.SIMPLE_HEAD if has_header else None, show_header=has_header, padding=(0, 1))
    for place, head in enumerate(lines[0] if has_header else [Text()] * (n_columns + 1)):
        table.add_column(head, no_wrap=not place, overflow="fold")
    for line in lines[has_header:]:
        table.add_row(*line)
    first, last = rows[0].paragraph.index, rows[-1].paragraph.index
    span = f"paragraph {first}" if first == last else f"paragraphs {first}–{last}"
    pen.print("", pen(f"{span} · table", "dim"), table, *_row_labels(rows, pen))


def _row_labels(rows: Sequence[_Block], pen: Pen) -> list[RenderableType]:
    """The labels of a table's rows; rows with the same labels share a line."""
    found: dict[tuple[str, ...], tuple[list[SentenceReport], list[Text]]] = {}
    for sentence in (sentence for row in rows for sentence in row.sentences):
        labels = [*sentence_labels(sentence, pen), *(pen(note, "dim italic") for note in sentence.notes)]
        found.setdefault(tuple(label.plain for label in labels), ([], labels))[0].append(sentence)
    return [
        Padding(pen.flow([pen(_numbers(sentences), "bold"), *labels]), (0, 0, 0, 1))
        for sentences, labels in found.values()
    ]


def _numbers(sentences: Sequence[SentenceReport]) -> str:
    return " ".join(sentence_number(sentence.index) for sentence in sentences)


def _cells(row: _Block) -> list[str]:
    return " ".join(sentence.text for sentence in row.sentences).split(CELL_SEPARATOR)
