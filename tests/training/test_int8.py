"""Training a model that is there in int8 only, as `models/large` is: what is above its encoder, or its layers too."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from analyzer import Analyzer
from analyzer.model.folder import default_folder, open_folder
from analyzer.model.heads import DocumentHeads
from analyzer.model.int8_weights import constants_of
from analyzer.model.onnx_runtime import OnnxEncoder
from analyzer.schema import STANDARD_SCHEMA
from tests.conftest import EXAMPLES, RunCommand

torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")

ENCODER = ("model.int8.onnx", "model.int8.onnx.data", "tokenizer.json")


@pytest.fixture(scope="module")
def int8(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "small"
    shutil.copytree(default_folder(), folder, ignore=shutil.ignore_patterns("model.safetensors"))
    return folder


def card_of(out: Path) -> str:
    """The card of a model that reports."""
    assert Analyzer.load(out).analyze_file(EXAMPLES / "opinion-column.md").conclusions
    return (out / "README.md").read_text(encoding="utf-8")


def test_what_is_above_it_goes_on_from_where_it_is(
    int8: Path, labelled_file: Path, public_folder: Path, tmp_path: Path, run: RunCommand
) -> None:
    out = tmp_path / "small"
    options = ("--epochs", "1", "--public", public_folder, "--public-share", "0.5")
    done = run("train", labelled_file, "--encoder", int8, "-o", out, *options)
    assert done.returncode == 0, done.stderr.decode()
    assert not (out / "model.safetensors").exists()
    for name in ENCODER:
        assert (out / name).read_bytes() == (int8 / name).read_bytes(), name
    from analyzer.model.torch_weights import load_heads

    before, after = load_heads(int8), load_heads(out)
    assert before.keys() == after.keys()
    # A short run moves weights a little; heads that began anew would be nowhere near.
    for name in ("context.weight_hh_l0", "heads.0.weight", "support.bilinear", "spans.around.weight"):
        moved = float((after[name] - before[name]).norm() / before[name].norm())
        assert 0 < moved < 0.3, name
    card = card_of(out)
    assert "of what is above it at a learning rate of 0.001" in card and "all of it was left as it is in int8" in card
    metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["training"]["above_int8"] and metrics["training"]["before"]["encoder"]


def test_what_marks_words_goes_on_alone(
    labelled_file: Path, public_folder: Path, tmp_path: Path, run: RunCommand
) -> None:
    out = tmp_path / "marking"
    options = ("--marks-only", "--epochs", "2", "--public", public_folder, "--public-share", "1")
    done = run("train", labelled_file, "-o", out, *options)
    assert done.returncode == 0, done.stderr.decode()
    for name in (*ENCODER, "model.safetensors"):
        assert (out / name).read_bytes() == (default_folder() / name).read_bytes(), name
    from analyzer.model.torch_weights import load_heads

    before, after = load_heads(default_folder()), load_heads(out)
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved and all(name.startswith("spans.") for name in moved)
    settings, shipped = open_folder(out).settings, open_folder(default_folder()).settings
    assert settings.temperatures == shipped.temperatures
    of_marks = {name for name in shipped.thresholds if name.startswith("spans.")}
    assert {k: v for k, v in settings.thresholds.items() if k not in of_marks} == {
        k: v for k, v in shipped.thresholds.items() if k not in of_marks
    }
    card = card_of(out)
    assert "2 epochs of what marks words alone, above int8, at a learning rate of 0.001" in card
    assert "--marks-only --learning-rate 0.001" in card and "\n    rm " not in card


def test_marks_alone_need_marked_words_and_a_model_that_marks(
    labelled_file: Path, public_folder: Path, tmp_path: Path, run: RunCommand
) -> None:
    own = tmp_path / "own"
    shutil.copytree(default_folder(), own)
    schema = json.loads((own / "schema.json").read_text(encoding="utf-8"))
    schema["heads"].insert(5, {"name": "tone", "kind": "multi", "labels": ["calm"]})
    (own / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    for options, words in (
        ((), b"none of the documents has marked words"),
        (("--freeze", "2"), b"--freeze does not go with --marks-only"),
        (("--class-weights", "0"), b"--class-weights does not go with --marks-only"),
        (("--encoder", tmp_path), b"config.json"),
        (("--encoder", own), b"has other labels"),
        (("--public", public_folder, "--public-share", "0"), b"raise --public-share"),
    ):
        done = run("train", labelled_file, "--marks-only", *options, "-o", tmp_path / "out")
        assert done.returncode == 2 and words in done.stderr, done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_a_rate_of_layers_that_stay_is_refused(labelled_file: Path, tmp_path: Path, run: RunCommand) -> None:
    done = run("train", labelled_file, "--freeze", "6", "--learning-rate", "1e-5", "-o", tmp_path / "out")
    assert done.returncode == 2 and b"--learning-rate" in done.stderr and b"stay" in done.stderr
    (tmp_path / "own.csv").write_text("text,fear\nIt rose.,1\nIt fell.,0\n" * 20, encoding="utf-8")
    own = ("--data", tmp_path / "own.csv", "--text", "text", "--label", "fear", "--join")
    done = run("train", *own, "--learning-rate", "1e-5", "-o", tmp_path / "out")
    assert done.returncode == 2 and b"--learning-rate" in done.stderr and b"stay" in done.stderr


def test_kept_vectors_are_what_the_runtime_reads(int8: Path) -> None:
    from analyzer.training.encoder import Int8Reader, KeptVectors
    from analyzer.training.reading import windows_of

    folder = open_folder(int8)
    reader = Int8Reader(folder, torch.device("cpu"))
    texts = ["The council met.", "They will burn the bridge while you sleep, and nobody will come.", "Why?"]
    tokens = [reader.tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
    windows = [window for ids in tokens for window in windows_of([ids], reader.tokenizer, 64)]
    kept = KeptVectors(reader, reader.n_encoder, windows)
    found = kept(windows)
    runtime = OnnxEncoder(folder)
    for row, window in zip(found, windows, strict=True):
        expected = runtime.token_vectors(window)
        np.testing.assert_allclose(row[: len(expected)], expected, atol=2e-3)
        assert not row[len(expected) :].any()
    kept.close()


def test_labels_of_ones_own_join_it(int8: Path, tmp_path: Path, run: RunCommand) -> None:
    table, out = tmp_path / "alarm.csv", tmp_path / "mine"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "alarm"])
        for place in ("Arle", "Brome", "Corvin", "Dunmore", "Eskdale", "Farrow", "Gresham", "Holt", "Inver", "Jarrow"):
            writer.writerow([f"They will burn {place} while you sleep!", 1])
            writer.writerow([f"The council of {place} met on Tuesday.", 0])
    given = ("--data", table, "--text", "text", "--label", "alarm", "--join", "--folds", "2", "--epochs", "2")
    done = run("train", *given, "--encoder", int8, "-o", out)
    assert done.returncode == 0, done.stderr.decode()
    assert not (out / "model.safetensors").exists()
    assert open_folder(out).schema.heads[: len(STANDARD_SCHEMA.heads)] == STANDARD_SCHEMA.heads
    drift = json.loads((out / "metrics.json").read_text(encoding="utf-8"))["drift"]["heads"]
    assert all(row == {"other_label": 0.0, "mean_change": 0.0} for row in drift.values())


def test_its_layers_can_be_trained_on_from_what_int8_has_kept_of_them(
    int8: Path, labelled_file: Path, tmp_path: Path, run: RunCommand
) -> None:
    out = tmp_path / "moved"
    done = run("train", labelled_file, "--encoder", int8, "-o", out, "--freeze", "5", "--epochs", "1", "--steps", "4")
    assert done.returncode == 0, done.stderr.decode()
    assert (out / "model.safetensors").is_file()
    old, new = (constants_of(folder / "model.int8.onnx") for folder in (int8, out))
    same = {name for name in old if np.array_equal(old[name], new[name])}
    for layer in range(6):
        weights = {f"{layer}.{name}.weight" for name in ("query", "key", "value", "attended", "widen", "narrow")}
        assert weights <= same if layer < 5 else not weights & same
    training = json.loads((out / "metrics.json").read_text(encoding="utf-8"))["training"]
    assert training["from_int8"] and not training["above_int8"]
    assert f"It started from {int8.name}, which was trained before" in (out / "README.md").read_text(encoding="utf-8")
    texts = ["The council met on Tuesday.", "They will burn the bridge while you sleep.", "Who would believe that?"]
    before, after = (
        OnnxEncoder(open_folder(folder)).read(texts, DocumentHeads(open_folder(folder)).mark_tokens).vectors
        for folder in (int8, out)
    )
    cosines = (before * after).sum(1) / np.linalg.norm(before, axis=1) / np.linalg.norm(after, axis=1)
    assert cosines.min() > 0.98


def test_int8_is_not_compared_with_itself(int8: Path, labelled_file: Path, run: RunCommand) -> None:
    done = run("evaluate", int8, "--data", labelled_file, "--limit", "1", "--exact")
    assert done.returncode == 2 and b"in int8 only" in done.stderr and b"--exact" in done.stderr
