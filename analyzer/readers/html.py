"""HTML: the main content of a page, without navigation and without anything a visitor does not see.

In go the bytes of a page, also in a mail or a web archive, out comes a `Document`. trafilatura finds the article; where
it finds next to nothing, the whole visible body is taken and a note says so. Nothing is fetched and nothing is run.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from copy import deepcopy
from dataclasses import replace
from typing import Any

from analyzer.document import BlockKind, Document
from analyzer.errors import AnalyzerError
from analyzer.readers.beside import spare_prose
from analyzer.readers.bold_lines import bold_headings
from analyzer.readers.cited import set_references
from analyzer.readers.correspondence import quote_answered, written_text
from analyzer.readers.declared import decode_declared
from analyzer.readers.headline import page_title, with_headline
from analyzer.readers.lost import with_lost
from analyzer.readers.mail import is_mail, unpack
from analyzer.readers.pasted import names_button
from analyzer.readers.pieces import Piece, build_document, clean, count_phrase, left_out_notes, removal_notes
from analyzer.readers.pull_quotes import remove_pull_quotes
from analyzer.readers.repairs import repair
from analyzer.readers.source import html_source
from analyzer.readers.text import document_from_text
from analyzer.readers.tree import pieces_of
from analyzer.readers.visible import remove_invisible

_DECLARED = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{2,40})", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")
_END_OF_PAGE = re.compile(r"</(?:body|html)\s{0,20}>", re.IGNORECASE)
_WHITE_CONTROLS = {ord("\v"): "\n", ord("\f"): "\n"}
# What divides sections of a text where others draw a line.
_ORNAMENT = re.compile(r"[\s*_~=#·•⁂—–-]+")
_WORD = re.compile(r"[^\W_]")
_LEAST_WORDS = 8
_FEW_WORDS = 40  # trafilatura's own floor is 250 characters; below that its result is a guess


def read(data: bytes, *, name: str) -> Document:
    """The document in the bytes of an HTML page, or of a mail or a web archive."""
    if is_mail(data):
        return _read_mail(data, name=name)
    return _read_page(data, "", name=name)


def _read_mail(data: bytes, *, name: str) -> Document:
    part = unpack(data, name=name)
    if part.is_html:
        document = _read_page(part.data, part.encoding, name=name, in_mail=part.is_letter)
    else:
        text, notes = decode_declared(part.data, part.encoding, name=name)
        left_out: Counter[str] = Counter()
        if part.is_letter:
            text = written_text(text, left_out, is_flowed=part.is_flowed)
        document = document_from_text(text, name=name, notes=[*notes, *left_out_notes(left_out)])
    # The lines of the part are not those of the file.
    return replace(document, title=document.title or part.subject, notes=(*part.notes, *document.notes), source=None)


def _read_page(data: bytes, encoding: str, *, name: str, in_mail: bool = False) -> Document:
    """The document in a page, or in a mail written as one; `encoding` is what was said about it from outside."""
    declared = _DECLARED.search(data[:4096])
    encoding = encoding or (declared[1].decode("ascii").lower() if declared else "")
    source, notes = decode_declared(data, encoding, name=name)
    return document_from_html(source, name=name, notes=notes, in_mail=in_mail)


def document_from_html(source: str, *, name: str, notes: list[str], in_mail: bool = False) -> Document:
    """The document in a decoded page; `notes` are those made on the way here."""
    root = _parse(source, name=name)
    notes = [*notes, *left_out_notes(remove_invisible(root))]
    notes += removal_notes(_clean(root))
    body = root.find("body")
    body = root if body is None else body
    if in_mail:
        left_out: Counter[str] = Counter()
        quote_answered(body, left_out)
        notes += left_out_notes(left_out)
    repair(body)
    notes += left_out_notes(remove_pull_quotes(body))
    title = page_title(root)
    headings = bold_headings(body)
    everything = pieces_of(body)
    pieces = _main_content(root)
    if _word_count(pieces) < _FEW_WORDS:
        pieces, note = _marked_article(body) or (everything, "found no main article; took the whole text of the page")
        notes.append(note)
        pieces = with_headline(pieces, root, title)
    else:
        pieces = with_lost(with_headline(pieces, root, title), body)
    for number, piece in enumerate(pieces):
        if piece.kind is BlockKind.PARAGRAPH and (piece.text in headings or (number == 0 and piece.text == title)):
            piece.kind = BlockKind.HEADING
    pieces, buttons = _without_labels(pieces)
    notes += left_out_notes(buttons)
    set_references(pieces, everything, root)
    words = _word_count(everything)
    missing = words - _word_count(pieces)
    if missing > 0:
        notes.append(f"left out navigation and boilerplate: {missing:,} of {count_phrase(words, 'word')}")
    return replace(build_document(pieces, name=name, title=title, notes=notes), source=html_source(source))


def _parse(source: str, *, name: str) -> Any:
    from lxml import etree, html

    # The parser reads nothing behind the first end of a page.
    source = _END_OF_PAGE.sub("", _XML_DECLARATION.sub("", source.replace("\x00", "")))
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        root = html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise AnalyzerError(f"{name}: no text in this HTML page; save the page anew, or give its text") from error
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        raise AnalyzerError(f"{name}: nests its tags too deeply to be read whole; save the page anew, or give its text")
    return root


def _clean(root: Any) -> Counter[str]:
    """Removes characters that nobody sees; with control characters, two white ones among them, no tree is rewritten."""
    removed: Counter[str] = Counter()
    for element in root.iter("*"):
        for place in ("text", "tail"):
            text = getattr(element, place)
            if text and (cleaned := clean(text, removed).translate(_WHITE_CONTROLS)) != text:
                setattr(element, place, cleaned)
    return removed


def _marked_article(body: Any) -> tuple[list[Piece], str] | None:
    """What the page itself marks as its one article, where that has some words, and the note that says so."""
    for path in (".//article", ".//main", ".//*[@role='main']"):
        marked = body.xpath(path)
        if len(marked) == 1 and _word_count(pieces := pieces_of(marked[0])) >= _LEAST_WORDS:
            return pieces, "a short text; took what the page marks as its article"
    return None


def _main_content(root: Any) -> list[Piece]:
    """What trafilatura takes for the article; nothing, if it fails on the page."""
    import trafilatura

    logger = logging.getLogger("trafilatura")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())  # what it finds wrong, the notes say in plain words
    page = deepcopy(root)
    spare_prose(page)
    try:
        result = trafilatura.bare_extraction(page, include_comments=False, favor_recall=True)
    except Exception:  # a page that it cannot digest is read whole, and the notes say so
        return []
    return [] if result is None or isinstance(result, dict) or result.body is None else pieces_of(result.body)


def _without_labels(pieces: list[Piece]) -> tuple[list[Piece], Counter[str]]:
    """Without ornaments, and without lines that only name a button or an advertisement, which are counted."""
    left_out: Counter[str] = Counter()
    kept = []
    for piece in pieces:
        if piece.kind in (BlockKind.PARAGRAPH, BlockKind.HEADING) and names_button(piece.text):
            left_out["line of buttons"] += 1
        elif not _ORNAMENT.fullmatch(piece.text):
            kept.append(piece)
    return kept, left_out


def _word_count(pieces: list[Piece]) -> int:
    """How many words, without what stands between the cells of tables and in the empty ones."""
    return sum(1 for piece in pieces for word in piece.text.split() if _WORD.search(word))
