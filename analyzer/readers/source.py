"""What a reader keeps of the file itself, so that sentences can be found in it again and comments in it be heeded.

In goes the decoded text of a file, out comes a `Source`: the text with its markup blanked, and the comments that speak
to the analyzer (`<!-- analyzer: ignore loaded -->`). Every step is linear in the text, whatever stands in it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from analyzer.document import Comment, Source
from analyzer.readers.inline import CODE, IMAGE, LINK, REFERENCE_LINK, TAG

_INSTRUCTION = re.compile(r"\s*analyzer(?:\s*:|\s+(?=ignore|begin|end))(.*)", re.IGNORECASE | re.DOTALL)
_FRONT_MATTER = re.compile(r"\ufeff?(---|\+\+\+)[ \t]*\r?\n(?:[^\n]*\n){1,199}?(?:\1|\.\.\.)[ \t]*(?=[\r\n]|\Z)")
# Lines of front matter, definitions of where links lead, and what begins and ends code.
KEY = re.compile(r"^[\w\-\"' ]{1,60}\s*[:=]", re.MULTILINE)
LINK_TARGET = re.compile(
    r"^ {0,3}\[([^\[\]^]{1,200})\]:[ \t]*<?((?:https?:|mailto:|/|#|\.{1,2}/|www\.)[^\s>]*)[^\r\n]*", re.MULTILINE
)
FENCE = re.compile(r"[ \t]*(```+|~~~+)")
_CODE_SPAN = re.compile(r"(?<!`)(`{1,3})(?!`)([^`\n]{1,1000})\1(?!`)")
_HTML_TAG = re.compile(r"<[/!?a-zA-Z][^<>]{0,5000}>")
_NOT_TEXT = re.compile(r"<(script|style|noscript|template|textarea|svg|title|select|annotation)\b", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")

Range = tuple[int, int]


def text_source(text: str) -> Source:
    """The source of a plain text: nothing in it is markup but comments to the analyzer."""
    comments = tuple(_to_analyzer(text, _comment_ranges(text)))
    return Source(text, _blanked(text, ((comment.start, comment.end) for comment in comments)), comments)


def markdown_source(text: str) -> Source:
    """The source of a Markdown text; a comment in code is an example, not an instruction. What no reader shows, front
    matter, fenced code and link targets, is blanked too.
    """
    ranges, fenced = list(_comment_ranges(text)), _fenced_ranges(text)
    code = sorted([*fenced, *(match.span() for match in _CODE_SPAN.finditer(text))])
    comments = tuple(_to_analyzer(text, _outside(ranges, code) if ranges else []))
    visible = _blanked(_blanked(text, ranges), fenced)
    head = _FRONT_MATTER.match(visible)
    if head and KEY.search(head[0]):
        visible = _blank(head[0]) + visible[head.end() :]
    visible = LINK_TARGET.sub(lambda target: _blank(target[0]), visible)
    code = [match.span(2) for match in CODE.finditer(visible)]
    rendered = visible
    for pattern in (IMAGE, LINK, REFERENCE_LINK, TAG):
        rendered = pattern.sub(_all_but_first_group, rendered)
    return Source(text, _with_ranges_of(visible, code, _ENTITY.sub(_decoded, rendered)), comments)


def html_source(text: str) -> Source:
    """The source of an HTML page; a comment in a script is not one."""
    visible = _blanked(text, _not_text_ranges(text))
    ranges = list(_comment_ranges(visible))
    comments = tuple(_to_analyzer(text, ranges))
    visible = _HTML_TAG.sub(_all_but_first_group, _blanked(visible, ranges))
    return Source(text, _ENTITY.sub(_decoded, visible), comments)


def without_comments(source: Source) -> str:
    """The text without its comments to the analyzer, which thus change nothing in how a document is read.

    A line on which nothing else stands goes with its comment.
    """
    if not source.comments:
        return source.text
    kept: list[str] = []
    comments = iter([*((comment.start, comment.end) for comment in source.comments), (len(source.text) + 1,) * 2])
    start, end = next(comments)
    for line in _LINE.finditer(source.text):
        position, parts = line.start(), [""]
        while start < line.end():
            parts.append(source.text[position : max(position, start)])
            position = min(end, line.end())
            if end > line.end():
                break
            start, end = next(comments)
        rest = "".join((*parts, source.text[position : line.end()]))
        if len(parts) == 1 or rest.strip():
            kept.append(rest)
    return "".join(kept)


def _comment_ranges(text: str) -> Iterator[Range]:
    position = 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        position = end + 3
        yield start, position


def _to_analyzer(text: str, ranges: Iterable[Range]) -> Iterator[Comment]:
    for start, end in ranges:
        if instruction := _INSTRUCTION.fullmatch(text, start + 4, end - 3):
            yield Comment(start, end, " ".join(instruction[1].split()))


def _outside(ranges: Iterable[Range], excluded: Iterable[Range]) -> Iterator[Range]:
    """The ranges that begin in none of the excluded ones; both are in order."""
    barriers = iter([*excluded, (1 << 62, 1 << 62)])
    start, end = next(barriers)
    for candidate in ranges:
        while end <= candidate[0]:
            start, end = next(barriers)
        if candidate[0] < start:
            yield candidate


def _fenced_ranges(text: str) -> list[Range]:
    """Fenced code, in order; a fence that is never closed encloses nothing."""
    found: list[Range] = []
    opened: tuple[str, int] | None = None
    for line in _LINE.finditer(text):
        stripped = line[0].strip()
        mark = FENCE.match(line[0])
        if opened is None:
            if mark is not None and "`" not in line[0][mark.end() :]:
                opened = mark[1], line.start()
        elif stripped.startswith(opened[0]) and not stripped.strip(opened[0][0]):
            found.append((opened[1], line.end()))
            opened = None
    return found


def _not_text_ranges(text: str) -> Iterator[Range]:
    position = 0
    unclosed: set[str] = set()
    while start := _NOT_TEXT.search(text, position):
        name = start[1].lower()
        closing = None if name in unclosed else re.compile(f"</{name}\\b", re.IGNORECASE).search(text, start.end())
        position = start.end()
        if closing is None:
            unclosed.add(name)
        else:
            position = closing.start()
            yield start.start(), position


def _blanked(text: str, ranges: Iterable[Range]) -> str:
    parts: list[str] = []
    position = 0
    for start, end in ranges:
        parts += (text[position:start], _blank(text[start:end]))
        position = end
    return "".join((*parts, text[position:]))


def _with_ranges_of(original: str, ranges: Iterable[Range], text: str) -> str:
    """`text` with these ranges as they are in `original`, which is as long."""
    parts: list[str] = []
    position = 0
    for start, end in ranges:
        parts += (text[position:start], original[start:end])
        position = end
    return "".join((*parts, text[position:]))


def _all_but_first_group(match: re.Match[str]) -> str:
    """Spaces for everything in a match but its first group, if the pattern has one."""
    if not match.re.groups:
        return _blank(match[0])
    start, end = match.start(1) - match.start(), match.end(1) - match.start()
    return _blank(match[0][:start]) + match[1] + _blank(match[0][end:])


def _decoded(entity: re.Match[str]) -> str:
    character = html.unescape(entity[0])
    return character.ljust(len(entity[0])) if len(character) <= len(entity[0]) else entity[0]


def _blank(text: str) -> str:
    """Spaces, with the line breaks left."""
    return re.sub(r"[^\r\n]", " ", text)
