"""Sources of documents: from what the user names to a stream of `Row`s, never all of them in memory.

A format is one module with a function `rows(path)` and one line in `TABLES`; what is no table is a document, which a
worker reads later. A corpus named `hf:…` is a data set in the format of the Hugging Face hub.
"""

from __future__ import annotations

import glob
import importlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzer.corpus.sources.files import name_of
from analyzer.corpus.sources.row import Row
from analyzer.errors import AnalyzerError
from analyzer.readers.pieces import count_phrase
from analyzer.readers.sniff import EXTENSIONS

__all__ = ["HUB", "Corpus", "Row", "open_corpus"]

TABLES = {
    ".jsonl": "analyzer.corpus.sources.jsonl",
    ".ndjson": "analyzer.corpus.sources.jsonl",
    ".json": "analyzer.corpus.sources.jsonl",
    ".csv": "analyzer.corpus.sources.csv",
    ".tsv": "analyzer.corpus.sources.csv",
    ".parquet": "analyzer.corpus.sources.parquet",
}
HUB = "hf:"
# The record of a run, which lies in every folder of results, and what begins it.
_RECORD, _BEGINS_WITH = "run.json", b'"tables_version"'


@dataclass(frozen=True)
class File:
    """A file of the corpus, or a folder in it that cannot be read (`problem`).

    `group` is the folder that it lies in, below the one that was named.
    """

    path: str
    size: int
    group: str | None = None
    problem: str | None = None

    @property
    def table(self) -> str | None:
        """The module that reads it as a table; None for a document."""
        suffixes = [suffix.lower() for suffix in Path(self.path).suffixes]
        if suffixes and suffixes[-1] == ".gz":
            suffixes.pop()
        return TABLES.get(suffixes[-1]) if suffixes else None

    def rows(self) -> Iterator[Row]:
        """Its rows, or the one document that it is."""
        if self.problem is not None:
            yield Row(source=self.path, problem=self.problem)
        elif self.table is None:
            yield Row(source=self.path, path=self.path, group=self.group, read=self.size)
        else:
            for row in importlib.import_module(self.table).rows(self.path):
                row.group = self.group
                yield row


@dataclass(frozen=True)
class Corpus:
    """One argument of the command: `rows` starts anew at every call; `size` is in bytes, 0 when unknown."""

    name: str
    size: int
    rows: Callable[[], Iterator[Row]]
    notes: tuple[str, ...] = ()


def open_corpus(name: str, *, out: Path) -> Corpus:
    """Find what `name` stands for: a file, a folder, a glob, or `hf:` and a data set.

    `out` is where results go, which is no part of a corpus. Raises `AnalyzerError` when there is nothing to read.
    """
    if name.startswith(HUB):
        from analyzer.corpus.sources import hub

        return Corpus(name, 0, lambda: hub.rows(name[len(HUB) :]))
    if Path(name).is_dir():
        return _of_folder(name, out)
    if Path(name).exists():
        if not Path(name).is_file():
            raise AnalyzerError(f"{name}: a pipe or a device, and a corpus is read twice; write it to a file first")
        return _of_files(name, [name])
    matching = [path for path in glob.iglob(name, recursive=True) if Path(path).is_file()]  # noqa: PTH207
    results = out.resolve()
    found = sorted(path for path in matching if not Path(path).resolve().is_relative_to(results))
    if not found:
        what = "no file matches" if glob.has_magic(name) else "no such file or folder"
        if matching:
            what = f"no file matches but those in {out}, where results go"
        raise AnalyzerError(f"{name}: {what}; a data set of the Hugging Face hub is written {HUB}NAME")
    return _of_files(name, found)


def _of_folder(name: str, out: Path) -> Corpus:
    if _holds_results(Path(name)):
        raise AnalyzerError(f"{name}: holds the results of a run; give the corpus that it scored, or files by a glob")
    kept: list[File] = []
    passed_over: Counter[str] = Counter()

    def unreadable(error: OSError) -> None:
        kept.append(File(str(error.filename), 0, problem=f"the folder cannot be read ({error.strerror})"))

    for folder, folders, names in os.walk(name, onerror=unreadable):
        there = sorted(f for f in folders if not _is(Path(folder, f), out))
        reasons = {f: _not_entered(Path(folder, f)) for f in there}
        folders[:] = [f for f in there if reasons[f] is None]
        passed_over.update(filter(None, reasons.values()))
        inside = Path(folder).relative_to(name).parts
        for file in sorted(names):
            path = Path(folder, file)
            found = File(str(path), _size(path), inside[0] if inside else None)
            if file.startswith("."):
                passed_over["hidden"] += 1
            elif path.exists() and not path.is_file():
                passed_over["no regular file"] += 1
            elif found.table is not None or path.suffix.lower() in EXTENSIONS:
                kept.append(found)
            else:
                passed_over[path.suffix.lower() or "no extension"] += 1
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(passed_over.items()))
    count = count_phrase(passed_over.total(), "file or folder", "files and folders")
    notes = [f"{count} passed over ({kinds}); name what is to be read by a glob"] if passed_over else []
    if not kept:
        way_out = notes or ["give one with text, HTML, PDF … or JSONL"]
        raise AnalyzerError(f"{name}: no document or table in this folder; {way_out[0]}")
    notes = [f"{name_of(name)}: {note}" for note in notes]
    return _corpus(name, sorted(kept, key=lambda file: file.path), tuple(notes))


def _not_entered(folder: Path) -> str | None:
    """Why a folder is passed over, if it is."""
    if folder.name.startswith("."):
        return "hidden"
    if folder.is_symlink():
        return "linked folder"
    return "results" if _holds_results(folder) else None


def _holds_results(folder: Path) -> bool:
    """Whether a run, finished or not, has written to it."""
    try:
        with (folder / _RECORD).open("rb") as record:
            return _BEGINS_WITH in record.read(200)
    except OSError:
        return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # a link to nowhere, which is a failure when it is read
        return 0


def _is(path: Path, other: Path) -> bool:
    return other.exists() and path.samefile(other)


def _of_files(name: str, paths: Sequence[str]) -> Corpus:
    try:
        return _corpus(name, [File(path, Path(path).stat().st_size) for path in paths])
    except OSError as error:
        raise AnalyzerError(f"{name}: cannot be read ({error.strerror}); check the path") from error


def _corpus(name: str, files: Sequence[File], notes: tuple[str, ...] = ()) -> Corpus:
    def rows() -> Iterator[Row]:
        before = 0
        for file in files:
            for row in file.rows():
                row.read = before + min(row.read, file.size)
                yield row
            before += file.size

    return Corpus(name, sum(file.size for file in files), rows, notes)
