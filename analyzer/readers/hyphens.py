"""Words that the end of a line divided: which are one, and which have their hyphen everywhere.

In go pieces in which `LINE_HYPHEN` marks the places, out come the same, put together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from analyzer.readers.pieces import Piece, count_phrase

LINE_HYPHEN = "\ufffe"
_MARK = f"[{LINE_HYPHEN}\x02]"
_DIVIDED = re.compile(rf"(?<!\w)(\w{{1,50}}){_MARK}(\w{{1,50}})")
_HYPHENED = re.compile(r"(?<!\w)\w{1,50}-\w{1,50}")
# "long-term" keeps the hyphen with which a line ends; "long-ings" and "self-less" have it for that end alone.
_COMPOUND = re.compile(
    r"(?:well|self|long|short)-(?!ages?\b|coming|cut|en(?:ed|ing)|fall|hand|ing|ish|less|list|ness|same|spring)\w{4,}",
    re.IGNORECASE,
)


def without_hyphens(pieces: Sequence[Piece]) -> list[str]:
    """Joins words that a line end divided, in place; a compound, or what has its hyphen elsewhere, keeps it. Returns
    the note that says how many.
    """
    if not any(re.search(_MARK, piece.text) for piece in pieces):
        return []
    compounds = {word.lower() for piece in pieces for word in _HYPHENED.findall(piece.text)}
    counts: Counter[str] = Counter()

    def join(match: re.Match[str]) -> str:
        if match[2] in ("and", "or", "to"):  # "long- and short-term"
            return f"{match[1]}- {match[2]}"
        compound = f"{match[1]}-{match[2]}"
        if not match[2][0].islower() or compound.lower() in compounds or _COMPOUND.fullmatch(compound):
            return compound
        counts["joined"] += 1
        return match[1] + match[2]

    for piece in pieces:
        piece.text = re.sub(_MARK, "-", _DIVIDED.sub(join, piece.text))
    joined = counts["joined"]
    return [f"joined {count_phrase(joined, 'word')} hyphenated at a line end"] if joined else []
