"""Shared fixtures: the shipped model, loaded once, and a way to run the command line as users do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# Processes of tests that have as many threads each as there are processors wait for each other half of the time. Set
# before PyTorch is imported, and inherited by the commands that tests run.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

from analyzer import Analyzer

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "labeled" / "examples"

# The same examples in every run, so that a change is judged by what it changes. `--hypothesis-profile default` draws others.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")

RunCommand = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    return Analyzer.load()


@pytest.fixture
def run(tmp_path: Path) -> RunCommand:
    """Run `analyzer …` in a process of its own, in an empty folder; returns exit code, stdout, stderr as bytes."""

    def call(
        *arguments: object, stdin: bytes = b"", env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-c", "from analyzer.cli import main; main()", *map(str, arguments)]
        environment = {**os.environ, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8", **(env or {})}
        return subprocess.run(command, input=stdin, capture_output=True, cwd=tmp_path, env=environment, timeout=300)

    return call
