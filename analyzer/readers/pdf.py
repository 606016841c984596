"""PDF: the text layer in reading order, with lines joined to paragraphs.

In go the bytes of the file, out comes a `Document`. Page numbers and headers and footers that repeat are
left out and counted; a file without a text layer, or behind a password, raises `AnalyzerError`.
"""

from __future__ import annotations

import re
from ctypes import byref, c_int, create_string_buffer
from importlib import import_module
from typing import Any

from analyzer.document import Document
from analyzer.errors import AnalyzerError
from analyzer.readers.hyphens import without_hyphens
from analyzer.readers.layout import TextLine, paragraphs, without_furniture
from analyzer.readers.pieces import build_document, count_phrase, left_out_notes, sensible_title

_BOLD = re.compile(rb"bold|black|heavy|demi|medi\Z|cmbx|sfbx", re.IGNORECASE)
_MOST_PAGES = 5_000
_LONGEST_NAME = 128  # a longer name of a font is not given


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
    pieces, heading = paragraphs(kept)
    notes += without_hyphens(pieces)
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
    """The line with its place on the page; three of its characters tell the size and the weight of its type."""
    end = text_page.count_chars() - 1
    places = [min(index, end) for index in (first, (first + last) // 2, last)]
    boxes = [text_page.get_charbox(place, loose=True) for place in places]
    size = sorted(box[3] - box[1] for box in boxes)[1]
    bold = (_is_bold(text_page, places[0]), _is_bold(text_page, places[1]), _is_bold(text_page, places[2]))
    return TextLine(
        text, left=boxes[0][0], right=boxes[2][2], top=boxes[0][3], bottom=boxes[2][3], size=size, bold=bold
    )


def _is_bold(text_page: Any, place: int) -> bool:
    """Whether the font of a character says so in its name; the weight that it states is often 0."""
    raw: Any = import_module("pypdfium2.raw")
    name = create_string_buffer(_LONGEST_NAME)
    raw.FPDFText_GetFontInfo(text_page.raw, place, name, _LONGEST_NAME, byref(c_int()))
    return _BOLD.search(name.value) is not None
