"""A run that is killed, stopped or out of room goes on where it stopped, and nothing is lost or scored twice."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from tests.conftest import RunCommand
from tests.corpus.conftest import (
    ScoredCorpus,
    Start,
    articles,
    assert_only_that_document_failed,
    events,
    run_record,
    table,
    tables,
    with_a_document_that_crashes,
    write_jsonl,
)
from tests.test_cli import one_line


def finished_parts(out: Path) -> int:
    parts = out / "parts.jsonl"
    return parts.read_bytes().count(b"\n") if parts.exists() else 0


def wait_for_parts(out: Path, count: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 300
    while finished_parts(out) < count and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)


def is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_a_run_killed_several_times_ends_with_the_tables_of_one_that_was_not(
    scored: ScoredCorpus, start: Start, run: RunCommand, tmp_path: Path
) -> None:
    out, log = tmp_path / "out", tmp_path / "log.jsonl"
    arguments = [*scored.arguments, "-o", out, "--log", log]
    moments = random.Random(5)
    for _ in range(3):
        process = start(*arguments)
        wait_for_parts(out, finished_parts(out) + 1, process)
        time.sleep(moments.uniform(0, 0.4))
        workers = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.kill()
        process.communicate()
        _, left = psutil.wait_procs([w for w in workers if is_alive(w)], timeout=20)
        assert not [worker for worker in left if is_alive(worker)], "workers outlive the run"
    done = run(*arguments)
    assert done.returncode == 1, done.stderr.decode()
    assert tables(out) == tables(scored.out)
    for name in tables(out):
        ours, theirs = sorted((out / name).iterdir()), sorted((scored.out / name).iterdir())
        assert [p.read_bytes() for p in ours] == [p.read_bytes() for p in theirs]
    scored_parts = [event["part"] for event in events(log, "part finished")]
    assert len(scored_parts) == len(set(scored_parts))
    assert (out / "parts.jsonl").read_bytes() == (scored.out / "parts.jsonl").read_bytes()
    record = run_record(out)
    assert (record["status"], record["counts"]) == ("finished", run_record(scored.out)["counts"])
    assert 1 < record["times"]["runs"] <= 4  # one that finds all done is not counted


@pytest.mark.parametrize("torn", ["half a line", "renamed and not noted"])
def test_a_part_that_was_not_noted_as_finished_is_done_again(
    torn: str, scored: ScoredCorpus, run: RunCommand, tmp_path: Path
) -> None:
    out = shutil.copytree(scored.out, tmp_path / "out")
    lines = (out / "parts.jsonl").read_bytes().splitlines(keepends=True)
    last = lines[-1][: len(lines[-1]) // 2] if torn == "half a line" else b""
    (out / "parts.jsonl").write_bytes(b"".join(lines[:-1]) + last)
    (out / "sentences" / "part-00007.parquet").write_bytes(b"PAR1")
    assert run(*scored.arguments, "-o", out).returncode == 1
    assert tables(out) == tables(scored.out)


@pytest.mark.parametrize(
    "lost",
    [
        ["documents/part-00002.parquet"],
        ["sentences/part-00007.parquet", "failures/part-00000.parquet"],
        ["*/*.parquet"],
    ],
)
def test_a_part_that_lost_a_file_is_told_and_scored_again(
    lost: list[str], scored: ScoredCorpus, run: RunCommand, tmp_path: Path
) -> None:
    out, log = shutil.copytree(scored.out, tmp_path / "out"), tmp_path / "log.jsonl"
    files = [path for pattern in lost for path in sorted(out.glob(pattern))]
    for path in files[1:]:
        path.unlink()
    files[0].write_bytes(files[0].read_bytes()[:-10])
    refused = run("overview", out, "-o", "page.html")
    assert refused.returncode == 2
    one_line(refused.stderr, ".parquet ", "`analyzer score`")
    done = run(*scored.arguments, "-o", out, "--log", log)
    assert done.returncode == 1
    assert b".parquet" in done.stderr and b"scored again" in done.stderr
    assert tables(out) == tables(scored.out)
    assert run_record(out)["counts"] == run_record(scored.out)["counts"]
    assert {e["part"] for e in events(log, "part finished")} == {int(path.stem.split("-")[1]) for path in files}
    assert run("overview", out, "-o", "page.html").returncode == 0


@pytest.mark.parametrize("told", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_ctrl_c_or_another_end_ends_a_run_at_once_and_leaves_what_it_finished(
    told: str, scored: ScoredCorpus, start: Start, run: RunCommand, tmp_path: Path
) -> None:
    out = tmp_path / "out"

    def heed_ctrl_c() -> None:
        # A shell makes its background jobs ignore it, which they hand on to what they start.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)

    process = start(*scored.arguments, "-o", out, "--workers", 1, preexec_fn=heed_ctrl_c)
    wait_for_parts(out, 1, process)
    if told == "SIGINT":  # to the whole group, as a terminal does
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.Signals[told])
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr.decode()
    one_line(stderr, "interrupted", "goes on")
    record = run_record(out)
    assert record["status"] == "interrupted"
    assert record["counts"]["parts"] == finished_parts(out) >= 1
    assert run(*scored.arguments, "-o", out).returncode == 1
    assert tables(out) == tables(scored.out)


def test_a_restart_keeps_what_is_there_until_it_has_finished_a_part_and_counts_every_part(
    scored: ScoredCorpus, start: Start, tmp_path: Path
) -> None:
    out = shutil.copytree(scored.out, tmp_path / "out")
    process = start(*scored.arguments, "-o", out, "--vague-credit", "0.5", "--restart", "--workers", 1)
    seen: dict[float, set[int]] = {0.25: set(), 0.5: set()}
    while process.poll() is None:
        files = len(list((out / "documents").glob("*")))
        record = run_record(out)
        seen[record["options"]["vague_credit"]].add(record["counts"]["parts"])
        if record["options"]["vague_credit"] == 0.25:
            assert (files, record["status"]) == (8, "finished")
        time.sleep(0.02)
    assert process.returncode == 1
    assert seen[0.25] == {8} and len(seen[0.5]) > 3
    assert run_record(out)["counts"]["parts"] == finished_parts(out) == 8


def test_a_full_disk_is_one_line_and_the_run_goes_on_when_there_is_room(
    scored: ScoredCorpus, start: Start, run: RunCommand, tmp_path: Path
) -> None:
    out, log = tmp_path / "out", tmp_path / "log.jsonl"
    sizes = [(scored.out / "sentences" / f"part-{part:05}.parquet").stat().st_size for part in range(3)]
    arguments = [*scored.arguments, "-o", out]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (min(sizes) - 1000,) * 2)

    process = start(*arguments, preexec_fn=limit)
    _, stderr = process.communicate(timeout=300)
    assert process.returncode == 2
    one_line(stderr, "out", "File too large", "goes on")
    assert run(*arguments, "--log", log).returncode == 1
    assert tables(out) == tables(scored.out)


def test_a_document_that_kills_its_worker_is_a_row_and_costs_no_other(run: RunCommand, tmp_path: Path) -> None:
    environment = with_a_document_that_crashes(tmp_path)
    done = run("score", "news", "-o", "out", "--workers", 2, "--log", "log.jsonl", env=environment)
    assert_only_that_document_failed(done.returncode, done.stderr, tmp_path)


def test_a_worker_that_is_killed_costs_nothing(start: Start, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "c.jsonl", articles(24))
    process = start("score", "c.jsonl", "-o", "out", "--workers", 2, "--documents-a-part", 8)
    wait_for_parts(tmp_path / "out", 1, process)
    workers = [
        child
        for child in psutil.Process(process.pid).children(recursive=True)
        if any("spawn_main" in word for word in child.cmdline())
    ]
    if workers:  # a fast machine may be done by now
        workers[0].kill()
    _, stderr = process.communicate(timeout=300)
    assert process.returncode == 0, stderr.decode()
    assert table(tmp_path / "out", "documents")["id"].to_pylist() == [a["id"] for a in articles(24)]
    assert table(tmp_path / "out", "failures").num_rows == 0
