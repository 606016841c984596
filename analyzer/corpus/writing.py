"""Writes scored chunks, in the order of the corpus, to the part files of the tables."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import pyarrow as pa
import pyarrow.parquet as pq

from analyzer.corpus.folder import UNFINISHED, OutFolder, Part
from analyzer.corpus.plan import Plan
from analyzer.corpus.scoring import Scored

# Rows are written in groups of about so many: enough to compress well, few enough to hold.
_ROWS_A_GROUP = 16_384


class _TableFile:
    """The unfinished file of one table."""

    def __init__(self, folder: OutFolder, name: str, schema: pa.Schema) -> None:
        self._schema = schema
        path = folder.path / UNFINISHED / f"{name}.parquet"
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        if batch.num_rows:
            self._waiting.append(batch)
            self._rows += batch.num_rows
        if self._rows >= _ROWS_A_GROUP:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def discard(self) -> None:
        """Close the file without bringing what waits into it."""
        with suppress(OSError):  # a full disk, which is why it is discarded
            self._writer.close()

    def _flush(self) -> None:
        if self._waiting:
            batches = [batch.cast(self._schema) for batch in self._waiting]
            self._writer.write_table(pa.Table.from_batches(batches).combine_chunks())
        self._waiting, self._rows = [], 0


class PartWriter:
    """Takes the chunks of a run, one after another. Raises `OSError` when they cannot be written."""

    def __init__(self, folder: OutFolder, plan: Plan) -> None:
        self._folder = folder
        self._schemas = plan.schemas
        self._files: dict[str, _TableFile] = {}
        self._counts: Counter[str] = Counter()
        self._digests = ""

    def write(self, scored: Scored) -> Part | None:
        """Add a chunk; the part, when its files are complete with it."""
        if not self._files:
            self._files = {name: _TableFile(self._folder, name, schema) for name, schema in self._schemas.items()}
            self._counts = Counter(dict.fromkeys(self._schemas, 0))
            self._digests = ""
        for name, batch in scored.tables.items():
            self._files[name].add(batch)
            self._counts[name] += batch.num_rows
        self._digests += scored.chunk.digests
        if not scored.chunk.ends_part:
            return None
        for file in self._files.values():
            file.close()
        self._files = {}
        return Part(
            part=scored.chunk.part,
            entries=self._counts["documents"] + self._counts["failures"],
            digests=self._digests,
            rows=dict(self._counts),
        )

    def discard(self) -> None:
        """Let go of the files of a part that will not be finished."""
        for file in self._files.values():
            file.discard()
        self._files = {}
