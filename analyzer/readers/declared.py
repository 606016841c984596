"""Bytes to text as a page or a mail declares them, where that can be true.

In go the bytes of a text and the name of the encoding that stands in it, out come the text and the notes; an encoding
that is none for texts, or that does not fit the bytes, is passed over for what `decode` finds.
"""

from __future__ import annotations

import codecs
import re

from analyzer.readers.decode import BYTE_ORDER_MARKS, decode

# By the names that Python gives them; it also decodes what no browser reads as text, such as punycode.
_SINGLE_BYTE = re.compile(r"ascii|iso8859-\d+|cp(?:125\d|437|85\d|86\d|874)|koi8-[rtu]|mac-\w+|tis-620|kz1048|ptcp154")
_MULTI_BYTE = frozenset((
    "utf-8", "gbk", "gb2312", "gb18030", "big5", "big5hkscs", "euc_jp", "iso2022_jp", "shift_jis", "cp932", "euc_kr",
    "cp949", "johab",
))  # fmt: skip


def decode_declared(data: bytes, declared: str, *, name: str) -> tuple[str, list[str]]:
    """The text and the notes; `declared` is `""` where nothing is. Raises `AnalyzerError` if `data` is not text."""
    codec = "" if data.startswith(tuple(mark for mark, *_ in BYTE_ORDER_MARKS)) else _codec(declared)
    if _SINGLE_BYTE.fullmatch(codec):
        # Text in such an encoding is hardly ever valid UTF-8; many a page is UTF-8 under an old declaration.
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return text, [] if data.isascii() else [f"decoded as UTF-8, although declared as {declared}"]
    try:
        return data.decode(codec), [] if codec == "utf-8" else [f"decoded as {declared}, as declared"]
    except (LookupError, UnicodeDecodeError):
        return decode(data, name=name)


def _codec(declared: str) -> str:
    """Python's name of an encoding for texts, and what browsers read under that name; `""` for any other."""
    try:
        codec = codecs.lookup(declared).name
    except (LookupError, ValueError):
        return ""
    if codec in ("iso8859-1", "ascii"):
        return "cp1252"
    return codec if codec in _MULTI_BYTE or _SINGLE_BYTE.fullmatch(codec) else ""
