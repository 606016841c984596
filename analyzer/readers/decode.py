"""Bytes to text: byte order marks, UTF-8, UTF-16 without a mark, Windows-1252 and, by a guess, the rest.

In go the bytes of a text file, out come the text and notes on what had to be guessed or repaired;
bytes that are no text at all raise `AnalyzerError`.
"""

from __future__ import annotations

import codecs
import re

from analyzer.errors import AnalyzerError
from analyzer.readers.pieces import WINDOWS_1252, count_phrase

BYTE_ORDER_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_SAMPLE = 65_536
_CONTROLS = bytes(set(range(1, 32)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
_HIGH = bytes(range(128, 256))
# Text in a Western code page has an accent or a curly quote here and there; Cyrillic, Greek or Chinese
# text is mostly high bytes.
_WESTERN_SHARE = 0.2
# What accented letters and quotation marks begin with in UTF-8, and next to no word has in Windows-1252.
_UTF_8_LEAD = re.compile(rb"[\xc2\xc3\xe2]")


def decode(data: bytes, *, name: str) -> tuple[str, list[str]]:
    """The text and the notes; raises `AnalyzerError` if `data` is not text."""
    for mark, encoding, label in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            notes = [] if encoding == "utf-8" else [f"decoded as {label}, by its byte order mark"]
            return _repaired(data[len(mark) :], encoding, label, notes)
    if encoding_16 := _unmarked_utf16(data):
        return _repaired(data, encoding_16, "UTF-16", ["decoded as UTF-16, a guess: it has no byte order mark"])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        refuse_binary(data, name=name, most_controls=0.02)
        return _legacy(data, name=name)
    refuse_binary(data, name=name, most_controls=0.1)
    return text, []


def refuse_binary(data: bytes, *, name: str, most_controls: float) -> None:
    """Raises `AnalyzerError` if the share of control characters is not that of a text.

    Random or compressed bytes are 10 % control characters besides NUL, programs are full of NULs.
    """
    sample = data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls > most_controls * len(sample) or sample.count(0) > 0.3 * len(sample):
        raise AnalyzerError(f"{name}: binary data, not a text; give a text, Markdown, HTML, mail, DOCX or PDF file")


def _unmarked_utf16(data: bytes) -> str | None:
    """The byte order, if every other byte is mostly NUL, as in UTF-16 of Western text."""
    sample = data[: _SAMPLE & ~1]
    half = len(sample) // 2
    if not half:
        return None
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    if max(even, odd) < 0.4 or min(even, odd) > 0.02:
        return None
    letters = sample[: 2 * half].decode(encoding, "replace")
    return encoding if sum(c.isprintable() or c.isspace() for c in letters) > 0.9 * len(letters) else None


def _repaired(data: bytes, encoding: str, label: str, notes: list[str]) -> tuple[str, list[str]]:
    try:
        return data.decode(encoding), notes
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
        return text, [*notes, f"replaced {count_phrase(text.count(chr(0xFFFD)), 'sequence')} not valid in {label}"]


def _mixed(data: bytes) -> tuple[str, list[str]]:
    """UTF-8 with bytes that are none: a line pasted from Windows-1252 is read as such, all else is damage."""
    pasted = 0
    lines = []
    for line in data.splitlines(keepends=True):
        text = line.decode("utf-8", "replace")
        if "\ufffd" in text and all(c < "\x80" or c == "\ufffd" for c in text) and not _UTF_8_LEAD.search(line):
            text = line.decode("latin-1").translate(WINDOWS_1252)
            pasted += 1
        lines.append(text)
    text = "".join(lines)
    damaged = text.count("\ufffd")
    notes = [f"decoded {count_phrase(pasted, 'line')} as Windows-1252, a guess: not valid UTF-8"] if pasted else []
    return text, [*notes, *([f"replaced {count_phrase(damaged, 'sequence')} not valid in UTF-8"] if damaged else [])]


def _legacy(data: bytes, *, name: str) -> tuple[str, list[str]]:
    high = len(data) - len(data.translate(None, _HIGH))
    damaged = data.decode("utf-8", "replace")
    valid = sum(1 for c in damaged[:_SAMPLE] if c > "\x7f" and c != "\ufffd")
    if valid > damaged[:_SAMPLE].count("\ufffd"):
        return _mixed(data)
    if high <= _WESTERN_SHARE * len(data):
        # As browsers read it, to whom no byte is undefined.
        text = data.decode("latin-1").translate(WINDOWS_1252)
        return text, ["decoded as Windows-1252, a guess: it is not valid UTF-8"]
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE]).best()
    if best is None:
        raise AnalyzerError(f"{name}: not text in any known encoding; save it as UTF-8")
    text, notes = _repaired(data, best.encoding, best.encoding, [])
    return text, [f"decoded as {best.encoding}, a guess: it is not valid UTF-8", *notes]
