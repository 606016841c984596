"""Which lines of a plain text are headings although nothing marks them: "Technical Deep Dive".

Looks at one line (its length, capitals and end) and at what stands before and after it; a line of a
poem, of an address or a byline is not a heading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.document import BlockKind
from analyzer.readers.pieces import Piece, is_kicker
from analyzer.readers.turns import holds_turns, is_turn

_MINOR_WORDS = frozenset((
    "a", "an", "and", "as", "at", "but", "by", "de", "for", "from", "how", "if", "in", "into", "is", "it", "its", "nor",
    "of", "off", "on", "or", "over", "per", "so", "than", "that", "the", "to", "up", "via", "vs", "was", "when", "why",
    "with",
))  # fmt: skip
_LEADING = "“”\"'‘’([¿¡«"
_QUOTES = '“”"„«»'
_CLOSING = "\"'”’)]»"
_WORD = re.compile(r"[^\W\d_]+(?:['’.\-][^\W\d_]+)*")
_LABEL = re.compile(
    r"(?:sources?|notes?|photo|image|credits?|table|fig(?:ure)?|authors?|published|updated|posted|date|contact"
    r"|related|read more|see also|tags?|e-?mail|tel|phone|copyright|advertisement|according to)\b"
    r"|by\s|https?:|www\.|©|\S+@\S+|[QA]:",
    re.IGNORECASE,
)
_DATE = re.compile(
    r".*\b(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*\.? .*\b(?:19|20)\d\d\b.{0,25}", re.IGNORECASE
)
_TERMINAL = re.compile(r"[.!?…][\"'”’)\]]*\Z")
_NOTE_MARKS = "[⁰¹²³⁴-⁹*†‡§_]"
_EMOJI = r"[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F\u200D]"
# What may stand after the stop of a statement: marks of notes, a bracket, a link, emoji. Of marks and emoji a whole
# run, or it could be parted in more ways than anybody can wait for.
_AFTER_STOP = (
    r"\[\^[^\[\]\s]{1,50}\]|\[{1,2}\d{1,3}\]{1,2}(?:\([^()\s]{0,300}\))?|<sup>[^<>]{0,60}</sup>"
    rf"|{_NOTE_MARKS}+(?!{_NOTE_MARKS})|\([^()\[\]]{{1,60}}\)|\(?\[[^\[\]]{{1,60}}\]\([^()\s]{{0,300}}\)\)?"
    rf"|{_EMOJI}+(?!{_EMOJI})"
)
_STATEMENT = re.compile(rf"[.!?…][\"'”’)\]]*(?:(?:\s{{0,3}}(?:{_AFTER_STOP})){{1,6}}|\]\([^()\s]{{0,300}}\))\Z")
# Not "Sen. Bell".
_TWO_SENTENCES = re.compile(
    r"(?<!\bSen)(?<!\bGov)(?<!\bRep)(?<!\bGen)(?<!\bCol)(?<!\bRev)(?<!\bHon)(?<!\bMrs)(?<!\bProf)(?<!\bCapt)(?<!\bPres)"
    r"(?<=[^\W\d_]{3})[.!?][\"'”’]?\s+[\"'“‘]?[A-Z]"
)
# "[VT ENDS]"
_IN_BRACKETS = re.compile(r"[\[(][^\[\]()]*[\])]")
# How many short lines may stand between a headline and its text: a byline, a date, the place.
_MOST_HEAD_MATTER = 4
_LONGEST = 120
_LONG_TEXT = 60


@dataclass(slots=True)
class Line(Piece):
    """A piece of a plain text that still knows how it stood there."""

    is_single_line: bool = False
    blank_before: bool = True
    blank_after: bool = True
    may_be_heading: bool = False


def ends_sentence(text: str) -> bool:
    """Whether the text ends as a sentence does, closing quotes and brackets aside."""
    return bool(_TERMINAL.search(text[-8:]))


def holds_sentences(text: str) -> bool:
    """Whether a sentence ends within the text and another one with it, as in no heading."""
    return ends_sentence(text) and _TWO_SENTENCES.search(text) is not None


def is_title_case(text: str) -> bool:
    """Whether (nearly) all words that matter begin with a capital, or all letters are capitals."""
    words: list[str] = _WORD.findall(text)
    if not words:
        return False
    major = [word for word in words if word.lower() not in _MINOR_WORDS] or words
    capital = sum(word[0].isupper() or any(c.isupper() for c in word) for word in major)
    return bool(words[0][0].isupper()) and capital >= 0.8 * len(major)


def mark_headings(lines: Sequence[Line]) -> None:
    """Turns lines that read as headings into `HEADING`s, in place."""
    headings_below = 0
    has_turns = holds_turns(line.text for line in lines)
    first = next((index for index, line in enumerate(lines[:3]) if not is_kicker(line.text)), 0)
    for index in reversed(range(len(lines))):
        line = lines[index]
        previous = lines[index - 1] if index > first else None
        following = lines[index + 1] if index + 1 < len(lines) else None
        if index == first and following is not None and (line.blank_after or is_head_matter(following.text)):
            following = _below_head_matter(lines[first:]) or following
        # A title, a subtitle and a first heading may follow each other; a list of names does so at length.
        room = following is not None and (following.kind is not BlockKind.HEADING or headings_below < 2)
        # "Uranium One: What We Know" is no turn above a byline.
        beside = [other.text for other in (previous, following) if other is not None]
        is_spoken = has_turns and is_turn(line.text) and any(map(is_turn, beside))
        may_be_heading = line.may_be_heading and room and not is_spoken
        if following is not None and may_be_heading and _stands_as_heading(line, previous, following):
            line.kind = BlockKind.HEADING
        headings_below = headings_below + 1 if line.kind is BlockKind.HEADING and line.may_be_heading else 0


def is_head_matter(text: str) -> bool:
    """Whether it is a byline, a date or another line of that kind."""
    text = text.strip()
    return len(text) <= _LONG_TEXT and bool(_LABEL.match(text) or _DATE.match(text))


def _below_head_matter(lines: Sequence[Line]) -> Line | None:
    """The first line below a headline that is none of byline, date and place; None where more of them follow."""
    for below in lines[1 : 2 + _MOST_HEAD_MATTER]:
        if not below.may_be_heading or len(below.text) > _LONG_TEXT or ends_sentence(below.text):
            return below
    return None


def _stands_as_heading(line: Line, previous: Line | None, following: Line) -> bool:
    text = line.text.strip()
    if not line.is_single_line or len(text) > _LONGEST + 60 or _LABEL.match(text) or _DATE.match(text):
        return False
    if _STATEMENT.search(text) or _IN_BRACKETS.fullmatch(text):
        return False
    if following.kind is BlockKind.LIST_ITEM and line.kind is BlockKind.LIST_ITEM:
        return False
    if previous is not None and previous.kind is BlockKind.LIST_ITEM and line.kind is BlockKind.LIST_ITEM:
        return False
    if not (following.kind is not BlockKind.PARAGRAPH or _is_body(following)):
        return False
    if previous is None:
        return _is_first_title(text, line, following)
    if len(text) > _LONGEST or text[-1] in ",;" or _is_said(text) or not _starts_high(text):
        return False
    if text[-1] == ":":
        return _is_colon_heading(text, line, following)
    words = len(text.split())
    if is_title_case(text):
        above = line.blank_before or _is_body(previous)
        return above and _has_room_below(text, line, following) and words <= 16
    return line.blank_before and line.blank_after and words <= 10 and text[-1] not in "?!" and text[0] not in _QUOTES


def _is_first_title(text: str, line: Line, following: Line) -> bool:
    if text[-1] in ",;:…" or len(text.split()) > 25 or not _starts_high(text):
        return False
    is_sentences = text.rstrip(_CLOSING)[-1:] == "." and (not is_title_case(text) or holds_sentences(text))
    return _has_room_below(text, line, following) and not is_sentences


def _is_colon_heading(text: str, line: Line, following: Line) -> bool:
    """`Key Findings:`, but not the lead-in of a quotation."""
    alone = line.blank_before and line.blank_after and following.text.lstrip()[:1] not in _QUOTES
    return alone and is_title_case(text) and 2 <= len(text.split()) <= 6


def _is_said(text: str) -> bool:
    """Whether it ends as a statement or as (half of) a quotation does, not as a heading."""
    bare = text.rstrip(_CLOSING)
    if bare[-1:] in (*".…", ""):
        return True
    opens, closes = text[0] in _QUOTES, text[-1] in _QUOTES
    return (closes and not opens and text.count(text[-1]) == 1) or (opens and bare[-1] in "?!" and closes)


def _has_room_below(text: str, line: Line, following: Line) -> bool:
    return line.blank_after or len(following.text) > max(2 * len(text), _LONG_TEXT)


def _starts_high(text: str) -> bool:
    first = text.lstrip(_LEADING)[:1]
    return first.isupper() or first.isdigit()


def _is_body(line: Line) -> bool:
    return (
        line.kind is not BlockKind.PARAGRAPH
        or len(line.text) >= _LONG_TEXT
        or (len(line.text) >= 30 and ends_sentence(line.text))
    )
