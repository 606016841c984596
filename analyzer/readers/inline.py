"""Markdown inside a block: what a reader would see once emphasis, links and images are rendered.

In goes the text of one block, out comes plain text; link texts and footnote marks stay, targets go.
Every step is linear: what a pattern repeats is bounded, and emphasis is matched on a stack.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Mapping
from itertools import count

from analyzer.document import Reference
from analyzer.readers.links import END, Links
from analyzer.readers.raised import as_text

_PLACE = r"(?:<[^<>]{0,1000}>|[^()\s<]{0,1000}(?:\([^()\s]{0,200}\)[^()\s]{0,200})?)"
_TITLE = r"(?:\s{1,9}(?:\"[^\"]{0,300}\"|[^()]{0,300}))?"
_TARGET = _PLACE + _TITLE
IMAGE = re.compile(rf"(?<!\\)!\[[^\[\]]{{0,500}}\](?:\({_TARGET}\)|\[[^\[\]]{{0,200}}\])")
LINK = re.compile(rf"(?<!\\)\[((?:[^\[\]\\]|\\.|\[\d{{1,3}}\]){{0,500}})\]\((?P<place>{_PLACE}){_TITLE}\)")
REFERENCE_LINK = re.compile(r"(?<!\\)\[([^\[\]^]{1,500})\]\[([^\[\]]{0,200})\]")
_SHORTCUT_LINK = re.compile(
    r"(?<!\\)\[([^\[\]^]{1,500})\]()(?![\[(])"
)  # its text is its label: the second group is empty
_FOOTNOTE = re.compile(r"\[\^([^\[\]\s]{1,50})\]")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]{1,1000}|[\w.+-]{1,100}@[\w.-]{1,200})>")
TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]{0,20}(?:\s[^<>]{0,1000})?/?>")
_STRUCK = re.compile(
    r"(?<![~\\])~~(?=[^\s~])[^~\n]{1,500}(?<!\s)~~(?!~)|<(del|s|strike)>[^<>]{1,500}</\1>", re.IGNORECASE
)
_RAISED = re.compile(
    r"<sup\b[^<>]{0,200}>\s{0,9}(<a\b[^<>]{0,300}>)?([^<>]{1,20})(?:</a>)?\s{0,9}</sup>", re.IGNORECASE
)
_BLOCK_TAG = re.compile(r"</?(?:t[rdh]|li|p|div|h[1-6]|dt|dd)\b", re.IGNORECASE)
_LINE_BREAK = re.compile(r"<br\s{0,3}/?>", re.IGNORECASE)
CODE = re.compile(r"(?<![`\\])(`{1,3})(?!`)((?:[^`\n]|\n(?![ \t]*\n)){1,1000})\1(?!`)")
# Stands for code while the rest is rendered, by its number, since a picture takes what is in it with it; the reader has
# taken such characters out of the text.
_CODE_PLACE = re.compile("\x00(\\d+)\x00")
_DELIMITER = re.compile(r"\\([!-/:-@\[-`{-~])|\*+|_+|~~")


def plain_text(text: str, targets: Mapping[str, str], left_out: Counter[str]) -> tuple[str, list[Reference]]:
    """`text` without its Markdown, with single spaces, and where links lead in it; `targets` are those of links
    defined elsewhere, by their labels in lower case.
    """
    links = Links()
    code = [span[2] for span in CODE.finditer(text)]
    numbers = count()
    text, images = IMAGE.subn("", CODE.sub(lambda _: f"\x00{next(numbers)}\x00", text))
    if images:
        left_out["image"] += images
    text, struck = _STRUCK.subn("", text)
    if struck:
        left_out["struck-out passage"] += struck
    text = _LINE_BREAK.sub(" ", text)
    text = LINK.sub(lambda link: _marked(link[1], link["place"].strip("<>"), links), text)
    if targets:
        for pattern in (REFERENCE_LINK, _SHORTCUT_LINK):
            text = pattern.sub(lambda link: _link_text(link, targets, links), text)
    text = _RAISED.sub(
        lambda mark: as_text(mark[2], text[max(0, mark.start() - 3) : mark.start()], is_link=bool(mark[1])), text
    )
    text = _FOOTNOTE.sub(r"[\1]", text)
    text = _AUTOLINK.sub(r"\1", text)
    text = TAG.sub(lambda tag: " " if _BLOCK_TAG.match(tag[0]) else "", text)
    text = html.unescape(_without_emphasis(text))
    text = _CODE_PLACE.sub(lambda place: code[int(place[1])], text)
    return links.unmark(text)


def _link_text(link: re.Match[str], targets: Mapping[str, str], links: Links) -> str:
    """The words of a link whose label is defined; `[1]` alone is the mark of a source, and keeps its brackets."""
    label = link[2] or link[1]
    target = targets.get(label.lower())
    if target is None:
        return link[0]
    return _marked(link[0] if not link[2] and label.isdigit() else link[1], target, links)


def _marked(words: str, target: str, links: Links) -> str:
    return f"{links.begin(target)}{words}{END}"


def _without_emphasis(text: str) -> str:
    """Removes the delimiters that CommonMark would pair, and the backslash of escaped characters."""
    if not _DELIMITER.search(text):
        return text
    parts: list[str] = []
    openers: dict[str, list[int]] = {"*": [], "_": [], "~": []}
    end = 0
    for token in _DELIMITER.finditer(text):
        parts += (text[end : token.start()], token[1] or token[0])
        end = token.end()
        if token[1]:
            continue
        mark = token[0][0]
        before, after = text[token.start() - 1 : token.start()] or " ", text[end : end + 1] or " "
        opens, closes = _flanking(mark, before, after)
        if closes and openers[mark]:
            _pair(parts, openers[mark])
        if opens and parts[-1]:
            openers[mark].append(len(parts) - 1)
    return "".join((*parts, text[end:]))


def _pair(parts: list[str], openers: list[int]) -> None:
    """Takes from the closing run, the last part, and from its openers as many marks as they share."""
    while openers and parts[-1]:
        opener = openers[-1]
        shared = min(len(parts[opener]), len(parts[-1]))
        parts[opener], parts[-1] = parts[opener][shared:], parts[-1][shared:]
        if not parts[opener]:
            openers.pop()


def _flanking(mark: str, before: str, after: str) -> tuple[bool, bool]:
    """Whether a run of marks between two characters can open and can close emphasis."""
    word_before, word_after = before.isalnum(), after.isalnum()
    left = not after.isspace() and (word_after or not word_before)
    right = not before.isspace() and (word_before or not word_after)
    if mark == "_":
        return left and not word_before, right and not word_after
    return left, right
