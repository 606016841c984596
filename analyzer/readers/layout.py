"""From lines with a place on a page to paragraphs: what PDF does not store.

In go the lines of all pages, out come pieces of text. Gaps, indents, short last lines and the size of the
type tell where a paragraph ends; a sentence that runs over a column or page goes on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from analyzer.document import BlockKind
from analyzer.readers.headings import Line, ends_sentence, mark_headings

_PAGE_NUMBER = re.compile(
    r"(?:page|p\.)?\s*[-–—|]?\s*(?:\d{1,4}|[ivxl]{1,7})\s*[-–—|]?(?:\s*(?:of|/)\s*\d{1,4})?", re.IGNORECASE
)
_BULLET = re.compile(r"(?:[•‣◦▪●○·\uf0b7]|[-–*](?=\s)|\d{1,2}[.)](?=\s)|\(?[a-z]\)(?=\s))\s*(?=\S)")
_EDGE_LINES = 2  # how many lines at the top and bottom of a page may be its header and footer


@dataclass(slots=True)
class TextLine:
    """A line; `top` is that of its first character, `bottom` the top of its last (upwards, in points)."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    size: float
    opens_page: bool = False


def without_furniture(pages: Sequence[Sequence[TextLine]]) -> tuple[list[TextLine], Counter[str]]:
    """All lines but page numbers and repeated headers and footers, which are counted."""
    edges = [_edges(lines) for lines in pages]
    repeated = Counter(key for lines in edges for key in {_key(line) for line in lines})
    often = 2 if len(pages) == 2 else max(3, 0.3 * len(pages))
    kept: list[TextLine] = []
    left_out: Counter[str] = Counter()
    for lines, edge in zip(pages, edges, strict=True):
        at_edge = {id(line) for line in edge}
        opens = True
        for line in lines:
            if id(line) in at_edge and _PAGE_NUMBER.fullmatch(line.text.strip()):
                left_out["page number"] += 1
            elif id(line) in at_edge and repeated[_key(line)] >= often:
                left_out["repeated header or footer line"] += 1
            else:
                line.opens_page, opens = opens, False
                kept.append(line)
    return kept, left_out


def _edges(lines: Sequence[TextLine]) -> list[TextLine]:
    by_height = sorted(lines, key=lambda line: -line.top)
    return by_height if len(lines) <= 2 * _EDGE_LINES else by_height[:_EDGE_LINES] + by_height[-_EDGE_LINES:]


def _key(line: TextLine) -> str:
    return re.sub(r"\d+", "#", line.text).strip().lower()


def paragraphs(lines: Sequence[TextLine]) -> tuple[list[Line], str]:
    """The pieces, and the text of the heading at the top ("" if there is none)."""
    if not lines:
        return [], ""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    body_size = sizes.most_common(1)[0][0]
    leading = _leading(lines)
    edges = _right_edges(lines)
    groups: list[list[TextLine]] = []
    for line in lines:
        if groups and not _breaks(groups[-1][-1], line, leading, edges):
            groups[-1].append(line)
        else:
            groups.append([line])
    pieces = [_piece(group, body_size) for group in groups]
    mark_headings(pieces)
    return pieces, next((piece.text for piece in pieces[:3] if piece.kind is BlockKind.HEADING), "")


def _piece(group: Sequence[TextLine], body_size: float) -> Line:
    text = " ".join(line.text.strip() for line in group)
    # A size counts as larger from 15 % on: 11 to 13 points, the smallest step that people set headings in.
    if group[0].size > 1.15 * body_size and len(text) < 250:
        return Line(BlockKind.HEADING, text)
    bullet = _BULLET.match(text)
    kind = BlockKind.LIST_ITEM if bullet else BlockKind.PARAGRAPH
    text = text[bullet.end() :] if bullet else text
    is_body_size = group[0].size > 0.9 * body_size  # small type is a caption or a note, never a heading
    return Line(kind, text, is_single_line=len(group) == 1, may_be_heading=is_body_size)


def _breaks(line: TextLine, following: TextLine, leading: float, edges: dict[int, float]) -> bool:
    text = line.text.strip()
    if abs(line.size - following.size) > 0.1 * max(line.size, following.size):
        return True
    if _BULLET.match(following.text.strip()) and (ends_sentence(text) or following.left >= line.left - line.size):
        return True
    if following.opens_page or following.top > line.bottom + line.size:  # the next page or column
        return ends_sentence(text)
    if line.bottom - following.top > 1.35 * leading * line.size:
        return True
    if not ends_sentence(text):
        return False
    width = edges[_column(line)] - line.left
    is_short = line.right < edges[_column(line)] - 0.15 * width
    return is_short or following.left > line.left + 0.8 * line.size


def _leading(lines: Sequence[TextLine]) -> float:
    """The usual distance from line to line, in sizes of the type."""
    steps = [
        (line.bottom - following.top) / line.size
        for line, following in pairwise(lines)
        if line.size > 0 and 0 < line.bottom - following.top < 3 * line.size
    ]
    return median(steps) if steps else 1.2


def _right_edges(lines: Sequence[TextLine]) -> dict[int, float]:
    """How far the lines that begin in the same column reach."""
    edges: dict[int, float] = {}
    for line in lines:
        edges[_column(line)] = max(edges.get(_column(line), 0.0), line.right)
    return edges


def _column(line: TextLine) -> int:
    return round(line.left / 60)  # points; indents stay in their column
