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
    number = 0
    try:
        with pq.ParquetFile(path) as file:
            size, count = Path(path).stat().st_size, max(1, file.metadata.num_rows)
            for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE):
                for values in batch.to_pylist():
                    number += 1
                    yield Row(f"{path}:{number}", values, read=size * number // count)
    except (OSError, ValueError, OverflowError, pa.ArrowException) as error:
        yield broken(path, number, error)
