"""Writes the reports of the documents that an overview names, from where the corpus was read.

In go ids of documents and the record of a run; out come HTML reports in a folder, and their names by id. The model and
the options of the run make them, so that a report says what the tables say.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from analyzer.corpus.columns import Columns, Item, item_of
from analyzer.corpus.plan import hash_of
from analyzer.corpus.sources import open_corpus
from analyzer.document import Document
from analyzer.errors import AnalyzerError
from analyzer.model.folder import folder_of
from analyzer.pipeline import Analyzer
from analyzer.readers import read_path, read_text
from analyzer.render import output

_SLUG = 40


def write_reports(
    wanted: Collection[str],
    run: Mapping[str, Any],
    scored: Path,
    into: Path,
    *,
    model: Path | None = None,
    tell: Callable[[str], None] = lambda note: None,
) -> dict[str, str]:
    """Write a report of each document of `wanted` that is still in the corpus; gives file names by id.

    `run` is what `run.json` of the folder `scored` says, `tell` is told of documents that have none. Raises
    `AnalyzerError` when the model is not that of the run, the corpus is gone or the folder cannot be written.
    """
    options = run["options"]
    analyzer = Analyzer(_model_of(run, model), vague_credit=options["vague_credit"])
    try:
        into.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AnalyzerError(f"{into}: cannot be made ({error.strerror}); give another folder with --reports") from error
    names: dict[str, str] = {}
    for item in _items(wanted, options, scored, started_in=Path(run.get("started_in", ""))):
        try:
            report = analyzer.analyze(_document(item), conclusions=options["conclusions"])
        except AnalyzerError as error:
            tell(f"no report of {item.source}: {error}")
            continue
        names[item.id] = file_name(item.id)
        output([report], format="html", path=into / names[item.id])
    for id in wanted:
        if id not in names:
            tell(f"no report of {id}: it is no longer in the corpus, or cannot be read")
    return names


def file_name(id: str) -> str:
    """A file's name for any id whatever: readable, safe in every file system, and different for different ids."""
    slug = re.sub(r"[^a-z0-9]+", "-", id.lower())[-_SLUG:].strip("-")
    return f"{slug or 'document'}-{hashlib.sha256(id.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}.html"


def _model_of(run: Mapping[str, Any], model: Path | None) -> Path:
    noted = run.get("model_folder")
    folder = folder_of(model or (noted if noted and Path(noted).exists() else None))
    if hash_of(folder) != run["model"]["sha256"]:
        name = f"{run['model']['name']} {run['model']['version']}"
        raise AnalyzerError(
            f"{folder}: not the model that the corpus was scored with ({name}); give that one with "
            "--model, or leave out --reports"
        )
    return folder


def _items(wanted: Collection[str], options: Mapping[str, Any], scored: Path, *, started_in: Path) -> Iterator[Item]:
    """The documents wanted, from the beginning of the corpus on until all are found; a corpus that is not to be found
    from here is looked for from where the run was started.
    """
    missing = set(wanted)
    for name, columns in zip(options["corpus"], options["columns"], strict=True):
        if not missing:
            return
        there = started_in / name
        is_elsewhere = not Path(name).exists() and there.exists()
        for row in open_corpus(str(there) if is_elsewhere else name, out=scored).rows():
            item = item_of(row, Columns(**columns))
            if isinstance(item, Item) and item.id in missing:
                missing.discard(item.id)
                yield item
            if not missing:
                return


def _document(item: Item) -> Document:
    if item.path is not None:
        return replace(read_path(item.path), id=item.id)
    return read_text(item.text or "", id=item.id, title=item.title)
