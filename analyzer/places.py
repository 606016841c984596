"""Where sentences stand in the file that they were read from: lines and columns for annotations.

A document's text is not the file's: markup is gone, white space is single. But its letters and digits are those of the
file, so each block is looked up in the file by them alone, near where the block before it stood. In go a document with
its `Source` and its sentences, out comes a `Place` for each that is found.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from analyzer.document import LINE_BREAK, Document, Sentence, Source
from analyzer.report import Place

_RUN = re.compile(r"[^\W_]+")
# How far ahead of the block before it a block is looked for first, and how many may be sought in the whole file: a
# text that holds none of its blocks must not cost its length squared.
_NEAR, _MOST_LOST = 200_000, 200
# Matches that begin or end inside a word and are passed over.
_MOST_PARTIAL = 50
# How far from a word the marks that belong to its sentence may stand: closing quotes after emphasis and a tag.
_MARK_REACH = 12


def places(document: Document, sentences: Sequence[Sentence]) -> list[Place | None]:
    """The place of every sentence; None where the document has no source or the sentence is not found in it."""
    if document.source is None:
        return [None] * len(sentences)
    ranges = _ranges(document, sentences, _Letters(document.source.visible))
    lines = [0, *(found.end() for found in LINE_BREAK.finditer(document.source.text))]
    found: list[Place | None] = []
    for sentence, place in zip(sentences, ranges, strict=True):
        if place is None:
            found.append(None)
        else:
            text = document.text[sentence.start : sentence.end]
            found.append(_place(*_with_marks(place, text, document.source), lines))
    return found


def _ranges(document: Document, sentences: Sequence[Sentence], letters: _Letters) -> list[tuple[int, int] | None]:
    """The source range from the first letter or digit of each sentence to its last."""
    by_block: dict[int, list[int]] = {}
    for number, sentence in enumerate(sentences):
        by_block.setdefault(sentence.block, []).append(number)
    found: list[tuple[int, int] | None] = [None] * len(sentences)
    position = 0
    for members in by_block.values():
        keys = [_key(document.text[sentences[k].start : sentences[k].end]) for k in members]
        at = letters.find("".join(keys), position)
        if at is not None:
            position = at + sum(map(len, keys))
        for number, key in zip(members, keys, strict=True):
            here = letters.find(key, position) if at is None else at
            if here is not None and key:
                found[number] = letters.range(here, here + len(key))
            at = None if at is None else at + len(key)
    return found


class _Letters:
    """The letters and digits of a text, one after another, and where in the text each stands."""

    def __init__(self, text: str) -> None:
        runs = list(_RUN.finditer(text))
        self.text = "".join(run[0] for run in runs)
        self.sources = [run.start() for run in runs]
        self.starts: list[int] = []
        length = 0
        for run in runs:
            self.starts.append(length)
            length += len(run[0])
        self.lost = 0

    def find(self, key: str, near: int) -> int | None:
        """Where the key stands as whole words: near after `near`, else anywhere."""
        if not key:
            return None
        at = self._search(key, near, near + _NEAR + len(key))
        if at is None and self.lost < _MOST_LOST:
            self.lost += 1
            at = self._search(key, 0, len(self.text))
        return at

    def _search(self, key: str, start: int, end: int) -> int | None:
        for _ in range(_MOST_PARTIAL):
            at = self.text.find(key, start, end)
            if at < 0:
                return None
            if self._is_edge(at) and self._is_edge(at + len(key)):
                return at
            start = at + 1
        return None

    def _is_edge(self, at: int) -> bool:
        place = bisect_left(self.starts, at)
        return at == len(self.text) or (place < len(self.starts) and self.starts[place] == at)

    def range(self, start: int, end: int) -> tuple[int, int]:
        """The range of the text from the letter `start` to just after the letter before `end`."""
        return self._source(start), self._source(end - 1) + 1

    def _source(self, at: int) -> int:
        run = bisect_right(self.starts, at) - 1
        return self.sources[run] + at - self.starts[run]


def _key(text: str) -> str:
    return "".join(_RUN.findall(text))


def _with_marks(found: tuple[int, int], text: str, source: Source) -> tuple[int, int]:
    """The range with the sentence's own marks before its first and after its last letter: quotes, brackets, stops."""
    start, end = found
    runs = list(_RUN.finditer(text))
    for mark in reversed(text[: runs[0].start()].replace(" ", "")):
        at = source.visible.rfind(mark, max(0, start - _MARK_REACH), start)
        if at < 0 or _RUN.search(source.visible[at:start]):
            break
        start = at
    for mark in text[runs[-1].end() :].replace(" ", ""):
        at = source.visible.find(mark, end, end + _MARK_REACH)
        if at < 0 or _RUN.search(source.visible[end:at]):
            break
        is_entity = source.text[at] == "&" != mark
        end = source.text.index(";", at) + 1 if is_entity and ";" in source.text[at : at + 40] else at + 1
    return start, end


def _place(start: int, end: int, lines: Sequence[int]) -> Place:
    line, end_line = bisect_right(lines, start), bisect_right(lines, end - 1)
    return Place(
        line=line,
        column=start - lines[line - 1] + 1,
        end_line=end_line,
        end_column=end - lines[end_line - 1] + 1,
        offset=start,
        length=end - start,
    )
