"""Reads the tables of a scored corpus, only the columns that the overview needs.

In goes the folder that `analyzer score` wrote; out come figures as arrays, one entry a document or conclusion, and
texts as Arrow columns, of which only those that are shown become Python strings.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from numpy.typing import NDArray

from analyzer.corpus.folder import loss_of, parts_in
from analyzer.corpus.tables import CONCLUSIONS, DOCUMENTS, FAILURES, STATEMENTS
from analyzer.errors import AnalyzerError
from analyzer.grounds import GROUNDS
from analyzer.language import NOT_ENGLISH

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SOURCES = ("named", "own", "vague", "none")
TYPES = ("factual_claim", "inference", "speculation", "non_assertive")
_GROUNDS = [f"grounds_{ground}" for ground in GROUNDS]
_FIGURES = ["n_characters", "n_sentences", "n_conclusions", "dependence", "loaded_share", "unsourced_share"]
_RUN_KEYS = {"status", "model", "options", "times"}
_TEXTS = ["id", "title", "path", "source"]


@dataclass(frozen=True)
class Documents:
    """The documents that were scored. `table` has their columns; NaN stands where a document has no such score.

    `group` (n,) is the place of a document's group in `group_names`, −1 without one; `days` (n,) is NaT without a date.
    """

    table: Any
    group_names: tuple[str, ...]
    group: Integers
    days: NDArray[np.datetime64]

    def __len__(self) -> int:  # noqa: D105
        return int(self.table.num_rows)

    @property
    def has_dates(self) -> bool:
        """Whether any document has a date."""
        return not bool(np.isnat(self.days).all())

    def figures(self, column: str) -> Floats:
        """A column of numbers (n,), NaN where it is null."""
        return _floats(self.table[column])

    @cached_property
    def dependence(self) -> Floats:
        """Dependence (n,) from 0 to 1; NaN for a document without conclusions."""
        return self.figures("dependence")

    @cached_property
    def grounds(self) -> Floats:
        """Grounds (n, 8), in the order of `analyzer.grounds.GROUNDS`."""
        return _grounds(self.table)

    @cached_property
    def claims(self) -> Integers:
        """Factual claims (n, 4) by sourcing, in the order of `SOURCES`."""
        return np.stack([self.figures(f"claims_{source}") for source in SOURCES], axis=1).astype(np.int64)

    def text(self, column: str, row: int) -> str:
        """The text of a document in a column, empty where it is null."""
        return str(self.table[column][row].as_py() or "")

    @cached_property
    def n_not_english(self) -> int:
        """How many documents have the note that they do not read as English; each has it at most once."""
        notes = pc.list_flatten(self.table["notes"])
        return sum(pc.sum(pc.starts_with(notes, begin)).as_py() or 0 for begin in NOT_ENGLISH)

    def group_of(self, row: int) -> str:
        """The name of a document's group, empty without one."""
        return self.group_names[self.group[row]] if self.group[row] >= 0 else ""


@dataclass(frozen=True)
class Conclusions:
    """Conclusions: texts as an Arrow column, place of document, sentence, dependence (n,), and grounds (n, 8)."""

    texts: Any
    document: Integers
    sentence: Integers
    dependence: Floats
    grounds: Floats

    def some_texts(self, rows: Sequence[int] | Integers) -> list[str]:
        """The texts of some conclusions."""
        return [str(text) for text in self.texts.take(pa.array(rows)).to_pylist()]


@dataclass(frozen=True)
class Statement:
    """The documents that state a phrase of --conclusion, where first, and with what dependence and grounds there."""

    phrase: str
    document: Integers
    sentence: Integers
    dependence: Floats
    grounds: Floats


