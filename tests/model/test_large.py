"""The larger model of a checkout, which no wheel has: it is found by its name and read as it is shipped."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from analyzer import Analyzer
from analyzer.model.folder import default_folder, onnx_files, open_folder
from analyzer.schema import STANDARD_SCHEMA
from tests.conftest import EXAMPLES, RunCommand

LARGE = default_folder().with_name("large")
pytestmark = pytest.mark.skipif(not LARGE.is_dir(), reason="models/large is not here: it is in no wheel or sdist")


def test_it_is_reported_with_by_its_name(run: RunCommand, tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / "opinion-column.md", tmp_path / "column.md")
    (tmp_path / "analyzer.toml").write_text('model = "large"\n', encoding="utf-8")
    asked, configured = (
        run("report", *options, "--format", "json", "column.md") for options in (("--model", "large"), ())
    )
    assert asked.returncode == 0, asked.stderr.decode()
    assert asked.stdout == configured.stdout
    report = json.loads(asked.stdout)
    assert report["model"]["name"] == "large"
    assert len(report["sentences"]) > 25


def test_its_files_are_small_enough_for_hosts_of_source_code() -> None:
    folder = open_folder(LARGE)
    assert folder.schema == STANDARD_SCHEMA
    assert len(onnx_files(LARGE)) == 3
    assert max(path.stat().st_size for path in LARGE.iterdir()) < 95_000_000


def test_it_knows_a_verdict_from_what_it_rests_on() -> None:
    report = Analyzer.load("large").analyze(
        "The council has failed this town. Rates went up by 9 percent, yet not one pipe was replaced. A study by "
        "Harbour University found that a third of the water is lost. The council should resign."
    )
    assert [sentence.role for sentence in report.sentences][1:] == ["premise", "premise", "conclusion"]
