"""One page on a scored corpus: how its groups and years compare, what it concludes most often, what to read first.

In goes the folder that `analyzer score` wrote, out comes HTML; nothing here runs a model unless reports are asked for.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from analyzer import __version__
from analyzer.errors import AnalyzerError
from analyzer.overview.page import count_of_many, render
from analyzer.overview.reports import Figures, write_reports
from analyzer.overview.survey import survey
from analyzer.overview.tables import Documents, ScoredCorpus
from analyzer.overview.views import failures_words

_MOST_NAMES = 3


def overview(
    folder: Path,
    *,
    beside: Path,
    reports: Path | None = None,
    model: Path | None = None,
    tell: Callable[[str], None] = lambda note: None,
) -> str:
    """The page on the scored corpus in `folder`.

    With `reports`, the documents that the page names are analysed again and their reports written to that folder, and
    the page, which is to lie in the folder `beside`, links to them. Raises `AnalyzerError` when `folder` holds no
    scored corpus, or the reports cannot be made.
    """
    corpus = ScoredCorpus(folder)
    documents = corpus.documents
    if not len(documents):
        raise AnalyzerError(f"{folder}: {_why_empty(corpus)}")
    found = survey(corpus)
    names: dict[str, str] = {}
    if reports is not None:
        wanted = {documents.text("id", row): _figures(documents, row) for row in found.mentioned()}
        names = write_reports(wanted, corpus.run, folder, reports, model=model, tell=tell)

    def link(row: int, sentence: int | None) -> str | None:
        name = names.get(documents.text("id", row))
        if name is None or reports is None:
            return None
        return _address(reports / name, beside) + ("" if sentence is None else f"#d0-s{sentence}")

    return render(
        found,
        about=_about(corpus),
        notes=_notes(corpus),
        group_column=_group_column(corpus),
        date_columns=sorted({columns["date"] for columns in corpus.run["options"]["columns"] if "date" in columns}),
        link=link,
        has_reports=bool(names),
        colophon=f"Made by analyzer {__version__} from the tables in {folder}, where every figure can be traced.",
    )


def _address(file: Path, beside: Path) -> str:
    """A relative address that no name of a file can turn into anything else; a whole one to another drive."""
    try:
        return "./" + quote(Path(os.path.relpath(file, beside)).as_posix())
    except ValueError:
        return file.resolve().as_uri()


def _why_empty(corpus: ScoredCorpus) -> str:
    if corpus.failures:
        return "no document was scored; the table failures in it says why"
    return (
        f"no document is scored yet (the run is {corpus.run['status']}, and its first part not written); wait for it, "
        "or go on with the same `analyzer score` command"
    )


def _figures(documents: Documents, row: int) -> Figures:
    dependence = float(documents.dependence[row])
    n_characters, n_sentences = (int(documents.figures(name)[row]) for name in ("n_characters", "n_sentences"))
    return Figures(n_characters, n_sentences, None if math.isnan(dependence) else dependence)


def _about(corpus: ScoredCorpus) -> list[str]:
    names = [Path(name).name or name for name in corpus.run["options"]["corpus"]]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    model = corpus.run["model"]
    documents = corpus.documents
    return [
        ", ".join(names[:_MOST_NAMES]) + more,
        count_of_many(int(documents.figures("n_sentences").sum()), "sentence"),
        count_of_many(int(documents.figures("n_conclusions").sum()), "conclusion"),
        f"model {model['name']} {model['version']}",
        f"scored {str(corpus.run['times']['ended'])[:10]}",
    ]


def _notes(corpus: ScoredCorpus) -> list[str]:
    notes = []
    if foreign := corpus.documents.n_not_english:
        notes.append(
            f"{foreign:,} of {count_of_many(len(corpus.documents), 'document')} "
            f"{'does' if foreign == 1 else 'do'} not read as English, the only language that the model knows: take no "
            "figure that they are counted in at its word. The column notes of the table documents says which."
        )
    if corpus.run["status"] != "finished":
        notes.append("The run has not finished: these are the documents scored so far.")
    if failed := sum(corpus.failures.values()):
        notes.append(
            f"{count_of_many(failed, 'more document')} could not be scored ({failures_words(corpus.failures)}); the "
            "table failures says why."
        )
    return notes


def _group_column(corpus: ScoredCorpus) -> str:
    """The column of the corpus that the groups come from; empty where they come from several, or from folders."""
    columns = {columns.get("group", "") for columns in corpus.run["options"]["columns"]}
    return columns.pop() if len(columns) == 1 else ""
