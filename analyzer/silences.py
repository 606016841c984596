"""Comments in a document that silence findings: `<!-- analyzer: ignore loaded -->` and its next-line and block forms.

In go the comments that a reader found and the places of the sentences, out come the rules that are silenced for each
sentence, and notes on comments that say nothing known.

- `ignore`: the sentences on the comment's line; on a line of its own, the paragraph, item, row or heading that follows
- `ignore-next-line`: the sentences on the next line that has any
- `begin ignore` … `end ignore`: the sentences that begin between the two

Each may name rules, separated by commas; without a name it means all of them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice, takewhile

from analyzer.document import LINE_BREAK, Comment, Document, Sentence
from analyzer.report import Place

_INSTRUCTION = re.compile(r"(ignore-next-line|ignore|begin ignore|end ignore)(?:(?:\s*:\s*|\s+|\Z)(.*))?", re.DOTALL)
_SEPARATOR = re.compile(r"[,\s]+")

# How a note on such a comment begins, whichever it is.
NOTE, LOST = "comment on line", "no comment silences"


@dataclass(frozen=True)
class Silences:
    """The rules silenced for each sentence, by its index, and what was wrong with the comments."""

    rules: Mapping[int, frozenset[str]]
    notes: tuple[str, ...]


def silences(
    document: Document, sentences: Sequence[Sentence], places: Sequence[Place | None], rules: Collection[str]
) -> Silences:
    """What the document's comments silence; `rules` are the names that there are."""
    if document.source is None or not document.source.comments:
        return Silences({}, ())
    placed = [(sentence, place) for sentence, place in zip(sentences, places, strict=True) if place is not None]
    reading = _Reading(_Layout(placed), len(document.source.text), rules)
    line, position = 1, 0
    for comment in document.source.comments:
        line += _line_breaks(document.source.text, position, comment.start)
        position = comment.start
        reading.heed(comment, line, line + _line_breaks(document.source.text, comment.start, comment.end))
    reading.close()
    lost = len(sentences) - len(placed)
    if lost:
        reading.notes.append(f"{LOST} {lost} of {len(sentences)} sentences: they were not found in the file")
    return Silences({index: frozenset(names) for index, names in reading.silenced.items()}, tuple(reading.notes))


def _line_breaks(text: str, start: int, end: int) -> int:
    return sum(1 for _ in LINE_BREAK.finditer(text, start, end))


class _Layout:
    """Which sentences stand on which line, in which block, and where they begin."""

    def __init__(self, placed: Sequence[tuple[Sentence, Place]]) -> None:
        in_order = sorted(placed, key=lambda found: found[1].offset)
        self.offsets = [place.offset for _, place in in_order]
        self.sentences = [sentence for sentence, _ in in_order]
        self.on_line: dict[int, list[int]] = {}
        for sentence, place in in_order:
            for line in range(place.line, place.end_line + 1):
                self.on_line.setdefault(line, []).append(sentence.index)
        self.lines = sorted(self.on_line)
        self._to_end_of_block: dict[int, list[int]] = {}

    def beginning_between(self, start: int, end: int) -> list[int]:
        """The sentences that begin in that part of the file."""
        inside = self.sentences[bisect_left(self.offsets, start) : bisect_left(self.offsets, end)]
        return [sentence.index for sentence in inside]

    def beside(self, comment: Comment, lines: range) -> list[int]:
        """The sentences on the comment's lines; if there are none, those that follow in the next one's block."""
        here = [index for line in lines for index in self.on_line.get(line, ())]
        if here:
            return here
        first = bisect_left(self.offsets, comment.end)
        if first not in self._to_end_of_block:
            following = islice(self.sentences, first, None)
            of_block = takewhile(lambda sentence: sentence.block == self.sentences[first].block, following)
            self._to_end_of_block[first] = [sentence.index for sentence in of_block]
        return self._to_end_of_block[first]

    def on_next_line(self, line: int) -> list[int]:
        """The sentences on the first line after this one that has any."""
        after = bisect_right(self.lines, line)
        return self.on_line[self.lines[after]] if after < len(self.lines) else []


@dataclass
class _Reading:
    """What has been read of the comments so far; `opened` holds where each rule's block began, and on which line."""

    layout: _Layout
    length: int
    rules: Collection[str]
    silenced: dict[int, set[str]] = field(default_factory=dict)
    opened: dict[str, tuple[int, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    heeded: set[tuple[str, int]] = field(default_factory=set)
    ignored: set[tuple[str, int]] = field(default_factory=set)

    def heed(self, comment: Comment, line: int, last_line: int) -> None:
        """Read a comment that stands on these lines; one that says on its line what another has said is passed over."""
        instruction = _INSTRUCTION.fullmatch(comment.instruction)
        if instruction is None:
            self.notes.append(
                f"{NOTE} {line}: {comment.instruction!r} is not understood; "
                "write ignore, ignore-next-line, begin ignore or end ignore, then the rules"
            )
            return
        if instruction[1].startswith("ignore"):
            if (comment.instruction, last_line) in self.heeded:
                return
            self.heeded.add((comment.instruction, last_line))
        names = self._named(instruction[2] or "", line)
        if instruction[1] == "ignore":
            sentences = self.layout.beside(comment, range(line, last_line + 1))
            # Of many above one paragraph, one says it.
            said = comment.instruction, sentences[0] if sentences else -1
            self._silence([] if said in self.ignored else sentences, names)
            self.ignored.add(said)
        elif instruction[1] == "ignore-next-line":
            self._silence(self.layout.on_next_line(last_line), names)
        elif instruction[1] == "begin ignore":
            for name in names:
                self.opened.setdefault(name, (comment.start, line))
        else:
            self._end([name for name in names if name in self.opened], comment.start, line)

    def close(self) -> None:
        """End what was never ended, at the end of the document."""
        if self.opened:
            line = min(line for _, line in self.opened.values())
            self.notes.append(f"{NOTE} {line}: begin ignore is never ended; it holds to the end of the document")
            self._end(list(self.opened), self.length, line)

    def _named(self, words: str, line: int) -> list[str]:
        wanted = [word for word in _SEPARATOR.split(words) if word]
        unknown = [word for word in wanted if word not in self.rules]
        if unknown:
            near = get_close_matches(unknown[0], self.rules, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(self.rules)}"
            others = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
            self.notes.append(f"{NOTE} {line}: unknown rule {unknown[0]!r}{others}{hint}")
        return [word for word in wanted if word in self.rules] if wanted else list(self.rules)

    def _end(self, names: Sequence[str], end: int, line: int) -> None:
        if not names:
            self.notes.append(f"{NOTE} {line}: end ignore, but no such begin ignore stands before it")
        for name in names:
            start, _ = self.opened.pop(name)
            self._silence(self.layout.beginning_between(start, end), [name])

    def _silence(self, sentences: Iterable[int], names: Iterable[str]) -> None:
        for sentence in sentences:
            self.silenced.setdefault(sentence, set()).update(names)
