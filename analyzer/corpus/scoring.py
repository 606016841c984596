"""What a worker does: reads the documents of a chunk, analyses them and turns their reports into columns.

In goes a `Chunk`, out comes a `Scored` chunk. A document that cannot be scored becomes a row of `failures`; it costs
its neighbours nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
from threadpoolctl import threadpool_limits

from analyzer.corpus.chunks import Chunk, Entry
from analyzer.corpus.columns import Failure, Item, clean
from analyzer.corpus.plan import Plan
from analyzer.corpus.rows import Row, rows_of
from analyzer.document import Document
from analyzer.errors import AnalyzerError, place_of
from analyzer.findings import RULES, Policy
from analyzer.model.encoder import Encoder
from analyzer.model.folder import ModelFolder
from analyzer.pipeline import Analyzer
from analyzer.readers import read_path, read_text
from analyzer.report import Report

# After so many workers died on a document, it is set apart.
MOST_DEATHS = 2
_WORKER_DIED = (
    f"the worker died on this document, {MOST_DEATHS} times (a crash, or out of memory); leave it out, or split it"
)


# No table has findings, nor where in its file a sentence stands: neither is looked for.
_NO_FINDINGS = Policy(levels=dict.fromkeys(RULES, "off"))


@dataclass(frozen=True)
class Scored:
    """The rows of a chunk by table, with what the chunk said of itself, but for its entries.

    `seconds` is what they took a worker, `attempts` how many workers it took: all but the last one died.
    """

    chunk: Chunk
    tables: dict[str, pa.RecordBatch]
    seconds: float
    attempts: int = 1


class Scorer:
    """Scores chunks with one model, which it keeps loaded."""

    def __init__(self, plan: Plan, runtime: Callable[[ModelFolder], Encoder]) -> None:
        """Load the model of a plan; `runtime` makes its encoder. The process keeps to one thread of linear algebra."""
        # More would change the last digits of sums, and with them the tables, by the machine and the engine.
        threadpool_limits(limits=1, user_api="blas")
        self._plan = plan
        self._schemas = plan.schemas
        self._analyzer = Analyzer(plan.model, vague_credit=plan.vague_credit, runtime=runtime)

    def score(self, chunk: Chunk) -> Scored:
        """The rows of all documents of a chunk, in its order."""
        begin = time.perf_counter()
        read = [_read(entry) for entry in chunk.entries]
        analysed = iter(self._analyse([found for found in read if isinstance(found, Document)]))
        rows: dict[str, list[Row]] = {name: [] for name in self._schemas}
        for number, (entry, found) in enumerate(zip(chunk.entries, read, strict=True), chunk.first):
            result = next(analysed) if isinstance(found, Document) else found
            for table, of_document in self._rows(number, entry, result).items():
                rows[table] += of_document
        return Scored(_without_texts(chunk), _batches(rows, self._schemas), time.perf_counter() - begin)

    def _analyse(self, documents: Sequence[Document]) -> list[Report | Exception]:
        phrases = self._plan.conclusions
        try:
            return [*self._analyzer.analyze_many(documents, conclusions=phrases, policy=_NO_FINDINGS)]
        except Exception as error:
            if len(documents) == 1:
                return [error]
            # One of them breaks something: alone, each shows whether it is the one.
            return [result for document in documents for result in self._analyse([document])]

    def _rows(self, number: int, entry: Entry, result: Report | Exception | Failure) -> dict[str, list[Row]]:
        if isinstance(result, Report) and isinstance(entry, Item):
            return rows_of(
                number,
                entry,
                result,
                phrases=self._plan.conclusions,
                metadata=self._plan.metadata,
                own_heads=self._plan.own_heads,
                sentences=self._plan.with_sentences,
            )
        if isinstance(entry, Item) and isinstance(result, AnalyzerError):
            result = _failure(entry, "text", str(result))
        elif isinstance(entry, Item) and isinstance(result, Exception):
            result = _fault(entry, "analyse", result)
        return {"failures": [_failure_row(number, result)]} if isinstance(result, Failure) else {}


def failed(chunk: Chunk, plan: Plan) -> Scored:
    """The rows of a chunk that workers died on; these take no model."""
    schemas = plan.schemas
    rows: dict[str, list[Row]] = {name: [] for name in schemas}
    for number, entry in enumerate(chunk.entries, chunk.first):
        failure = entry if isinstance(entry, Failure) else _failure(entry, "analyse", _WORKER_DIED)
        rows["failures"].append(_failure_row(number, failure))
    return Scored(_without_texts(chunk), _batches(rows, schemas), 0.0)


def alone(chunk: Chunk) -> list[Chunk]:
    """The documents of a chunk, a chunk each."""
    return [replace(chunk, first=number, entries=(entry,)) for number, entry in enumerate(chunk.entries, chunk.first)]


def joined(chunk: Chunk, pieces: Sequence[Scored], *, attempts: int) -> Scored:
    """What was scored of a chunk's documents, one after another, as if they had been scored together."""
    tables = {
        name: pa.Table.from_batches([piece.tables[name] for piece in pieces]).combine_chunks().to_batches()
        for name in pieces[0].tables
    }
    merged = {name: batches[0] if batches else pieces[0].tables[name] for name, batches in tables.items()}
    return Scored(_without_texts(chunk), merged, sum(piece.seconds for piece in pieces), attempts)


def _read(entry: Entry) -> Document | Failure:
    if isinstance(entry, Failure):
        return entry
    try:
        if entry.path is not None:
            return replace(read_path(entry.path), id=entry.id, source=None)
        return replace(read_text(entry.text or "", id=entry.id, title=entry.title), source=None)
    except AnalyzerError as error:
        return _failure(entry, "text" if entry.path is None else "read", str(error))
    except Exception as error:
        return _fault(entry, "read", error)


def _failure(item: Item, stage: str, reason: str) -> Failure:
    return Failure(item.id, item.source, stage, clean(reason))


def _fault(item: Item, stage: str, error: Exception) -> Failure:
    """A failure through an error in our own code."""
    return _failure(item, stage, f"internal error: {type(error).__name__}: {error} ({place_of(error)})")


def _failure_row(number: int, failure: Failure) -> Row:
    return {
        "number": number,
        "document": failure.id,
        "source": failure.source,
        "stage": failure.stage,
        "reason": failure.reason,
    }


def _batches(rows: Mapping[str, list[Row]], schemas: Mapping[str, pa.Schema]) -> dict[str, pa.RecordBatch]:
    return {
        name: pa.RecordBatch.from_pylist(rows[name], schema=schema.remove_metadata())
        for name, schema in schemas.items()
    }


def _without_texts(chunk: Chunk) -> Chunk:
    """The chunk as it goes back: nobody needs its texts again, and they are most of it."""
    return replace(chunk, entries=())
