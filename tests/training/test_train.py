"""The training command, for real but small: a complete model folder comes out, and it reports."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from analyzer import Analyzer
from analyzer.errors import AnalyzerError
from analyzer.model.folder import default_folder, open_folder
from analyzer.model.heads import DocumentHeads
from analyzer.model.onnx_runtime import OnnxEncoder
from analyzer.schema import STANDARD_SCHEMA
from analyzer.training.data import load_labelled
from tests.conftest import RunCommand

torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")


@pytest.fixture(scope="module")
def trained(labelled_file: Path, public_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trained") / "small"
    command = [
        sys.executable,
        "-c",
        "from analyzer.cli import main; main()",
        "train",
        str(labelled_file),
        "-o",
        str(out),
    ]
    options = ["--epochs", "1", "--learning-rate", "1e-4", "--name", "small"]
    options += ["--public", str(public_folder), "--public-share", "0.5"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "epoch 1 of 1, loss " in done.stderr
    return out


def test_the_folder_is_complete_and_holds_no_pickle(trained: Path) -> None:
    names = {path.name for path in trained.iterdir()}
    assert names == {
        "README.md",
        "config.json",
        "curves.png",
        "heads.safetensors",
        "metrics.json",
        "model.int8.onnx",
        "model.int8.onnx.data",
        "model.safetensors",
        "schema.json",
        "tokenizer.json",
    }
    assert not trained.with_name("small.unfinished").exists()


def test_metrics_and_card_tell_what_was_done(trained: Path) -> None:
    metrics = json.loads((trained / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["data"]["dev"]["documents"] == 6
    assert metrics["data"]["fit"]["documents"] + metrics["data"]["calibration"]["documents"] == 24
    assert set(metrics["dev"]["heads"]) == {head.name for head in STANDARD_SCHEMA.sentence_heads}
    assert metrics["data"]["fit, public corpora"]["sources"] == {
        "babe": 12,
        "checkthat": 4,
        "aae": 1,
        "basil": 1,
        "microtexts": 1,
        "polnear": 1,
        "ptc": 1,
    }
    assert set(metrics["dev"]["spans"]) == {"source", "cue"}
    assert metrics["training"]["encoder_rate"] == 1e-4 and metrics["training"]["auxiliary_share"] == 0.5
    before = json.loads((default_folder() / "metrics.json").read_text(encoding="utf-8"))["training"]
    assert metrics["training"]["before"] == before
    card = (trained / "README.md").read_text(encoding="utf-8")
    assert "--learning-rate 0.0001" in card and "--public-share 0.5" in card
    assert f"{metrics['dev']['heads']['type']['macro_f1']:.3f}" in card


def test_the_trained_model_reports(trained: Path) -> None:
    report = Analyzer.load(trained).analyze(
        "The bridge costs £9m, the auditor said. Holt should stop this disgraceful waste."
    )
    assert report.model.name == "small"
    assert len(report.sentences) == 2


def test_evaluate_measures_it(trained: Path, labelled_file: Path, run: RunCommand) -> None:
    done = run("evaluate", trained, "--data", labelled_file, "--json")
    assert done.returncode == 0, done.stderr.decode()
    metrics = json.loads((trained / "metrics.json").read_text(encoding="utf-8"))
    measured = json.loads(done.stdout)["dev"]
    assert measured["heads"] == metrics["dev"]["heads"]
    assert measured["intervals"] == metrics["dev"]["intervals"]


def test_evaluate_names_a_split_that_is_not_there(trained: Path, labelled_file: Path, run: RunCommand) -> None:
    done = run("evaluate", trained, "--data", labelled_file, "--split", "tset")
    assert done.returncode == 2
    assert b"'tset'" in done.stderr


def test_the_same_seed_gives_the_same_weights(labelled_file: Path) -> None:
    from analyzer.training.options import TrainingOptions
    from analyzer.training.trainer import train_network

    documents = load_labelled(labelled_file, STANDARD_SCHEMA)[:6]
    runs = [
        train_network(documents, STANDARD_SCHEMA, default_folder(), TrainingOptions(seed=seed, epochs=1))
        for seed in (3, 3, 4)
    ]
    first, again, other = (run.heads.state_dict()["context.weight_ih_l0"] for run in runs)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_int8_vectors_are_close_to_fp32(analyzer: Analyzer) -> None:
    from analyzer.model.torch_weights import load_encoder
    from analyzer.training.encoder import Reader
    from analyzer.training.reading import read_documents

    texts = ["The council raised water rates by 9 percent on Tuesday.", "Critics say the plan is a disgrace.", "Why?"]
    encoder, tokenizer = load_encoder(default_folder())
    tokens = [e.ids for e in tokenizer.encode_batch(texts, add_special_tokens=False)]
    with torch.no_grad():
        exact = read_documents(Reader(encoder.eval()), [tokens], tokenizer, 256)[0].vectors.numpy()
    folder = open_folder(default_folder())
    fast = OnnxEncoder(folder).read(texts, DocumentHeads(folder).mark_tokens).vectors
    cosine = (exact * fast).sum(1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(fast, axis=1)
    assert (cosine > 0.95).all()


def test_too_few_documents_are_refused(tmp_path: Path, labelled_file: Path, run: RunCommand) -> None:
    few = tmp_path / "few.jsonl"
    few.write_text("".join(labelled_file.read_text(encoding="utf-8").splitlines(keepends=True)[:5]), encoding="utf-8")
    done = run("train", few, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert b"at least 20" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("id", ["same", "other"])
def test_a_document_on_two_sides_of_a_split_is_refused(
    id: str, tmp_path: Path, labelled_file: Path, run: RunCommand
) -> None:
    rows = [json.loads(line) for line in labelled_file.read_text(encoding="utf-8").splitlines()]
    trained = next(row for row in rows if row["split"] == "train")
    copy = {**trained, "split": "dev", "id": trained["id"] if id == "same" else "another"}
    twice = tmp_path / "twice.jsonl"
    twice.write_text("".join(json.dumps(row) + "\n" for row in [*rows, copy]), encoding="utf-8")
    done = run("train", twice, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert f"document {copy['id']!r} of split 'dev' is also in 'train'".encode() in done.stderr


def test_a_folder_without_an_encoder_is_named(tmp_path: Path, labelled_file: Path, run: RunCommand) -> None:
    (tmp_path / "nothing").mkdir()
    done = run("train", labelled_file, "--encoder", tmp_path / "nothing", "-o", tmp_path / "out")
    assert done.returncode == 2
    assert b"nothing" in done.stderr
    assert len(done.stderr.decode().strip().splitlines()) == 1


def test_a_seed_that_is_none_is_told_before_anything_is_trained(
    tmp_path: Path, labelled_file: Path, run: RunCommand
) -> None:
    for seed in (-1, 2**32):
        done = run("train", labelled_file, "--seed", seed, "-o", tmp_path / "out")
        assert done.returncode == 2 and b"--seed" in done.stderr
    assert not list(tmp_path.glob("out*"))


def test_an_encoder_of_another_kind_is_told(tmp_path: Path) -> None:
    from analyzer.model.torch_weights import load_encoder
    from analyzer.training.encoder import n_layers_of

    (tmp_path / "config.json").write_text('{"model_type": "distilbert", "n_layers": 6}', encoding="utf-8")
    with pytest.raises(AnalyzerError, match=r"type 'distilbert' .*use one of bert"):
        load_encoder(tmp_path)
    with pytest.raises(AnalyzerError, match=r"lacks num_hidden_layers.*give the folder"):
        n_layers_of(tmp_path)
