"""Describes the heads of a user's labels: in a small TOML file, or as the columns of a table show them.

    [heads.tone]
    kind = "single"              # exactly one label a sentence; "multi": any number; "span": marked words
    labels = ["calm", "heated"]
    column = "how"               # where the labels stand, if not in a column of the head's name

Out come `LabelColumn`s: a head, and the column that holds its labels.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analyzer.errors import AnalyzerError
from analyzer.schema import QUOTED_LOADED, STANDARD_SCHEMA, Head, HeadKind, LabelSchema
from analyzer.training.cells import cell, infer_head, odd_cells
from analyzer.training.problems import BadData, Problem
from analyzer.training.rows import Table

# Names that stand for something else in a model folder or a report.
_TAKEN = ("links",)
_TAKEN_SPANS = (*STANDARD_SCHEMA.span_labels, QUOTED_LOADED)
_MOST_LABELS = 50


@dataclass(frozen=True, slots=True)
class LabelColumn:
    """A head, and the column that holds its labels."""

    head: Head
    column: str


class _HeadTable(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: HeadKind
    labels: list[str] = Field(min_length=1)
    column: str | None = None


class _SchemaFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    heads: dict[str, _HeadTable] = Field(min_length=1)


def read_heads(path: Path) -> list[LabelColumn]:
    """Read a description of heads; `AnalyzerError` names file, key and way out."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        described = _SchemaFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise AnalyzerError(f"{path}: cannot be read ({error.strerror or error}); check --schema") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AnalyzerError(f"{path}: not valid TOML ({error}); mend it there") from error
    except ValidationError as error:
        wrong = error.errors()[0]
        key = ".".join(map(str, wrong["loc"])) or "the file"
        raise AnalyzerError(
            f"{path}: {key}: {wrong['msg'][0].lower()}{wrong['msg'][1:]}; see `[heads.NAME]`"
        ) from error
    columns = [
        LabelColumn(Head(name, table.kind, tuple(table.labels)), table.column or name)
        for name, table in described.heads.items()
    ]
    check_heads([column.head for column in columns], origin=str(path))
    return columns


def infer_heads(table: Table, names: Sequence[str]) -> list[LabelColumn]:
    """The heads that columns of a table make; `BadData` tells what is wrong with those that make none."""
    problems, columns = [], []
    for name in dict.fromkeys(names):
        values = [cell(row.values.get(name)) for row in table.rows]
        found = infer_head(name, values)
        if isinstance(found, str):
            fix = "give one kind of value throughout, or describe the head with --schema"
            problems.append(Problem(table.name, None, f"column {name!r} makes no head: {found}", fix))
            for place in odd_cells(values) if "mixed" in found else ():
                what = f"column {name!r} has {values[place]!r}, another type of value than most rows"
                problems.append(Problem(table.name, table.rows[place].number, what, "write it as the others are"))
        else:
            problems += _unlikely(table, found)
            columns.append(LabelColumn(found, name))
    if problems:
        raise BadData(problems)
    check_heads([column.head for column in columns], origin=table.name)
    return columns


def joined(base: LabelSchema, own: Sequence[Head], *, origin: str) -> LabelSchema:
    """The heads of a model with a user's own after them; `AnalyzerError` where a name is taken."""
    for head in own:
        shared = [label for label in head.labels if head.kind is HeadKind.SPAN and label in base.span_labels]
        if base.has(head.name) or shared:
            name = head.name if base.has(head.name) else f"{head.name}.{shared[0]}"
            raise AnalyzerError(f"{origin}: the model to join has a head {name!r} already; give yours another name")
    return LabelSchema((*base.heads, *own), base.links)


def check_heads(heads: Sequence[Head], *, origin: str) -> None:
    """Raise `AnalyzerError` for names that mean something else here, labels named twice, and heads with one label."""
    spans: list[str] = []
    for head in heads:
        is_standard = head in STANDARD_SCHEMA.heads
        if len(set(head.labels)) < len(head.labels) or not all(label.strip() for label in head.labels):
            raise AnalyzerError(f"{origin}: head {head.name!r} has a label twice or an empty one")
        if head.name in _TAKEN or (STANDARD_SCHEMA.has(head.name) and not is_standard):
            raise AnalyzerError(
                f"{origin}: {head.name!r} is the name of something of the standard model with other labels; "
                "rename the column or describe the head under another name with --schema"
            )
        if head.kind is HeadKind.SINGLE and len(head.labels) < 2:
            raise AnalyzerError(
                f"{origin}: head {head.name!r} has one label, {head.labels[0]!r}: nothing to tell apart"
            )
        if head.kind is HeadKind.SPAN:
            taken = [label for label in head.labels if not is_standard and label in (*_TAKEN_SPANS, *spans)]
            if taken:
                raise AnalyzerError(
                    f"{origin}: spans {taken[0]!r} of head {head.name!r} have a taken name; rename them"
                )
            spans += head.labels


def rare_classes(
    source: str, head: Head, counts: Mapping[str, int], n_examples: int, first: Mapping[str, int] | None = None
) -> list[Problem]:
    """Classes that nothing can be learned of: with one example of `n_examples` or none. `counts` says how many have
    each label, `first` in which row it stands first.
    """
    found = []
    if head.kind is HeadKind.MULTI and len(head.labels) == 1:
        without = n_examples - counts[head.labels[0]]
        if without < 2:
            what = f"{'one' if without else 'no'} example of head {head.name!r} says no"
            found.append(Problem(source, None, what, "give examples that the label does not hold for"))
    for label in head.labels:
        if counts[label] < 2:
            what = f"class {label!r} of head {head.name!r} has {'one' if counts[label] else 'no'} example"
            place = (first or {}).get(label)
            found.append(Problem(source, place, what, "give more of it, or take the label out"))
    return found


def _unlikely(table: Table, head: Head) -> list[Problem]:
    """A column with hundreds of labels is a column of something else."""
    if head.kind is HeadKind.SPAN or len(head.labels) <= _MOST_LABELS:
        return []
    what = f"column {head.name!r} has {len(head.labels)} different labels"
    return [Problem(table.name, None, what, "is it the right column? If so, describe the head with --schema")]
