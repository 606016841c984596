"""Workers that cannot start end the run, and say why."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analyzer.corpus.chunks import chunks
from analyzer.corpus.local import score_locally
from analyzer.corpus.scoring import Scored
from analyzer.errors import AnalyzerError
from tests.corpus.conftest import articles, write_jsonl
from tests.corpus.test_chunks import plan_of, write


def scoring(tmp_path: Path) -> Iterator[Scored]:
    """A corpus that is about to be scored with a model folder that is none."""
    write(tmp_path / "c.jsonl", [5])
    plan = plan_of(tmp_path / "c.jsonl", 1)
    return score_locally(iter(list(chunks(plan, []))), plan, workers=1)


def test_a_worker_that_cannot_load_the_model_says_why(tmp_path: Path) -> None:
    with pytest.raises(AnalyzerError, match=r"model folder lacks config\.json"):
        next(scoring(tmp_path))


def test_a_limit_that_keeps_workers_from_starting_is_named(tmp_path: Path) -> None:
    scored = scoring(tmp_path)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
    try:
        with pytest.raises(AnalyzerError, match=r"worker processes cannot be started \(Too many open files\)"):
            next(scored)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_a_script_that_workers_would_run_again_is_told_how_to_call(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "c.jsonl", articles(1))
    (tmp_path / "script.py").write_text(
        "from pathlib import Path\nfrom analyzer.corpus.run import score\nscore(['c.jsonl'], Path('out'), workers=1)\n"
    )
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert "no worker could be started" in last and "__main__" in last
