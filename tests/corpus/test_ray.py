"""The same scoring on a real local Ray with two workers, one of which is killed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
import pytest

from tests.corpus.conftest import (
    ScoredCorpus,
    Start,
    assert_only_that_document_failed,
    events,
    run_record,
    tables,
    with_a_document_that_crashes,
)

pytest.importorskip("ray.data", reason="ray is not installed (extra ray)")


def test_ray_with_a_worker_killed_gives_the_tables_of_the_local_run(
    scored: ScoredCorpus, start: Start, tmp_path: Path
) -> None:
    out, log = tmp_path / "out", tmp_path / "log.jsonl"
    # A number of threads that the local run did not have: it must not change a digit.
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = start(*scored.arguments, "-o", out, "--engine", "ray", "--log", log, env=environment)
    driver = psutil.Process(process.pid)
    victim = None
    deadline = time.monotonic() + 300
    while victim is None and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.2)
        # Ray names an actor's process after its class; the first to have used the processor is at work.
        victim = next((w for w in _actors(driver) if w.cpu_times().user > 0.5), None)
    assert victim is not None, process.communicate()[1].decode()
    victim.kill()
    stdout, stderr = process.communicate(timeout=600)
    assert process.returncode == 1, stderr.decode()
    assert stdout == b""
    assert tables(out) == tables(scored.out)
    record = run_record(out)
    assert (record["engine"], record["status"]) == ("ray", "finished")
    assert record["counts"] == run_record(scored.out)["counts"]
    assert events(log, "finished")


def test_a_document_that_kills_every_worker_is_a_row_and_costs_no_other(start: Start, tmp_path: Path) -> None:
    environment = {**os.environ, **with_a_document_that_crashes(tmp_path)}
    arguments = ["score", "news", "-o", "out", "--engine", "ray", "--workers", 1, "--log", "log.jsonl"]
    process = start(*arguments, env=environment)
    _, stderr = process.communicate(timeout=600)
    assert_only_that_document_failed(process.returncode, stderr, tmp_path)


def _actors(driver: psutil.Process) -> list[psutil.Process]:
    found = []
    for child in driver.children(recursive=True):
        try:
            if "MapWorker" in child.cmdline()[0]:
                found.append(child)
        except (psutil.NoSuchProcess, IndexError):
            continue
    return found
