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
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from analyzer.document import Comment, Document, Sentence
from analyzer.report import Place

_INSTRUCTION = re.compile(r"(ignore-next-line|ignore|begin ignore|end ignore)(?:(?:\s*:\s*|\s+|\Z)(.*))?", re.DOTALL)
_SEPARATOR = re.compile(r"[,\s]+")

# How a note on such a comment begins, whichever it is.
NOTE = "comment on line"


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
    reading = _Reading(document.source.visible, rules)
    for sentence, place in zip(sentences, places, strict=True):
        if place is not None:
            reading.placed.append((sentence, place))
    for comment in document.source.comments:
        reading.heed(comment, document.source.text.count("\n", 0, comment.start) + 1)
    reading.close()
    lost = len(sentences) - len(reading.placed)
    if lost:
        reading.notes.append(
            f"{lost} of {len(sentences)} sentences were not found in the file: no comment silences them"
        )
    return Silences({index: frozenset(names) for index, names in reading.silenced.items()}, tuple(reading.notes))


@dataclass
class _Reading:
    """What has been read of the comments so far; `opened` holds where each rule's block began, and on which line."""

    visible: str
    rules: Collection[str]
    placed: list[tuple[Sentence, Place]] = field(default_factory=list)
    silenced: dict[int, set[str]] = field(default_factory=dict)
    opened: dict[str, tuple[int, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def heed(self, comment: Comment, line: int) -> None:
        instruction = _INSTRUCTION.fullmatch(comment.instruction)
        if instruction is None:
            self.notes.append(
                f"{NOTE} {line}: {comment.instruction!r} is not understood; "
                "write ignore, ignore-next-line, begin ignore or end ignore, then the rules"
            )
            return
        names = self._named(instruction[2] or "", line)
        last_line = line + self.visible.count("\n", comment.start, comment.end)
        if instruction[1] == "ignore":
            self._silence(self._beside(comment, line, last_line), names)
        elif instruction[1] == "ignore-next-line":
            self._silence(self._on_next_line(last_line), names)
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
            self._end(list(self.opened), len(self.visible), line)

    def _named(self, words: str, line: int) -> list[str]:
        wanted = [word for word in _SEPARATOR.split(words) if word]
        unknown = [word for word in wanted if word not in self.rules]
        for word in unknown:
            near = get_close_matches(word, self.rules, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(self.rules)}"
            self.notes.append(f"{NOTE} {line}: unknown rule {word!r}{hint}")
        return [word for word in wanted if word in self.rules] if wanted else list(self.rules)

    def _beside(self, comment: Comment, line: int, last_line: int) -> list[int]:
        on_line = [s.index for s, place in self.placed if place.line <= last_line and place.end_line >= line]
        if on_line:
            return on_line
        after = [(place.offset, s) for s, place in self.placed if place.offset >= comment.end]
        if not after:
            return []
        block = min(after, key=lambda found: found[0])[1].block
        return [s.index for s, _ in self.placed if s.block == block]

    def _on_next_line(self, line: int) -> list[int]:
        lines = [max(place.line, line + 1) for _, place in self.placed if place.end_line > line]
        if not lines:
            return []
        return [s.index for s, place in self.placed if place.line <= min(lines) <= place.end_line]

    def _end(self, names: Sequence[str], end: int, line: int) -> None:
        if not names:
            self.notes.append(f"{NOTE} {line}: end ignore, but no such begin ignore stands before it")
        for name in names:
            start, _ = self.opened.pop(name)
            self._silence([s.index for s, place in self.placed if start <= place.offset < end], [name])

    def _silence(self, sentences: Iterable[int], names: Iterable[str]) -> None:
        for sentence in sentences:
            self.silenced.setdefault(sentence, set()).update(names)
