"""From lines with a place on a page to paragraphs: what PDF does not store.

In go the lines of all pages, out come pieces of text. Gaps, indents, short last lines and the size of the
type tell where a paragraph ends; a sentence that runs over a column or page, or past a footnote, goes on.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from analyzer.document import BlockKind
from analyzer.readers.headings import Line, ends_sentence, mark_headings
from analyzer.readers.hyphens import LINE_HYPHEN
from analyzer.readers.pieces import first_heading

_PAGE_NUMBER = re.compile(
    r"(?:page|p\.)?\s*[-–—|]?\s*(?:\d{1,4}|[ivxl]{1,7})\s*[-–—|]?(?:\s*(?:of|/)\s*\d{1,4})?", re.IGNORECASE
)
_BULLET = re.compile(r"(?:[•‣◦▪●○·\uf0b7]|[-–*](?=\s)|\d{1,2}[.)](?=\s)|\(?[a-z]\)(?=\s))\s*(?=\S)")
# A word that goes on in the next line; `LINE_HYPHEN` marks the place, as the library does inside a page.
_DIVIDED = re.compile(f"\\w[-\u2010\x02{LINE_HYPHEN}]\\Z")
# A size counts as larger from 15 % on: 11 to 13 points, the smallest step that people set headings in.
_LARGER = 1.15
_MOST_HEADING_LINES = 3
_EDGE_LINES = 2  # how many lines at the top and bottom of a page may be its header and footer


@dataclass(slots=True)
class TextLine:
    """A line; `top` is that of its first character, `bottom` the top of its last (upwards, in points), and `bold`
    says of its first character, one in the middle and its last whether they are.
    """

    text: str
    left: float
    right: float
    top: float
    bottom: float
    size: float
    bold: tuple[bool, bool, bool]
    opens_page: bool = False


def without_furniture(pages: Sequence[Sequence[TextLine]]) -> tuple[list[TextLine], Counter[str]]:
    """All lines but page numbers and repeated headers and footers, which are counted."""
    edges = [_edges(lines) for lines in pages]
    repeated = _repeated(edges, _body_size(line for lines in pages for line in lines))
    kept: list[TextLine] = []
    left_out: Counter[str] = Counter()
    for lines, edge in zip(pages, edges, strict=True):
        at_edge = {id(line) for line in edge}
        opens = True
        for line in lines:
            if id(line) in at_edge and _PAGE_NUMBER.fullmatch(line.text.strip()):
                left_out["page number"] += 1
            elif id(line) in repeated:
                left_out["repeated header or footer line"] += 1
            else:
                line.opens_page, opens = opens, False
                kept.append(line)
    return kept, left_out


def _edges(lines: Sequence[TextLine]) -> list[TextLine]:
    by_height = sorted(lines, key=lambda line: -line.top)
    return by_height if len(lines) <= 2 * _EDGE_LINES else by_height[:_EDGE_LINES] + by_height[-_EDGE_LINES:]


def _repeated(edges: Sequence[Sequence[TextLine]], body_size: float) -> set[int]:
    """Which lines (by `id`) are headers and footers: on many pages, in the same words or with the number of the page.

    In large type "Chapter 1" and "Chapter 2", each on top of a page, are headings; the first of the same may be one.
    """
    often = 2 if len(edges) == 2 else max(3, 0.3 * len(edges))
    alike: dict[str, list[tuple[int, TextLine]]] = defaultdict(list)
    for page, lines in enumerate(edges):
        for line in lines:
            alike[re.sub(r"\d+", "#", _words(line))].append((page, line))
    repeated: set[int] = set()
    for members in alike.values():
        texts = Counter(_words(line) for _, line in members)
        offsets = Counter(offset for page, line in members for offset in _offsets(page, line))
        same = [
            (page, line)
            for page, line in members
            if texts[_words(line)] > 1
            or (line.size <= 1.05 * body_size and any(offsets[offset] > 1 for offset in _offsets(page, line)))
        ]
        if len({page for page, _ in same}) >= often:
            seen: set[str] = set()
            for _, line in same:
                if line.size <= _LARGER * body_size or _words(line) in seen:
                    repeated.add(id(line))
                seen.add(_words(line))
    return repeated


def _words(line: TextLine) -> str:
    return line.text.strip().lower()


def _offsets(page: int, line: TextLine) -> list[tuple[int, int]]:
    """How far each number in a line is from the number of its page, counted from 0."""
    return [(place, int(number) - page) for place, number in enumerate(re.findall(r"\d{1,9}", line.text))]


def _body_size(lines: Iterable[TextLine]) -> float:
    """The size of most of the text."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    return max(sizes, key=sizes.__getitem__, default=0.0)


