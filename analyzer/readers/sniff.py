"""Which format some bytes are in: by their content first, by the extension of their name second.

In go bytes and a name, out comes the name of a format; what no reader can read raises `AnalyzerError`
with the name of the thing and the way out. Of a string only HTML is known, all else in it is text.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import PurePath

from analyzer.errors import AnalyzerError
from analyzer.readers.mail import is_mail

# How names of documents end, and what they are where the content does not say; a mail is known by its content.
EXTENSIONS = {
    ".txt": "text", ".text": "text", ".eml": "text", ".mhtml": "text", ".mht": "text",
    ".htm": "html", ".html": "html", ".xhtml": "html",
    ".md": "markdown", ".markdown": "markdown", ".mdown": "markdown", ".mkd": "markdown",
    ".docx": "docx", ".docm": "docx", ".pdf": "pdf",
}  # fmt: skip
_HEAD = 8192  # bytes, or characters of a string, in which tags are looked for
_MAGIC = (
    (b"\x89PNG\r\n", "a PNG image"), (b"\xff\xd8\xff", "a JPEG image"), (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"), (b"MM\x00*", "a TIFF image"), (b"RIFF", "an audio, video or image file"),
    (b"\x1f\x8b\x08", "gzip-compressed data"), (b"BZh", "bzip2-compressed data"), (b"\xfd7zXZ", "xz-compressed data"),
    (b"7z\xbc\xaf", "a 7z archive"), (b"Rar!\x1a", "a RAR archive"),
    (b"\x7fELF", "a program"), (b"MZ\x90", "a program"),
    (b"PAR1", "a Parquet file"), (b"SQLite format 3", "an SQLite database"), (b"OggS", "an audio file"),
    (b"ID3", "an audio file"), (b"%!PS", "a PostScript file"),
)  # fmt: skip
_HTML_START = re.compile(
    r"(?:\s|<\?xml[^>]{0,200}>|<!--(?:(?!-->).){0,2000}-->){0,20}<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_XML_START = re.compile(r"\s*<(?:\?xml\s|(?:nitf|newsitem|newsmessage|newsml|rss|feed|rdf:rdf)[\s>])", re.IGNORECASE)
_HTML_FRAGMENT = re.compile(
    r"\s*<(?:head|body|title|meta|main|article|section|div|p|h[1-6]|ul|ol|table|blockquote|figure|img|a|b|strong|i|em|span)"
    r"\b[^<>]{0,1000}>",
    re.IGNORECASE,
)
_JSON_START = re.compile(r"\s*(?:\[\s*)?\{\s*\"[^\"\\]{1,100}\"\s*:")
_CLOSING_TAG = re.compile(r"</(?:p|div|article|section|main|h[1-6]|li|table|body|head|title)\s?>", re.IGNORECASE)


def format_of(data: bytes, *, name: str) -> str:
    """One of `pdf`, `docx`, `html` (also packed into a mail or a web archive), `markdown` and `text`."""
    by_extension = EXTENSIONS.get(PurePath(name).suffix.lower(), "text")
    if b"%PDF-" in data[:1024] and not data[:1024].lstrip().startswith(b"<"):
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _format_of_zip(data, name=name, by_extension=by_extension)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise AnalyzerError(f"{name}: {_ole_reason(data)}")
    if data.startswith(b"{\\rtf"):
        raise AnalyzerError(f"{name}: an RTF file, which is not read here; save it as .docx or .txt")
    if data.startswith(b"bplist00"):
        raise AnalyzerError(
            f"{name}: a Safari web archive (or another property list), which is not read here; "
            "open it in Safari and save it as page source (.html), or print it to PDF"
        )
    if is_mail(data):
        return "html"
    for magic, what in _MAGIC:
        if data.startswith(magic) and not _is_ascii_text(data):
            raise AnalyzerError(f"{name}: {what}, not a document; give a text, Markdown, HTML, mail, DOCX or PDF file")
    head = _head(data)
    if _HTML_START.match(head):
        return "html"
    if by_extension in ("docx", "pdf"):
        if not _is_ascii_text(data):
            what = by_extension.upper()
            raise AnalyzerError(
                f"{name}: not a {what} file inside, or broken at its start; save it anew from its program"
            )
        by_extension = "text"
    if _XML_START.match(head):
        raise AnalyzerError(f"{name}: XML, which is not read here; give the article in it as HTML, Markdown or text")
    if _JSON_START.match(head):
        raise AnalyzerError(f"{name}: JSON, which is not read here; give the text in it as HTML, Markdown or text")
    return "html" if by_extension == "text" and _is_fragment(head) else by_extension


def is_html(text: str) -> bool:
    """Whether a text begins as a page or as a part of one; a tag that it only mentions makes it neither."""
    head = text[:_HEAD].lstrip("\ufeff")
    return _HTML_START.match(head) is not None or _is_fragment(head)


def _is_fragment(head: str) -> bool:
    return _HTML_FRAGMENT.match(head) is not None and _CLOSING_TAG.search(head) is not None


def _format_of_zip(data: bytes, *, name: str, by_extension: str) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = set(archive.namelist())
    except Exception as error:  # zipfile raises many kinds on broken input
        raise AnalyzerError(f"{name}: a broken DOCX or zip file; save it anew from its program") from error
    if by_extension == "docx" or any(member.endswith("word/document.xml") for member in members):
        return "docx"
    raise AnalyzerError(f"{name}: a zip archive without a Word document; unpack it, or save the document as .docx")


def _ole_reason(data: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "password-protected; save it from Word without a password"
    return "an old Office file (.doc, .xls, .ppt), which is not read here; save it as .docx"


def _is_ascii_text(data: bytes) -> bool:
    return data.isascii() and b"\x00" not in data


def _head(data: bytes) -> str:
    """The beginning, as text good enough to look for tags."""
    head = data[:_HEAD]
    if head.count(0) > len(head) // 4 or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.replace(b"\x00", b"")
    return head.decode("latin-1").lstrip("ÿþï»¿\ufeff")
