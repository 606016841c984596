"""`analyzer evaluate MODEL` as users run it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from analyzer.cli.evaluate.output import write_result
from analyzer.errors import AnalyzerError
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


def test_a_file_that_cannot_be_written_is_told_before_anything_is_read(run: RunCommand, tmp_path: Path) -> None:
    for command in (
        ("evaluate", default_folder(), "--data", "nowhere.jsonl"),
        ("evaluate", "basil", tmp_path / "nowhere", "--data", tmp_path),
    ):
        (tmp_path / "basil.jsonl").write_text("", encoding="utf-8")
        done = run(*command, "-o", "no/such/result.json")
        assert done.returncode == 2
        assert b"no/such/result.json: cannot be written" in done.stderr, done.stderr
    assert run("evaluate", default_folder(), "--data", "nowhere.jsonl", "-o", "result.json").returncode == 2
    assert not (tmp_path / "result.json").exists()


def test_a_result_that_cannot_be_written_at_last_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AnalyzerError, match="cannot be written"):
        write_result({"figure": 0.5}, [], as_json=True, out=tmp_path)
    assert json.loads(capsys.readouterr().out) == {"figure": 0.5}


def test_a_name_that_standard_output_cannot_show_is_written_as_it_can(
    labelled_file: Path, run: RunCommand, tmp_path: Path
) -> None:
    other = tmp_path / "modèle"
    shutil.copytree(default_folder(), other)
    options = ("--data", labelled_file, "--limit", "2", "--compare", other)
    done = run("evaluate", default_folder(), *options, env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr.decode()
    assert b"Compared with: modele" in done.stdout
