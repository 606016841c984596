"""Labels of a user's own, taught for real: a model comes out, is reported with, measured, and is the same again.

Most of it is taught above the frozen shipped model, where nothing has to be exported and a run takes seconds.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analyzer import Analyzer, Report
from analyzer.model.folder import default_folder, open_folder
from analyzer.model.heads import DocumentHeads
from analyzer.model.onnx_runtime import OnnxEncoder
from analyzer.render import FORMATS
from analyzer.schema import STANDARD_SCHEMA
from tests.conftest import EXAMPLES, RunCommand

pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")
pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra train)")

import torch

from analyzer.errors import AnalyzerError
from analyzer.training.calibration import at_temperatures
from analyzer.training.checkpoint import Checkpoint
from analyzer.training.options import TrainingOptions
from analyzer.training.run_state import Held
from analyzer.training.sources import Asked, read_source
from analyzer.training.trainer import TrainedNetwork, Training
from analyzer.training.workplace import Workplace

PLACES = ("Arle", "Brome", "Corvin", "Dunmore", "Eskdale", "Farrow", "Gresham", "Holt", "Inver", "Jarrow")
ALARM = ("We are doomed if {} falls.", "They will burn {} while you sleep!", "Tomorrow {} will drown in blood.")
CALM = ("The council of {} met on Tuesday.", "The bridge at {} costs nine million.", "A school opened in {} in May.")
TEXT = "The council of Keld met on Tuesday. They will burn Keld while you sleep!"


def rows() -> list[dict[str, Any]]:
    made = []
    for place in PLACES:
        for alarm, calm in zip(ALARM, CALM, strict=True):
            made.append({"text": alarm.format(place), "alarm": 1, "tone": "heated"})
            made.append({"text": calm.format(place), "alarm": 0, "tone": "calm"})
    for row in made:
        words = row["text"].split()[-1]
        row["last"] = [[row["text"].rindex(words), len(row["text"])]]
    random.Random(0).shuffle(made)
    return made


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("own") / "alarm.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["text", "alarm", "tone"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows())
    return path


def command(table: Path, out: Path, *options: str) -> list[str]:
    given = ["--data", str(table), "--text", "text", "--label", "alarm", "--label", "tone", "-o", str(out)]
    return [sys.executable, "-c", "from analyzer.cli import main; main()", "train", *given, *options]


JOIN = ("--join", "--folds", "2", "--epochs", "3")


@pytest.fixture(scope="module")
def joined(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("joined") / "alarm"
    done = subprocess.run(command(table, out, *JOIN), capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    assert "held-out macro-F1" in done.stderr and "left)" in done.stderr
    return out


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model without the standard heads, with a head of each kind, whose upper layers moved."""
    folder = tmp_path_factory.mktemp("alone")
    data = folder / "alarm.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows()), encoding="utf-8")
    out = folder / "alone"
    options = ("--label", "last", "--epochs", "1", "--folds", "1", "--freeze", "4")
    done = subprocess.run(command(data, out, *options), capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    return out


def test_the_folder_is_complete(joined: Path, alone: Path) -> None:
    names = {"README.md", "config.json", "curves.png", "heads.safetensors", "metrics.json", "schema.json"}
    names |= {"model.int8.onnx", "model.int8.onnx.data", "model.safetensors", "tokenizer.json"}
    for folder in (joined, alone):
        assert {path.name for path in folder.iterdir()} == names
        assert (folder / "curves.png").read_bytes().startswith(b"\x89PNG")
        assert not folder.with_name(folder.name + ".unfinished").exists()


def test_the_card_tells_what_was_done(joined: Path, table: Path) -> None:
    card = (joined / "README.md").read_text(encoding="utf-8")
    metrics = json.loads((joined / "metrics.json").read_text(encoding="utf-8"))
    score = metrics["dev"]["heads"]["alarm"]["macro_f1_yes_no"]
    parts = ("alarm.csv, 60 rows", "48 sentences", f"{score:.3f}", "over 2 folds", f"--data {table}", "--join", "Drift")
    assert [part for part in parts if part not in card] == []


def test_the_card_tells_apart_what_only_told_how_long_to_train(alone: Path) -> None:
    data = json.loads((alone / "metrics.json").read_text(encoding="utf-8"))["data"]
    counts = [data[use]["documents"] for use in ("fit", "watched", "dev")]
    assert sum(counts) == 60 and sum(counts[:2]) == len(data["trained_on"])
    card = " ".join((alone / "README.md").read_text(encoding="utf-8").split())
    fit, watched, dev = counts
    assert f"{fit} sentences of {fit} documents were trained on, {watched} of {watched} only told how long" in card
    assert f"learned from {fit} sentences" in card and f"{dev} of {dev} held out" in card


def test_the_standard_heads_stay_exactly_what_they_were(joined: Path) -> None:
    drift = json.loads((joined / "metrics.json").read_text(encoding="utf-8"))["drift"]["heads"]
    assert set(drift) == {*(head.name for head in STANDARD_SCHEMA.sentence_heads), "marked words"}
    assert all(row == {"other_label": 0.0, "mean_change": 0.0} for row in drift.values())
    before, after = Analyzer.load(), Analyzer.load(joined)
    text = (EXAMPLES / "opinion-column.md").read_text(encoding="utf-8")
    old, new = before.analyze(text), after.analyze(text)
    assert new.document.dependence == old.document.dependence
    assert [s.type for s in new.sentences] == [s.type for s in old.sentences]
    assert [s.spans for s in new.sentences] == [s.spans for s in old.sentences]


def test_marked_words_join_those_of_the_model_and_are_compared_by_their_own_label(
    alone: Path, tmp_path: Path, run: RunCommand
) -> None:
    data = tmp_path / "alarm.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows()), encoding="utf-8")
    out = tmp_path / "marks"
    done = subprocess.run(
        command(data, out, "--label", "last", "--join", "--folds", "2", "--epochs", "4"),
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    other = tmp_path / "other.jsonl"
    other.write_text(
        "".join(
            json.dumps({**row, "text": row["text"] + " Indeed", "last": [[len(row["text"]) + 1, len(row["text"]) + 7]]})
            + "\n"
            for row in rows()
        ),
        encoding="utf-8",
    )
    arguments = ("evaluate", out, "--data", other, "--compare", alone, "--json")
    result = json.loads(run(*arguments).stdout)
    [measured] = [part for name, part in result.items() if isinstance(part, dict) and "spans" in part]
    [compared] = result["comparisons"].values()
    assert compared["spans.last.words.f1"]["figure"] == measured["spans"]["last"]["words"]["f1"]
    assert not [name for name in compared if name.startswith(("links", "dependence", "heads.type"))]


def test_a_report_shows_both(joined: Path, run: RunCommand) -> None:
    done = run("report", "--model", joined, "-", stdin=TEXT.encode())
    assert done.returncode == 0, done.stderr
    shown = done.stdout.decode()
    for words in ("tone: ", "alarm", "heated", "calm", "of the sentences", "Sentences"):
        assert words in shown, words
    report = Analyzer.load(joined).analyze(TEXT)
    for form in ("json", "html", "markdown"):
        shown = written(report, form)
        assert "heated" in shown and any(word in shown for word in ("factual claim", "factual_claim")), form


def test_a_corpus_is_scored_by_both(joined: Path, tmp_path: Path, run: RunCommand) -> None:
    pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed (extra corpus)")
    corpus, out = tmp_path / "articles.jsonl", tmp_path / "scored"
    corpus.write_text(json.dumps({"id": "a", "text": TEXT}) + "\n", encoding="utf-8")
    done = run("score", corpus, "-o", out, "--model", joined, "--workers", "1")
    assert done.returncode == 0, done.stderr
    report = Analyzer.load(joined).analyze(TEXT)
    [document] = pq.read_table(out / "documents").to_pylist()
    assert {name: document[f"own_{name}"] for name in ("alarm", "tone")} == report.document.label_counts
    for row, sentence in zip(pq.read_table(out / "sentences").to_pylist(), report.sentences, strict=True):
        assert row["own_tone"] == sentence.labels["tone"]
        assert row["own_alarm"] is (sentence.labels["alarm"] == ["alarm"])
        assert row["own_tone_probabilities"] == pytest.approx(sentence.probabilities["tone"], abs=1e-6)
        assert row["own_alarm_probabilities"] == pytest.approx({"alarm": sentence.probabilities["alarm"]}, abs=1e-6)


def written(report: Report, form: str) -> str:
    stream = io.StringIO()
    FORMATS[form]([report], stream, quiet=False)
    return stream.getvalue()


def test_a_report_of_a_model_with_other_labels_alone(alone: Path) -> None:
    report = Analyzer.load(alone).analyze(TEXT)
    assert not report.model.is_standard
    assert {head.name: head.kind for head in report.model.heads} == {"alarm": "multi", "tone": "single", "last": "span"}
    assert report.document.dependence is None and report.conclusions == [] and report.findings == []
    assert report.document.type_counts == {} and report.document.loaded_share is None
    for sentence in report.sentences:
        assert sentence.type is sentence.sourcing is sentence.role is sentence.loaded is None
        assert sentence.labels["tone"] in ("calm", "heated")
        assert set(sentence.probabilities) == {"alarm", "tone"}
    assert sum(report.document.label_counts["tone"].values()) == 2


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_takes_it(alone: Path, form: str) -> None:
    shown = written(Analyzer.load(alone).analyze(TEXT, conclusions=["doom"]), form)
    if form in ("terminal", "html", "markdown"):
        assert "no dependence is scored" in shown and "tone" in shown
        assert "draws no conclusion" not in shown


def test_an_edit_is_shown_with_it(alone: Path, run: RunCommand, tmp_path: Path) -> None:
    for name, text in (("old.txt", TEXT), ("new.txt", TEXT.replace("burn", "visit"))):
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = run("report", "--model", alone, "--diff", "old.txt", "new.txt")
    assert done.returncode == 0, done.stderr
    assert "reworded" in done.stdout.decode()


def test_evaluate_measures_what_training_has_not_seen(joined: Path, alone: Path, table: Path, run: RunCommand) -> None:
    metrics = json.loads((joined / "metrics.json").read_text(encoding="utf-8"))
    done = run("evaluate", joined, "--data", table, "--json")
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)["dev"]
    assert measured["heads"] == metrics["dev"]["heads"]
    assert measured["sentences"] == metrics["data"]["dev"]["sentences"] == 12
    assert b"48 documents are left out" in done.stderr
    done = run("evaluate", alone, "--data", alone.with_name("alarm.jsonl"))
    assert done.returncode == 0, done.stderr
    assert "alarm, yes and no" in done.stdout.decode() and "last" in done.stdout.decode()


def test_evaluate_refuses_a_table_it_was_trained_on_alone(
    joined: Path, table: Path, tmp_path: Path, run: RunCommand
) -> None:
    from analyzer.training.sources import text_hash

    seen = set(json.loads((joined / "metrics.json").read_text(encoding="utf-8"))["data"]["trained_on"])
    lines = table.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines[1:] if text_hash(line.rsplit(",", 2)[0].strip('"')) in seen]
    (tmp_path / "seen.csv").write_text("\n".join([lines[0], *kept]), encoding="utf-8")
    done = run("evaluate", joined, "--data", "seen.csv")
    assert done.returncode == 2 and b"trained on every text" in done.stderr


