"""DOCX: the body of a Word document in its order, with headings, lists, tables and notes.

In go the bytes of the file, out comes a `Document`. Deleted, struck-out and hidden text, comments, page headers,
pictures, placeholders and tables of contents are left out and counted; footnotes and endnotes follow the text, each
behind its mark.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from analyzer.document import BlockKind, Document
from analyzer.errors import AnalyzerError
from analyzer.readers.headings import holds_sentences, is_head_matter
from analyzer.readers.links import END, Links
from analyzer.readers.package import Package
from analyzer.readers.pieces import Piece, build_document, first_heading, left_out_notes, row_text, sensible_title
from analyzer.readers.raised import as_text
from analyzer.readers.tables import are_figures, names_columns
from analyzer.readers.word_styles import Style, kind_by_properties, styles_in
from analyzer.readers.word_xml import given, is_on, tag_of, tags, value_at

_IDS = frozenset((
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
))  # fmt: skip
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_MATH = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/math}",
    "{http://purl.oclc.org/ooxml/officeDocument/math}",
)
_MATH_TEXT = frozenset(f"{space}t" for space in _MATH)
_DENOMINATOR = frozenset(f"{space}den" for space in _MATH)
_ALTERNATIVES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_SPACES = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}
_LEFT_OUT = {
    "del": "tracked deletion", "moveFrom": "tracked move", "drawing": "picture",
    "pict": "picture", "object": "embedded object", "commentReference": "comment",
}  # fmt: skip
# The letters and signs of the font Symbol by their codes; those of other such fonts are pictures.
_SYMBOL = dict(
    zip(
        b"+-<=>ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz\xa3\xa5\xae\xb0\xb1\xb3\xb4\xb8\xb9\xbb",
        "+−<=>ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖαβχδεφγηιϕκλμνοπθρστυϖωξψζ≤∞→°±≥×÷≠≈",
        strict=True,
    )
)
_LONGEST_ENTRY = 400
_LONGEST_BOLD = 100
_EMPTY_LINE = re.compile(r"\n\s*\n")
_SENTENCE_END = re.compile(r"[.!?][\"”’)]*(?:\s|\Z|(?=[A-Z“]))")


@dataclass(slots=True)
class _Reading:
    """What is collected on the way through the body."""

    styles: dict[str, Style]
    pieces: list[Piece] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    tables: int = 0
    title: str = ""
    goes_on: bool = False  # the mark that ended the paragraph before is deleted


def read(data: bytes, *, name: str) -> Document:
    """The document in the bytes of a DOCX file."""
    package = Package(data, name=name)
    main = package.related("", "officeDocument") or "word/document.xml"
    if not package.has(main):
        raise AnalyzerError(f"{name}: a zip archive without word/document.xml, so not a Word document; save it anew")
    styles = _part(package, main, "styles")
    reading = _Reading(styles_in(package.xml(styles)) if styles else {})
    links = Links()
    body = next((child for child in package.xml(main) if tag_of(child) == "body"), None)
    if body is not None:
        _mark_links(body, package.addresses(main), links)
        _read_blocks(body, reading)
    for element in ("footnote", "endnote"):
        if part := _part(package, main, f"{element}s"):
            _read_notes(package.xml(part), element, reading)
    for piece in reading.pieces:
        piece.text, piece.references = links.unmark(piece.text)
    title = _core_title(package) or links.unmark(reading.title)[0] or first_heading(reading.pieces)
    notes = left_out_notes(reading.left_out)
    return build_document(reading.pieces, name=name, title=title, notes=notes)


def _mark_links(body: Any, addresses: Mapping[str, str], links: Links) -> None:
    for link in body.iter(*tags("hyperlink")):
        target = next((addresses[value] for name, value in link.items() if name in _IDS and value in addresses), "")
        texts = [text for text in link.iter(*tags("t")) if text.text]
        if target and texts:
            texts[0].text = links.begin(target) + texts[0].text
            texts[-1].text += END


def _part(package: Package, main: str, what: str) -> str | None:
    """The styles or the notes of the main part, which have their usual name where it does not say another."""
    part = package.related(main, what) or f"word/{what}.xml"
    return part if package.has(part) else None


def _read_blocks(parent: Any, reading: _Reading) -> None:
    for child in _shown(parent, reading.left_out):
        match tag_of(child):
            case "p":
                _read_paragraph(child, reading)
            case "tbl":
                _read_table(child, reading)
            case "sdt" | "sdtContent" | "customXml" | "ins" | "moveTo" | "smartTag":
                _read_blocks(child, reading)


def _shown(parent: Any, left_out: Counter[str]) -> Iterator[Any]:
    """The children of an element without what Word put in of its own; of alternatives the first that is not empty."""
    for child in parent:
        if child.tag == _ALTERNATIVES:
            yield from _shown(next((choice for choice in child if len(choice)), ()), left_out)
        elif tag_of(child) == "sdt" and (made := _made_by_word(child)):
            left_out[made] += 1
        else:
            yield child


def _made_by_word(control: Any) -> str:
    """What a content control holds, if nobody wrote it."""
    if is_on(control, "sdtPr", "showingPlcHdr"):
        return "placeholder"
    gallery = value_at(control, "sdtPr", "docPartObj", "docPartGallery")
    return "table of contents" if gallery == "Table of Contents" else ""


def _read_paragraph(paragraph: Any, reading: _Reading, mark: str = "") -> None:
    boxes: list[Any] = []
    text = mark + _text(paragraph, reading.left_out, boxes)
    style = reading.styles.get(value_at(paragraph, "pPr", "pStyle") or "")
    kind = (style.kind if style else None) or kind_by_properties(paragraph) or BlockKind.PARAGRAPH
    if style and style.is_contents:
        reading.left_out["line of a table of contents"] += 1
        return
    is_divided = reading.goes_on
    if text.strip():
        if is_divided:
            text = reading.pieces.pop().text + text
        # An empty line inside a paragraph is the end of one to whoever typed it.
        parts = [part for part in _EMPTY_LINE.split(text) if part.strip()]
        if len(parts) == 1 and kind is BlockKind.PARAGRAPH and _is_bold_line(paragraph, text):
            kind = BlockKind.HEADING
        reading.pieces += (Piece(kind, part) for part in parts)
        if style and style.is_title and not reading.title:
            reading.title = text
    reading.goes_on = False
    for box in boxes:
        _read_blocks(box, reading)
    if not boxes and _has_deleted_mark(paragraph):
        reading.goes_on = is_divided or bool(text.strip())


def _is_bold_line(paragraph: Any, text: str) -> bool:
    """Whether it is short, without a stop, and bold throughout, which many use for a heading."""
    if len(text) > _LONGEST_BOLD or text.rstrip()[-1:] in (*".,;:", ""):
        return False
    if is_head_matter(text) or holds_sentences(text):
        return False
    return _is_bold([paragraph])


def _is_bold(elements: list[Any]) -> bool:
    runs = [run for element in elements for run in element.iter(*tags("r")) if "".join(run.itertext()).strip()]
    return bool(runs) and all(is_on(run, "rPr", "b") for run in runs)


def _has_deleted_mark(paragraph: Any) -> bool:
    """Whether its end is a tracked deletion (or moved away), so that it goes on in the next paragraph."""
    return any(value_at(paragraph, "pPr", "rPr", change) is not None for change in ("del", "moveFrom"))


def _text(element: Any, left_out: Counter[str], boxes: list[Any]) -> str:
    """The text of a paragraph; text boxes anchored in it are collected in `boxes`."""
    parts: list[str] = []
    for child in _shown(element, left_out):
        tag = tag_of(child)
        if tag == "t" or child.tag in _MATH_TEXT:
            parts.append(child.text or "")
        elif tag == "sym":
            parts.append(_symbol(child, left_out))
        elif tag in _SPACES:
            parts.append(_SPACES[tag])
        elif tag == "txbxContent":
            boxes.append(child)
        elif tag in ("footnoteReference", "endnoteReference"):
            parts.append(f"[{given(child, 'id')}]")
        elif tag == "r" and is_on(child, "rPr", "vanish"):
            left_out["hidden passage"] += 1
        elif tag == "r" and (is_on(child, "rPr", "strike") or is_on(child, "rPr", "dstrike")):
            left_out["struck-out passage"] += 1
        elif tag == "r" and value_at(child, "rPr", "vertAlign") == "superscript":
            parts.append(as_text(_text(child, left_out, boxes), "".join(parts), is_link=False))
        elif tag in ("del", "moveFrom", "object", "commentReference"):
            left_out[_LEFT_OUT[tag]] += 1
        elif isinstance(child.tag, str) and tag not in ("pPr", "rPr", "instrText"):
            before = len(boxes)
            parts += ("/" if child.tag in _DENOMINATOR else "", _text(child, left_out, boxes))
            if tag in ("drawing", "pict") and len(boxes) == before:
                left_out[_LEFT_OUT[tag]] += 1
    return "".join(parts)


def _symbol(element: Any, left_out: Counter[str]) -> str:
    """A character that is given by its font and its code there."""
    font, code = given(element, "font"), given(element, "char")
    number = int(code, 16) if re.fullmatch("[0-9A-Fa-f]{1,4}", code) else 0
    # A font of pictures has its own codes: one byte, or the private range from F000 on.
    if font != "Symbol" and 0xFF < number < 0xD800:
        return chr(number)
    character = _SYMBOL.get(number & 0xFF, "") if font == "Symbol" else ""
    if not character:
        left_out["symbol"] += 1
    return character


def _read_table(table: Any, reading: _Reading) -> None:
    """Rows with cells; a table of one column, or with whole texts in its cells, only lays out the page, and a table in
    a cell is read on its own.
    """
    rows = [row for row in table.iter(*tags("tr")) if _table_of(row) is table]
    cells_of_rows = [[cell for cell in row.iter(*tags("tc")) if _table_of(cell) is table] for row in rows]
    columns = max((len(cells) for cells in cells_of_rows), default=0)
    if columns < 2 or any(_holds_text(cell) for cells in cells_of_rows for cell in cells):
        for cells in cells_of_rows:
            for cell in cells:
                _read_blocks(cell, reading)
        return
    number = reading.tables
    reading.tables += 1
    reading.goes_on = False
    inner: list[Any] = []
    texts = [[" ".join(_cell_texts(cell, reading, inner)) for cell in cells] for cells in cells_of_rows]
    headers = [is_on(row, "trPr", "tblHeader") for row in rows]
    if not any(headers):
        # Word sets off the first row of every table unless it is told not to.
        by_look = _has_first_row(table) and not are_figures(texts[0])
        headers[0] = by_look or names_columns(texts, is_bold=_is_bold(cells_of_rows[0]))
    for row_texts, header in zip(texts, headers, strict=True):
        if text := row_text(row_texts):
            reading.pieces.append(Piece(BlockKind.TABLE_ROW, text, number, header))
    for nested in inner:
        _read_table(nested, reading)


def _holds_text(cell: Any) -> bool:
    """Whether a cell holds what is no entry of a table: several sentences, at length."""
    text = "".join(cell.itertext())
    return len(text) > _LONGEST_ENTRY and len(_SENTENCE_END.findall(text)) >= 2


def _table_of(element: Any) -> Any:
    return next(element.iterancestors(*tags("tbl")), None)


def _has_first_row(table: Any) -> bool:
    """Whether the table's look sets off its first row, which is how Word marks a header by default."""
    look = next(table.iter(*tags("tblLook")), None)
    if look is None:
        return False
    if first := given(look, "firstRow"):
        return first in ("1", "true", "on")
    value = given(look, "val")
    return bool(int(value, 16) & 0x20) if re.fullmatch("[0-9A-Fa-f]{1,8}", value) else False


