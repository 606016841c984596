"""Words that the end of a line divided: which are one, and which have their hyphen everywhere.

In go pieces in which `LINE_HYPHEN` marks the places, out come the same, put together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from analyzer.readers.pieces import Piece, count_phrase

LINE_HYPHEN = "\ufffe"
HYPHEN_AT_END = re.compile(r"[^\W\d_]-\s*\Z")
_MARK = f"[{LINE_HYPHEN}\x02]"
_DIVIDED = re.compile(rf"(?<!\w)(\w{{1,50}}){_MARK}(\w{{1,50}})")
_HYPHENED = re.compile(r"(?<!\w)\w{1,50}-\w{1,50}")
# "long-term" keeps the hyphen with which a line ends; "long-ings" and "self-less" have it for that end alone.
_COMPOUND = re.compile(
    r"(?:well|self|long|short)-(?!ages?\b|coming|cut|en(?:ed|ing)|fall|hand|ing|ish|less|list|ness|same|spring)\w{4,}",
    re.IGNORECASE,
)

# Parts of words that are no words themselves.
_FIRST_PART = re.compile(r"(?:\A|[\s(“\"])(?!(?:co|ex|in|no|re|so|to|un|up)-)[^\W\d_]{1,2}-\s*\Z", re.IGNORECASE)
_LAST_PART = re.compile(
    r"\s*(?:[a-z]?[ts]ions?|ments?|ness|ings?|[a-z]{0,2}[ai]ble|[a-z]{0,2}ity|ties|[a-z]{0,2}[ae]nces?|ous|[st]ive"
    r"|[a-z]{0,3}ly|e?rs?|ed|tion(?:al|ed|ing)|tal|cal|tients?|ture[ds]?)\b"
)
_LEAST_DIVIDED, _LEAST_ALONE, _LEAST_SHARE_DIVIDED = 3, 5, 0.05


def divides_words(lines: Sequence[str]) -> bool:
    """Whether lines end within words, as in a copy from a page, and not just behind the hyphens that words have."""
    inner = [pair for pair in pairwise(lines) if pair[0].strip() and pair[1].strip()]
    divided = [pair for pair in inner if HYPHEN_AT_END.search(pair[0][-8:]) and pair[1].lstrip()[0].islower()]
    if len(divided) < max(_LEAST_DIVIDED, _LEAST_SHARE_DIVIDED * len(inner)):
        return False
    # Of the hyphens that words have, few stand at the end of a line.
    if len(divided) >= _LEAST_ALONE and len(divided) > sum(len(_HYPHENED.findall(line)) for line in lines):
        return True
    parts = sum(bool(_FIRST_PART.search(line[-8:]) or _LAST_PART.match(following)) for line, following in divided)
    return parts >= max(2, len(divided) / 3)


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
