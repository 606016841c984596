"""Markdown inside a block: what a reader would see once emphasis, links and images are rendered.

In goes the text of one block, out comes plain text; link texts and footnote marks stay, targets go.
Every step is linear: what a pattern repeats is bounded, and emphasis is matched on a stack.
"""

from __future__ import annotations

import html
import re
from collections import Counter

_PLACE = r"(?:<[^<>]{0,1000}>|[^()\s<]{0,1000}(?:\([^()\s]{0,200}\)[^()\s]{0,200})?)"
_TARGET = rf"{_PLACE}(?:\s{{1,9}}(?:\"[^\"]{{0,300}}\"|[^()]{{0,300}}))?"
IMAGE = re.compile(rf"(?<!\\)!\[[^\[\]]{{0,500}}\](?:\({_TARGET}\)|\[[^\[\]]{{0,200}}\])")
LINK = re.compile(rf"(?<!\\)\[((?:[^\[\]\\]|\\.|\[\d{{1,3}}\]){{0,500}})\]\({_TARGET}\)")
REFERENCE_LINK = re.compile(r"(?<!\\)\[([^\[\]^]{1,500})\]\[([^\[\]]{0,200})\]")
_FOOTNOTE = re.compile(r"\[\^([^\[\]\s]{1,50})\]")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]{1,1000}|[\w.+-]{1,100}@[\w.-]{1,200})>")
TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]{0,20}(?:\s[^<>]{0,1000})?/?>")
_BLOCK_TAG = re.compile(r"</?(?:t[rdh]|li|p|div|h[1-6]|dt|dd)\b", re.IGNORECASE)
_LINE_BREAK = re.compile(r"<br\s{0,3}/?>|\\$", re.IGNORECASE | re.MULTILINE)
_CODE = re.compile(r"(?<!`)(`{1,3})(?!`)([^`]{1,1000})\1(?!`)")
_DELIMITER = re.compile(r"\\([!-/:-@\[-`{-~])|\*+|_+|~~")


def plain_text(text: str, references: frozenset[str], left_out: Counter[str]) -> str:
    """`text` without its Markdown; `references` are the labels (in lower case) of links defined elsewhere."""
    text, images = IMAGE.subn("", text)
    if images:
        left_out["image"] += images
    text = _LINE_BREAK.sub(" ", text)
    text = _CODE.sub(r"\2", text)
    text = LINK.sub(r"\1", text)
    if references:
        text = REFERENCE_LINK.sub(lambda link: _link_text(link, references), text)
    text = _FOOTNOTE.sub(r"[\1]", text)
    text = _AUTOLINK.sub(r"\1", text)
    text = TAG.sub(lambda tag: " " if _BLOCK_TAG.match(tag[0]) else "", text)
    return html.unescape(_without_emphasis(text))


def _link_text(link: re.Match[str], references: frozenset[str]) -> str:
    label = link[2] or link[1]
    return link[1] if label.lower() in references else link[0]


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
