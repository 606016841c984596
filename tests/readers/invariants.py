"""What must hold for every document that a reader makes, and short forms for the tests."""

from __future__ import annotations

from analyzer.document import BlockKind, Document


def check(document: Document) -> Document:
    """Fails unless the blocks are in order, stripped, not empty, and only white space lies between them, and references
    are words, each in one block.
    """
    end = 0
    for block in document.blocks:
        text = document.text[block.start : block.end]
        assert end <= block.start < block.end
        assert text == text.strip() != ""
        assert not document.text[end : block.start].strip()
        assert (block.table is not None) == (block.kind is BlockKind.TABLE_ROW)
        end = block.end
    for reference in document.references:
        assert document.text[reference.start : reference.end].strip() != "" != reference.target
        assert any(block.start <= reference.start < reference.end <= block.end for block in document.blocks)
    assert document.blocks
    assert end == len(document.text)
    document.text.encode("utf-8")
    return document


def blocks(document: Document) -> list[tuple[str, str]]:
    """The blocks as pairs of kind and text, after `check`."""
    check(document)
    return [(block.kind.value, document.text[block.start : block.end]) for block in document.blocks]


def texts(document: Document, kind: str | None = None) -> list[str]:
    """The texts of all blocks, or of those of one kind."""
    return [text for block_kind, text in blocks(document) if kind in (None, block_kind)]
