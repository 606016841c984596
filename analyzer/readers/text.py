"""Plain text as found in the wild, which is often half Markdown.

In go the bytes of a file or a string, out comes a `Document`. Markdown that shows itself (a `#` heading,
bold text, a link) is read as such; a file without it keeps its asterisks and underscores.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from analyzer.document import BlockKind, Document
from analyzer.readers.decode import decode
from analyzer.readers.hyphens import without_hyphens
from analyzer.readers.lines import parse_lines, split_lines
from analyzer.readers.markdown import document_from_markdown
from analyzer.readers.pieces import Piece, build_document, clean, is_kicker, left_out_notes, removal_notes
from analyzer.readers.source import text_source, without_comments

_MARKDOWN = re.compile(
    r"^(?: {0,3}#{1,6} \S|```|~~~|<!--|\|? {0,3}:?-{3,}:? {0,3}\|)"
    r"|(?<![\w*])\*\*(?=[^\s*])[^*\n]{1,300}\*\*(?![\w*])"
    r"|\[[^\[\]\n]{1,300}\]\((?:https?:/|/|#|\./)",
    re.MULTILINE,
)


def read(data: bytes, *, name: str) -> Document:
    """The document in the bytes of a text file."""
    text, notes = decode(data, name=name)
    return document_from_text(text, name=name, notes=notes)


def document_from_text(text: str, *, name: str, notes: list[str]) -> Document:
    """The document in a decoded text; `notes` are those made on the way here."""
    removed: Counter[str] = Counter()
    source = text_source(text)
    cleaned = clean(without_comments(source), removed)
    if _MARKDOWN.search(cleaned):
        return document_from_markdown(text, name=name, notes=notes, joins_lines=False)
    text = cleaned
    notes = [*notes, *removal_notes(removed)]
    left_out: Counter[str] = Counter()
    pieces = parse_lines(split_lines(text), joins_lines=False, left_out=left_out)
    notes += left_out_notes(left_out) + without_hyphens(pieces)
    return replace(build_document(pieces, name=name, title=_title(pieces), notes=notes), source=source)


def _title(pieces: Sequence[Piece]) -> str:
    """The heading below a kicker, above which a newspaper may name itself, or the one at the top."""
    below = max((number + 1 for number, piece in enumerate(pieces[:4]) if is_kicker(piece.text)), default=0)
    candidates = [piece for piece in (*pieces[below : below + 1], *pieces[:1]) if not is_kicker(piece.text)]
    return next((piece.text for piece in candidates if piece.kind is BlockKind.HEADING), "")
