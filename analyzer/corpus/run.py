"""`score`: a whole corpus in, tables out; a run that was killed goes on where it stopped.

The composition of the other modules: plan, chunks, an engine that scores them, the writer, the record of the run.
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from analyzer.corpus.chunks import FinishedPart, chunks
from analyzer.corpus.folder import OutFolder, Part, loss_of, opened, parts_in
from analyzer.corpus.plan import Options, Plan, make_plan
from analyzer.corpus.progress import Monitor, monitored
from analyzer.corpus.scoring import Scored
from analyzer.corpus.sources.files import name_of
from analyzer.corpus.writing import PartWriter
from analyzer.errors import AnalyzerError
from analyzer.model.runtimes import Device, runtime_on
from analyzer.pipeline import Analyzer
from analyzer.readers.pieces import count_phrase

Engine = Literal["local", "ray"]
ENGINES: tuple[Engine, ...] = ("local", "ray")
_VERSIONS = ("numpy", "onnxruntime", "tokenizers", "pyarrow", "sentencex")


@dataclass(frozen=True)
class Result:
    """What OUT holds after a run. `rows` counts by table; `was_complete`: an earlier run had scored everything."""

    out: Path
    rows: dict[str, int]
    notes: tuple[str, ...]
    seconds: float
    was_complete: bool

    @property
    def documents(self) -> int:
        """Documents that were scored."""
        return self.rows.get("documents", 0)

    @property
    def failures(self) -> int:
        """Documents that could not be."""
        return self.rows.get("failures", 0)


def score(
    corpora: Sequence[str],
    out: Path,
    options: Options | None = None,
    *,
    engine: Engine = "local",
    workers: int | None = None,
    device: Device | None = None,
    restart: bool = False,
    log: Path | None = None,
    tell: Callable[[str], None] = lambda note: None,
    warn: Callable[[str], None] = lambda warning: None,
) -> Result:
    """Score every document of the corpora and write tables to `out`, or go on where an earlier run stopped.

    `device` is the CPU when left out, or the GPUs of a cluster that has some. `tell` is given notes while the run goes
    on, `warn` what somebody should know who does not watch it. Raises `AnalyzerError` when the run cannot work or
    cannot go on; what is wrong with a single document is a row of `failures`.
    """
    plan, sources = make_plan(corpora, out, options or Options())
    notes = (*_column_notes(plan), *(note for source in sources for note in source.notes))
    for note in notes:
        tell(note)
    with _engine(engine, workers, device) as (chosen, score_all):
        plan = replace(plan, device=chosen)
        if chosen == "cpu":  # a damaged model is told before anything is written; a GPU would keep a copy of it
            Analyzer(plan.model)
        with opened(out, restart=restart) as folder, monitored(log) as monitor:
            with folder.writing():
                plan, noted, before = folder.begin(plan)
                losses = {part.part: loss for part in noted if (loss := loss_of(part, out))}
                parts = [part for part in noted if part.part not in losses]
                record = _Record(folder, plan, engine, before, parts, notes, monitor)
                if not folder.holds_results:
                    record.begin()
            monitor.event("started", corpus=list(plan.corpora), out=str(out), finished_parts=len(parts), engine=engine)
            if parts:
                tell(f"going on after {sum(part.entries for part in parts):,} documents that are finished")
            if losses:
                first, *others = losses.values()
                more = f", and {count_phrase(len(others), 'more part')} not whole" if others else ""
                warn(f"{first}{more}; the documents are scored again")
            finished = [FinishedPart(part.entries, part.digests, part.part in losses) for part in noted]
            _run(plan, folder, record, monitor, partial(score_all, plan, finished))
            monitor.event("finished", rows=dict(record.rows), **monitor.rates())
            was_complete = bool(parts) and not monitor.documents + monitor.failures
            return Result(out, dict(record.rows), notes, monitor.seconds, was_complete)


def _run(plan: Plan, folder: OutFolder, record: _Record, monitor: Monitor, score_rest: ScoreRest) -> None:
    """Score what is left and write it; however it ends, `run.json` tells what was finished."""
    writer = PartWriter(folder, plan)
    try:
        with closing(score_rest()) as stream:  # which ends its workers, whatever goes wrong here
            for scored in stream:
                with folder.writing():
                    part = writer.write(scored)
                    if part is not None:
                        record.finish(part)
                monitor.scored(scored)
                if part is not None:
                    monitor.event("part finished", part=part.part, rows=part.rows, **monitor.rates())
        if not record.parts:
            raise AnalyzerError(f"{', '.join(plan.corpora)}: no document in it; give a corpus that has some")
    except BaseException as error:
        writer.discard()
        status = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        with folder.writing():
            record.end(status)
        monitor.event(status, reason=str(error) or type(error).__name__, **monitor.rates())
        raise
    with folder.writing():
        record.end("finished")


ScoreAll = Callable[[Plan, Sequence[FinishedPart]], Generator[Scored, None, None]]
ScoreRest = Callable[[], Generator[Scored, None, None]]


@contextmanager
def _engine(engine: Engine, workers: int | None, device: Device | None) -> Iterator[tuple[Device, ScoreAll]]:
    """What scores the chunks that are left, and on what."""
    if engine == "ray":
        from analyzer.corpus import on_ray

        with on_ray.cluster(workers, device) as (found, actors):
            yield found, partial(on_ray.score_on_ray, workers=actors)
        return
    from analyzer.corpus.local import default_workers, score_locally

    device = device or "cpu"
    runtime_on(device)  # what is missing is told before workers are started
    count = workers or default_workers(device)
    yield device, lambda plan, finished: score_locally(chunks(plan, finished), plan, workers=count)


class _Record:
    """`run.json`: what the results were made with and how far they are.

    Results of an earlier run are left as they are, and with them what it says, until this one has finished a part.
    """

    def __init__(
        self,
        folder: OutFolder,
        plan: Plan,
        engine: Engine,
        before: dict[str, Any],
        parts: Sequence[Part],
        notes: Sequence[str],
        monitor: Monitor,
    ) -> None:
        self._folder, self._plan, self._engine, self._notes, self._monitor = folder, plan, engine, notes, monitor
        self._set(parts)
        self._status = before.get("status")
        self._has_begun = False
        times = before.get("times", {})
        self._started = times.get("started") or _now()
        self._seconds = float(times.get("seconds", 0.0))
        self._runs = int(times.get("runs", 0)) + 1

    def _set(self, parts: Sequence[Part]) -> None:
        self.parts = list(parts)
        self.rows: Counter[str] = Counter(dict.fromkeys(self._plan.schemas, 0))
        for part in parts:
            self.rows.update(part.rows)

    def begin(self) -> None:
        """Change the folder: from here on it is this run's."""
        self._folder.start(self._plan, self.parts, self._as_json("running"))
        self._has_begun = True

    def finish(self, part: Part) -> None:
        """Take a part whose files are complete among the results."""
        if not self._has_begun:
            self.begin()
        self._folder.finish(part)
        self.parts.append(part)
        self.rows.update(part.rows)
        self._write("running")

    def end(self, status: str) -> None:
        """The run is interrupted, failed or finished."""
        if self._has_begun:
            # An interrupt may have fallen between the end of a part and its count.
            out = self._folder.path
            self._set([part for part in parts_in(out) if loss_of(part, out) is None])
        elif self._status in (None, "finished"):  # all that is there is an earlier run's
            return
        self._write(status)

    def _write(self, status: str) -> None:
        self._folder.write_run(self._as_json(status))

    def _as_json(self, status: str) -> dict[str, Any]:
        return {
            "status": status,
            **self._plan.agreed(),
            "engine": self._engine,
            "model_folder": str(self._plan.model.absolute()),
            "started_in": str(Path.cwd()),
            "versions": {"python": platform.python_version(), **{name: version(name) for name in _VERSIONS}},
            "counts": {**self.rows, "parts": len(self.parts)},
            "times": {
                "started": self._started,
                "ended": _now(),
                "seconds": round(self._seconds + self._monitor.seconds, 1),
                "runs": self._runs,
            },
            "notes": list(self._notes),
        }


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def _column_notes(plan: Plan) -> list[str]:
    return [
        f"{name_of(corpus)}: columns "
        + ", ".join(f"{what}={name}" for what, name in columns.named().items())
        + (f"; dates have the {date_order}" if date_order else "")
        for corpus, columns, date_order in zip(plan.corpora, plan.columns, plan.date_orders, strict=True)
        if columns.named()
    ]
