"""How a run tells how far it is: a bar on a terminal, JSON lines in a log file, nothing else."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, BinaryIO

from analyzer.corpus.scoring import Scored
from analyzer.errors import AnalyzerError


class Monitor:
    """Counts what was scored in this run, and shows it."""

    def __init__(self, log: BinaryIO | None, bar: _Bar | None) -> None:
        self._log = log
        self._bar = bar
        self._begin = time.monotonic()
        self.documents = self.failures = self.sentences = 0

    @property
    def seconds(self) -> float:
        """Since the run began."""
        return time.monotonic() - self._begin

    def event(self, name: str, **details: Any) -> None:
        """Write a line to the log; `AnalyzerError` when it cannot be written."""
        if self._log is not None:
            now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
            line = json.dumps({"time": now, "event": name, **details}, ensure_ascii=False) + "\n"
            try:
                self._log.write(line.encode("utf-8", "backslashreplace"))  # JSON has the same escapes
            except OSError as error:
                raise _unwritable(self._log.name, error) from error

    def scored(self, scored: Scored) -> None:
        """A chunk was scored and handed to the writer."""
        if scored.attempts > 1:
            self.event("worker lost", workers=scored.attempts - 1, document=scored.chunk.first)
        documents, failures = scored.tables["documents"], scored.tables["failures"]
        self.documents += documents.num_rows
        self.failures += failures.num_rows
        self.sentences += sum(documents.column("n_sentences").to_pylist())
        for row in failures.to_pylist():
            self.event("failure", **row)
        if self._bar is not None:
            self._bar.show(self, scored.chunk.read)

    def rates(self) -> dict[str, float]:
        """What was scored a second."""
        return {
            "documents_a_second": round(self.documents / max(self.seconds, 1e-9), 2),
            "sentences_a_second": round(self.sentences / max(self.seconds, 1e-9), 1),
        }


class _Bar:
    """The progress bar: how much of the corpus has been read, the rate, the time left."""

    def __init__(self, stack: ExitStack) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
        self._progress = stack.enter_context(Progress(*columns, console=Console(stderr=True), transient=True))
        self._task = self._progress.add_task("scoring", total=None)

    def show(self, monitor: Monitor, read: float | None) -> None:
        rates = monitor.rates()
        failed = f", {monitor.failures:,} failed" if monitor.failures else ""
        text = (
            f"{monitor.documents:,} documents{failed} · {rates['documents_a_second']:.1f} documents/s · "
            f"{rates['sentences_a_second']:.0f} sentences/s"
        )
        self._progress.update(self._task, description=text, completed=read or 0, total=None if read is None else 1.0)


@contextmanager
def monitored(log: Path | None) -> Iterator[Monitor]:
    """A monitor that appends to the log file, if there is one, and shows a bar where stderr is a terminal."""
    with ExitStack() as stack:
        try:
            # Without a buffer, which would be written once more, and fail once more, when the file is closed.
            file = stack.enter_context(log.open("ab", buffering=0)) if log is not None else None
        except OSError as error:
            raise _unwritable(log, error) from error
        yield Monitor(file, _Bar(stack) if sys.stderr.isatty() else None)


def _unwritable(log: object, error: OSError) -> AnalyzerError:
    return AnalyzerError(f"{log}: cannot be written ({error.strerror}); give another --log")
