"""The folder that results go to: `<table>/part-00000.parquet`, `run.json`, and the list of finished parts.

One run at a time may write to it, and only if it agrees with the run that began. Files come into being whole or not
at all: written elsewhere, brought to the disk, then renamed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from analyzer.corpus.plan import Plan
from analyzer.corpus.tables import TABLES
from analyzer.errors import AnalyzerError

RUN = "run.json"
PARTS = "parts.jsonl"
UNFINISHED = ".unfinished"
_LOCK = ".lock"
_PART = re.compile(r"part-\d{5,}\.parquet")


@dataclass(frozen=True)
class Part:
    """A finished part: its number, the entries of the corpus that it has and their digests, its rows by table."""

    part: int
    entries: int
    digests: str
    rows: dict[str, int]


def part_name(part: int) -> str:
    """The name of a part's file in every table."""
    return f"part-{part:05}.parquet"


def parts_in(out: Path) -> list[Part]:
    """The finished parts of a run, as it noted them. Raises `AnalyzerError` when the list is damaged."""
    path = out / PARTS
    try:
        noted = [Part(**json.loads(line)) for line in _whole_lines(path).splitlines()] if path.exists() else []
        return list({part.part: part for part in noted}.values())  # one that was lost is noted anew
    except (ValueError, TypeError) as error:
        raise AnalyzerError(f"{path}: damaged; restore it, or start anew with --restart") from error


def loss_of(part: Part, out: Path) -> str | None:
    """Which file of a part is not there as it was written, and why; None where all are. Only their ends are read."""
    for table, rows in part.rows.items():
        path = out / table / part_name(part.part)
        try:
            found = pq.read_metadata(path).num_rows
        except FileNotFoundError:
            return f"{path} is missing"
        except (OSError, pa.ArrowException) as error:
            return f"{path} cannot be read ({error})"
        if found != rows:
            return f"{path} has {found:,} rows, not {rows:,}"
    return None


@contextmanager
def opened(out: Path, *, restart: bool) -> Iterator[OutFolder]:
    """The folder, made where it is missing and locked; with `restart`, as if it held no results.

    Raises `AnalyzerError` when another run is writing to it, when it holds anything else, or cannot be written.
    """
    folder = OutFolder(out, restart=restart)
    with folder.writing():
        out.mkdir(parents=True, exist_ok=True)
        folder.check()
        try:
            lock = FileLock(out / _LOCK).acquire(timeout=0)
        except Timeout:
            raise AnalyzerError(f"{out}: another run is writing there; wait for it, or give another folder") from None
    with lock:
        try:
            with folder.writing():
                folder.check()
                (out / UNFINISHED).mkdir(exist_ok=True)
            yield folder
        finally:
            shutil.rmtree(out / UNFINISHED, ignore_errors=True)


class OutFolder:
    """An open output folder. What cannot be read or written there is an `OSError`, but inside `writing`."""

    def __init__(self, path: Path, *, restart: bool) -> None:
        self.path = path
        self._restart = restart

    @contextmanager
    def writing(self) -> Iterator[None]:
        """While files of the folder are read and written: `AnalyzerError` says so where they cannot be."""
        try:
            yield
        except OSError as error:
            raise AnalyzerError(
                f"{self.path}: cannot be written ({error.strerror or error}; finished parts are kept: mend it, and the "
                "same command goes on from there)"
            ) from error

    def check(self) -> None:
        """Raise `AnalyzerError` if the folder holds anything but a run: its files must not be taken for ours."""
        others = sorted(path.name for path in self.path.iterdir() if path.name not in (_LOCK, UNFINISHED))
        if others and RUN not in others:
            raise AnalyzerError(
                f"{self.path}: holds other files ({others[0]}, …) and no {RUN}; give a folder of its own"
            )

    def begin(self, plan: Plan) -> tuple[Plan, list[Part], dict[str, Any]]:
        """The plan to go on with, the parts that earlier runs finished, and what `run.json` says of them.

        Nothing is changed. Columns that the corpus has got since stay without a column of their own, as
        `other_metadata`. Raises `AnalyzerError` when the parts were made with another model or other options than the
        plan's.
        """
        before = None if self._restart else self._run()
        if before is None:
            return plan, [], {}
        columns = before.get("options", {}).get("metadata", ())
        if set(columns) < set(plan.metadata):
            plan = replace(plan, metadata=tuple(columns))
        _must_agree(before, plan.agreed(), self.path)
        return plan, parts_in(self.path), before

    @property
    def holds_results(self) -> bool:
        """Whether any part is finished, of this run or of one before it."""
        return (self.path / PARTS).exists()

    def start(self, plan: Plan, parts: Sequence[Part], run: Mapping[str, Any]) -> None:
        """Leave nothing in the folder but these parts, and write `run.json`."""
        noted = self.path / PARTS
        if self._restart:
            noted.unlink(missing_ok=True)  # first: no run may take them for its own
        elif noted.exists():
            os.truncate(noted, len(_whole_lines(noted)))
        self.write_run(run)
        if self._restart:
            for name in TABLES:
                shutil.rmtree(self.path / name, ignore_errors=True)
        kept = {part_name(part.part) for part in parts}
        for name in plan.schemas:
            table = self.path / name
            table.mkdir(exist_ok=True)
            for file in table.iterdir():
                if _PART.fullmatch(file.name) and file.name not in kept:
                    file.unlink()

    def finish(self, part: Part) -> None:
        """Move a part's files, closed and in `UNFINISHED`, to their tables, and note that the part is finished."""
        for name in part.rows:
            unfinished = self.path / UNFINISHED / f"{name}.parquet"
            _to_disk(unfinished)
            unfinished.replace(self.path / name / part_name(part.part))
            _to_disk(self.path / name)
        with (self.path / PARTS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(part)) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def write_run(self, run: Mapping[str, Any]) -> None:
        """Write `run.json`."""
        unfinished = self.path / UNFINISHED / RUN
        text = json.dumps(run, indent=2, ensure_ascii=False) + "\n"
        unfinished.write_bytes(text.encode("utf-8", "backslashreplace"))  # JSON has the same escapes
        _to_disk(unfinished)
        unfinished.replace(self.path / RUN)
        _to_disk(self.path)

    def _run(self) -> dict[str, Any] | None:
        try:
            found = json.loads((self.path / RUN).read_text(encoding="utf-8"))
            return found if isinstance(found, dict) else {}
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise AnalyzerError(f"{self.path / RUN}: damaged; restore it, or start anew with --restart") from error


def _whole_lines(noted: Path) -> bytes:
    """The list of parts; a last line that was cut short is a part that was not finished."""
    content = noted.read_bytes()
    return content[: content.rfind(b"\n") + 1]


def _must_agree(before: Mapping[str, Any], now: Mapping[str, Any], out: Path) -> None:
    for key, value in _flat(now).items():
        was = _flat(before).get(key)
        if was != value:
            raise AnalyzerError(
                f"{out}: was begun with {key} {json.dumps(was, ensure_ascii=False)}, now it is "
                f"{json.dumps(value, ensure_ascii=False)}; give that again, another folder, or --restart"
            )


def _flat(settings: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        flat |= {f"{key}.{inner}": v for inner, v in value.items()} if isinstance(value, dict) else {key: value}
    return flat


def _to_disk(path: Path) -> None:
    if os.name == "nt" and path.is_dir():  # Windows opens no folders, and keeps names without being told
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
