"""Corpora made of the example documents, and one that is scored, once for all tests."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from analyzer.document import BlockKind
from analyzer.readers import read_path
from tests.conftest import EXAMPLES, ROOT

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed (extra corpus)")
pq = pytest.importorskip("pyarrow.parquet")

OUTLETS = ("Courier", "Herald", "Post")
Start = Callable[..., "subprocess.Popen[bytes]"]


def articles(count: int) -> list[dict[str, Any]]:
    """Short articles: two or three paragraphs each of the example documents, no two alike."""
    paragraphs: list[str] = []
    for path in sorted(EXAMPLES.glob("*.md")):
        document = read_path(path)
        paragraphs += [document.text[b.start : b.end] for b in document.blocks if b.kind is BlockKind.PARAGRAPH]
    turns = itertools.cycle(paragraphs)
    return [
        {
            "id": f"a{number:03}",
            "outlet": OUTLETS[number % 3],
            "published": f"2016-{1 + number % 4:02}-{1 + number % 28:02}",
            "headline": f"Article {number}",
            "body": "\n\n".join([*itertools.islice(turns, 2 + number % 2), f"This was article {number}."]),
            "section": "news",
        }
        for number in range(count)
    ]


def write_jsonl(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def table(out: Path, name: str) -> pa.Table:
    """A table of a run as anybody would read it, part after part."""
    return pa.concat_tables([pq.read_table(path) for path in sorted((out / name).glob("*.parquet"))])


def rows(out: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table(out, name).to_pylist()
    return found


def tables(out: Path) -> dict[str, pa.Table]:
    return {path.name: table(out, path.name) for path in sorted(out.iterdir()) if path.is_dir()}


def run_record(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "run.json").read_text(encoding="utf-8"))
    return found


def contents(out: Path) -> dict[str, bytes]:
    """Every file of a run, but for its lock."""
    files = (path for path in out.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(out)): path.read_bytes() for path in files}


def events(log: Path, name: str) -> list[dict[str, Any]]:
    lines = map(json.loads, log.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line["event"] == name]


def with_a_document_that_crashes(folder: Path) -> dict[str, str]:
    """Make `news`, a corpus with a PDF on which the reader crashes as a parser written in C does; the environment
    for the run."""
    (folder / "news").mkdir()
    for article in articles(5):
        (folder / "news" / f"{article['id']}.txt").write_text(article["body"], encoding="utf-8")
    (folder / "news" / "a002x.pdf").write_bytes(b"%PDF-1.4")
    crashing = folder / "site" / "sitecustomize.py"
    crashing.parent.mkdir()
    crashing.write_text(
        "import ctypes\nimport analyzer.readers.pdf as pdf\npdf.read = lambda data, *, name: ctypes.string_at(0)\n"
    )
    return {"PYTHONPATH": os.pathsep.join([str(crashing.parent), os.environ.get("PYTHONPATH", str(ROOT))])}


def assert_only_that_document_failed(code: int, stderr: bytes, folder: Path) -> None:
    assert code == 1, stderr.decode()
    assert table(folder / "out", "documents")["id"].to_pylist() == [f"news/a00{n}.txt" for n in range(5)]
    [failure] = rows(folder / "out", "failures")
    assert (failure["document"], failure["stage"], failure["number"]) == ("news/a002x.pdf", "analyse", 3)
    assert "died" in failure["reason"]
    assert events(folder / "log.jsonl", "worker lost")


@dataclass(frozen=True)
class ScoredCorpus:
    """A corpus, the command line that scores it (but for `-o`), and its tables, from a run that nobody disturbed."""

    path: Path
    arguments: list[str]
    out: Path


@pytest.fixture(scope="session")
def scored(tmp_path_factory: pytest.TempPathFactory) -> ScoredCorpus:
    folder = tmp_path_factory.mktemp("scored")
    path = write_jsonl(folder / "articles.jsonl", [*articles(24), {"id": "empty", "body": " "}, *articles(30)[24:]])
    arguments = ["score", str(path), "--documents-a-part", "4", "--conclusion", "regulatory capture", "--workers", "2"]
    out = folder / "out"
    command = [sys.executable, "-c", "from analyzer.cli import main; main()", *arguments, "-o", str(out)]
    done = subprocess.run(command, capture_output=True, timeout=600)
    assert done.returncode == 1, done.stderr.decode()
    return ScoredCorpus(path, arguments, out)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start `analyzer …` in a process group of its own; what is left of it is killed when the test ends."""
    started: list[subprocess.Popen[bytes]] = []

    def call(*arguments: object, **options: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", "from analyzer.cli import main; main()", *map(str, arguments)]
        process = subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, **options
        )
        started.append(process)
        return process

    yield call
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
