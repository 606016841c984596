"""From what a user asks for on the command line to labelled documents and their heads.

A table is read by the columns that are named; a file of labelled documents needs only its heads described. What the
model card says of the data comes from here too.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from analyzer.errors import AnalyzerError
from analyzer.model.folder import METRICS, ModelFolder
from analyzer.schema import Head, HeadKind, LabelSchema
from analyzer.shared_text import FURNITURE, SHARED_TEXT, telling_keys, text_key
from analyzer.training.data import LabelledDocument, label_counts, load_labelled
from analyzer.training.gather import DEV, TRAIN, Columns, check_columns, gather, is_of_split
from analyzer.training.heads import LabelColumn, infer_heads, rare_classes, read_heads
from analyzer.training.problems import BadData, Problem
from analyzer.training.results import figure, read_result
from analyzer.training.rows import HUB_SPLIT, Table, read_table

_LINES_LOOKED_AT = 20


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a user says of the data: the columns of a table, and a file that describes heads."""

    text: str | None = None
    labels: Sequence[str] = ()
    schema: Path | None = None
    document: str | None = None
    order: str | None = None
    split: str | None = None


@dataclass(frozen=True)
class Source:
    """Labelled documents with their heads, and what the card says of where they came from; `left_out` documents of
    other splits than train and dev are not among them.
    """

    documents: list[LabelledDocument]
    heads: tuple[Head, ...]
    about: dict[str, Any]
    left_out: int = 0


def holds_documents(source: str) -> bool:
    """Whether a file has labelled documents in it, not a table: its first line has a list of sentences."""
    path = Path(source)
    if path.suffix.lower() != ".jsonl" or not path.is_file():
        return False
    try:
        with path.open(encoding="utf-8-sig") as lines:
            first = next((line for line in islice(lines, _LINES_LOOKED_AT) if line.strip()), "{}")
        row = json.loads(first)
    except (ValueError, OSError, RecursionError):
        return False
    return isinstance(row, dict) and isinstance(row.get("sentences"), list)


def read_source(source: str, asked: Asked, *, divides: bool = False) -> Source:
    """Read a table, or labelled documents whose heads `asked.schema` describes.

    `divides` says that splits of a Hugging Face data set do not count. Raises `BadData` for anything wrong in it.
    """
    described = read_heads(asked.schema) if asked.schema else []
    if holds_documents(source):
        return _labelled(source, asked, [column.head for column in described])
    if asked.text is None:
        raise AnalyzerError(f"{source}: a table needs --text and --label (or --schema); name the columns")
    if bool(asked.labels) == bool(described):
        raise AnalyzerError(f"{source}: give the label columns either with --label or with --schema")
    table = read_table(source)
    wanted = {"--text": asked.text, "--document": asked.document, "--order": asked.order, "--split": asked.split}
    of_labels = {f"--label {name}": name for name in asked.labels}
    of_schema = {f"--schema {column.head.name}": column.column for column in described}
    check_columns(table, {**wanted, **of_labels, **of_schema})
    label_columns = described or infer_heads(table, asked.labels)
    split = asked.split or (HUB_SPLIT if _has_splits(table) and not divides else None)
    columns = Columns(text=asked.text, labels=label_columns, document=asked.document, order=asked.order, split=split)
    documents = gather(table, columns)
    return Source(documents, tuple(c.head for c in label_columns), _about(source, len(table.rows), columns))


def read_for(
    folder: ModelFolder, source: str, *, text: str | None, split: str | None
) -> tuple[list[LabelledDocument], int]:
    """Documents of a split, `dev` if left out, to measure a model on, and how many were left out because it was trained
    on their text.

    A table has the columns that the model was trained on (`text` is another one of the text); where none of them says
    the split all rows are taken, and an `AnalyzerError` is raised for a given `split`. Labelled documents have the
    heads that they have labels for.
    """
    path = folder.path / METRICS
    metrics = read_result(path) if path.is_file() else {}
    known = figure(metrics, "data.columns") or {}
    trained = frozenset(figure(metrics, "data.trained_on") or ())
    if holds_documents(source) or (Path(source).suffix.lower() == ".jsonl" and not (text or known.get("text"))):
        documents = load_labelled(Path(source), _labelled_part(folder.schema, Path(source)))
        return _unseen([document for document in documents if document.split == (split or DEV)], trained, source)
    if not (text or known.get("text")):
        raise AnalyzerError(f"{source}: a table; name the column of the text with --text")
    table = _rows_of_split(read_table(source), known.get("split"), split)
    of_labels = known.get("labels") or {head.name: head.name for head in folder.schema.own_heads}
    if not of_labels:
        raise AnalyzerError(
            f"{source}: a table of labels, but {folder.path} was taught none of its own; give labelled documents, or "
            "a model that `analyzer train --data` made"
        )
    columns = Columns(
        text=text or known["text"],
        labels=[LabelColumn(folder.schema.head(name), column) for name, column in of_labels.items()],
        **{use: known[use] for use in ("document", "order") if known.get(use) in table.columns},
    )
    check_columns(table, {"--text": columns.text, **{f"head {c.head.name}": c.column for c in columns.labels}})
    return _unseen(gather(table, columns, is_whole=False), trained, source)