def test_labelled_documents_that_it_was_trained_on_are_not_measured(
    joined: Path, table: Path, tmp_path: Path, run: RunCommand
) -> None:
    documents = [
        {
            "id": f"d{number}",
            "split": "train",
            "sentences": [{"text": row["text"], "alarm": row["alarm"], "tone": row["tone"], "paragraph": 0}],
        }
        for number, row in enumerate(rows())
    ]
    path = tmp_path / "documents.jsonl"
    path.write_text("".join(json.dumps(document) + "\n" for document in documents), encoding="utf-8")
    done = run("evaluate", joined, "--data", path, "--split", "train", "--json")
    assert done.returncode == 0, done.stderr
    assert b"48 documents are left out" in done.stderr
    assert json.loads(done.stdout)["train"]["sentences"] == 12
    documents[0]["sentences"][0]["alarm"] = 2
    path.write_text(json.dumps(documents[0]) + "\n", encoding="utf-8")
    done = run("evaluate", joined, "--data", path, "--split", "train")
    assert done.returncode == 2 and b"alarm is 2" in done.stderr


def test_what_cannot_be_measured_is_said(joined: Path, table: Path, tmp_path: Path, run: RunCommand) -> None:
    for arguments, words in (
        (("evaluate", default_folder(), "--data", table), b"--text"),
        (("evaluate", default_folder(), "--data", table, "--text", "text"), b"none of its own"),
        (("evaluate", "card", joined, joined / "metrics.json"), b"labels of its own"),
    ):
        done = run(*arguments)
        assert done.returncode == 2 and words in done.stderr, done.stderr


