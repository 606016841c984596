"""Parquet, a few rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from analyzer.corpus.sources.files import broken
from analyzer.corpus.sources.row import Row

_ROWS_AT_ONCE = 64


def rows(path: str) -> Iterator[Row]:
    """The rows of a file, numbered from 1."""
    if path.lower().endswith(".gz"):
        yield Row(path, problem="Parquet inside gzip, which is not read; unpack it, for example with gunzip")
        return
    number = 0
    try:
        with pq.ParquetFile(path) as file:
            size, count = Path(path).stat().st_size, max(1, file.metadata.num_rows)
            for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE):
                for place in range(len(batch)):
                    number += 1
                    yield _row(f"{path}:{number}", batch.slice(place, 1), read=size * number // count)
    except (OSError, pa.ArrowException) as error:
        yield broken(path, number, error)


def _row(source: str, batch: pa.RecordBatch, *, read: int) -> Row:
    """The one row of a batch; Arrow holds values that Python cannot, such as days after the year 9999."""
    try:
        [values] = batch.to_pylist()
    except (ValueError, OverflowError) as error:
        return Row(source, problem=f"holds a value that cannot be read ({error}): mend it", read=read)
    return Row(source, values, read=read)
