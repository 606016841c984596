"""A model is trained as another was trained: course after course, to the same weights, and on after a kill."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from analyzer.errors import AnalyzerError
from analyzer.model.folder import default_folder
from analyzer.schema import STANDARD_SCHEMA
from analyzer.training.data import load_labelled
from tests.conftest import RunCommand

pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")

WEIGHTS = ("heads.safetensors", "model.safetensors", "model.int8.onnx.data")
SHORT = ("--epochs", "1", "--freeze", "1")


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-c", "from analyzer.cli import main; main()", "train", *map(str, arguments)]


def train(*arguments: object) -> str:
    done = subprocess.run(command(*arguments), capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The encoder of the shipped model, which says nothing of how it was trained."""
    folder = tmp_path_factory.mktemp("encoders") / "bare"
    folder.mkdir()
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        shutil.copyfile(default_folder() / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def model(encoder: Path, labelled_file: Path, public_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two courses: the first on public corpora as well, with two layers; the second taught by the first."""
    folder = tmp_path_factory.mktemp("models")
    corpora = ("--public", public_folder, "--public-share", "0.5")
    train(labelled_file, "--encoder", encoder, *corpora, "--layers", "2", *SHORT, "-o", folder / "m-1")
    train(labelled_file, "--encoder", folder / "m-1", "--teacher", folder / "m-1", *SHORT, "-o", folder / "m")
    return folder / "m"


def test_the_same_weights_come_of_the_same_courses(
    model: Path, encoder: Path, labelled_file: Path, public_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "m"
    told = train(labelled_file, "--like", model, "--encoder", encoder, "--public", public_folder, "-o", out)
    assert "course 1 of 2: epoch 1 of 1, loss " in told and "course 2 of 2: epoch 1 of 1, loss " in told
    for name in WEIGHTS:
        assert (out / name).read_bytes() == (model / name).read_bytes(), name
    assert [path.name for path in tmp_path.iterdir()] == ["m"]
    made, wanted = (json.loads((folder / "metrics.json").read_text(encoding="utf-8")) for folder in (out, model))
    assert made["training"] == wanted["training"]
    assert made["dev"] == wanted["dev"]
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "--like models/m --public corpora \\\n      -o models/m-again" in card


def test_a_kill_between_and_within_courses_costs_nothing_that_is_done(
    model: Path, encoder: Path, labelled_file: Path, public_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "m"
    given = (labelled_file, "--like", model, "--encoder", encoder, "--public", public_folder, "-o", out)
    process = subprocess.Popen(command(*given), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    first, unfinished = tmp_path / "m.courses" / "m-1", tmp_path / "m.unfinished"
    limit = time.monotonic() + 600
    while not list(unfinished.rglob("checkpoint.safetensors")) and time.monotonic() < limit:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert first.is_dir() and not out.exists()
    made = (first / "model.safetensors").stat().st_mtime_ns

    again = subprocess.run(command(*given), capture_output=True, text=True, timeout=600)
    assert again.returncode == 2 and "--resume" in again.stderr
    assert (first / "model.safetensors").stat().st_mtime_ns == made
    train(*given, "--resume")
    assert [path.name for path in tmp_path.iterdir()] == ["m"]
    for name in WEIGHTS:
        assert (out / name).read_bytes() == (model / name).read_bytes(), name


def test_a_run_is_gone_on_with_on_the_same_labels_alone(
    model: Path, encoder: Path, labelled_file: Path, public_folder: Path, tmp_path: Path
) -> None:
    from analyzer.training.replay import Means, train_like

    def stop(step: int, steps: int, loss: float) -> None:
        raise KeyboardInterrupt

    documents = load_labelled(labelled_file, STANDARD_SCHEMA)
    given: dict[str, Any] = {"name": "m", "version": "0", "means": Means(public_folder, (), None)}
    with pytest.raises(KeyboardInterrupt):
        train_like(model, documents, lambda name: encoder, tmp_path / "m", seed=None, progress=stop, **given)
    for labelled, seed, words in ((documents[1:], None, "other data"), (documents, 4, "other seed")):
        with pytest.raises(AnalyzerError, match=words):
            train_like(model, labelled, lambda name: encoder, tmp_path / "m", seed=seed, resume=True, **given)
    (tmp_path / "m.courses" / "run.json").write_text("{", encoding="utf-8")
    with pytest.raises(AnalyzerError, match="cannot be read"):
        train_like(model, documents, lambda name: encoder, tmp_path / "m", seed=None, resume=True, **given)


def test_seeds_are_those_of_the_model_unless_another_is_given(
    encoder: Path, labelled_file: Path, tmp_path: Path
) -> None:
    train(labelled_file, "--encoder", encoder, *SHORT, "--seed", "3", "-o", tmp_path / "s")
    link = tmp_path / "link"
    (tmp_path / "t").mkdir()
    link.symlink_to(tmp_path / "t")
    train(labelled_file, "--like", tmp_path / "s", "--encoder", encoder, "-o", link)
    assert (tmp_path / "t" / WEIGHTS[0]).read_bytes() == (tmp_path / "s" / WEIGHTS[0]).read_bytes()
    assert link.is_symlink()


def test_what_a_model_was_trained_with_must_be_given(
    model: Path, encoder: Path, labelled_file: Path, public_folder: Path, tmp_path: Path, run: RunCommand
) -> None:
    from analyzer.training.replay import Means, train_like

    documents, out = load_labelled(labelled_file, STANDARD_SCHEMA), tmp_path / "out"
    foreign, swapped, silent = (tmp_path / name for name in ("foreign", "swapped", "silent"))
    metrics = json.loads((model / "metrics.json").read_text(encoding="utf-8"))
    for folder, training in ((foreign, {"teachers": ["nobody"]}), (swapped, {"swaps": "swaps.json"}), (silent, None)):
        shutil.copytree(model, folder)
        told = {**metrics, "training": {**metrics["training"], **training}} if training else {}
        (folder / "metrics.json").write_text(json.dumps(told), encoding="utf-8")
    own = tmp_path / "own"
    shutil.copytree(model, own)
    schema = json.loads((own / "schema.json").read_text(encoding="utf-8"))
    schema["heads"][0]["labels"][0] = "truth"
    (own / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    full = tmp_path / "full"
    full.mkdir()
    (full / "notes.txt").write_text("hi", encoding="utf-8")
    swaps = Path(__file__).parents[2] / "labeled" / "swaps_train.json"
    for like, means, words in (
        (model, Means(None, (), None), "--public"),
        (foreign, Means(public_folder, (), None), "'nobody'"),
        (swapped, Means(public_folder, (), None), "--swaps"),
        (silent, Means(public_folder, (), None), "does not say how"),
        (own, Means(public_folder, (), None), "labels of its own"),
        (model, Means(public_folder, (), swaps), r"swaps_train\.json: nothing of that kind"),
        (model, Means(public_folder, (default_folder(),), None), "nothing of that kind"),
        (tmp_path / "nowhere", Means(public_folder, (), None), "nowhere"),
    ):
        with pytest.raises(AnalyzerError, match=words):
            train_like(like, documents, lambda name: encoder, out, name="m", version="0", seed=None, means=means)
    with pytest.raises(AnalyzerError, match="is not a model folder"):
        means = Means(public_folder, (), None)
        train_like(model, documents, lambda name: encoder, full, name="m", version="0", seed=None, means=means)
    for options, words in (
        (("--epochs", "2"), "--epochs does not go with --like"),
        (("--resume",), "no interrupted run"),
    ):
        given = ("--like", model, "--encoder", encoder, "--public", public_folder)
        done = run("train", labelled_file, *given, *options, "-o", out)
        assert done.returncode == 2, done.stderr
        assert words in done.stderr.decode() and len(done.stderr.splitlines()) == 1, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["foreign", "full", "own", "silent", "swapped"]


def test_the_courses_of_the_shipped_model_are_known() -> None:
    from analyzer.training.replay import courses_of

    courses = courses_of(default_folder())
    assert courses[0].start == "all-MiniLM-L6-v2" and courses[0].options.auxiliary_share == 0.08
    assert courses[0].teachers == ("large",) and courses[0].has_swaps
    assert courses[-1].options.marks_only and courses[-1].above_int8
    large = courses_of(default_folder().with_name("large"))
    assert [course.above_int8 for course in large] == [False, True]
    assert [course.has_public for course in large] == [True, False]
