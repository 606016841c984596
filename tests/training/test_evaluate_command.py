"""`analyzer evaluate MODEL` as users run it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from analyzer.model.folder import default_folder
from tests.conftest import RunCommand

pytest.importorskip("sklearn", reason="scikit-learn is not installed (extra train)")
pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")


def test_a_model_is_measured_compared_and_shown(labelled_file: Path, run: RunCommand, tmp_path: Path) -> None:
    out = tmp_path / "result.json"
    options = ["--data", labelled_file, "--data", labelled_file, "--limit", "6", "--json", "-o", out]
    others = ["--isolated", "--neighbours", "1", "--uncalibrated"]
    done = run("evaluate", default_folder(), *options, "--compare", default_folder(), *others)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout == b""
    result = json.loads(out.read_text(encoding="utf-8"))
    assert result["dev"]["documents"] == result["limit"] == 6
    assert set(result["comparisons"]) == {"default", "isolated", "1 neighbour", "uncalibrated"}
    assert result["comparisons"]["default"]["heads.type.macro_f1"]["interval"] == [0.0, 0.0]
    assert any(row["difference"] for row in result["comparisons"]["isolated"].values())
    before = result["comparisons"]["uncalibrated"]
    assert before["heads.type.macro_f1"]["difference"] == 0.0
    assert before["heads.type.ece"]["difference"] != 0.0


def test_tables_are_what_is_printed(labelled_file: Path, run: RunCommand) -> None:
    done = run("evaluate", default_folder(), "--data", labelled_file, "--split", "dev", "--limit", "2")
    text = done.stdout.decode()
    for title in ("By head", "By label", "Support links", "Confusion of role"):
        assert f"{title}\n" in text
    assert "content, attributed only" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--data"),
        (["--isolated"], "--data"),
        (["--swaps", "x.json"], "--data"),
        (["--data", "nowhere.jsonl"], "nowhere.jsonl"),
        (["--contrast", "nowhere.jsonl"], "nowhere.jsonl"),
    ],
)
def test_what_is_missing_is_said_in_one_line(arguments: list[str], words: str, run: RunCommand) -> None:
    done = run("evaluate", default_folder(), *arguments)
    assert done.returncode == 2
    assert words in done.stderr.decode()
    assert len(done.stderr.decode().strip().splitlines()) == 1


@pytest.mark.parametrize("content", ["{", "[]"])
def test_broken_metrics_of_a_model_are_named(
    content: str, labelled_file: Path, run: RunCommand, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(default_folder(), folder)
    (folder / "metrics.json").write_text(content, encoding="utf-8")
    done = run("evaluate", folder, "--data", labelled_file)
    assert done.returncode == 2
    assert str(folder / "metrics.json") in done.stderr.decode()
    assert len(done.stderr.decode().strip().splitlines()) == 1


def test_help_tells_of_models_and_of_benchmarks(run: RunCommand) -> None:
    whole = run("evaluate", "--help").stdout.decode()
    for word in ("models/default --data", "babe", "polnear", "card"):
        assert word in whole
    of_model = run("evaluate", default_folder(), "--help").stdout.decode()
    assert "--compare" in of_model
    assert "Examples:" in of_model
    assert "--encoder" in run("evaluate", "babe", "--help").stdout.decode()
