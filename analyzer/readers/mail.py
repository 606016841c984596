"""Mails (.eml) and web archives (.mhtml, .mht): the one part of them that is the text.

In go the bytes of the file, out comes its first text, of two that say the same the one in HTML; attachments, pictures
and all other parts are left out and counted. A part is never longer than the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from analyzer.errors import AnalyzerError
from analyzer.readers.pieces import clean, left_out_notes

_HEADER_LINE = re.compile(rb"([!-9;-~]+):(.*)")
_MOST_HEADER = 100_000  # bytes
_TYPICAL = frozenset((b"to", b"date", b"subject", b"message-id", b"received"))


@dataclass(frozen=True, slots=True)
class Part:
    """The text of a mail, still as bytes; `encoding` and `subject` are `""` where the mail states none.

    `is_flowed`: its lines go on in the next one where they end in a space; `is_letter`: it was sent to somebody.
    """

    data: bytes
    is_html: bool
    encoding: str
    subject: str
    notes: list[str]
    is_flowed: bool
    is_letter: bool


def is_mail(data: bytes) -> bool:
    """Whether the bytes begin with the header of a mail that says what its body is.

    A text that begins with "From: ..." is none.
    """
    headers = _headers(data[:_MOST_HEADER])
    if headers.get(b"mime-version", b"").strip()[:1].isdigit():
        return True
    if b"from" not in headers or _TYPICAL.isdisjoint(headers):
        return False
    return b"content-type" in headers or not {b"message-id", b"received"}.isdisjoint(headers)


def unpack(data: bytes, *, name: str) -> Part:
    """The part that is to be read; raises `AnalyzerError` if there is none."""
    import email
    import email.policy

    try:
        message = email.message_from_bytes(data, policy=email.policy.default)
        parts = list(_parts(message))
        chosen = _text_of(message)
        content = b"" if chosen is None else chosen.get_payload(decode=True)
        is_html = chosen is not None and chosen.get_content_type() == "text/html"
        encoding = "" if chosen is None else str(chosen.get_content_charset(""))
        subject = str(message["subject"] or "")
        is_letter = message["to"] is not None or message["received"] is not None
        is_flowed = chosen is not None and str(chosen.get_param("format", "")).lower() == "flowed"
    except Exception as error:  # email raises many kinds on broken input
        raise AnalyzerError(f"{name}: a broken mail or web archive; save it anew, or give its text") from error
    if not content.strip():
        raise AnalyzerError(f"{name}: a mail or web archive without a text in it; give its text, or the page as .html")
    left_out = Counter({"other part of the file": len(parts) - 1} if len(parts) > 1 else {})
    notes = ["unpacked from a mail or web archive", *left_out_notes(left_out)]
    title = " ".join(clean(subject, Counter()).split())
    return Part(content, is_html, encoding, title, notes, is_flowed=is_flowed, is_letter=is_letter)


def _headers(data: bytes) -> dict[bytes, bytes]:
    """The header fields that `data` begins with, by their names; nothing if they do not end at a blank line."""
    headers: dict[bytes, bytes] = {}
    for line in data.splitlines():
        if not line.strip():
            return headers
        field = _HEADER_LINE.fullmatch(line)
        if field:
            headers[field[1].lower()] = field[2]
        elif not headers or not line.startswith((b" ", b"\t")):
            break
    return {}


def _text_of(message: Any) -> Any:
    """The part that is the text of a mail; None where there is none."""
    if message.is_attachment():
        return None
    if not (message.get_content_maintype() == "multipart" and message.is_multipart()):
        is_text = message.get_content_type() in ("text/html", "text/plain")
        return message if is_text and (message.get_payload(decode=True) or b"").strip() else None
    found = [part for part in map(_text_of, message.iter_parts()) if part is not None]
    if message.get_content_subtype() == "alternative":
        found.sort(key=lambda part: part.get_content_type() != "text/html")
    return found[0] if found else None


def _parts(message: Any) -> Iterator[Any]:
    """The parts that hold something themselves, in order; what is attached counts as one."""
    if message.get_content_maintype() == "multipart" and message.is_multipart() and not message.is_attachment():
        for part in message.iter_parts():
            yield from _parts(part)
    else:
        yield message