def paragraphs(lines: Sequence[TextLine]) -> tuple[list[Line], str]:
    """The pieces, and the text of the heading at the top ("" if there is none)."""
    if not lines:
        return [], ""
    body_size = _body_size(lines)
    pieces = [_piece(group, body_size) for group in _groups(lines, body_size)]
    mark_headings(pieces)
    return pieces, first_heading(pieces)


def _groups(lines: Sequence[TextLine], body_size: float) -> list[list[TextLine]]:
    """The lines of each paragraph; a sentence that a footnote interrupts goes on in the next page or column."""
    leading = _leading(lines)
    edges = _right_edges(lines)
    groups: list[list[TextLine]] = []
    current: list[TextLine] = []
    interrupted: list[TextLine] = []
    for line in lines:
        if current and not _breaks(current, line, leading, edges):
            current.append(line)
        elif interrupted and _resumes(interrupted[-1], line, edges):
            current, interrupted = interrupted, []
            current.append(line)
        else:
            if current and _may_be_note(line, current[-1], body_size):
                interrupted = current
            elif line.size > 0.9 * body_size:
                interrupted = []
            current = [line]
            groups.append(current)
    return groups


def _may_be_note(line: TextLine, above: TextLine, body_size: float) -> bool:
    """Whether the line is small below one of the body that ends no sentence."""
    is_open = not ends_sentence(above.text.strip()) and above.text.strip()[-1] != ":"
    return is_open and line.size < 0.9 * body_size and 0.9 * body_size < above.size < _LARGER * body_size


def _resumes(line: TextLine, following: TextLine, edges: dict[int, float]) -> bool:
    """Whether a sentence goes on in the next page or column: its line was full, or a page opens with a small letter."""
    text = following.text.strip()
    is_elsewhere = following.opens_page or following.top > line.bottom + line.size
    if not is_elsewhere or _differ_in_size(line, following) or _BULLET.match(text):
        return False
    return not _is_short(line, edges) or (following.opens_page and text[0].islower())


def _joined(group: Sequence[TextLine]) -> str:
    parts: list[str] = []
    for line in group:
        text = line.text.strip()
        if parts and text[0].islower() and _DIVIDED.search(parts[-1]):
            parts[-1] = parts[-1][:-1] + LINE_HYPHEN
        elif parts:
            parts.append(" ")
        parts.append(text)
    return "".join(parts)


def _piece(group: Sequence[TextLine], body_size: float) -> Line:
    text = _joined(group)
    if group[0].size > _LARGER * body_size and len(text) < 250:
        return Line(BlockKind.HEADING, text)
    bullet = _BULLET.match(text)
    kind = BlockKind.LIST_ITEM if bullet else BlockKind.PARAGRAPH
    text = text[bullet.end() :] if bullet else text
    is_body_size = group[0].size > 0.9 * body_size  # small type is a caption or a note, never a heading
    return Line(kind, text, is_single_line=len(group) == 1, may_be_heading=is_body_size)


def _breaks(group: Sequence[TextLine], following: TextLine, leading: float, edges: dict[int, float]) -> bool:
    line = group[-1]
    text = line.text.strip()
    if _differ_in_size(line, following) or _changes_weight(group, following):
        return True
    if _BULLET.match(following.text.strip()) and (ends_sentence(text) or following.left >= line.left - line.size):
        return True
    if following.opens_page or following.top > line.bottom + line.size:  # the next page or column
        return ends_sentence(text)
    if line.bottom - following.top > 1.35 * leading * line.size:
        return True
    if not ends_sentence(text):
        return False
    return _is_short(line, edges) or following.left > line.left + 0.8 * line.size


def _differ_in_size(line: TextLine, following: TextLine) -> bool:
    return abs(line.size - following.size) > 0.1 * max(line.size, following.size)


def _changes_weight(group: Sequence[TextLine], following: TextLine) -> bool:
    """Whether a bold heading ends or begins; bold words in a paragraph seldom fill whole lines and a sentence too."""
    line = group[-1]
    if all(line.bold) and not following.bold[0]:
        is_heading = len(group) <= _MOST_HEADING_LINES and all(all(other.bold) for other in group)
        return is_heading and not following.text.strip()[0].islower()
    return not any(line.bold) and all(following.bold) and ends_sentence(line.text.strip())


def _is_short(line: TextLine, edges: dict[int, float]) -> bool:
    """Whether there was room for more in the line."""
    width = edges[_column(line)] - line.left
    return line.right < edges[_column(line)] - 0.15 * width


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
