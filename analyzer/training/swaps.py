"""Swap lists: pairs of names that should make no difference, and the sentences that come of swapping them.

In go a swap list (JSON, described in labeled/README.md) and a text, out come the same text with one name of a pair in
the place of the other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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
class _Family:
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
            places = [match for match in found if match[0] in family.other]
            if places and not self._skip[family.group].search(text):
                swapped = _swapped(text, places, family.other)
                if swapped is not None:
                    met = {family.is_first[match[0]] for match in places}
                    yield Swap(family.group, family.pair, swapped, None if len(met) == 2 else met == {True})


def _families(group: str, pairs: Sequence[Pair]) -> Iterator[_Family]:
    """Pairs whose names are words of another pair's names, side by side, are of its family."""
    remaining = sorted(pairs, key=lambda pair: len(pair[0]))
    while remaining:
        shortest = remaining[0]
        family = [pair for pair in remaining if all(_holds(a, b) for a, b in zip(pair, shortest, strict=True))]
        remaining = [pair for pair in remaining if pair not in family]
        ways = [(a, b, first) for pair in family for a, b, first in ((*pair, True), (*pair[::-1], False))]
        forms = [*ways, *((a.upper(), b.upper(), first) for a, b, first in ways)]
        yield _Family(group, shortest, {a: b for a, b, _ in reversed(forms)}, {a: first for a, _, first in forms})


def _holds(longer: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", longer) is not None


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    ordered = sorted(set(names), key=lambda name: (-len(name), name))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, ordered))})(?!\w)" if ordered else r"(?!)")


def _swapped(text: str, places: Sequence[re.Match[str]], other: dict[str, str]) -> str | None:
    """The text with the names swapped; None where an "a" or "an" before one of them would become wrong."""
    pieces, at = [], 0
    for match in places:
        before, name = text[at : match.start()], other[match[0]]
        if _ARTICLE.search(before) and bool(_VOWEL.match(match[0])) != bool(_VOWEL.match(name)):
            return None
        pieces += [before, name]
        at = match.end()
    return "".join([*pieces, text[at:]])


def load_swaps(path: Path) -> SwapList:
    """Read a swap list; `AnalyzerError` says what is wrong in it."""
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        groups = {str(name): [_pair(pair) for pair in pairs] for name, pairs in data["groups"].items()}
        if CONTROLS in data:
            groups[CONTROLS] = [_pair(pair) for pair in data[CONTROLS]]
        found = SwapList(groups, skip=data.get("skip", ()), skip_in=data.get("skip_in"))
    except (OSError, KeyError, TypeError, AttributeError, ValueError) as error:
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
