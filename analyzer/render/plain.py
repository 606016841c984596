"""Text of a document made harmless for a line of output.

The text comes from anywhere: nothing in it may move the cursor, change colours, start a line, reorder what stands
beside it or be invisible. What an output's encoding cannot show is replaced by the nearest thing that it can.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

# Escape sequences that style text or move the cursor, whole, so that no remains of them are shown. What stands inside
# the longer ones (a window title) is words of the document and stays.
_ESCAPE_SEQUENCE = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]")
# Joiners shape the letters of several scripts; every other format character is invisible or reorders text.
_JOINERS = "\u200c\u200d"
_NEAREST: Mapping[str, str] = {
    "‘": "'", "’": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    "–": "-", "—": "--", "−": "-", "…": "...", "·": "-", "•": "*", "→": "->", "×": "x",
    "█": "#", "▓": "@", "▒": "*", "░": ":", "✓": "+", "◆": "*", "∅": "0", "─": "-", "▌": "!",
}  # fmt: skip


def plain(text: str) -> str:
    """The text on one line without control, escape and bidirectional characters; each white space is one space."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_harmless, _ESCAPE_SEQUENCE.sub("", text)))
    return re.sub(r"\s+", " ", text)


def writable(text: str, encoding: str) -> str:
    """The text with every character that `encoding` lacks replaced: “…” by "...", é by e, others by a question mark."""
    if _can_write(text, encoding):
        return text
    return "".join(char if _can_write(char, encoding) else _nearest(char) for char in text)


def _harmless(char: str) -> str:
    if char.isspace():
        return " "
    category = unicodedata.category(char)
    if category == "Cc" or (category == "Cf" and char not in _JOINERS):
        return ""
    # No XML may hold the last two characters of the first plane, and no text needs any of the others that are none.
    return "\ufffd" if category == "Cs" or _is_noncharacter(ord(char)) else char


def _is_noncharacter(code: int) -> bool:
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def _can_write(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _nearest(char: str) -> str:
    if char in _NEAREST:
        return _NEAREST[char]
    decomposed = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode("ascii")
    return decomposed or ("" if unicodedata.combining(char) or char in _JOINERS else "?")