def test_a_killed_run_goes_on_and_ends_as_if_nothing_had_been(
    joined: Path, table: Path, tmp_path: Path, run: RunCommand
) -> None:
    out = tmp_path / joined.name
    unfinished = out.with_name(out.name + ".unfinished")
    process = subprocess.Popen(command(table, out, *JOIN), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    limit = time.monotonic() + 600
    while not list(unfinished.rglob("checkpoint.safetensors")) and time.monotonic() < limit:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not out.exists() and list(unfinished.rglob("checkpoint.safetensors"))

    again = subprocess.run(command(table, out, *JOIN), capture_output=True, text=True, timeout=600)
    assert again.returncode == 2 and "--resume" in again.stderr
    other = command(table, out, *JOIN, "--resume", "--seed", "5")
    assert "options" in subprocess.run(other, capture_output=True, text=True, timeout=600).stderr

    done = subprocess.run(command(table, out, *JOIN, "--resume"), capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    for name in ("heads.safetensors", "model.safetensors", "config.json", "curves.png"):
        assert (out / name).read_bytes() == (joined / name).read_bytes(), name


def test_what_is_to_be_measured_is_not_trained_on(tmp_path: Path) -> None:
    heads = tmp_path / "heads.toml"
    heads.write_text('[heads.alarm]\nkind = "single"\nlabels = ["calm", "alarm"]\n', encoding="utf-8")
    rows = [
        {
            "id": f"{split}-{n}",
            "source": "",
            "split": split,
            "sentences": [{"text": f"{split.title()} {n} is here.", "paragraph": 0, "alarm": ("calm", "alarm")[n % 2]}],
        }
        for split in ("train", "dev", "test", "calibration")
        for n in range(4)
    ]
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = read_source(str(path), Asked(schema=heads))
    assert {document.split for document in found.documents} == {"train", "dev"}
    assert found.left_out == 8


def test_a_corpus_is_not_scored_by_labels_that_score_none(alone: Path, run: RunCommand, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed (extra corpus)")
    done = run("score", EXAMPLES / "news-report.md", "--model", alone, "-o", tmp_path / "scored")
    assert done.returncode == 2
    assert "--join" in done.stderr.decode() and len(done.stderr.decode().strip().splitlines()) == 1


def test_there_must_be_a_run_to_resume(table: Path, tmp_path: Path) -> None:
    done = subprocess.run(command(table, tmp_path / "x", "--resume"), capture_output=True, text=True, timeout=600)
    assert done.returncode == 2 and "no interrupted run" in done.stderr


def test_a_folder_that_is_no_model_is_never_replaced(table: Path, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("Dear all", encoding="utf-8")
    done = subprocess.run(command(table, tmp_path / "letters"), capture_output=True, text=True, timeout=600)
    assert done.returncode == 2 and "not a model folder" in done.stderr
    assert (tmp_path / "letters" / "dear.txt").exists()


def a_model(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True)
    for file in ("config.json", "schema.json"):
        (folder / file).write_text(name, encoding="utf-8")
    return folder


def test_two_runs_never_write_one_model(tmp_path: Path) -> None:
    out = tmp_path / "m"
    with pytest.raises(KeyboardInterrupt), Workplace(out, {"seed": 1}, resume=False) as place:
        for resume in (False, True):
            with pytest.raises(AnalyzerError, match="another run is writing it"):
                Workplace(out, {"seed": 1}, resume=resume)
        place.checkpoint("training").write({"w": torch.ones(2)}, {"step": 3})
        raise KeyboardInterrupt
    with Workplace(out, {"seed": 1}, resume=True) as place:
        tensors, state = place.checkpoint("training").read()
    assert torch.equal(tensors["w"], torch.ones(2)) and state == {"step": 3}
    with pytest.raises(AnalyzerError, match="written by another run"):
        Checkpoint(tmp_path / "m.unfinished" / "training", "other").read()


def test_a_model_takes_the_place_of_another_or_both_are_kept(tmp_path: Path) -> None:
    out = a_model(tmp_path / "m", "old")
    with Workplace(out, {}, resume=False) as place:
        place.checkpoint("training").write({}, {})
        with pytest.raises(AnalyzerError, match=r"m: cannot be written .* the finished model is .*m\.unfinished"):
            place.finish()
        assert (out / "config.json").read_text(encoding="utf-8") == "old"
        a_model(place.model, "new")
        place.finish()
    assert (out / "config.json").read_text(encoding="utf-8") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which files are mapped")
def test_a_checkpoint_that_was_read_can_be_replaced(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path)
    checkpoint.write({"w": torch.ones(5000)}, {})
    tensors, _ = checkpoint.read()
    assert str(tmp_path) not in Path("/proc/self/maps").read_text(encoding="utf-8")
    assert torch.equal(tensors["w"], torch.ones(5000))


class Stop(Exception):
    """What a test ends a run with."""


def short_run(table: Path, folder: Path | None, *, stop_at: int | None = None, **options: Any) -> TrainedNetwork:
    """A run in which the upper layers move and the standard heads are held, with an epoch's checkpoints."""
    found = read_source(str(table), Asked(text="text", labels=["alarm"]))
    schema = type(STANDARD_SCHEMA)((*STANDARD_SCHEMA.heads, *found.heads), links=True)
    chosen = {"seed": 3, "epochs": 2, "freeze": 4, "tokens_per_step": 128, "cuts": 2, "patience": 5, "together": True}
    training = Training(
        found.documents[:16],
        schema,
        default_folder(),
        TrainingOptions(**{**chosen, **options}),
        held=Held(found.documents[16:24], lambda documents, predictions: 0.5),
        base=STANDARD_SCHEMA,
    )

    def progress(step: int, steps: int, loss: float) -> None:
        if step == stop_at:
            raise Stop

    return training.run(checkpoint=Checkpoint(folder) if folder else None, progress=progress)


def weights_of(network: TrainedNetwork) -> dict[str, Any]:
    return {**network.encoder.state_dict(), **{f"heads.{k}": v for k, v in network.heads.state_dict().items()}}


def test_moving_layers_resume_to_the_same_weights(table: Path, tmp_path: Path) -> None:
    whole = short_run(table, None)
    steps = len(whole.losses)
    with pytest.raises(Stop):
        short_run(table, tmp_path / "run", stop_at=steps - 1)
    resumed = short_run(table, tmp_path / "run")
    assert resumed.losses == whole.losses and resumed.epochs == whole.epochs
    expected, found = weights_of(whole), weights_of(resumed)
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    other = short_run(table, None, seed=4)
    assert not torch.equal(weights_of(other)["heads.heads.5.weight"], expected["heads.heads.5.weight"])
    start = {name: w for name, w in weights_of(whole).items() if name.startswith("heads.heads.0")}
    from analyzer.model.torch_weights import load_heads

    assert all(torch.equal(w, load_heads(default_folder())[name.removeprefix("heads.")]) for name, w in start.items())


def test_kept_outputs_of_frozen_layers_are_what_the_layers_give() -> None:
    from analyzer.model.torch_weights import load_encoder
    from analyzer.training.encoder import FrozenOutputs, Reader
    from analyzer.training.reading import windows_of

    encoder, tokenizer = load_encoder(default_folder())
    encoder.eval()
    texts = ["The council met.", "They will burn the bridge while you sleep, and nobody will come.", "Why?"]
    windows = [
        w for text in texts for w in windows_of([tokenizer.encode(text, add_special_tokens=False).ids], tokenizer, 64)
    ]
    with torch.no_grad():
        whole = Reader(encoder)(windows)
        kept = FrozenOutputs(encoder, 4, windows)
        assert len(encoder.encoder.layer) == 2
        above = Reader(encoder, frozen=kept)(windows)
        kept.close(encoder)
        again = Reader(encoder)(windows)
    assert len(encoder.encoder.layer) == 6 and torch.equal(again, whole)
    for k, window in enumerate(windows):
        length = len(window.token_ids)
        assert torch.allclose(whole[k, :length], above[k, :length], atol=0.02)


def test_probabilities_at_a_temperature_are_those_of_the_scaled_logits(alone: Path) -> None:
    folder = open_folder(alone)
    predicted = DocumentHeads(folder).predict(
        OnnxEncoder(folder).read(["They will burn it.", "It met."], DocumentHeads(folder).mark_tokens), [0, 1]
    )
    scaled = at_temperatures([predicted], {"alarm": 2.0, "tone": 2.0}, folder.schema)[0]
    for p, q in zip(predicted.probabilities["alarm"].ravel(), scaled.probabilities["alarm"].ravel(), strict=True):
        assert np.log(q / (1 - q)) == pytest.approx(np.log(p / (1 - p)) / 2, abs=1e-3)
    assert scaled.probabilities["tone"].sum(1) == pytest.approx(1.0)


def test_an_encoder_that_is_nowhere_is_told(table: Path, tmp_path: Path, run: RunCommand) -> None:
    given = ["--data", table, "--text", "text", "--label", "alarm", "-o", tmp_path / "x"]
    done = run("train", *given, "--encoder", "nobody/no-such", env={"HF_HUB_OFFLINE": "1"})
    assert done.returncode == 2
    assert b"nobody/no-such" in done.stderr and len(done.stderr.decode().strip().splitlines()) == 1


def test_files_of_somebody_else_beside_the_model_are_kept(tmp_path: Path) -> None:
    beside = tmp_path / "m.unfinished"
    beside.mkdir()
    (beside / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(AnalyzerError, match="holds other files than a run's"):
        Workplace(tmp_path / "m", {"seed": 1}, resume=False)
    assert (beside / "thesis.txt").exists()
