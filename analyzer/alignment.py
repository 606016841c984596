"""Which sentences of a new version stand for which of the old one: unchanged, reworded, added or removed.

In go the two texts, sentence by sentence; out comes the sequence of `Step`s that leads from one to the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile

# Two sentences that share less than this are not one reworded, but one removed and one added.
_ALIKE = 0.5
# Runs of changed sentences whose pairs are more than this are not compared pair by pair.
_MOST_PAIRS = 2_500
# Every pair of equal sentences is looked at again and again: of 560,000 for up to 44 s, of so many for about 1 s.
_MOST_EQUAL = 100_000


@dataclass(frozen=True)
class Step:
    """A sentence of the old version, of the new one, or of both; `changed` tells a reworded one from an unchanged."""

    old: int | None
    new: int | None
    changed: bool


def align(old: Sequence[str], new: Sequence[str], kinds: tuple[Sequence[Hashable], Sequence[Hashable]]) -> list[Step]:
    """The steps in order; sentences are unchanged when both their words and their `kinds` (of block) are the same.

    A sentence that stands alone in the place of another is that one reworded; else reworded ones must be alike.
    """
    before, after = _keys(old, kinds[0]), _keys(new, kinds[1])
    steps: list[Step] = []
    for tag, i1, i2, j1, j2 in _opcodes(before, after):
        if tag == "equal":
            steps += [Step(i1 + k, j1 + k, changed=False) for k in range(i2 - i1)]
        elif i2 - i1 == j2 - j1 == 1:
            steps.append(Step(i1, j1, changed=True))
        else:
            steps += _changed(old, new, range(i1, i2), range(j1, j2))
    return steps


def _keys(texts: Sequence[str], kinds: Sequence[Hashable]) -> list[Hashable]:
    return [(" ".join(text.split()), kind) for text, kind in zip(texts, kinds, strict=True)]


def _opcodes(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[tuple[str, int, int, int, int]]:
    """As those of `SequenceMatcher`; but in texts that repeat their sentences very often, these are the same only where
    they stand beside others that are, or at either end.
    """
    repeated = _most_repeated(before, after)
    n_last = _n_same_at_end(before, after) if repeated else 0
    end, new_end = len(before) - n_last, len(after) - n_last
    matcher = SequenceMatcher(repeated.__contains__, before[:end], after[:new_end], autojunk=False)
    last = [("equal", end, len(before), new_end, len(after))] if n_last else []
    return [*matcher.get_opcodes(), *last]


def _most_repeated(before: Sequence[Hashable], after: Sequence[Hashable]) -> set[Hashable]:
    """The sentences without which there are few enough pairs of equal ones; none for ordinary texts."""
    n_before, n_after = Counter(before), Counter(after)
    pairs = Counter({key: n * n_after[key] for key, n in n_before.items()})
    total, most = pairs.total(), set()
    for key, n in pairs.most_common():
        if total <= _MOST_EQUAL:
            break
        most.add(key)
        total -= n
    return most


def _n_same_at_end(before: Sequence[Hashable], after: Sequence[Hashable]) -> int:
    pairs = zip(reversed(before), reversed(after), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _changed(old: Sequence[str], new: Sequence[str], removed: range, added: range) -> list[Step]:
    steps: list[Step] = []
    i, j = removed.start, added.start
    for pair in _pairs(old, new, removed, added):
        steps += [Step(k, None, changed=True) for k in range(i, pair[0])]
        steps += [Step(None, k, changed=True) for k in range(j, pair[1])]
        steps.append(Step(*pair, changed=True))
        i, j = pair[0] + 1, pair[1] + 1
    steps += [Step(k, None, changed=True) for k in range(i, removed.stop)]
    return steps + [Step(None, k, changed=True) for k in range(j, added.stop)]


def _pairs(old: Sequence[str], new: Sequence[str], removed: range, added: range) -> list[tuple[int, int]]:
    """The pairs in order, alike enough, that together are most alike."""
    if not removed or not added or len(removed) * len(added) > _MOST_PAIRS:
        return []
    best = [[0.0] * (len(added) + 1) for _ in range(len(removed) + 1)]
    alike = [[_likeness(old[i], new[j]) for j in added] for i in removed]
    for i in reversed(range(len(removed))):
        for j in reversed(range(len(added))):
            paired = best[i + 1][j + 1] + alike[i][j] if alike[i][j] >= _ALIKE else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(removed) and j < len(added):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            pairs.append((removed[i], added[j]))
            i, j = i + 1, j + 1
    return pairs


def _likeness(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one.split(), other.split(), autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= _ALIKE else 0.0
