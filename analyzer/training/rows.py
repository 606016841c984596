"""Reads tables of any source as rows: JSON lines, CSV, Parquet, or a data set of the Hugging Face hub.

In goes the name of a file or data set, out comes a `Table` whose values are what the file says, neither checked nor
converted. Line numbers are kept, so that a problem can be found again.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analyzer.errors import AnalyzerError
from analyzer.readers.decode import decode
from analyzer.training.problems import BadData, Problem

_LONGEST_CELL = 10_000_000
# The column that tells which split of a Hugging Face data set a row comes from.
HUB_SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `number` is its line in a text file, its place from 1 in any other."""

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """Rows of one source, called `name` in messages, and all columns that any row has; from the hub or from a file."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
    is_hub: bool


def read_table(source: str) -> Table:
    """Read a file, or a Hugging Face data set where there is no such file.

    Raises `BadData` for rows that cannot be read and for none at all, `AnalyzerError` for an unknown source.
    """
    path = Path(source)
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    read = _READERS.get(suffixes[-1] if suffixes else "")
    if path.is_file() and read is None:
        raise AnalyzerError(f"{source}: unknown kind of table; give {', '.join(_READERS)} (or .gz of a text file)")
    if read is not None and not path.is_file():
        raise AnalyzerError(f"{source}: no such file")
    try:
        rows = read(path) if read else _hub(source)
    except OSError as error:
        raise AnalyzerError(f"{source}: cannot be read ({error.strerror or error}); check the file") from error
    if not rows:
        raise BadData([Problem(source, None, "0 rows", "give a table with one example a row")])
    columns = dict.fromkeys(column for row in rows for column in row.values)
    return Table(source, tuple(columns), rows, is_hub=read is None)


def _json_lines(path: Path) -> list[Row]:
    rows, problems = [], []
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            problems.append(Problem(str(path), number, f"not JSON ({error})", "write one JSON object a line"))
            continue
        if isinstance(values, dict):
            rows.append(Row(number, values))
        else:
            what = f"a JSON {type(values).__name__}, not an object"
            problems.append(Problem(str(path), number, what, 'write one object a line: {"text": …}'))
    if problems:
        raise BadData(problems)
    return rows


def _csv(path: Path) -> list[Row]:
    text = _text(path)
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, problems = [], []
    try:
        names = [name.strip() for name in next(filter(None, reader), [])]
        twice = sorted({name for name in names if name and names.count(name) > 1})
        if twice:
            raise AnalyzerError(f"{path}: two columns are called {twice[0]!r}; give every column a name of its own")
        begin = reader.line_num + 1
        for cells in reader:
            number, begin = begin, reader.line_num + 1
            if not any(cells):
                continue
            if len(cells) != len(names):
                what = f"{len(cells)} cells where the header has {len(names)}"
                problems.append(Problem(str(path), number, what, "put cells that hold the delimiter in quotes"))
            else:
                rows.append(Row(number, dict(zip(names, cells, strict=True))))
    except csv.Error as error:
        problems.append(Problem(str(path), reader.line_num, f"not CSV ({error})", "write quotes in cells twice"))
    if problems:
        raise BadData(problems)
    return rows


def _parquet(path: Path) -> list[Row]:
    import pyarrow.parquet as parquet

    try:
        return _numbered(parquet.read_table(path).to_pylist())
    except (ValueError, OSError) as error:
        raise AnalyzerError(f"{path}: not a Parquet file ({error})") from error


def _hub(name: str) -> list[Row]:
    """All splits of a data set, each row with its split; rows are numbered through."""
    import datasets

    datasets.disable_progress_bars()
    try:
        found = datasets.load_dataset(name)
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise AnalyzerError(
            f"{name}: no such file, and no Hugging Face data set of that name can be loaded ({reason}); "
            "check the name and the network, or give a .jsonl, .csv or .parquet file"
        ) from error
    return _numbered(
        {HUB_SPLIT: split, **row, **_names(row, rows.features)} for split, rows in found.items() for row in rows
    )


def _names(row: Mapping[str, Any], features: Mapping[str, Any]) -> dict[str, str]:
    """The names of labels that a data set keeps as numbers."""
    return {
        column: feature.int2str(row[column])
        for column, feature in features.items()
        if hasattr(feature, "int2str") and isinstance(row[column], int) and row[column] >= 0
    }


def _numbered(rows: Any) -> list[Row]:
    return [Row(number, values) for number, values in enumerate(rows, 1)]


def _text(path: Path) -> str:
    data = path.read_bytes()
    if path.suffix.lower() == ".gz":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise AnalyzerError(f"{path}: not a gzip file ({error})") from error
    text, _ = decode(data, name=str(path))
    return text


_READERS: Mapping[str, Callable[[Path], list[Row]]] = {
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".csv": _csv,
    ".tsv": _csv,
    ".parquet": _parquet,
}
