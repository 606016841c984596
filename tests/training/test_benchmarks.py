"""Public benchmarks, run for real on small files in the form of the corpora."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analyzer.model.folder import default_folder, open_folder
from analyzer.training.benchmarks import BENCHMARKS
from analyzer.training.public import convert
from tests.conftest import RunCommand

pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")
pytest.importorskip("sklearn", reason="scikit-learn is not installed (extra train)")

from analyzer.errors import AnalyzerError
from analyzer.schema import STANDARD_SCHEMA, LabelSchema
from analyzer.training.benchmarks import benchmark
from analyzer.training.benchmarks.folds import folds_of
from analyzer.training.benchmarks.job import Job
from analyzer.training.data import LabelledDocument
from analyzer.training.results import figure

Write = Callable[[str, list[dict[str, Any]]], Job]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def job(name: str, rows: list[dict[str, Any]]) -> Job:
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return Job(tmp_path, {"epochs": 1}, folds=2)

    return job


def sentence(number: int, text: str) -> LabelledDocument:
    return LabelledDocument(str(number), "", "", (text,), (0,), {}, None)


def test_no_text_is_on_both_sides_of_a_fold() -> None:
    texts = [f"Sentence {k // 3}{'.!?'[k % 3]}" for k in range(60)]
    folds = list(folds_of([sentence(k, text) for k, text in enumerate(texts)], [k % 2 for k in range(60)], 5, seed=0))
    for fold in folds:
        stems = [{document.texts[0][:-1] for document in part} for part in (fold.train, fold.test)]
        assert stems[0].isdisjoint(stems[1])
    assert sorted(int(d.id) for fold in folds for d in fold.test) == list(range(60))


def test_too_few_documents_for_the_folds_are_refused() -> None:
    with pytest.raises(AnalyzerError, match="too few for 3 folds"):
        list(folds_of([sentence(k, "The same.") for k in range(9)], [0] * 9, 3, seed=0))


def test_every_benchmark_in_the_list_can_do_what_the_list_says() -> None:
    for name, entry in BENCHMARKS.items():
        found = benchmark(name)
        assert (found.trains is not None, found.measures is not None) == (entry.from_encoder, entry.from_model)


def test_babe_is_cross_validated_on_the_command_line(public_folder: Path, run: RunCommand) -> None:
    options = ["--encoder", default_folder(), "--folds", "2", "--epochs", "1", "--json"]
    done = run("evaluate", "babe", "--data", public_folder, *options)
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)["benchmarks"]["babe"]
    assert found["sentences"] == 12
    assert found["fold_sentences"] == [6, 6]
    assert found["encoder"] == "default"
    assert found["options"]["epochs"] == 1
    assert len(found["macro_f1"]["folds"]) == 2
    assert found["macro_f1"]["mean"] == pytest.approx(sum(found["macro_f1"]["folds"]) / 2)


def test_checkthat_is_measured_on_its_own_test_part(write: Write) -> None:
    rows = [
        {
            "id": f"c{k}",
            "text": f"Part {k} is {'awful' if k % 2 else 'here'}.",
            "label": ("OBJ", "SUBJ")[k % 2],
            "split": split,
        }
        for split, count in (("train", 12), ("dev", 6), ("dev_test", 4))
        for k in range(count)
    ]
    found = benchmark("checkthat").trains(write("checkthat_en.jsonl", rows), default_folder())  # type: ignore[misc]
    assert (found["trained_on"], found["sentences"], found["support"]) == (12, 4, 2)
    assert 0.1 <= found["threshold"] <= 0.9


def test_links_of_essays_are_found_in_essays_not_trained_on(write: Write, public_folder: Path) -> None:
    [row] = [json.loads(line) for line in (public_folder / "aae_train.jsonl").read_text(encoding="utf-8").splitlines()]
    # Texts that are not the same: each essay has a name of its own in every sentence.
    essays = [{**row, "id": f"e{k}", "text": row["text"].replace("s", "s" + "abcdefgh"[k])} for k in range(8)]
    for essay in essays:
        shift = [place for place, letter in enumerate(row["text"]) if letter == "s"]
        essay["components"] = [
            {**c, "start": c["start"] + sum(place < c["start"] for place in shift)} for c in row["components"]
        ]
    found = benchmark("essays").trains(write("aae_train.jsonl", essays), default_folder())  # type: ignore[misc]
    assert found["documents"] == 8
    assert found["links"] == 16
    assert len(found["gold_roles"]["f1"]["folds"]) == len(found["end_to_end"]["f1"]["folds"]) == 2
    assert all(0 <= share <= 1 for share in found["roles"]["macro_f1"]["folds"])


MICROTEXT = {
    "id": "m0",
    "edus": {
        "e1": "Pills have risks.",
        "e2": "Nobody reads the leaflet.",
        "e3": "But it is clear.",
        "e4": "Ask first.",
    },
    "adus": {"a1": "pro", "a2": "pro", "a3": "opp", "a4": "pro"},
    "edges": [
        *({"id": f"s{k}", "src": f"e{k}", "trg": f"a{k}", "type": "seg"} for k in range(1, 5)),
        {"id": "c1", "src": "a1", "trg": "a4", "type": "sup"},
        {"id": "c2", "src": "a2", "trg": "c1", "type": "add"},
        {"id": "c3", "src": "a3", "trg": "c1", "type": "und"},
    ],
}


def test_a_microtext_is_a_document_with_links() -> None:
    [document] = convert("microtexts.jsonl", [MICROTEXT])
    assert document.texts[3] == "Ask first."
    assert document.supports == {(0, 3), (1, 3)}
    labels = STANDARD_SCHEMA.head("role").labels
    assert [labels[k] for k in document.labels["role"]] == ["premise", "premise", "background", "conclusion"]


def test_roles_of_microtexts_are_learned_where_they_are_measured(write: Write) -> None:
    import torch

    from analyzer.training.benchmarks.relations import documents_of
    from analyzer.training.losses import label_loss
    from analyzer.training.reading import Example

    [document] = documents_of(write("microtexts.jsonl", [MICROTEXT]), "microtexts", "texts")
    outputs = [(torch.zeros(4, 2), {"role": torch.zeros(4, 3)})]
    schema = LabelSchema((STANDARD_SCHEMA.head("role"),), links=True)
    assert float(label_loss(outputs, [Example(document, (), (), None)], schema, {})) > 0


def test_a_model_is_measured_on_microtexts_as_it_is(write: Write) -> None:
    job = write("microtexts.jsonl", [{**MICROTEXT, "id": f"m{k}"} for k in range(5)])
    found = benchmark("microtexts").measures(job, open_folder(default_folder()))  # type: ignore[misc]
    assert found["gold_roles"]["support"] == found["end_to_end"]["support"] == 10
    assert found["gold_roles"]["interval"] is not None


def test_links_are_measured_on_models_that_score_them_alone(write: Write, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    shutil.copytree(default_folder(), folder)
    schema = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
    (folder / "schema.json").write_text(json.dumps({**schema, "links": False}), encoding="utf-8")
    with pytest.raises(AnalyzerError, match="no support links"):
        benchmark("microtexts").measures(write("microtexts.jsonl", [MICROTEXT]), open_folder(folder))  # type: ignore[misc]


def test_a_span_counts_when_both_of_its_ends_are_right(public_folder: Path, run: RunCommand, tmp_path: Path) -> None:
    done = run("evaluate", "polnear", "--model", default_folder(), "--data", public_folder, "--json")
    assert done.returncode == 0, done.stderr.decode()
    result = json.loads(done.stdout)
    found = result["benchmarks"]["polnear"]
    assert result["model"]["name"] == open_folder(default_folder()).settings.name
    assert found["source"]["exact"]["support"] == found["cue"]["exact"]["support"] == 2
    for path in found["shown"]:
        assert 0 <= figure(found, path) <= 1
    # A gold span that ends with a full stop can be right only without it.
    row = json.loads((public_folder / "polnear_dev.jsonl").read_text(encoding="utf-8"))
    for attribution in row["attributions"]:
        attribution["cue"][0][1] += 1
    (tmp_path / "polnear_dev.jsonl").write_text(json.dumps(row), encoding="utf-8")
    job = Job(tmp_path)
    wider = benchmark("polnear").measures(job, open_folder(default_folder()))  # type: ignore[misc]
    assert wider["cue"]["exact"]["f1"] == 0
    assert wider["source"] == found["source"]


def test_sources_can_be_learned_from_the_corpus_alone(public_folder: Path, tmp_path: Path) -> None:
    [row] = [json.loads(x) for x in (public_folder / "polnear_train.jsonl").read_text(encoding="utf-8").splitlines()]
    for name, split in (("polnear_train.jsonl", "train"), ("polnear_dev.jsonl", "dev")):
        rows = [json.dumps({**row, "id": f"{split}{k}", "split": split}) + "\n" for k in range(12)]
        (tmp_path / name).write_text("".join(rows), encoding="utf-8")
    job = Job(tmp_path, {"epochs": 30, "tokens_per_step": 60})
    found = benchmark("polnear").trains(job, default_folder())  # type: ignore[misc]
    assert found["trained_on"] == 10
    assert found["source"]["exact"]["f1"] > 0.6


def test_bias_in_quotations_is_counted_apart(write: Write) -> None:
    row = {
        "id": "basil-1",
        "paragraphs": [["The mayor spoke.", "It was a fiasco."], ["“A disgrace,” she said.", "He left."]],
        "spans": [
            {"bias": "lex", "quote": "no", "txt": "fiasco", "id": "p1"},
            {"bias": "lex", "quote": "yes", "txt": "disgrace", "id": "p2"},
            {"bias": "inf", "quote": "no", "txt": "He left.", "id": "p3"},
        ],
    }
    found = benchmark("basil").measures(write("basil.jsonl", [row]), open_folder(default_folder()))  # type: ignore[misc]
    assert found["sentences"] == 4
    assert found["support"] == 1
    assert found["quoted"]["sentences"] == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["babe", "--data", "nowhere", "--encoder", default_folder()], "babe.jsonl"),
        (["basil", default_folder(), "--data", "nowhere"], "basil.jsonl"),
        (["essays", "--data", "nowhere"], "--encoder"),
        (["essays", "--data", "nowhere", "--encoder", "a", "--model", "b"], "--model"),
    ],
)
def test_what_is_missing_is_said_in_one_line(arguments: list[object], words: str, run: RunCommand) -> None:
    done = run("evaluate", *arguments)
    assert done.returncode == 2
    assert words in done.stderr.decode()
    assert len(done.stderr.decode().strip().splitlines()) == 1
