"""Where a model is made: a folder beside the one that is wanted, which takes its name only when it is complete.

A killed run leaves its checkpoints there; whoever runs the same again with `resume` goes on from them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from analyzer.errors import AnalyzerError
from analyzer.model.folder import CONFIG, FORMAT, SCHEMA
from analyzer.schema import LabelSchema
from analyzer.training.checkpoint import Checkpoint
from analyzer.training.data import LabelledDocument
from analyzer.training.encoder import fingerprint_of
from analyzer.training.options import TrainingOptions

RUN = "run.json"
_LOCK = ".lock"
# What a run killed at its very beginning leaves.
_OURS = {_LOCK, "run.new"}


class Workplace:
    """The folder that a model is made in, which no other run can open until the `with` statement of this one ends."""

    def __init__(self, out: Path, run: dict[str, Any], *, resume: bool) -> None:
        """Open the folder for `out`; `run` is what tells this run from any other.

        Raises `AnalyzerError` when `out` holds something that is no model, when another run is writing it, when there
        is an interrupted run and nobody asked to `resume` it, or when there is none to resume or one of another kind.
        """
        self._out, self._scratch = out.resolve(), _scratch_of(out)
        self.model = self._scratch / "model"
        self._run = hashlib.sha256(json.dumps(run).encode()).hexdigest()
        check_target(out)
        path = self._scratch / RUN
        if resume:
            check_same(path, run)
        try:
            self._scratch.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self._scratch / _LOCK)
            self._lock.acquire(timeout=0)
            if not resume:
                self._empty()
            shutil.rmtree(self.model, ignore_errors=True)
            write_run(path, run)
        except Timeout:
            raise AnalyzerError(f"{out}: another run is writing it; wait for it, or give another -o") from None
        except OSError as error:
            raise AnalyzerError(f"{self._scratch}: cannot be written ({error.strerror or error}); check -o") from error

    def checkpoint(self, stage: str) -> Checkpoint:
        """The checkpoint of one stage of the run."""
        return Checkpoint(self._scratch / stage, self._run)

    def finish(self) -> None:
        """Put the complete model where it was wanted, in place of one that was there, and clear up.

        Raises `AnalyzerError` when it cannot be put there; it is kept.
        """
        replaced = self._scratch / "replaced"
        try:
            if self._out.exists():
                self._out.rename(replaced)
            self.model.rename(self._out)
        except OSError as error:
            if replaced.exists() and not self._out.exists():
                replaced.rename(self._out)
            raise AnalyzerError(
                f"{self._out}: cannot be written ({error.strerror or error}); the finished model is {self.model}, "
                "move it from there"
            ) from error
        self._remove()

    def __enter__(self) -> Workplace:
        """Nothing more: the folder is open."""
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """Give the folder free, and remove what a run that failed before its first checkpoint left."""
        if isinstance(error, AnalyzerError) and not self._has_checkpoint():
            self._remove()
        self._lock.release()

    def _has_checkpoint(self) -> bool:
        return any(self._scratch.rglob("checkpoint.*"))

    def _empty(self) -> None:
        if not (self._scratch / RUN).is_file() and any(path.name not in _OURS for path in self._scratch.iterdir()):
            self._lock.release()
            raise AnalyzerError(f"{self._scratch}: holds other files than a run's; move them, or give another -o")
        if self._has_checkpoint():
            self._lock.release()
            raise AnalyzerError(
                f"{self._scratch}: an interrupted run; go on with --resume, or delete the folder to start again"
            )
        for path in self._scratch.iterdir():
            if path.name != _LOCK:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _remove(self) -> None:
        # The lock goes last, so that no other run begins in a folder that is being removed.
        for path in self._scratch.iterdir():
            if path.name != _LOCK:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        self._lock.release()
        shutil.rmtree(self._scratch, ignore_errors=True)


def is_begun(out: Path) -> bool:
    """Whether a run for `out` was interrupted and can be gone on with."""
    return (_scratch_of(out) / RUN).is_file()


def run_of(
    documents: Sequence[LabelledDocument], schema: LabelSchema, start: Path, options: TrainingOptions, **more: Any
) -> dict[str, Any]:
    """What tells a run from any other: its data and starting weights by their hashes, its heads, and its options."""
    digest = hashlib.sha256()
    for d in documents:
        labels = {name: array.tolist() for name, array in d.labels.items()}
        spans = {label: sorted(places) for label, places in d.spans.items()}
        links = None if d.supports is None else sorted(d.supports)
        digest.update(json.dumps([d.id, d.split, d.texts, d.paragraphs, labels, spans, links]).encode())
    return {
        "format": FORMAT,
        "data": digest.hexdigest(),
        "heads": json.loads(schema.to_json()),
        "start": fingerprint_of(start),
        "options": asdict(options),
        **more,
    }


def _scratch_of(out: Path) -> Path:
    # What a link points to is replaced, not the link.
    return out.resolve().with_name(out.resolve().name + ".unfinished")


def write_run(path: Path, run: dict[str, Any]) -> None:
    """Write what tells a run from any other, in one step, so that a kill leaves all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".new")
    scratch.write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")
    scratch.replace(path)


def check_target(out: Path) -> None:
    """Raise `AnalyzerError` when `out` holds something that is no model."""
    if out.is_file() or (
        out.is_dir() and any(out.iterdir()) and not ((out / CONFIG).is_file() and (out / SCHEMA).is_file())
    ):
        raise AnalyzerError(f"{out}: exists and is not a model folder; give another folder with -o")


def check_same(path: Path, run: dict[str, Any]) -> None:
    """Raise `AnalyzerError` when there is no run to resume in `path`, or one of another kind than `run`."""
    if not path.is_file():
        raise AnalyzerError(f"{path.parent}: no interrupted run to resume; start one without --resume")
    try:
        before = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise AnalyzerError(f"{path}: cannot be read ({error}); delete {path.parent} to start again") from error
    now = json.loads(json.dumps(run))
    changed = [key for key in now if before.get(key) != now[key]]
    if changed:
        raise AnalyzerError(
            f"{path.parent}: the interrupted run had other {', '.join(changed)}; give the same command with --resume, "
            "or delete the folder to start again"
        )