def _cell_texts(cell: Any, reading: _Reading, inner: list[Any]) -> list[str]:
    texts: list[str] = []
    for child in _shown(cell, reading.left_out):
        match tag_of(child):
            case "p":
                boxes: list[Any] = []
                texts += [_text(child, reading.left_out, boxes), *(_text(box, reading.left_out, []) for box in boxes)]
            case "tbl":
                inner.append(child)
            case "sdt" | "sdtContent" | "customXml":
                texts += _cell_texts(child, reading, inner)
    return texts


def _read_notes(root: Any, element: str, reading: _Reading) -> None:
    for note in root:
        kind = given(note, "type")
        if tag_of(note) != element or kind in ("separator", "continuationSeparator", "continuationNotice"):
            continue
        mark = f"[{given(note, 'id')}] "
        reading.goes_on = False
        for paragraph in note.iter(*tags("p")):
            before = len(reading.pieces)
            if _text(paragraph, Counter(), []).strip():
                _read_paragraph(paragraph, reading, mark)
            mark = "" if len(reading.pieces) > before else mark


def _core_title(package: Package) -> str:
    if not package.has("docProps/core.xml"):
        return ""
    title = package.xml("docProps/core.xml").find(_DC_TITLE)
    return "" if title is None else sensible_title(title.text or "")
