"""What a sentence cites without saying so: a link to a page elsewhere, an address, the mark of a note, a credit.

A document and its sentences go in, out comes what each leads to. Its label of sourcing follows from that, as the
guidelines have it: a link or citation is a source that the reader could find.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from analyzer.credits import credits_of
from analyzer.document import BlockKind, Document, Sentence
from analyzer.readers.links import host_of

_ADDRESS = re.compile(r"https?://[^\s<>\"“”]{4,2000}")
_MARK = re.compile(r"\[([^\[\]\s]{1,50})\]|([⁰¹²³⁴-⁹]{1,3})")
_MARKS = "[⁰¹²³⁴⁵⁶⁷⁸⁹*†‡§¶"
# A year, a page or an address; a note without one is an aside.
_OF_CITATION = re.compile(
    r"\b(?:1[5-9]|20)\d\d\b|\bpp?\.\s?\d|\bibid\b|\bop\. cit\b|https?://|\bdoi\b|\bn\.d\.", re.IGNORECASE
)
_LONGEST_SHOWN = 60


def citations(document: Document, sentences: Sequence[Sentence]) -> dict[int, str]:
    """What sentences lead to ("links to bls.gov", "note [2]: …", "credited to Jane Doe"), by their index; of several
    things the first.

    Headings and rows of tables cite nothing, nor does the mark that a note begins with. The start page of a site is
    no source.
    """
    notes = _notes(document)
    credited = {block: credit.name for credit in credits_of(document) if credit.name for block in credit.quotation}
    references = iter(document.references)
    reference = next(references, None)
    found: dict[int, str] = {}
    for sentence in sentences:
        block = document.blocks[sentence.block]
        cited: list[str] = []
        while reference is not None and reference.start < sentence.end:
            if reference.start >= sentence.start:
                words = document.text[reference.start : reference.end]
                cited += _says(words, reference.target) if words[0] in _MARKS else _leads_to(reference.target)
            reference = next(references, None)
        text = document.text[sentence.start : sentence.end]
        for address in _ADDRESS.finditer(text):
            cited += _leads_to(address[0].rstrip(".,;:!?)]'’"))
        for mark in _MARK.finditer(text):
            if sentence.start + mark.start() != block.start and (note := notes.get(mark[1] or mark[2])):
                cited += _says(mark[0], note)
        if sentence.block in credited:
            cited.append(f"credited to {_shortened(credited[sentence.block])}")
        if cited and block.kind not in (BlockKind.HEADING, BlockKind.TABLE_ROW):
            found[sentence.index] = cited[0]
    return found


def _notes(document: Document) -> dict[str, str]:
    """The text of notes that stand in the document, by their marks."""
    notes: dict[str, str] = {}
    for block in document.blocks:
        mark = _MARK.match(document.text, block.start, block.end)
        if mark is not None and mark.end() < block.end:
            notes.setdefault(mark[1] or mark[2], document.text[mark.end() : block.end].strip())
    return notes


def _leads_to(address: str) -> list[str]:
    host = host_of(address)
    parts = urlsplit(address if host else "")
    return [f"links to {host}"] if parts.scheme and (parts.path.strip("/") or parts.query) else []


def _says(mark: str, note: str) -> list[str]:
    if not _OF_CITATION.search(note):
        return []
    return [f"note {mark}: {_shortened(note)}"]


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN].rsplit(' ', 1)[0]} …"
