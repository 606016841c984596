"""Cuts a corpus into parts and chunks: a part is a file of each table, a chunk is what a worker is given at once.

In go a plan and the parts that are finished, out comes a stream of `Chunk`s, in the order of the corpus. Where parts
begin depends on the corpus alone, so that a run that was killed goes on exactly where it stopped.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.corpus.columns import Failure, Item, fingerprint, item_of
from analyzer.corpus.plan import Plan
from analyzer.errors import AnalyzerError

# A chunk is full with so many documents or characters: enough work that handing it over costs nothing beside it.
_DOCUMENTS_A_CHUNK, _CHARACTERS_A_CHUNK = 8, 40_000
# What a document that is a file counts for before anybody has read it.
_CHARACTERS_A_FILE = 10_000

Entry = Item | Failure


@dataclass(frozen=True)
class FinishedPart:
    """A part that is written: how many entries of the corpus it has, failures included, and their digest."""

    entries: int
    digest: str


@dataclass(frozen=True)
class Chunk:
    """Entries of one part, numbered from `first` in the corpus.

    `read` is the share of the corpus (0 to 1) that has been read with it, None when unknown. `digest` is that of the
    part's entries up to and with this chunk; `ends_part` says that no more follow in the part.
    """

    part: int
    first: int
    entries: tuple[Entry, ...]
    read: float | None
    digest: str
    ends_part: bool


def chunks(plan: Plan, finished: Sequence[FinishedPart]) -> Iterator[Chunk]:
    """The chunks of a corpus that are still to be scored.

    Raises `AnalyzerError` when the corpus no longer begins with the documents of the finished parts.
    """
    entries = _entries(plan)
    first = _skip(entries, finished)
    part = len(finished)
    following = next(entries, None)
    while following is not None:
        digest = hashlib.blake2b(digest_size=16)
        size = 0
        while following is not None and size < plan.documents_a_part:
            gathered: list[Entry] = []
            characters = 0
            read: float | None = None
            room = min(_DOCUMENTS_A_CHUNK, plan.documents_a_part - size)
            while following is not None and len(gathered) < room and characters < _CHARACTERS_A_CHUNK:
                entry, read = following
                digest.update(fingerprint(entry))
                gathered.append(entry)
                characters += _characters(entry)
                following = next(entries, None)
            size += len(gathered)
            ends = following is None or size == plan.documents_a_part
            yield Chunk(part, first, tuple(gathered), read, digest.hexdigest(), ends)
            first += len(gathered)
        part += 1


def _skip(entries: Iterator[tuple[Entry, float | None]], finished: Sequence[FinishedPart]) -> int:
    """Pass over what the finished parts hold; the number of entries passed over."""
    first = 0
    for part in finished:
        digest = hashlib.blake2b(digest_size=16)
        for _ in range(part.entries):
            entry, _ = next(entries, (None, None))
            if entry is not None:
                digest.update(fingerprint(entry))
        if digest.hexdigest() != part.digest:
            raise AnalyzerError(
                f"the corpus has changed: its documents {first:,} to {first + part.entries - 1:,} are no longer those "
                "that were scored; restore it, or score everything again with --restart"
            )
        first += part.entries
    return first


def _characters(entry: Entry) -> int:
    if isinstance(entry, Failure):
        return 0
    return _CHARACTERS_A_FILE if entry.text is None else len(entry.text)


def _entries(plan: Plan) -> Iterator[tuple[Entry, float | None]]:
    """Every document of every corpus, or why there is none, with the share of the corpora read so far."""
    corpora = plan.open()
    total = sum(corpus.size for corpus in corpora)
    before = 0
    known = _KnownIds()
    for corpus, columns in zip(corpora, plan.columns, strict=True):
        for row in corpus.rows():
            entry = item_of(row, columns)
            read = min(1.0, (before + row.read) / total) if total and all(c.size for c in corpora) else None
            if isinstance(entry, Item) and (place := known.seen_at(entry.id, entry.source)) is not None:
                entry = Failure(entry.id, entry.source, "id", f"the id was given before, at {place}; make ids unique")
            yield entry, read
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
