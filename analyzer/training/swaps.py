"""Swap lists: pairs of names that should make no difference, and the sentences that come of swapping them.

In go a swap list (JSON, described in labeled/README.md) and a text, out come the same text with one name of a pair in
the place of the other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from analyzer.errors import AnalyzerError

Pair = tuple[str, str]

# Pairs of this group mean nothing to anybody (Monday, Wednesday): what swapping them changes, any edit would.
CONTROLS = "controls"
_VOWEL = re.compile(r"[AIOaio]|[Ee](?!u)|U(?!S|K|N|n?i|E)|u(?!ni|se)")
_ARTICLE = re.compile(r"(?i)\ban? $")


@dataclass(frozen=True)
class Swap:
    """A text with a pair swapped; `forward` when its first name became the second, None when both stood in it."""

    group: str
    pair: Pair
    text: str
    forward: bool | None


@dataclass(frozen=True)
class Edit:
    """The characters of a text from `start` to `end` become `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Family:
    """Pairs of one group that name the same two (Trump and Biden, Donald Trump and Joe Biden): swapped together."""

    group: str
    pair: Pair
    other: dict[str, str]
    is_first: dict[str, bool]


class SwapList:
    """Pairs of names by group, ready to be found in texts.

    A text that holds a phrase of `skip`, or of `skip_in` for a group, is left alone.
    """

    def __init__(
        self, groups: dict[str, list[Pair]], *, skip: Sequence[str] = (), skip_in: dict[str, list[str]] | None = None
    ) -> None:
        self.groups = groups
        self._families = [family for group, pairs in groups.items() for family in _families(group, pairs)]
        # The longest name that fits is the one that is meant: "New York Post" is not about New York.
        self._names = _any_of({form for family in self._families for form in family.other})
        self._skip = {group: _any_of([*skip, *(skip_in or {}).get(group, ())]) for group in groups}

    def swaps(self, text: str) -> Iterator[Swap]:
        """Every swap that the text allows, one for two that a pair names."""
        found = list(self._names.finditer(text))
        for family in self._families if found else ():
            edits = self._edits(text, found, family)
            if edits:
                met = {family.is_first[text[edit.start : edit.end]] for edit in edits}
                forward = None if len(met) == 2 else met == {True}
                yield Swap(family.group, family.pair, apply_edits(text, edits), forward)

    def met_in(self, texts: Iterable[str]) -> list[Family]:
        """The families that any text has a name of."""
        found = {match[0] for text in texts for match in self._names.finditer(text)}
        return [family for family in self._families if not found.isdisjoint(family.other)]

    def edits(self, text: str, families: Iterable[Family]) -> list[Edit]:
        """What swapping all pairs of these families changes in a text, from left to right.

        In capitals, two families may have the same name: the last of them is the one that counts.
        """
        found = list(self._names.finditer(text))
        if not found:
            return []
        edits = {edit.start: edit for family in families for edit in self._edits(text, found, family)}
        return [edits[start] for start in sorted(edits)]

    def _edits(self, text: str, found: Sequence[re.Match[str]], family: Family) -> list[Edit]:
        """None at all where an "a" or "an" before one of the names would become wrong."""
        places = [match for match in found if match[0] in family.other]
        if not places or self._skip[family.group].search(text):
            return []
        edits = [Edit(match.start(), match.end(), family.other[match[0]]) for match in places]
        fits = all(
            bool(_VOWEL.match(match[0])) == bool(_VOWEL.match(edit.text)) or not _ARTICLE.search(text[: edit.start])
            for match, edit in zip(places, edits, strict=True)
        )
        return edits if fits else []


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits made that come from left to right and do not overlap."""
    pieces, at = [], 0
    for edit in edits:
        pieces += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*pieces, text[at:]])


def _families(group: str, pairs: Sequence[Pair]) -> Iterator[Family]:
    """Pairs whose names are words of another pair's names, side by side, are of its family."""
    remaining = sorted(pairs, key=lambda pair: len(pair[0]))
    while remaining:
        shortest = remaining[0]
        family = [pair for pair in remaining if all(_holds(a, b) for a, b in zip(pair, shortest, strict=True))]
        remaining = [pair for pair in remaining if pair not in family]
        ways = [(a, b, first) for pair in family for a, b, first in ((*pair, True), (*pair[::-1], False))]
        forms = [*ways, *((a.upper(), b.upper(), first) for a, b, first in ways)]
        yield Family(group, shortest, {a: b for a, b, _ in reversed(forms)}, {a: first for a, _, first in forms})


def _holds(longer: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", longer) is not None


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    """Finds whole names, of several that fit the longest: one branch a first character, since most words begin none."""
    ordered = sorted(set(names), key=lambda name: (name[:1], -len(name), name))
    branches = [
        f"{re.escape(first)}(?:{'|'.join(re.escape(name[1:]) for name in beginning)})"
        for first, beginning in groupby(ordered, key=lambda name: name[:1])
    ]
    return re.compile(rf"(?<!\w)(?:{'|'.join(branches)})(?!\w)" if branches else r"(?!)")


def load_swaps(path: Path) -> SwapList:
    """Read a swap list; `AnalyzerError` says what is wrong in it."""
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        groups = {str(name): [_pair(pair) for pair in pairs] for name, pairs in data["groups"].items()}
        if CONTROLS in data:
            groups[CONTROLS] = [_pair(pair) for pair in data[CONTROLS]]
        found = SwapList(groups, skip=data.get("skip", ()), skip_in=data.get("skip_in"))
    except (OSError, KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise AnalyzerError(f"{path}: not a swap list ({error}); see labeled/README.md") from error
    if not any(groups.values()):
        raise AnalyzerError(f"{path}: no pair of names in it; see labeled/README.md")
    return found


def _pair(pair: Any) -> Pair:
    if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(n, str) and n.strip() for n in pair):
        raise ValueError(f"{pair!r} is not a pair of names")
    if pair[0] == pair[1]:
        raise ValueError(f"{pair[0]!r} is paired with itself")
    return pair[0], pair[1]