def _rows_of_split(table: Table, column: str | None, split: str | None) -> Table:
    if column in table.columns:
        return replace(table, rows=[row for row in table.rows if is_of_split(row.values.get(column), split or DEV)])
    if split is not None:
        raise AnalyzerError(
            f"{table.name}: --split is {split!r}, but the model knows no column of this table that says the split; "
            "leave --split out to measure on all rows"
        )
    return table


def _unseen(
    documents: Sequence[LabelledDocument], trained: frozenset[str], source: str
) -> tuple[list[LabelledDocument], int]:
    """The documents whose texts are not among those that the model was trained on, and how many are."""
    unseen = [document for document in documents if not _is_seen(document, trained)]
    if documents and not unseen:
        raise AnalyzerError(f"{source}: the model was trained on every text in it; give texts that it has not seen")
    return unseen, len(documents) - len(unseen)


def _is_seen(document: LabelledDocument, trained: frozenset[str]) -> bool:
    """Whether a text that tells a document from others was trained on, or all of its texts were."""
    seen = [text for text in document.texts if text_hash(text) in trained]
    return len(seen) == len(document.texts) or any(len(text) >= SHARED_TEXT for text in seen)


def text_hash(text: str) -> str:
    """What a model remembers of a text that it was trained on."""
    return hashlib.sha256(text_key(text).encode()).hexdigest()[:16]


def _labelled_part(schema: LabelSchema, path: Path) -> LabelSchema:
    """The heads that the first labelled document of a file has labels for, or all where that cannot be told."""
    if not holds_documents(str(path)):
        return schema
    with path.open(encoding="utf-8-sig") as lines:
        first = json.loads(next(line for line in lines if line.strip()))["sentences"]
    given = set(first[0]) if first and isinstance(first[0], dict) else set()
    heads = tuple(h for h in schema.heads if h.kind is HeadKind.SPAN or h.name in given)
    return LabelSchema(heads, schema.links and "role" in given) if len(heads) > 0 and given else schema


def _has_splits(table: Table) -> bool:
    return table.is_hub and len({row.values.get(HUB_SPLIT) for row in table.rows}) > 1


def _about(source: str, n_rows: int, columns: Columns | None) -> dict[str, Any]:
    named: dict[str, Any] = {"text": None, "labels": {}}
    if columns is not None:
        named = {
            "text": columns.text,
            "labels": {column.head.name: column.column for column in columns.labels},
            "document": columns.document,
            "order": columns.order,
            "split": columns.split,
        }
    name = Path(source).name if Path(source).exists() else source
    return {"source": name, "rows": n_rows, "columns": named, "date": date.today().isoformat()}


def _labelled(source: str, asked: Asked, heads: Sequence[Head]) -> Source:
    if not heads:
        raise AnalyzerError(f"{source}: labelled documents with labels of your own need --schema heads.toml")
    named = [option for option in ("text", "labels", "document", "order", "split") if getattr(asked, option)]
    if named:
        option = "label" if named[0] == "labels" else named[0]
        raise AnalyzerError(f"{source}: holds labelled documents, which have no columns; leave out --{option}")
    schema = LabelSchema(tuple(heads), links=False)
    everything = load_labelled(Path(source), schema)
    documents = [d for d in everything if d.split in (TRAIN, DEV)]
    if not documents:
        raise AnalyzerError(f'{source}: no document has the split "{TRAIN}" or "{DEV}"; set it in each line')
    problems = [*_rare(source, documents, schema), *_leaks(source, documents)]
    if problems:
        raise BadData(problems)
    return Source(documents, tuple(heads), _about(source, len(documents), None), len(everything) - len(documents))


def _rare(source: str, documents: Sequence[LabelledDocument], schema: LabelSchema) -> list[Problem]:
    n_sentences = sum(len(document.texts) for document in documents)
    counted = ((head, label_counts(documents, head)) for head in schema.heads)
    return [p for head, counts in counted for p in rare_classes(source, head, counts, n_sentences)]


def _leaks(source: str, documents: Sequence[LabelledDocument]) -> list[Problem]:
    trained = {key: d.id for d in documents if d.split == TRAIN for key in telling_keys(d.texts)}
    often = Counter(key for d in documents for key in set(map(text_key, d.texts)))
    return [
        Problem(
            source,
            None,
            f"document {d.id!r} of split {DEV} has a sentence of {trained[text_key(text)]!r}",
            "give both one split",
        )
        for d in documents
        if d.split == DEV
        for text in d.texts
        if text_key(text) in trained and (often[text_key(text)] < FURNITURE or len(d.texts) == 1)
    ]
