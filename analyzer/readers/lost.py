"""Headings and tables of an article that were lost, or taken for paragraphs, where the article of a page was found.

In go the pieces that were kept and all that the page has, out come the former with what stands between them.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from typing import Any

from analyzer.document import CELL_SEPARATOR, BlockKind
from analyzer.readers.pieces import EMPTY_CELL, Piece
from analyzer.readers.tree import HEADINGS, leads_away, pieces_of

_BOXES = ("aside", "nav", "footer", "form")
_BOX = re.compile(
    r"(?<![a-z])(?:aside|author|comments?|footer|more|most|nav|newsletter|popular|promo|read-?more|recommend\w*|related"
    r"|share|sharing|sidebar|sign-?up|social|subscribe|tags|teasers?|trending|widgets?)(?![a-z])",
    re.IGNORECASE,
)


def with_lost(pieces: list[Piece], body: Any) -> list[Piece]:
    """With the headings above kept pieces, and the tables between two that follow each other in the page, of which the
    cells may be left as paragraphs; not those of boxes beside the text, nor headings that lead elsewhere.
    """
    everything = pieces_of(_without_boxes(body))
    names = {piece.text for piece in everything if piece.kind is BlockKind.HEADING}
    lost = _lost_above({_key(piece) for piece in pieces}, everything)
    found: list[Piece] = []
    for piece in pieces:
        if piece.kind is BlockKind.PARAGRAPH and piece.text in names:
            piece.kind = BlockKind.HEADING
        above = lost.pop(_key(piece), [])
        cells = {cell for row in above if row.table is not None for cell in row.text.split(CELL_SEPARATOR)}
        while found and found[-1].kind is not BlockKind.HEADING and found[-1].text in cells:
            found.pop()
        # Above the first piece stands what is of the site.
        found += (*(above if found else ()), piece)
    numbers: dict[int, int] = {}
    for piece in found:
        if piece.table is not None:
            piece.table = numbers.setdefault(piece.table, len(numbers))
    return found


def _without_boxes(body: Any) -> Any:
    text = deepcopy(body)
    for element in list(text.iterdescendants("aside", "nav", "footer", "form", "div", "section", *HEADINGS)):
        name = f"{element.get('class', '')} {element.get('id', '')}"
        leads_elsewhere = element.tag in HEADINGS and any(leads_away(link) for link in element.iter("a"))
        is_box = element.tag in _BOXES or _BOX.search(name)
        if element.getparent() is not None and (leads_elsewhere or (is_box and element.tag not in HEADINGS)):
            element.drop_tree()
    return text


def _key(piece: Piece) -> str:
    """The words of a piece, without the empty cells that stand for merged ones."""
    return CELL_SEPARATOR.join(cell for cell in piece.text.split(CELL_SEPARATOR) if cell != EMPTY_CELL)


def _lost_above(kept: set[str], everything: list[Piece]) -> dict[str, list[Piece]]:
    """The lost headings and rows of tables by the words of the kept piece that they stand above; the numbers of their
    tables are negative.
    """
    lost: dict[str, list[Piece]] = {}
    run: list[Piece] = []
    follows_kept = False
    for piece in everything:
        if _key(piece) in kept:
            lost.setdefault(_key(piece), run if follows_kept else _last_headings(run))
            run, follows_kept = [], True
        elif piece.kind is BlockKind.HEADING:
            run.append(piece)
        elif piece.table is not None:
            run.append(replace(piece, table=-1 - piece.table))
        else:
            run, follows_kept = [], False
    return lost


def _last_headings(run: list[Piece]) -> list[Piece]:
    tables = [number for number, piece in enumerate(run, 1) if piece.table is not None]
    return run[max(tables, default=0) :]
