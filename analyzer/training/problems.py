"""What is wrong with training data: every problem with its file and row, what it is, and how to mend it.

Readers of training data collect `Problem`s and raise them together as `BadData`, so that a user mends a file in one go
and nothing is trained on half of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.errors import AnalyzerError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; `row` is the line of a text file, the row of any other, None for the whole file."""

    file: str
    row: int | None
    what: str
    fix: str

    @property
    def place(self) -> str:
        """File and row as "file:row"."""
        return self.file if self.row is None else f"{self.file}:{self.row}"


class BadData(AnalyzerError):
    """Training data that cannot be used; its text is the first problem and how many more there are."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Take all problems, in the order of the file."""
        self.problems = tuple(problems)
        first, more = self.problems[0], len(self.problems) - 1
        also = f" (and {more} more problem{'s' if more > 1 else ''})" if more else ""
        super().__init__(f"{first.place}: {first.what}; {first.fix}{also}")
