"""`Plan`: everything that decides what a run writes, settled before the first document is scored.

In go the corpora and the options, out comes a plan that workers on any machine can be given, and that a later run of
the same command must agree with before it may go on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from analyzer import __version__
from analyzer.corpus.columns import Columns, Item, choose_columns, item_of
from analyzer.corpus.dates import DateOrder, order_of
from analyzer.corpus.sources import Corpus, open_corpus
from analyzer.corpus.tables import TABLES_VERSION, table_schemas
from analyzer.dependence import DEFAULT_VAGUE_CREDIT
from analyzer.errors import AnalyzerError
from analyzer.model.folder import files_to_run, folder_of, open_folder
from analyzer.model.runtimes import Device
from analyzer.schema import Head
from analyzer.statements import find_statements

_RUNTIMES: dict[Device, str] = {"cpu": "ONNX Runtime, int8, on the CPU", "cuda": "PyTorch, fp16, on a GPU"}

# Rows that columns are chosen from, and that settle how dates are written.
_FIRST_ROWS = 1_000
DOCUMENTS_A_PART = 500


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the user decides. `vague_credit` is 0 to 1; `documents_a_part` is what a killed run may have to do again."""

    columns: Columns = field(default_factory=Columns)
    conclusions: tuple[str, ...] = ()
    vague_credit: float = DEFAULT_VAGUE_CREDIT
    model: Path | None = None
    with_sentences: bool = True
    documents_a_part: int = DOCUMENTS_A_PART


@dataclass(frozen=True)
class Plan:
    """A run, settled. `columns` and `date_orders` have one entry a corpus; `metadata` are the `meta_` columns of all.

    `own_heads` are those of the model beyond the standard ones; `device` is what it runs on, which changes results in
    their last digits.
    """

    corpora: tuple[str, ...]
    out: Path
    columns: tuple[Columns, ...]
    date_orders: tuple[DateOrder | None, ...]
    metadata: tuple[str, ...]
    conclusions: tuple[str, ...]
    vague_credit: float
    model: Path
    model_hash: str
    own_heads: tuple[Head, ...]
    with_sentences: bool
    documents_a_part: int
    device: Device = "cpu"

    @property
    def schemas(self) -> dict[str, pa.Schema]:
        """The tables that the run writes."""
        return table_schemas(
            metadata=self.metadata,
            own_heads=self.own_heads,
            with_sentences=self.with_sentences,
            with_statements=bool(self.conclusions),
        )

    def open(self) -> list[Corpus]:
        """The corpora, ready to be read from their beginning."""
        return [open_corpus(name, out=self.out) for name in self.corpora]

    def agreed(self) -> dict[str, Any]:
        """What two runs into the same folder must have in common, as JSON."""
        settings = {
            "corpus": list(self.corpora),
            "columns": [columns.named() for columns in self.columns],
            "date_orders": list(self.date_orders),
            "metadata": list(self.metadata),
            "conclusions": list(self.conclusions),
            "vague_credit": self.vague_credit,
            "sentences": self.with_sentences,
            "documents_a_part": self.documents_a_part,
        }
        return {
            "tables_version": TABLES_VERSION,
            "analyzer_version": __version__,
            "model": {**model_name(self.model), "sha256": self.model_hash, "runtime": _RUNTIMES[self.device]},
            "options": settings,
        }


def make_plan(corpora: Sequence[str], out: Path, options: Options) -> tuple[Plan, list[Corpus]]:
    """Settle a run, and open its corpora; `AnalyzerError` for whatever would fail for every document."""
    for phrase in options.conclusions:
        find_statements(phrase, [])
    if not 0.0 <= options.vague_credit <= 1.0:
        raise AnalyzerError(f"--vague-credit is {options.vague_credit:g}, expected a number from 0 to 1")
    if options.documents_a_part < 1:
        raise AnalyzerError(f"--documents-a-part is {options.documents_a_part}, expected at least 1")
    model = folder_of(options.model)
    schema = open_folder(model).schema
    if not schema.scores_dependence:
        raise AnalyzerError(
            f"{model}: its labels score no dependence, which is what a corpus is scored by; use `analyzer report`, or "
            "train the labels with --join, beside those of the default"
        )
    opened = [open_corpus(name, out=out) for name in corpora]
    columns: list[Columns] = []
    date_orders: list[DateOrder | None] = []
    metadata: list[str] = []
    first_rows = [list(islice(corpus.rows(), _FIRST_ROWS)) for corpus in opened]
    if (found := [row for rows in first_rows for row in rows]) and all(row.problem for row in found):
        raise AnalyzerError(f"{found[0].source}: {found[0].problem}")
    for corpus, rows in zip(opened, first_rows, strict=True):
        chosen, others = choose_columns(options.columns, rows, corpus=corpus.name)
        columns.append(chosen)
        items = [item_of(row, chosen) for row in rows]
        date_orders.append(order_of(item.date for item in items if isinstance(item, Item) and item.date))
        known = {name.lower() for name in metadata}
        metadata += [name for name in others if name.lower() not in known]
    if not any(chosen.named() for chosen in columns) and options.columns.named():
        raise AnalyzerError("columns are named, but the corpus has no table; leave out " + _named(options.columns))
    plan = Plan(
        corpora=tuple(corpora),
        out=out,
        columns=tuple(columns),
        date_orders=tuple(date_orders),
        metadata=tuple(metadata),
        conclusions=tuple(dict.fromkeys(options.conclusions)),
        vague_credit=options.vague_credit,
        model=model,
        model_hash=hash_of(model),
        own_heads=schema.own_heads,
        with_sentences=options.with_sentences,
        documents_a_part=options.documents_a_part,
    )
    return plan, opened


def _named(columns: Columns) -> str:
    return ", ".join(f"--{what}" for what in columns.named())


def model_name(folder: Path) -> dict[str, str]:
    """Name and version of a model."""
    settings = asdict(open_folder(folder).settings)
    return {key: settings[key] for key in ("name", "version")}


def hash_of(folder: Path) -> str:
    """SHA-256 over the names and contents of the files of a model folder that a model runs on; not of its card."""
    digest = hashlib.sha256()
    for path in files_to_run(folder):
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
