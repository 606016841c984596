"""Markdown: CommonMark with the tables, footnotes, task lists and front matter that people add to it.

In go the bytes of a file, out comes a `Document` of plain text; front matter, comments, code and images
are left out and counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, takewhile

from analyzer.document import CELL_SEPARATOR, BlockKind, Document
from analyzer.readers.decode import decode
from analyzer.readers.headings import Line, holds_sentences
from analyzer.readers.hyphens import without_hyphens
from analyzer.readers.inline import CODE, plain_text
from analyzer.readers.lines import parse_lines, split_lines
from analyzer.readers.pieces import EMPTY_CELL, build_document, clean, first_heading, left_out_notes, removal_notes
from analyzer.readers.source import FENCE, KEY, LINK_TARGET, markdown_source, without_comments
from analyzer.readers.tables import find_tables

_TITLE = re.compile(r"title\s*[:=](.+)", re.IGNORECASE | re.DOTALL)
_FOLDED = re.compile(r"[>|][+-]?\d?\Z")
_QUOTED_VALUE = re.compile(r"""(['"])((?:''|\\.|(?!\1).)*)\1""")
_FOOTNOTE = re.compile(r" {0,3}\[\^([^\[\]\s]{1,50})\]:\s*")
_COMMENT = re.compile("<!--")
_RAW_ELEMENT = re.compile(r"<(?:script|style|svg)\b", re.IGNORECASE)
_LIQUID_BLOCK = re.compile(r"\{%-?\s{0,9}(?:highlight|comment)\b")
_CLOSINGS = {
    "<script": "</script>", "<style": "</style>", "<svg": "</svg>",
    **{f"{{%{word}": rf"\{{%-?\s{{0,9}}end{word}\b[^{{}}]{{0,99}}%\}}" for word in ("highlight", "comment")},
}  # fmt: skip
# Of Hugo and Jekyll: what they put in a page when it is made, and the names that they give to its parts.
_SHORTCODE = re.compile(
    rf"{CODE.pattern}|\{{\{{[<%][^{{}}]{{0,1000}}[>%]\}}\}}|\{{%[^{{}}]{{0,1000}}%\}}|\{{\{{[^{{}}\n]{{0,300}}\}}\}}"
    r"|[ \t]{0,9}\{:?[ \t]{0,9}[#.][^{}\n]{1,200}\}(?=[ \t]{0,9}(?:\n|\Z))"
)
_HARD_BREAK = re.compile(r"(?<!\\)\\(?=\n[ \t]*\S)")
_END = r"(?=[\s/>])[^<>]{0,1000}>"
_BLOCKS = (
    r"</?(?:address|article|aside|blockquote|body|caption|center|d[dlt]|details|div|fieldset|figcaption|figure|footer"
    rf"|form|h[1-6r]|header|li|main|nav|ol|p|pre|section|summary|table|tbody|tfoot|thead|tr|ul){_END}"
)
# Code is matched to be passed over. A list's mark before a tag is kept, and makes the break that the tag would.
_BLOCK_TAG = re.compile(
    rf"""{CODE.pattern}
    |<h(?P<level>[1-6]){_END}(?P<heading>(?:[^<]|<(?!/?h[1-6]\b)){{0,500}}?)</h(?P=level)\s?>
    |<blockquote{_END}(?P<quote>(?:[^<]|<(?!/?blockquote\b)){{0,2000}}?)</blockquote\s?>
    |<(?P<item>li|dd|dt){_END}\s{{0,99}}(?:<p{_END}\s{{0,99}})?(?!{_BLOCKS})
    |(?P<mark>^[ \t]*(?:[-*+]|\d{{1,3}}[.)])[ \t]+)?{_BLOCKS}
    |(?:<br\s{{0,3}}/?>\s{{0,9}}){{2,}}""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)


def read(data: bytes, *, name: str) -> Document:
    """The document in the bytes of a Markdown file."""
    text, notes = decode(data, name=name)
    return document_from_markdown(text, name=name, notes=notes, joins_lines=True)


def document_from_markdown(text: str, *, name: str, notes: list[str], joins_lines: bool) -> Document:
    """The document in a decoded text; `joins_lines`: only a blank line ends a paragraph."""
    left_out: Counter[str] = Counter()
    removed: Counter[str] = Counter()
    source = markdown_source(text)
    text = clean(without_comments(source), removed)
    lines, title = _without_front_matter(split_lines(text), left_out)
    lines = _without_code(lines, left_out)
    lines = _HARD_BREAK.sub("  ", _without_shortcodes(_without_spans("\n".join(lines), left_out), left_out)).split("\n")
    lines, targets = _without_targets(lines, left_out)
    lines = _with_blocks_apart(lines)
    pieces = parse_lines(lines, joins_lines=joins_lines, left_out=left_out)
    joined = without_hyphens(pieces)
    _render(pieces, targets, left_out)
    pieces = [piece for piece in pieces if piece.text]
    notes = [*notes, *removal_notes(removed), *left_out_notes(left_out), *joined]
    document = build_document(pieces, name=name, title=title or first_heading(pieces), notes=notes)
    return replace(document, source=source)


def _render(pieces: Iterable[Line], targets: Mapping[str, str], left_out: Counter[str]) -> None:
    for piece in pieces:
        bold = piece.text.strip()
        rendered, piece.references = plain_text(piece.text, targets, left_out)
        if piece.kind is BlockKind.TABLE_ROW:
            cells = (cell.strip() or EMPTY_CELL for cell in rendered.split(CELL_SEPARATOR))
            rendered = CELL_SEPARATOR.join(cells)
        elif (
            piece.may_be_heading
            and _is_bold_line(bold)
            and len(rendered) <= 100
            and rendered[-1:] not in (*".,;:", "")
            and not holds_sentences(rendered)
        ):
            piece.kind = BlockKind.HEADING
        piece.text = rendered


def _is_bold_line(text: str) -> bool:
    """`**The whole line**`, which many use for a heading."""
    return text[:2] == text[-2:] and text[:2] in ("**", "__") and text.count(text[:2]) == 2 and len(text) > 4


def _without_front_matter(lines: list[str], left_out: Counter[str]) -> tuple[list[str], str]:
    """The lines after a YAML or TOML head, and the title it gives."""
    fence = lines[0].rstrip()
    if fence not in ("---", "+++"):
        return lines, ""
    end = next((i for i, line in enumerate(lines[1:200], 1) if line.rstrip() in (fence, "...")), None)
    if end is None or not any(KEY.match(line) for line in lines[1:end]):
        return lines, ""
    left_out["line of front matter"] += end - 1
    return lines[end + 1 :], _title_in(lines[1:end])


def _title_in(head: Sequence[str]) -> str:
    """The title that front matter gives: plain, in quotes, or folded over the indented lines below."""
    for number, line in enumerate(head):
        match = _TITLE.match(line)
        if match is None:
            continue
        value = match[1].strip()
        if _FOLDED.match(value):
            return " ".join(below.strip() for below in takewhile(_is_indented, head[number + 1 :]))
        if quoted := _QUOTED_VALUE.match(value):
            mark = quoted[1]
            return quoted[2].replace("''" if mark == "'" else '\\"', mark)
        return re.split(r"\s#", value, maxsplit=1)[0].strip()
    return ""


def _is_indented(line: str) -> bool:
    return line[:1] in (" ", "\t") and bool(line.strip())


def _without_code(lines: Sequence[str], left_out: Counter[str]) -> list[str]:
    """Without fenced code; a fence that is never closed is taken for a slip, and what follows it is kept."""
    kept: list[str] = []
    unclosed: set[str] = set()
    position = 0
    while position < len(lines):
        line = lines[position]
        mark = FENCE.match(line)
        position += 1
        if mark is None or "`" in line[mark.end() :]:
            kept.append(line)
            continue
        end = None if mark[1] in unclosed else _closing_fence(lines, position, mark[1])
        if end is None:
            unclosed.add(mark[1])
            left_out["code fence that is never closed"] += 1
        else:
            position = end + 1
            left_out["code block"] += 1
        kept.append("")
    return kept


def _closing_fence(lines: Sequence[str], start: int, fence: str) -> int | None:
    for position in range(start, len(lines)):
        line = lines[position].strip()
        if line.startswith(fence) and not line.strip(fence[0]):
            return position
    return None


def _without_spans(text: str, left_out: Counter[str]) -> str:
    """Without HTML comments and without scripts and styles; what is never closed is kept."""
    parts = ((_COMMENT, "comment"), (_RAW_ELEMENT, "script or style element"), (_LIQUID_BLOCK, "block of a template"))
    for opening, what in parts:
        kept: list[str] = []
        position = 0
        while start := opening.search(text, position):
            name = re.sub(r"[-\s]", "", start[0].lower())
            closing = re.compile(_CLOSINGS.get(name, "-->"), re.IGNORECASE).search(text, start.end())
            if closing is None:
                break
            kept.append(text[position : start.start()])
            position = closing.end()
            left_out[what] += 1
        text = "".join((*kept, text[position:]))
    return text


def _without_shortcodes(text: str, left_out: Counter[str]) -> str:
    def kept(found: re.Match[str]) -> str:
        if found[0].startswith("`"):
            return found[0]
        if found[0].startswith(("{{", "{%")):
            left_out["shortcode"] += 1
        return ""

    return _SHORTCODE.sub(kept, text) if "{" in text else text


def _with_blocks_apart(lines: Sequence[str]) -> list[str]:
    """Block elements of HTML as the Markdown that they stand for; one in a row of a table, or in a line that is quoted,
    stays, since a break would end the row.
    """
    rows = {number for start, length in find_tables(lines).items() for number in range(start, start + length)}
    kept: list[str] = []
    for stays, run in groupby(enumerate(lines), lambda line: line[0] in rows or line[1].lstrip().startswith(">")):
        texts = [text for _, text in run]
        kept += texts if stays else _BLOCK_TAG.sub(_set_apart, "\n".join(texts)).split("\n")
    return kept


def _set_apart(tag: re.Match[str]) -> str:
    if tag[0].startswith("`"):
        return tag[0]
    if tag["heading"] is not None:
        return f"\n\n# {' '.join(tag['heading'].split())}\n\n"
    if tag["quote"] is not None:
        lines = _BLOCK_TAG.sub(_set_apart, tag["quote"]).split("\n")
        return "\n\n" + "\n".join(f"> {line.lstrip()}" for line in lines) + "\n\n"
    return tag["mark"] or ("\n\n- " if tag["item"] else "\n\n")


def _without_targets(lines: Iterable[str], left_out: Counter[str]) -> tuple[list[str], dict[str, str]]:
    """Link definitions go, where they lead is returned by their labels; footnotes stay as paragraphs that begin with
    their mark.
    """
    kept: list[str] = []
    targets: dict[str, str] = {}
    for line in lines:
        if footnote := _FOOTNOTE.match(line):
            kept += ("", f"[{footnote[1]}] {line[footnote.end() :]}")
        elif reference := LINK_TARGET.match(line):
            targets.setdefault(reference[1].lower(), reference[2])
            left_out["link target"] += 1
        else:
            kept.append(line)
    return kept, targets