class ScoredCorpus:
    """The folder of a scored corpus, whose run may not have finished.

    Raises `AnalyzerError` where it is none, or lacks files of a part that was finished.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = _run_of(folder)
        for part in parts_in(folder):
            if loss := loss_of(part, folder):
                raise AnalyzerError(f"{loss}; the same `analyzer score` command scores its documents again")

    @cached_property
    def documents(self) -> Documents:
        """The documents in the order of the corpus."""
        counts = [f"claims_{source}" for source in SOURCES] + [f"type_{kind}" for kind in TYPES]
        columns = ["number", *_TEXTS, "notes", "group_name", "date", *_FIGURES, *_GROUNDS, *counts]
        table = self._read("documents", DOCUMENTS, columns).sort_by("number")
        group = pc.dictionary_encode(table["group_name"]).combine_chunks()
        codes = pc.fill_null(group.indices, -1).to_numpy(zero_copy_only=False)
        days = table["date"].to_numpy().astype("datetime64[D]")
        names = tuple(str(name) for name in group.dictionary.to_pylist())
        return Documents(table.drop(["group_name", "date", "number"]), names, codes.astype(np.int64), days)

    @cached_property
    def conclusions(self) -> Conclusions:
        """The conclusions of all documents."""
        table = self._of_documents("conclusions", CONCLUSIONS, ["text", "sentence", "dependence", *_GROUNDS])
        return Conclusions(
            texts=table["text"],
            document=_integers(table["row"]),
            sentence=_integers(table["sentence"]),
            dependence=_floats(table["dependence"]),
            grounds=_grounds(table),
        )

    @cached_property
    def statements(self) -> list[Statement]:
        """What was asked for with --conclusion, by phrase; empty where nothing was."""
        if not (self.folder / "statements").exists():
            return []
        table = self._of_documents("statements", STATEMENTS, ["conclusion", "statements", "dependence", *_GROUNDS])
        found = []
        for phrase in pc.unique(table["conclusion"]).to_pylist():
            part = table.filter(pc.equal(table["conclusion"], phrase))
            statement = Statement(
                phrase=str(phrase),
                document=_integers(part["row"]),
                sentence=_integers(pc.struct_field(pc.list_element(part["statements"], 0), "sentence")),
                dependence=_floats(part["dependence"]),
                grounds=_grounds(part),
            )
            found.append(statement)
        return found

    @cached_property
    def failures(self) -> dict[str, int]:
        """How many documents could not be scored, by stage."""
        table = self._read("failures", FAILURES, ["stage"])
        counts = pc.value_counts(table["stage"]).to_pylist()
        return {str(count["values"]): int(count["counts"]) for count in counts}

    def _of_documents(self, name: str, schema: Any, columns: list[str]) -> Any:
        """A table with the place of each row's document; without rows of a part that is just being written."""
        table = self._read(name, schema, ["document", *columns])
        row = pc.index_in(table["document"], self.documents.table["id"])
        return table.drop(["document"]).append_column("row", row).filter(pc.is_valid(row))

    def _read(self, name: str, schema: Any, columns: list[str]) -> Any:
        try:
            return ds.dataset(self.folder / name, format="parquet", schema=schema).to_table(columns=columns)
        except (OSError, pa.ArrowInvalid) as error:
            raise AnalyzerError(
                f"{self.folder / name}: cannot read this table ({error}); remove the file that is damaged, and the "
                "same `analyzer score` command writes it again"
            ) from error


def _run_of(folder: Path) -> dict[str, Any]:
    path = folder / "run.json"
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AnalyzerError(
            f"{folder}: no scored corpus (no run.json in it); give the folder of `analyzer score -o`"
        ) from error
    except ValueError as error:
        raise AnalyzerError(f"{path}: not JSON ({error}); run `analyzer score` again with --restart") from error
    if not isinstance(run, dict) or not run.keys() >= _RUN_KEYS:
        raise AnalyzerError(f"{path}: not the record of a run; run `analyzer score` again with --restart")
    return run


def _floats(column: Any) -> Floats:
    return np.asarray(pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def _integers(column: Any) -> Integers:
    return np.asarray(column.to_numpy(), dtype=np.int64)


def _grounds(table: Any) -> Floats:
    return np.stack([_floats(table[column]) for column in _GROUNDS], axis=1)
