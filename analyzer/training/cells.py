"""What the cells of a label column say, and which kind of head they make.

Cells come as a file has them (JSON values, or the text of a CSV cell); `shape_of` tells what one is, `infer_head` what
a column of them is a head of, and `Marked` is a span with its label.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from analyzer.schema import Head, HeadKind

_INTEGER = re.compile(r"-?[0-9]+")

_YES, _NO = frozenset({"1", "true", "yes"}), frozenset({"0", "false", "no"})
_START, _END, _LABELS, _TEXT = "start", "end", ("label", "kind"), "text"


class Shape(str, Enum):
    """What a cell is, in the words that a problem is told in."""

    MISSING = "nothing"
    YES_NO = "yes or no"
    NAME = "one label"
    NUMBER = "a whole number"
    NAMES = "a list of labels"
    SPANS = "a list of spans"
    EMPTY = "an empty list"
    OTHER = "no label"


@dataclass(frozen=True, slots=True)
class Marked:
    """Marked words: offsets into the text, the label (None: that of the column), the words if the data gives them."""

    start: int
    end: int
    label: str | None
    text: str | None


def cell(value: Any) -> Any:
    """A cell as a JSON value: text that is a JSON list (a CSV cannot hold one otherwise) is read as one."""
    if isinstance(value, str):
        value = value.strip()
        if value.startswith("["):
            try:
                return json.loads(value)
            except (ValueError, RecursionError):
                return value
    return value


def shape_of(value: Any) -> Shape:
    """What a cell, as `cell` gives it, is."""
    if value is None or value == "" or (isinstance(value, float) and value != value):
        return Shape.MISSING
    if yes_or_no(value) is not None:
        return Shape.YES_NO
    if isinstance(value, str):
        return Shape.NAME
    if isinstance(value, int):
        return Shape.NUMBER
    if isinstance(value, list):
        if not value:
            return Shape.EMPTY
        if all(isinstance(item, str) and item.strip() for item in value):
            return Shape.NAMES
        if all(marked(item) is not None for item in value):
            return Shape.SPANS
    return Shape.OTHER


def yes_or_no(value: Any) -> bool | None:
    """True, 1, "yes", and their opposites; None for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    if isinstance(value, str):
        word = value.lower()
        return True if word in _YES else False if word in _NO else None
    return None


def marked(item: Any) -> Marked | None:
    """A span given as [start, end] or {"start": …, "end": …, "label": …, "text": …}; None for anything else."""
    if isinstance(item, list) and len(item) == 2:
        start, end, label, text = *item, None, None
    elif isinstance(item, dict):
        start, end, text = item.get(_START), item.get(_END), item.get(_TEXT)
        label = next((item[key] for key in _LABELS if item.get(key) is not None), None)
    else:
        return None
    is_place = all(isinstance(place, int) and not isinstance(place, bool) for place in (start, end))
    if not is_place or not isinstance(label, str | None) or not isinstance(text, str | None):
        return None
    return Marked(int(start), int(end), label, text)


def spans_in(value: Iterable[Any]) -> list[Marked]:
    """The spans that a cell has."""
    return [span for item in value if (span := marked(item)) is not None]


def labels_in(kind: HeadKind, name: str, value: Any) -> list[str]:
    """The labels that a cell of a head of that kind names; `name` is that of the head."""
    if kind is HeadKind.SINGLE:
        return [str(value)]
    said = yes_or_no(value)
    if said is not None:
        return [name] if said else []
    if kind is HeadKind.SPAN:
        return [span.label or name for span in spans_in(value)]
    return [str(item).strip() for item in value]


def infer_head(name: str, values: Sequence[Any]) -> Head | str:
    """The head that a column makes; what is wrong with it, as a clause, where it makes none.

    Yes and no make a head with one label, which holds or not; one label a row a `single` head, lists of labels a
    `multi`, lists of spans a `span` head.
    """
    shapes = {shape_of(value) for value in values} - {Shape.MISSING}
    if not shapes:
        return "every cell of it is empty"
    kind = next((kind for kind, allowed in MADE_OF.items() if shapes <= allowed), None)
    if shapes == {Shape.EMPTY}:
        return "it has only empty lists"
    if kind is None:
        words = " and ".join(sorted(shape.value for shape in shapes))
        return f"it has mixed types ({words})" if len(shapes) > 1 else f"it holds {words}"
    if shapes == {Shape.YES_NO}:
        return Head(name, HeadKind.MULTI, (name,))
    given = (
        label for value in values if shape_of(value) is not Shape.MISSING for label in labels_in(kind, name, value)
    )
    return Head(name, kind, _ordered(given))


def odd_cells(values: Sequence[Any]) -> list[int]:
    """The places of the cells whose type is not that of most."""
    shapes = [shape_of(value) for value in values]
    families = [next((k for k, allowed in enumerate(MADE_OF.values()) if s in allowed), -1) for s in shapes]
    counts = Counter(f for f, s in zip(families, shapes, strict=True) if s not in (Shape.MISSING, Shape.EMPTY))
    common = counts.most_common(1)[0][0]
    allowed = list(MADE_OF.values())[common] if common >= 0 else frozenset()
    return [k for k, shape in enumerate(shapes) if shape is not Shape.MISSING and shape not in allowed]


def _ordered(labels: Iterable[str]) -> tuple[str, ...]:
    """Labels in an order that does not depend on that of the rows: numbers by size, words by the alphabet."""
    found = set(labels)
    if all(_INTEGER.fullmatch(label) for label in found):
        return tuple(sorted(found, key=int))
    return tuple(sorted(found))


# What the cells of a head of each kind are. A column of yes and no is one of whole numbers or names as well, where it
# has others beside them.
MADE_OF: dict[HeadKind, frozenset[Shape]] = {
    HeadKind.SINGLE: frozenset({Shape.YES_NO, Shape.NAME, Shape.NUMBER}),
    HeadKind.MULTI: frozenset({Shape.NAMES, Shape.EMPTY}),
    HeadKind.SPAN: frozenset({Shape.SPANS, Shape.EMPTY}),
}
