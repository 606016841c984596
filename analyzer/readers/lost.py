"""Parts of an article that were lost, or taken for paragraphs, where the article of a page was found.

In go the pieces that were kept and all that the page has, out come the former with what stands between them: headings,
tables, and paragraphs of whole sentences.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from analyzer.document import CELL_SEPARATOR, BlockKind
from analyzer.readers.beside import is_beside, is_of_links
from analyzer.readers.headings import ends_sentence
from analyzer.readers.pieces import EMPTY_CELL, Piece
from analyzer.readers.tree import BLOCK_TAGS, HEADINGS, leads_away, pieces_of, text_of

_BOXES = ("aside", "nav", "footer", "form", "div", "section", "p", "ul", "ol")
_OF_LINKS = ("p", "li", "dt", "dd")
_NO_WORD = re.compile(r"[\W_]+")
_LEAST_WORDS = 4
_RUN = 5
_STOP_INSIDE = re.compile(r"[a-z]{3}[.!?][\"”’]?\s+[A-Z]")


@dataclass(slots=True)
class _Unit:
    """A piece of the page, or all rows of a table, and the lost pieces that stand above it."""

    pieces: list[Piece]
    above: list[Piece] = field(default_factory=list)


def with_lost(pieces: list[Piece], body: Any) -> list[Piece]:
    """With what was lost between two kept pieces that follow each other in the page, and headings above them; not
    boxes beside the text, nor headings of what stands elsewhere. A table is taken whole from the page, also one whose
    cells were left as paragraphs.
    """
    kept = {_key(piece) for piece in pieces}
    page = _without_boxes(body, kept)
    everything = pieces_of(page)
    names = {piece.text for piece in everything if piece.kind is BlockKind.HEADING}
    places = _kept_units(_units(everything), kept, set(_runs(pieces)), _captions(page))
    found: list[Piece] = []
    taken: set[int] = set()
    last_rows: set[tuple[bool, str]] = set()
    for piece in pieces:
        if piece.kind is BlockKind.PARAGRAPH and piece.text in names:
            piece.kind = BlockKind.HEADING
        units = places.get(_key(piece))
        while units and id(units[0]) in taken:
            units.popleft()
        if piece.table is not None and (_key(piece) in last_rows or (units is not None and not units)):
            continue  # a row of a table that stands there already
        unit = units[0] if units else _Unit([piece])
        last_rows = set() if piece.table is None else set(map(_key, unit.pieces))
        taken.add(id(unit))
        # Above the first piece stands what is of the site.
        above = unit.above if found else []
        cells = {cell for row in above if row.table is not None for cell in row.text.split(CELL_SEPARATOR)}
        while found and found[-1].kind is not BlockKind.HEADING and found[-1].text in cells:
            found.pop()
        found += (*above, *(unit.pieces if piece.table is not None else (piece,)))
    numbers: dict[int, int] = {}
    for piece in found:
        if piece.table is not None:
            piece.table = numbers.setdefault(piece.table, len(numbers))
    return found


def _without_boxes(body: Any, kept: set[tuple[bool, str]]) -> Any:
    """A copy without boxes beside the text and without what consists of links, but for headings above kept text."""
    text = deepcopy(body)
    for element in list(text.iterdescendants("a", *_BOXES, *_OF_LINKS, *HEADINGS)):
        if element.getparent() is None:
            continue
        if element.tag in HEADINGS:
            is_box = any(leads_away(link) for link in element.iter("a")) and not _heads_kept(element, kept)
        elif element.tag == "a":
            is_box = leads_away(element) and next(element.iterdescendants(*BLOCK_TAGS), None) is not None
        else:
            is_box = (element.tag in _BOXES and is_beside(element)) or (
                element.tag in _OF_LINKS and is_of_links(element)
            )
        if is_box:
            element.drop_tree()
    return text


def _heads_kept(heading: Any, kept: set[tuple[bool, str]]) -> bool:
    """Whether what follows a heading in its container begins with a kept paragraph."""
    following = heading.getnext()
    first = None if following is None else next(following.iter("p"), following)
    return first is not None and (False, text_of(first)) in kept


def _captions(page: Any) -> set[str]:
    """What stands right behind a figure in a paragraph of its own."""
    behind = [figure.getnext() for figure in page.iter("figure")]
    return {text_of(caption) for caption in behind if caption is not None and caption.tag == "p"}


def _key(piece: Piece) -> tuple[bool, str]:
    """Whether a piece is a row of a table, and its words, without the empty cells that stand for merged ones."""
    is_row = piece.table is not None
    return is_row, CELL_SEPARATOR.join(cell for cell in piece.text.split(CELL_SEPARATOR) if cell != EMPTY_CELL)


def _units(everything: Sequence[Piece]) -> Iterator[_Unit]:
    """The pieces of the page with the rows of each table together; the numbers of their tables are negative."""
    for number, group in groupby(everything, key=lambda piece: piece.table):
        if number is None:
            yield from (_Unit([piece]) for piece in group)
        else:
            yield _Unit([replace(piece, table=-1 - number) for piece in group])


def _runs(pieces: Iterable[Piece]) -> Iterator[int]:
    """Every few words in a row, hashed."""
    for piece in pieces:
        words = [word for word in _NO_WORD.split(piece.text.lower()) if word]
        yield from (hash(tuple(words[at : at + _RUN])) for at in range(len(words) - _RUN + 1))


def _kept_units(
    units: Iterable[_Unit], kept: set[tuple[bool, str]], runs: set[int], captions: set[str]
) -> dict[tuple[bool, str], deque[_Unit]]:
    """The kept units by the words of their pieces, with the lost ones above them.

    What is neither kept nor worth it ends what is sure to be of the text; behind it, headings and sentences are.
    """
    places: dict[tuple[bool, str], deque[_Unit]] = {}
    run: list[Piece] = []
    n_sure, is_sure = 0, False
    for unit in units:
        first = unit.pieces[0]
        keys = {_key(piece) for piece in unit.pieces}
        if keys & kept:
            for key in keys:
                places.setdefault(key, deque()).append(unit)
            unit.above = run if is_sure else [*run[:n_sure], *_below_tables(run[n_sure:])]
            run, n_sure, is_sure = [], 0, True
        elif first.table is not None or first.kind is BlockKind.HEADING or _is_sentence(first):
            if not _is_shown(first, runs):
                run += unit.pieces
                # A picture stands between names and buttons, too.
                n_sure = len(run) if first.text in captions else n_sure
        else:
            if not is_sure:
                del run[n_sure:]
            while run and run[-1].kind is BlockKind.HEADING:
                run.pop()
            n_sure, is_sure = len(run), False
    return places


def _is_sentence(piece: Piece) -> bool:
    """Whether a sentence ends at its end, or before the credit of a picture."""
    ends = ends_sentence(piece.text) or _STOP_INSIDE.search(piece.text) is not None
    return ends and len(piece.text.split()) >= _LEAST_WORDS


def _is_shown(piece: Piece, runs: set[int]) -> bool:
    """Whether most words of a paragraph stand in kept ones that begin or end elsewhere."""
    own = list(_runs([piece]))
    return piece.table is None and 2 * sum(run in runs for run in own) > len(own)


def _below_tables(run: list[Piece]) -> list[Piece]:
    tables = [number for number, piece in enumerate(run, 1) if piece.table is not None]
    return run[max(tables, default=0) :]
