"""The text as every later stage sees it: one string, and blocks and sentences that point into it.

Readers make a `Document` with blocks; segmentation makes the `Sentence`s of each block. All offsets are
code points into `Document.text`, and `text[start:end]` is the block or sentence, always.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum


class BlockKind(str, Enum):
    """What a block of the document is; a sentence takes the kind of its block."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    TABLE_ROW = "table_row"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item, quotation or table row: `Document.text[start:end]`.

    `table` numbers the table (from 0, in document order) that a `TABLE_ROW` belongs to, `is_table_header`
    marks its header row; both are meaningless for other kinds. Cells of a row are separated by `CELL_SEPARATOR`.
    """

    kind: BlockKind
    start: int
    end: int
    table: int | None = None
    is_table_header: bool = False


CELL_SEPARATOR = " | "
# What ends a line of a file.
LINE_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment in the source that speaks to the analyzer: `Source.text[start:end]`, which says `instruction`."""

    start: int
    end: int
    instruction: str


@dataclass(frozen=True, slots=True)
class Source:
    """The file that a document was read from, where that is itself a text.

    `visible` is `text` with every character of markup replaced by a space, so that an offset in one is an offset in
    the other; the words of the document stand in it, mostly in the document's order.
    """

    text: str
    visible: str
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """Words of the text that lead to what it rests on: `Document.text[start:end]` links to `target`, an address
    elsewhere, or is the mark of a note that says `target`.
    """

    start: int
    end: int
    target: str


@dataclass(frozen=True, slots=True)
class Document:
    """One document to analyse.

    Blocks are in text order, do not overlap and are never empty or only white space; what lies between
    them is white space. `notes` says in plain words what the reader left out, repaired or had to guess. `source` is
    None for what has no lines (DOCX, PDF) and for a document that no reader made. `references` are in text order.
    """

    text: str
    blocks: tuple[Block, ...]
    id: str = ""
    title: str = ""
    path: str | None = None
    notes: tuple[str, ...] = field(default=())
    source: Source | None = None
    references: tuple[Reference, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: `Document.text[start:end]`, in block number `block` of its document."""

    index: int
    block: int
    start: int
    end: int


def laid_out(texts: Sequence[str], paragraphs: Sequence[int], *, id: str = "") -> tuple[Document, list[Sentence]]:
    """The document that sentences in the numbers of their paragraphs make, and where each of them stands in it.

    Sentences of a paragraph stand in a line, with a blank line between paragraphs.
    """
    text, sentences = "", []
    blocks: list[Block] = []
    for index, (sentence, paragraph) in enumerate(zip(texts, paragraphs, strict=True)):
        opens = index == 0 or paragraph != paragraphs[index - 1]
        text += ("\n\n" if opens else " ") * (index > 0)
        start, text = len(text), text + sentence
        blocks.append(Block(BlockKind.PARAGRAPH, start if opens else blocks.pop().start, len(text)))
        sentences.append(Sentence(index, len(blocks) - 1, start, len(text)))
    return Document(text, tuple(blocks), id=id), sentences
