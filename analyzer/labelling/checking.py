"""Checks files of labelled documents: their form, the rules of the guidelines, and what files must not share.

Paths go in, problems come out, each with its file and line. Nothing is raised for a bad document: the one who mends
the file wants to see everything at once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analyzer.errors import AnalyzerError
from analyzer.labelling.documents import document_of, rows_of_file
from analyzer.labelling.form import Problem, problems_of_form
from analyzer.labelling.rules import applies_to, problems_of_rules
from analyzer.schema import LabelSchema
from analyzer.shared_text import FURNITURE, telling_keys

# Of the long sentences of the shorter of two documents: from here on, measuring on one what was learned from the other
# means little; from there on, they are one article. Below the first, agencies' sentences and quotations are usual.
LEAK, SAME = 0.2, 0.8


@dataclass(frozen=True, slots=True)
class PlacedProblem:
    """A problem of the document on one line of a file."""

    path: Path
    line: int
    problem: Problem

    def __str__(self) -> str:
        """The problem on one line, as linters write it."""
        return f"{self.path}:{self.line}: {self.problem}"


@dataclass(frozen=True)
class Checked:
    """What was looked at, and the problems in it, file by file and line by line."""

    documents: int
    sentences: int
    problems: tuple[PlacedProblem, ...]

    @property
    def errors(self) -> int:
        """How many of the problems are errors."""
        return sum(placed.problem.is_error for placed in self.problems)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What later documents must not repeat of one: its id, and the keys of its telling sentences."""

    path: Path
    line: int
    id: str
    split: str
    texts: frozenset[str]

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}"


def check_files(
    paths: Sequence[Path], schema: LabelSchema, *, progress: Callable[[int], None] = lambda done: None
) -> Checked:
    """Check labelled files together; `progress` gets the number of documents done.

    Raises `AnalyzerError` for a file that cannot be read or holds no line.
    """
    seen: list[_Seen] = []
    found: list[PlacedProblem] = []
    documents = sentences = 0
    for path in paths:
        before = documents
        for line, row in rows_of_file(path):
            documents += 1
            problems = list(problems_of_form(row, schema))
            if not any(problem.is_error for problem in problems):
                sentences += len(row["sentences"])
                seen.append(_seen(row, path, line))
                problems += problems_of_rules(document_of(row, schema)) if applies_to(schema) else ()
            found += [PlacedProblem(path, line, problem) for problem in problems]
            progress(documents)
        if documents == before:
            raise AnalyzerError(f"{path}: empty; give a JSON-lines file with one labelled document a line")
    found += [*_same_ids(seen), *_shared_texts(seen)]
    order = {path: number for number, path in enumerate(paths)}
    found.sort(key=lambda p: (order[p.path], p.line, -1 if p.problem.sentence is None else p.problem.sentence))
    return Checked(documents, sentences, tuple(found))


def _seen(row: dict[str, Any], path: Path, line: int) -> _Seen:
    texts = frozenset(telling_keys([sentence["text"] for sentence in row["sentences"]]))
    return _Seen(path, line, row["id"], row.get("split", "train"), texts)


def _same_ids(seen: Sequence[_Seen]) -> Iterator[PlacedProblem]:
    first: dict[str, _Seen] = {}
    for document in seen:
        other = first.setdefault(document.id, document)
        if other is not document:
            problem = Problem(f"the id {document.id!r} is that of {other.place}", "give it a name of its own")
            yield PlacedProblem(document.path, document.line, problem)


def _shared_texts(seen: Sequence[_Seen]) -> Iterator[PlacedProblem]:
    """What a document shares with an earlier one, where that matters."""
    often = Counter(text for document in seen for text in document.texts)
    owners: dict[str, list[int]] = defaultdict(list)
    for number, document in enumerate(seen):
        for text in _telling(document.texts, often):
            owners[text].append(number)
    shared: Counter[tuple[int, int]] = Counter()
    for numbers in owners.values():
        # Of many copies each is compared with the first: all pairs of a thousand would be half a million lines.
        earlier = numbers if len(numbers) < FURNITURE else numbers[:1]
        shared.update((a, b) for a in earlier for b in numbers if a < b)
    for (a, b), count in sorted(shared.items()):
        one, other = seen[b], seen[a]
        share = count / min(len(one.texts), len(other.texts))
        if one.id == other.id:
            continue
        if one.split != other.split:
            what = (
                f"{count} of its sentences stand in {other.place} too, one document is {one.split}, one {other.split}"
            )
            yield PlacedProblem(one.path, one.line, Problem(what, "put both into one split", is_error=share >= LEAK))
        elif share >= SAME:
            what = f"{count} of its sentences stand in {other.place} too, most of the shorter one"
            yield PlacedProblem(one.path, one.line, Problem(what, "keep one of them", is_error=False))


def _telling(texts: frozenset[str], often: Counter[str]) -> frozenset[str]:
    """The texts of a document that another must not share: all but furniture, or all where hardly any is left.

    What stands in many documents and makes up the whole of each is no furniture but an article that was copied.
    """
    furniture = frozenset(text for text in texts if often[text] >= FURNITURE)
    return texts if len(furniture) >= SAME * len(texts) else texts - furniture
