"""Writes the reports of the documents that an overview names, from where the corpus was read.

In go ids of documents and the record of a run; out come HTML reports in a folder, and their names by id. The model and
the options of the run make them, so that a report says what the tables say; where the text is another by now, and it
would not, there is none.
"""

from __future__ import annotations

import glob
import hashlib
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analyzer.corpus.columns import Columns, Item, item_of
from analyzer.corpus.plan import hash_of
from analyzer.corpus.sources import HUB, Corpus, open_corpus
from analyzer.document import Document
from analyzer.errors import AnalyzerError
from analyzer.model.folder import folder_of
from analyzer.pipeline import Analyzer
from analyzer.readers import read_path, read_text
from analyzer.render import output
from analyzer.report import Report

_SLUG = 40
# Another processor, or a GPU, changes a dependence a little, too.
_SAME_DEPENDENCE = 0.05


@dataclass(frozen=True)
class Figures:
    """What the tables say of a document, which its report must agree with; `dependence` is None without conclusions."""

    n_characters: int
    n_sentences: int
    dependence: float | None


def write_reports(
    wanted: Mapping[str, Figures],
    run: Mapping[str, Any],
    scored: Path,
    into: Path,
    *,
    model: Path | None = None,
    tell: Callable[[str], None] = lambda note: None,
) -> dict[str, str]:
    """Write a report of each document of `wanted` that is still in the corpus as it was; gives file names by id.

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
    missing = dict.fromkeys(wanted)
    for item in _items(missing, options, scored, started_in=run.get("started_in", "")):
        del missing[item.id]
        try:
            report = analyzer.analyze(_document(item), conclusions=options["conclusions"])
        except AnalyzerError as error:
            tell(f"no report of {item.id}: {error}")
            continue
        if difference := _difference(wanted[item.id], report):
            tell(f"no report of {item.id}: its text is not the one that was scored ({difference}); score it again")
            continue
        names[item.id] = file_name(item.id)
        output([report], format="html", path=into / names[item.id])
    for id in missing:
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


def _items(missing: Collection[str], options: Mapping[str, Any], scored: Path, *, started_in: str) -> Iterator[Item]:
    """The documents that are `missing`, by the ids that the run gave them, from the beginning of the corpus on until
    none is.
    """
    for name, columns in zip(options["corpus"], options["columns"], strict=True):
        if not missing:
            return
        corpus, before = _opened(name, scored, started_in)
        for row in corpus.rows():
            item = item_of(row, Columns(**columns))
            if isinstance(item, Item):
                found = _as_named(item, before)
                if found.id in missing:
                    yield found
                if not missing:
                    return


def _opened(name: str, scored: Path, started_in: str) -> tuple[Corpus, str]:
    """A corpus where the run found it, or else as it is named from here; and what its paths then have before those of
    the run.
    """
    is_whole = name.startswith(HUB) or Path(name).is_absolute()
    if is_whole or not started_in or Path(started_in) == Path.cwd():
        return open_corpus(name, out=scored), ""
    folder = os.path.join(started_in, "")  # noqa: PTH118 - a Path would change how the paths are spelled
    is_pattern = not Path(folder, name).exists()
    there = os.path.join(glob.escape(folder) if is_pattern else folder, name)  # noqa: PTH118
    try:
        return open_corpus(there, out=scored), folder
    except AnalyzerError:
        return open_corpus(name, out=scored), ""


def _as_named(item: Item, before: str) -> Item:
    """The document under the id that it has where the corpus is named without the folder `before`."""
    source = item.source.removeprefix(before)
    return replace(item, id=source if item.id == item.source else item.id, source=source)


def _document(item: Item) -> Document:
    if item.path is not None:
        return replace(read_path(item.path), id=item.id)
    return read_text(item.text or "", id=item.id, title=item.title)


def _difference(scored: Figures, report: Report) -> str:
    """What tells the text of a report from the one that was scored; empty where nothing does."""
    found = Figures(len(report.document.text), len(report.sentences), report.document.dependence)
    if found.n_characters != scored.n_characters:
        return f"{found.n_characters:,} characters, not {scored.n_characters:,}"
    if found.n_sentences != scored.n_sentences:
        return f"{found.n_sentences:,} sentences, not {scored.n_sentences:,}"
    if found.dependence is None or scored.dependence is None:
        is_same = found.dependence == scored.dependence
    else:
        is_same = abs(found.dependence - scored.dependence) < _SAME_DEPENDENCE
    return "" if is_same else f"dependence {_shown(found.dependence)}, not {_shown(scored.dependence)}"


def _shown(dependence: float | None) -> str:
    return "none" if dependence is None else f"{dependence:.2f}"
