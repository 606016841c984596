"""Documents between two versions: the old one with some of the edits made and the others not.

In go both documents, their sentences and the steps between them, out comes a document for any set of edits. It has
the old version's paragraphs where sentences of both share one, and the new version's where they do not.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass

from analyzer.alignment import Step
from analyzer.document import Block, BlockKind, Document, Sentence

_Identity = tuple[str, int]


@dataclass(frozen=True)
class Version:
    """A document with its sentences."""

    document: Document
    sentences: Sequence[Sentence]

    def text(self, index: int) -> str:
        """The sentence's text."""
        sentence = self.sentences[index]
        return self.document.text[sentence.start : sentence.end]

    def block(self, index: int) -> Block:
        """The block that the sentence stands in."""
        return self.document.blocks[self.sentences[index].block]

    def kind(self, index: int) -> Hashable:
        """What kind of block the sentence stands in."""
        block = self.block(index)
        return block.kind, block.is_table_header


class Hybrids:
    """Makes documents between an old and a new version."""

    def __init__(self, old: Version, new: Version, steps: Sequence[Step]) -> None:
        """Take both versions and the steps that lead from one to the other."""
        self._old, self._new, self._steps = old, new, steps
        self._blocks: dict[int, int] = {}
        self._tables: dict[int, int] = {}
        for step in steps:
            if step.old is not None and step.new is not None:
                self._blocks.setdefault(new.sentences[step.new].block, old.sentences[step.old].block)
                tables = old.block(step.old).table, new.block(step.new).table
                if tables[0] is not None and tables[1] is not None:
                    self._tables.setdefault(tables[1], tables[0])

    def document(self, made: Collection[int]) -> Document:
        """The old document with the steps of these numbers made."""
        parts: list[str] = []
        blocks: list[Block] = []
        previous: _Identity | None = None
        length = 0
        for number, step in enumerate(self._steps):
            is_new = number in made
            index = step.new if is_new else step.old
            if index is None:
                continue
            text, block, identity = self._sentence(index, is_new=is_new)
            goes_on = identity == previous and block.kind is not BlockKind.TABLE_ROW
            separator = "" if not parts else " " if goes_on else "\n\n"
            start = length + len(separator)
            length = start + len(text)
            parts += (separator, text)
            if goes_on:
                last = blocks.pop()
                blocks.append(Block(last.kind, last.start, length, last.table, last.is_table_header))
            else:
                blocks.append(Block(block.kind, start, length, block.table, block.is_table_header))
            previous = identity
        return Document("".join(parts), tuple(blocks), id=self._new.document.id, title=self._new.document.title)

    def _sentence(self, index: int, *, is_new: bool) -> tuple[str, Block, _Identity]:
        if not is_new:
            return self._old.text(index), self._old.block(index), ("old", self._old.sentences[index].block)
        number, block = self._new.sentences[index].block, self._new.block(index)
        shared = self._blocks.get(number)
        table = block.table
        if table is not None:
            # A table that only the new version has gets a number that no table of the old one has.
            table = self._tables.get(table, len(self._old.document.blocks) + table)
        moved = Block(block.kind, block.start, block.end, table, block.is_table_header)
        return self._new.text(index), moved, ("new", number) if shared is None else ("old", shared)
