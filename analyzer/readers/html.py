"""HTML: the main content of a page, without navigation and without anything a visitor does not see.

In go the bytes of a page, out comes a `Document`. trafilatura finds the article; where it finds next to
nothing, the whole visible body is taken and a note says so. Nothing is fetched and nothing is run.
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
from analyzer.readers.decode import decode
from analyzer.readers.paragraphs import make_paragraphs
from analyzer.readers.pieces import Piece, build_document, clean, count_phrase, left_out_notes, removal_notes
from analyzer.readers.source import html_source
from analyzer.readers.tree import pieces_of

_DECLARED = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{2,40})", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_NOT_TEXT = {
    "script": "script element", "style": "style element", "noscript": "noscript element", "template": "template",
    "iframe": "embedded frame", "object": "embedded object", "svg": "drawing", "math": "formula", "form": "form",
    "select": "form field", "button": "button", "textarea": "form field", "input": "form field",
}  # fmt: skip
_WHITE_CONTROLS = {ord("\v"): "\n", ord("\f"): "\n"}
_HIDDEN_CLASS = re.compile(r"(?:^|\s)(?:sr-only|visually-hidden|screen-reader-text)(?:\s|$)")
# What divides sections of a text where others draw a line.
_ORNAMENT = re.compile(r"[\s*_~=#·•⁂—–-]+")
_LEAST_WORDS = 8
_FEW_WORDS = 40  # trafilatura's own floor is 250 characters; below that its result is a guess


def read(data: bytes, *, name: str) -> Document:
    """The document in the bytes of an HTML page."""
    source, notes = _decode(data, name=name)
    root = _parse(source, name=name)
    left_out = _remove_invisible(root)
    notes += left_out_notes(left_out)
    notes += removal_notes(_clean(root))
    body = root.find("body")
    body = root if body is None else body
    words = len(_text(body).split())
    title = _title(root)
    _prepare(body)
    everything = pieces_of(body)
    pieces = _main_content(root)
    if _word_count(pieces) < _FEW_WORDS:
        pieces, note = _marked_article(body) or (everything, "found no main article; took the whole text of the page")
        notes.append(note)
    pieces = [piece for piece in _with_title_heading(pieces, everything, title) if not _ORNAMENT.fullmatch(piece.text)]
    missing = words - _word_count(pieces)
    if missing > 0:
        notes.append(f"left out navigation and boilerplate: {missing:,} of {count_phrase(words, 'word')}")
    return replace(build_document(pieces, name=name, title=title, notes=notes), source=html_source(source))


def _decode(data: bytes, *, name: str) -> tuple[str, list[str]]:
    """As the page declares it, if that is possible and no byte order mark says otherwise."""
    declared = _DECLARED.search(data[:4096])
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        encoding = declared[1].decode("ascii").lower()
        encoding = "cp1252" if encoding in ("iso-8859-1", "latin1", "latin-1", "us-ascii") else encoding
        # Whoever can read this declaration a byte at a time reads no UTF-16; the HTML standard takes it for UTF-8.
        encoding = "utf-8" if encoding.startswith(("utf-16", "utf16", "utf-32", "utf32")) else encoding
        try:
            return data.decode(encoding), [] if encoding in ("utf-8", "utf8") else [
                f"decoded as {encoding}, as declared"
            ]
        except (LookupError, UnicodeError):
            pass
    return decode(data, name=name)


def _parse(source: str, *, name: str) -> Any:
    from lxml import etree, html

    source = _XML_DECLARATION.sub("", source.replace("\x00", ""))
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        root = html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise AnalyzerError(f"{name}: no text in this HTML page; save the page anew, or give its text") from error
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        raise AnalyzerError(f"{name}: nests its tags too deeply to be read whole; save the page anew, or give its text")
    return root


def _remove_invisible(root: Any) -> Counter[str]:
    """Takes out of the tree what is no text or is hidden, and counts it."""
    left_out: Counter[str] = Counter()
    words = len(_text(root).split())
    for element in list(root.iter("*")):
        if element is root or element.tag in ("head", "body") or element.getparent() is None:
            continue
        what = _NOT_TEXT.get(element.tag)
        if what is None and _is_hidden(element, words):
            what = "hidden element"
        if what == "form" and len(_text(element).split()) > words / 4:
            continue  # some sites wrap the whole page in one form
        if what is not None:
            if what != "hidden element" or element.text_content().strip():
                left_out[what] += 1
            element.drop_tree()
    return left_out


def _clean(root: Any) -> Counter[str]:
    """Removes characters that nobody sees; with control characters, two white ones among them, no tree is rewritten."""
    removed: Counter[str] = Counter()
    for element in root.iter("*"):
        for place in ("text", "tail"):
            text = getattr(element, place)
            if text and (cleaned := clean(text, removed).translate(_WHITE_CONTROLS)) != text:
                setattr(element, place, cleaned)
    return removed


def _is_hidden(element: Any, words: int) -> bool:
    if "hidden" in element.attrib or _HIDDEN_STYLE.search(element.get("style", "")):
        return True
    if _HIDDEN_CLASS.search(element.get("class", "")):
        return True
    # Pages saved with a pop-up open hide their whole article from screen readers, not from the eye.
    return element.get("aria-hidden") == "true" and len(_text(element).split()) <= words / 4


def _text(element: Any) -> str:
    return " ".join(element.itertext())


def _title(root: Any) -> str:
    """What the page calls itself: its `og:title`, its only `h1`, its `title`."""
    for meta in root.iter("meta"):
        if meta.get("property") == "og:title" and meta.get("content", "").strip():
            return " ".join(meta.get("content").split())
    headings = [text for h1 in root.iter("h1") if (text := " ".join(h1.text_content().split()))]
    if len(headings) == 1:
        return headings[0]
    title = root.find(".//title")
    return " ".join(title.text_content().split()) if title is not None else (headings or [""])[0]


def _prepare(body: Any) -> None:
    """Rewrites what trafilatura would lose: captions, quotation marks that only the markup shows, the speaker of a
    quotation, and paragraphs that no element holds.
    """
    for element in list(body.iter("time", "label")):
        element.tag = "span"
    for figure in list(body.iter("figure")):
        if figure.find(".//blockquote") is not None:
            figure.tag = "div"
    for footer in body.xpath(".//blockquote//footer"):
        footer.tag = "p"
    make_paragraphs(body)
    for quote in list(body.iter("q")):
        quote.text = f"“{quote.text or ''}"
        if len(quote):
            quote[-1].tail = f"{quote[-1].tail or ''}”"
        else:
            quote.text += "”"
        quote.tag = "span"
    for caption in list(body.iter("caption")):
        table = caption.getparent()
        if table is not None and table.tag == "table":
            caption.tag = "p"
            tail, caption.tail = caption.tail, None
            table.addprevious(caption)
            caption.tail = tail
    for caption in list(body.iter("figcaption")):
        figure = caption.getparent()
        caption.tag = "p"
        if figure is not None and figure.tag == "figure":
            tail, caption.tail = figure.tail, None
            figure.tail = None
            figure.addnext(caption)
            caption.tail = tail


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
    try:
        result = trafilatura.bare_extraction(deepcopy(root), include_comments=False, favor_recall=True)
    except Exception:  # a page that it cannot digest is read whole, and the notes say so
        return []
    return [] if result is None or isinstance(result, dict) or result.body is None else pieces_of(result.body)


def _word_count(pieces: list[Piece]) -> int:
    return sum(len(piece.text.split()) for piece in pieces)


def _with_title_heading(pieces: list[Piece], everything: list[Piece], title: str) -> list[Piece]:
    """With the page's headline in front, if it stands in the body and trafilatura left it out."""
    headlines = [p for p in everything if p.kind is BlockKind.HEADING and p.text and p.text in title]
    if not headlines or any(piece.text == headlines[0].text for piece in pieces[:5]):
        return pieces
    return [headlines[0], *pieces]
