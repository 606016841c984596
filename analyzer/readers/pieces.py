"""From a reader's pieces of text to a `Document`: the last step of every format.

A reader hands over its blocks as `Piece`s, in reading order; here invisible characters are removed and
counted, white space is made single spaces, and the offsets are set. Out comes a `Document` or, when no
text is left, an `AnalyzerError`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from analyzer.document import CELL_SEPARATOR, Block, BlockKind, Document, Reference
from analyzer.errors import AnalyzerError

EMPTY_CELL = "–"  # an empty cell must stay visible, or the columns of its row would shift

_INVISIBLE = {
    "NUL characters": re.compile("\x00"),
    "soft hyphens": re.compile("\xad"),
    # The two joiners carry meaning in other scripts and in emoji, never after a Latin letter.
    "zero-width characters": re.compile("[\u200b\u2060\ufeff\u180e\u2061-\u2064]|(?<=[\x00-\u024f])[\u200c\u200d]"),
    "writing-direction marks": re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]"),
    "control characters": re.compile("[\x01-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff]"),
}
_ANY_INVISIBLE = re.compile(  # one class of characters: five times as fast as the patterns one by one
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufdd0-\ufdef\ufffe\uffff]"
)
_BROKEN = "lone surrogates"
# Quotation marks, dashes and the like, read as the control characters that Latin-1 has in their places; an ellipsis
# where one of these shows that it is none of the line breaks that have its place.
WINDOWS_1252 = {code: found for code in range(0x80, 0xA0) if (found := bytes([code]).decode("cp1252", "ignore"))}
_MISREAD = "Windows-1252 characters"
_MISREAD_CHARACTER = re.compile("[\x80\x82-\x84\x86-\x8c\x8e\x91-\x9c\x9e\x9f]")
_VERBS = {_BROKEN: "replaced", _MISREAD: "replaced"}
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


_KICKER = re.compile(
    r"(?:opinions?|editorial|comment(?:ary)?|analysis|column|op-ed|news|feature|essay|perspective|viewpoint|interview"
    r"|lead(?:er|ing article)"
    r"|explainer|review|live|live updates?|breaking(?: news)?|exclusive|update|developing|(?:press|news) release"
    r"|(?:for )?immediate release|embargoed.{0,40}|letters?(?: to the editor)?|guest (?:column|essay|opinion)"
    r"|special report|investigation|fact check)",
    re.IGNORECASE,
)
_NO_TITLE = re.compile(r"untitled.*|(?:word |new )?document ?\d*|microsoft word.*|\S+\.\w{2,5}", re.IGNORECASE)


@dataclass(slots=True)
class Piece:
    """A block before its place in the text is known; that of its references is the one in it."""

    kind: BlockKind
    text: str
    table: int | None = None
    is_table_header: bool = False
    references: list[Reference] = field(default_factory=list)


def count_phrase(count: int, singular: str, plural: str | None = None) -> str:
    """`1 script element`, `1,204 script elements`."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def clean(text: str, removed: Counter[str]) -> str:
    """Without characters that nobody sees, which are counted in `removed` by what they are."""
    if _MISREAD_CHARACTER.search(text):
        removed[_MISREAD] += sum(ord(character) in WINDOWS_1252 for character in text)
        text = text.translate(WINDOWS_1252)
    if _ANY_INVISIBLE.search(text):
        for what, pattern in _INVISIBLE.items():
            text, count = pattern.subn("", text)
            if count:
                removed[what] += count
    if not text.isascii():
        text, count = _LONE_SURROGATE.subn("\ufffd", text)
        if count:
            removed[_BROKEN] += count
    return text


def left_out_notes(left_out: Counter[str]) -> list[str]:
    """One note for each kind of thing that a reader left out, such as `left out 2 lines of front matter`."""
    notes = []
    for what, count in left_out.items():
        first, *rest = re.split(r"( (?:of|that) )", what, maxsplit=1)
        notes.append(f"left out {count_phrase(count, first)}{''.join(rest)}")
    return notes


def removal_notes(removed: Counter[str]) -> list[str]:
    """One note for each kind of character that `clean` removed or replaced."""
    return [
        f"{_VERBS.get(what, 'removed')} {count_phrase(count, what.removesuffix('s'), what)}"
        for what, count in removed.items()
    ]


def row_text(cells: Sequence[str]) -> str:
    """The cells of a table row as one line; `""` when all of them are empty."""
    words = [" ".join(cell.split()) for cell in cells]
    return CELL_SEPARATOR.join(cell or EMPTY_CELL for cell in words) if any(words) else ""


def sensible_title(title: str) -> str:
    """The title that a file states, unless a program filled it in."""
    title = " ".join(title.split())
    return "" if _NO_TITLE.fullmatch(title) or not any(c.isalpha() for c in title) else title


def first_heading(pieces: Sequence[Piece]) -> str:
    """The text of a heading at the top, above which at most a date and a byline stand; `""` where there is none."""
    headings = [piece.text for piece in pieces[:3] if piece.kind is BlockKind.HEADING]
    return next((text for text in headings if not is_kicker(text)), "")


def is_kicker(text: str) -> bool:
    """Whether it says what kind of text follows ("OPINION", "For immediate release"), which is no title."""
    return _KICKER.fullmatch(text.strip(" \t*_#:")) is not None


def build_document(pieces: Iterable[Piece], *, name: str, title: str = "", notes: Iterable[str] = ()) -> Document:
    """Lays the pieces out as one text: rows of a table and items of a list by line, all else by blank line."""
    removed: Counter[str] = Counter()
    parts: list[str] = []
    blocks: list[Block] = []
    references: list[Reference] = []
    previous: Piece | None = None
    end = 0
    for piece in pieces:
        text = " ".join(clean(piece.text, removed).split())
        if not text:
            continue
        separator = _separator(previous, piece)
        parts += (separator, text)
        start = end + len(separator)
        end = start + len(text)
        blocks.append(Block(piece.kind, start, end, piece.table, piece.is_table_header))
        if text == piece.text:
            references += (Reference(start + r.start, start + r.end, r.target) for r in piece.references)
        previous = piece
    if not blocks:
        raise AnalyzerError(f"{name}: no text in it to analyse; give a document that holds some sentences")
    title = " ".join(clean(title, Counter()).split())
    return Document(
        "".join(parts),
        tuple(blocks),
        PurePath(name).stem,
        title,
        notes=(*notes, *removal_notes(removed)),
        references=tuple(references),
    )


def _separator(previous: Piece | None, piece: Piece) -> str:
    if previous is None:
        return ""
    same_list = previous.kind is piece.kind is BlockKind.LIST_ITEM
    same_table = previous.kind is piece.kind is BlockKind.TABLE_ROW and previous.table == piece.table
    return "\n" if same_list or same_table else "\n\n"
