"""PDF: the text layer in reading order, with lines joined to paragraphs.

In go the bytes of the file, out comes a `Document`. Page numbers and headers and footers that repeat are
left out and counted; a file without a text layer, or behind a password, raises `AnalyzerError`.
"""

from __future__ import annotations

import re
from collections import Counter
from importlib import import_module
from typing import Any

from analyzer.document import Document
from analyzer.errors import AnalyzerError
from analyzer.readers.layout import TextLine, paragraphs, without_furniture
from analyzer.readers.pieces import build_document, count_phrase, left_out_notes, sensible_title

_HYPHEN = re.compile("(\\w+)[\ufffe\x02](\\w+)")
_MOST_PAGES = 5_000


def read(data: bytes, *, name: str) -> Document:
    """The document in the bytes of a PDF file."""
    pypdfium2: Any = import_module("pypdfium2")  # it has no types
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise AnalyzerError(f"{name}: password-protected; save it without a password") from error
        raise AnalyzerError(f"{name}: a broken PDF file; open it in its program and save it anew") from error
    try:
        return _read(pdf, name=name)
    except pypdfium2.PdfiumError as error:
        raise AnalyzerError(f"{name}: a broken PDF file ({error}); open it in its program and save it anew") from error
    finally:
        pdf.close()


def _read(pdf: Any, *, name: str) -> Document:
    if len(pdf) > _MOST_PAGES:
        raise AnalyzerError(f"{name}: {len(pdf):,} pages, more than {_MOST_PAGES:,}; split it into documents")
    pages, notes = _pages(pdf, name=name)
    kept, furniture = without_furniture(pages)
    notes += left_out_notes(furniture)
    joined = _without_hyphens(kept)
    if joined:
        notes.append(f"joined {count_phrase(joined, 'word')} hyphenated at a line end")
    pieces, heading = paragraphs(kept)
    title = sensible_title(pdf.get_metadata_dict().get("Title", "")) or heading
    return build_document(pieces, name=name, title=title, notes=notes)


def _pages(pdf: Any, *, name: str) -> tuple[list[list[TextLine]], list[str]]:
    """The lines of each page; a document of pictures is refused, single pages of pictures are noted."""
    pages: list[list[TextLine]] = []
    scanned = broken = 0
    for index in range(len(pdf)):
        page = _load(pdf, index)
        lines = _lines(page) if page is not None else []
        broken += page is None
        letters = sum(c.isalpha() for line in lines for c in line.text)
        scanned += page is not None and letters < 10 and _has_picture(page)
        if page is not None:
            page.close()
        pages.append(lines)
    if scanned and scanned + broken == len(pdf):
        raise AnalyzerError(f"{name}: a scanned PDF without a text layer; run OCR on it first (for example ocrmypdf)")
    notes = [f"{count_phrase(scanned, 'page')} without text, probably scanned; run OCR to read them"] if scanned else []
    return pages, notes + ([f"left out {count_phrase(broken, 'page')} that cannot be read"] if broken else [])


def _load(pdf: Any, index: int) -> Any:
    from pypdfium2 import PdfiumError

    try:
        return pdf[index]
    except PdfiumError:
        return None


def _has_picture(page: Any) -> bool:
    raw: Any = import_module("pypdfium2.raw")
    return next(iter(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)), None) is not None


def _lines(page: Any) -> list[TextLine]:
    text_page = page.get_textpage()
    lines: list[TextLine] = []
    position = 0
    # Positions are those of UTF-16 units, as in the library; characters beyond them are rare enough in text.
    for text in text_page.get_text_range(errors="replace").split("\r\n"):
        last = position + len(text) - 1
        if text.strip():
            lines.append(_measured(text_page, text, position, last))
        position = last + 3
    text_page.close()
    return lines


def _measured(text_page: Any, text: str, first: int, last: int) -> TextLine:
    """The line with its place on the page; three of its characters tell the size of its type."""
    end = text_page.count_chars() - 1
    boxes = [text_page.get_charbox(min(index, end), loose=True) for index in (first, (first + last) // 2, last)]
    size = sorted(box[3] - box[1] for box in boxes)[1]
    return TextLine(text, left=boxes[0][0], right=boxes[2][2], top=boxes[0][3], bottom=boxes[2][3], size=size)


def _without_hyphens(lines: list[TextLine]) -> int:
    """Joins words that a line end divided, in place; a compound seen elsewhere with its hyphen keeps it."""
    compounds = {word.lower() for line in lines for word in re.findall(r"\w+-\w+", line.text)}
    counts: Counter[str] = Counter()

    def join(match: re.Match[str]) -> str:
        compound = f"{match[1]}-{match[2]}"
        if not match[2][0].islower() or compound.lower() in compounds:
            return compound
        counts["joined"] += 1
        return match[1] + match[2]

    for line in lines:
        line.text = re.sub("[\ufffe\x02]", "-", _HYPHEN.sub(join, line.text))
    return counts["joined"]
