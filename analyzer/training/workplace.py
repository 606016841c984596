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

from analyzer.errors import AnalyzerError
from analyzer.model.folder import CONFIG, FORMAT, SCHEMA
from analyzer.schema import LabelSchema
from analyzer.training.checkpoint import Checkpoint
from analyzer.training.data import LabelledDocument
from analyzer.training.encoder import fingerprint_of
from analyzer.training.options import TrainingOptions

RUN = "run.json"


class Workplace:
    """The folder that a model is made in."""

    def __init__(self, out: Path, run: dict[str, Any], *, resume: bool) -> None:
        """Open the folder for `out`; `run` is what tells this run from any other.

        Raises `AnalyzerError` when `out` holds something that is no model, when there is an interrupted run and nobody
        asked to `resume` it, or when there is none to resume or one of another kind.
        """
        self._out, self._scratch = out.resolve(), _scratch_of(out)
        self.model = self._scratch / "model"
        check_target(out)
        path = self._scratch / RUN
        if resume:
            check_same(path, run)
        elif any(self._scratch.rglob("checkpoint.*")):
            raise AnalyzerError(
                f"{self._scratch}: an interrupted run; go on with --resume, or delete the folder to start again"
            )
        else:
            shutil.rmtree(self._scratch, ignore_errors=True)
        shutil.rmtree(self.model, ignore_errors=True)
        try:
            write_run(path, run)
        except OSError as error:
            raise AnalyzerError(f"{self._scratch}: cannot be written ({error.strerror or error}); check -o") from error

    def checkpoint(self, stage: str) -> Checkpoint:
        """The checkpoint of one stage of the run."""
        return Checkpoint(self._scratch / stage)

    def finish(self) -> None:
        """Put the complete model where it was wanted, in place of one that was there, and clear up."""
        shutil.rmtree(self._out, ignore_errors=True)
        self.model.rename(self._out)
        shutil.rmtree(self._scratch)

    def abandon(self) -> None:
        """Remove what a run that failed before its first checkpoint left."""
        if not any(self._scratch.rglob("checkpoint.*")):
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
        raise AnalyzerError(f"{out}: there is something here that is no model; give another folder with -o")


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
