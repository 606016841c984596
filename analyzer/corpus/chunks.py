"""Cuts a corpus into parts and chunks: a part is a file of each table, a chunk is what a worker is given at once.

In go a plan and the parts that are finished, out comes a stream of `Chunk`s, in the order of the corpus. Where parts
begin depends on the corpus alone, so that a run that was killed goes on exactly where it stopped.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat

from analyzer.corpus.columns import Failure, Item, fingerprint, item_of
from analyzer.corpus.plan import Plan
from analyzer.errors import AnalyzerError
from analyzer.readers.pieces import count_phrase

# A chunk is full with so many documents or characters: enough work that handing it over costs nothing beside it.
_DOCUMENTS_A_CHUNK, _CHARACTERS_A_CHUNK = 8, 40_000
# What a document that is a file counts for before anybody has read it.
_CHARACTERS_A_FILE = 10_000

# Hexadecimal digits of the digest of an entry: each is kept, so that a document that changed can be named.
_DIGEST = 8

Entry = Item | Failure
# An entry, its digest, and the share of the corpora read with it.
_Found = tuple[Entry, str, float | None]


@dataclass(frozen=True)
class FinishedPart:
    """A part that was written: how many entries of the corpus it has, failures included, and their digests.

    One that `is_lost`, because its files are, is scored again.
    """

    entries: int
    digests: str
    is_lost: bool = False


@dataclass(frozen=True)
class Chunk:
    """Entries of one part, numbered from `first` in the corpus.

    `read` is the share of the corpus (0 to 1) that has been read with it, None when unknown. `digests` are those of
    its entries, joined; `ends_part` says that no more follow in the part.
    """

    part: int
    first: int
    entries: tuple[Entry, ...]
    read: float | None
    digests: str
    ends_part: bool


def chunks(plan: Plan, finished: Sequence[FinishedPart]) -> Iterator[Chunk]:
    """The chunks of a corpus that are still to be scored.

    Raises `AnalyzerError` when the corpus no longer begins with the documents of the finished parts.
    """
    entries = _entries(plan)
    first = 0
    for part, done in enumerate(chain(finished, repeat(None))):
        of_part = islice(entries, plan.documents_a_part) if done is None else _as_before(entries, done, first)
        if done is not None and not done.is_lost:
            first += sum(1 for _ in of_part)
            continue
        before = first
        for chunk in _cut(of_part, part, first):
            first += len(chunk.entries)
            yield chunk
        if first == before:
            return


def _cut(entries: Iterator[_Found], part: int, first: int) -> Iterator[Chunk]:
    """The entries of a part as chunks."""
    following = next(entries, None)
    while following is not None:
        gathered: list[Entry] = []
        digests: list[str] = []
        characters = 0
        read: float | None = None
        while following is not None and len(gathered) < _DOCUMENTS_A_CHUNK and characters < _CHARACTERS_A_CHUNK:
            entry, digest, read = following
            gathered.append(entry)
            digests.append(digest)
            characters += _characters(entry)
            following = next(entries, None)
        yield Chunk(part, first, tuple(gathered), read, "".join(digests), ends_part=following is None)
        first += len(gathered)


def _as_before(entries: Iterator[_Found], done: FinishedPart, first: int) -> Iterator[_Found]:
    """The entries that a finished part holds, which begin at `first` in the corpus."""
    for number in range(done.entries):
        found = next(entries, None)
        if found is None:
            raise _changed(f"it ends after {count_phrase(first + number, 'document')}, and more were scored")
        entry, digest, _ = found
        if digest != done.digests[number * _DIGEST : (number + 1) * _DIGEST]:
            name = entry.source if entry.id in (None, entry.source) else f"{entry.source} (id {entry.id})"
            raise _changed(f"{name} is not what was scored there")
        yield found


def _changed(how: str) -> AnalyzerError:
    return AnalyzerError(
        f"the corpus has changed: {how}; restore it, or score everything again with --restart, or into another folder"
    )


def _characters(entry: Entry) -> int:
    if isinstance(entry, Failure):
        return 0
    return _CHARACTERS_A_FILE if entry.text is None else len(entry.text)


def _entries(plan: Plan) -> Iterator[_Found]:
    """Every document of every corpus, or why there is none."""
    corpora = plan.open()
    total = sum(corpus.size for corpus in corpora)
    before = 0
    known = _KnownIds()
    for corpus, columns, date_order in zip(corpora, plan.columns, plan.date_orders, strict=True):
        for row in corpus.rows():
            entry = item_of(row, columns, date_order)
            read = min(1.0, (before + row.read) / total) if total and all(c.size for c in corpora) else None
            if isinstance(entry, Item) and (place := known.seen_at(entry.id, entry.source)) is not None:
                entry = Failure(entry.id, entry.source, "id", f"the id was given before, at {place}; make ids unique")
            yield entry, hashlib.blake2b(fingerprint(entry), digest_size=_DIGEST // 2).hexdigest(), read
        before += corpus.size


class _KnownIds:
    """The ids so far, in a temporary data base that goes to the disk when it grows: memory must not."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None)
        for setting in ("journal_mode = OFF", "synchronous = OFF", "temp_store = FILE", "cache_size = -16000"):
            self._base.execute(f"PRAGMA {setting}")
        self._base.execute("CREATE TABLE ids (id TEXT PRIMARY KEY, place TEXT) WITHOUT ROWID")

    def seen_at(self, id: str, place: str) -> str | None:
        """Where the id was before; None when it is new, and known from now on."""
        try:
            if self._base.execute("INSERT OR IGNORE INTO ids VALUES (?, ?)", (id, place)).rowcount:
                return None
            found = self._base.execute("SELECT place FROM ids WHERE id = ?", (id,)).fetchone()
        except sqlite3.OperationalError as error:
            raise AnalyzerError(
                f"the table of ids cannot be kept in the folder of temporary files ({error}); make room there, or name "
                "another in TMPDIR; finished parts are kept: the same command goes on from there"
            ) from error
        return str(found[0])
