"""Gathers documents for export: reads them, has the model label them, and chooses the most informative.

Paths of labelled files or of any documents that the readers know go in, `Item`s come out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import numpy as np

from analyzer.errors import AnalyzerError
from analyzer.labelling.documents import read_documents
from analyzer.labelling.exchange import Item
from analyzer.labelling.prediction import Predicted, PreLabeller
from analyzer.labelling.selection import choose
from analyzer.readers import read_path
from analyzer.schema import LabelSchema

LABELLED = (".jsonl", ".ndjson")
UNITS = ("document", "sentence")


def is_labelled(path: Path) -> bool:
    """Whether a file holds labelled documents, by its name."""
    return path.suffix.lower() in LABELLED


def labelled_items(
    path: Path,
    schema: LabelSchema,
    labeller: PreLabeller | None,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[Item]:
    """The documents of a labelled file, with the model's labels beside theirs when there is a `labeller`."""
    documents = read_documents(path, schema)
    for done, document in enumerate(documents, 1):
        yield Item(document, labeller.label(document) if labeller else None)
        progress(done, len(documents))


def plain_item(path: Path, labeller: PreLabeller, taken: Collection[str]) -> Item:
    """A document that nobody labelled; its id is its name, numbered when `taken` holds that already."""
    read = read_path(path)
    id, number = read.id or path.stem, 2
    while id in taken:
        id, number = f"{read.id or path.stem}-{number}", number + 1
    return Item(None, labeller.label_text(read, id=id))


def choose_items(items: Sequence[Item], count: int, unit: str) -> list[Item]:
    """The `count` most informative documents or sentences, the most informative first.

    Sentences come as the documents that hold them, with those sentences `chosen`. Every item must have predictions.
    """
    if unit not in UNITS:
        raise AnalyzerError(f"unknown unit {unit!r}; choose one of {', '.join(UNITS)}")
    predicted = [item.predicted for item in items if item.predicted is not None]
    if not predicted:
        return []
    if unit == "document":
        unsure = np.array([p.unsure.mean() for p in predicted])
        return [items[k] for k in choose(unsure, np.stack([p.vectors.mean(axis=0) for p in predicted]), count)]
    return _choose_sentences(items, predicted, count)


def _choose_sentences(items: Sequence[Item], predicted: Sequence[Predicted], count: int) -> list[Item]:
    places = [(k, index) for k, p in enumerate(predicted) for index in range(len(p.unsure))]
    chosen = choose(
        np.concatenate([p.unsure for p in predicted]), np.concatenate([p.vectors for p in predicted]), count
    )
    by_document: dict[int, list[int]] = {}
    for position in chosen:
        k, index = places[position]
        by_document.setdefault(k, []).append(index)
    return [Item(items[k].document, predicted[k], tuple(indices)) for k, indices in by_document.items()]
