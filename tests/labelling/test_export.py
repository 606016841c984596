"""Pre-labelling with the model, and the commands that export, import and count."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from analyzer.cli import command_line
from analyzer.labelling import label_studio
from analyzer.labelling.choosing import choose_items, plain_item
from analyzer.labelling.documents import AnnotatedDocument, document_of, read_documents
from analyzer.labelling.exchange import Item
from analyzer.labelling.form import problems_of_form
from analyzer.labelling.label_studio_import import from_label_studio
from analyzer.labelling.prediction import PreLabeller
from analyzer.labelling.rules import is_attributed
from analyzer.schema import STANDARD_SCHEMA
from tests.conftest import EXAMPLES, RunCommand
from tests.labelling.specs import FEARS, column, write

ARTICLE = EXAMPLES / "technology-analysis.md"


@pytest.fixture(scope="module")
def labeller() -> PreLabeller:
    return PreLabeller(None)


@pytest.fixture(scope="module")
def items(labeller: PreLabeller) -> list[Item]:
    found: list[Item] = []
    for path in sorted(EXAMPLES.glob("*.md")):
        found.append(plain_item(path, labeller, {item.shown.id for item in found}))
    return found


def test_predictions_have_the_form_of_labelled_documents_and_obey_what_rules_decide(items: list[Item]) -> None:
    for item in items:
        row = json.loads(json.dumps(label_studio.tasks([item])))  # what cannot be written fails here
        assert row
        assert item.predicted is not None
        for index, sentence in enumerate(item.shown.sentences):
            labels = sentence.labels
            assert labels["content"] == labels["type"] or is_attributed(sentence)
            assert labels["sourcing"] == "none" or labels["type"] != "non_assertive"
            assert len(sentence.supports) <= 3
            assert all(item.shown.sentences[j].labels["role"] != "background" for j in sentence.supports)
            assert bool(sentence.supports) <= (labels["role"] != "background")
            assert all(0.0 <= score <= 1.0 for score in item.predicted.scores[index].values())
            assert set(item.predicted.scores[index]) == set(labels)
        assert item.predicted.unsure.shape == (len(item.shown.sentences),)
    assert any(s.supports for item in items for s in item.shown.sentences)


def test_sentences_are_the_words_of_the_article_and_marks_lie_in_them(items: list[Item]) -> None:
    (item,) = [item for item in items if item.shown.id == "technology-analysis"]
    article = " ".join(ARTICLE.read_text(encoding="utf-8").split())
    assert len(item.shown.sentences) > 60
    assert all(s.text == " ".join(s.text.split()) for s in item.shown.sentences)
    assert sum(s.text in article for s in item.shown.sentences) > 0.8 * len(item.shown.sentences)
    for sentence in item.shown.sentences:
        for mark in sentence.marks:
            assert sentence.text[mark.start : mark.end].strip()


def test_a_labelled_document_keeps_its_labels_and_gets_the_model_s_beside_them(labeller: PreLabeller) -> None:
    document = document_of(column(), STANDARD_SCHEMA)
    predicted = labeller.label(document)
    assert [s.text for s in predicted.document.sentences] == [s.text for s in document.sentences]
    (task,) = label_studio.tasks([Item(document, predicted)])
    assert list(from_label_studio(json.dumps([task]), STANDARD_SCHEMA, name="t").documents) == [document]
    (prediction,) = task["predictions"]
    assert 0.0 <= prediction["score"] <= 1.0
    scores = [region["score"] for region in prediction["result"] if region["type"] == "choices"]
    assert scores
    assert all(0.0 <= score <= 1.0 for score in scores)


def test_predictions_are_valid_for_label_studio_itself(items: list[Item]) -> None:
    sdk = pytest.importorskip("label_studio_sdk.label_interface", reason="pip install --no-deps label-studio-sdk")
    interface = sdk.LabelInterface(label_studio.config(STANDARD_SCHEMA))
    for task in label_studio.tasks(items):
        assert interface.validate_task({"data": task["data"]})
        for prediction in task["predictions"]:
            assert interface.validate_prediction(prediction, return_errors=True) == []


def test_a_prediction_that_is_submitted_as_it_is_comes_back_as_it_was(items: list[Item]) -> None:
    tasks = label_studio.tasks(items)
    for task in tasks:
        task["annotations"] = task.pop("predictions")
    imported = from_label_studio(json.dumps(tasks), STANDARD_SCHEMA, name="t")
    assert imported.left_out == ()
    for document, item in zip(imported.documents, items, strict=True):
        assert document.sentences == item.shown.sentences


def test_the_most_uncertain_document_comes_first_and_only_as_many_as_asked(items: list[Item]) -> None:
    chosen = choose_items(items, 2, "document")
    assert len(chosen) == 2
    assert chosen[0] is max(items, key=lambda item: item.predicted.unsure.mean() if item.predicted else 0.0)


def test_chosen_sentences_are_exported_with_their_documents_text(items: list[Item]) -> None:
    chosen = choose_items(items, 5, "sentence")
    assert sum(len(item.wanted) for item in chosen) == 5
    unsure = [item.predicted.unsure for item in items if item.predicted is not None]
    best = int(np.argmax([u.max() for u in unsure]))
    assert int(unsure[best].argmax()) in {
        i for item in chosen if item.shown.id == items[best].shown.id for i in item.wanted
    }
    for item, task in zip(chosen, label_studio.tasks(chosen), strict=True):
        regions = [r for r in task["predictions"][0]["result"] if r.get("from_name") == "sentences"]
        assert [r["value"]["text"] for r in regions] == [item.shown.sentences[i].text for i in item.wanted]
        assert len(task["data"]["text"]) > sum(len(r["value"]["text"]) for r in regions)


def exported_rows(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))


def test_articles_become_tasks_beside_a_configuration(run: RunCommand, tmp_path: Path) -> None:
    done = run("labels", "export", ARTICLE, "--to", "label-studio", "-o", "tasks.json", "--config", "labelling.xml")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    (task,) = json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8"))
    assert task["data"]["id"] == "technology-analysis"
    assert "annotations" not in task
    assert (tmp_path / "labelling.xml").read_text(encoding="utf-8") == label_studio.config(STANDARD_SCHEMA)


def test_articles_become_rows_to_correct_and_labelled_documents(run: RunCommand, tmp_path: Path) -> None:
    done = run("labels", "export", ARTICLE, "--to", "csv", "-o", "rows.csv")
    assert done.returncode == 0, done.stderr.decode()
    rows = exported_rows((tmp_path / "rows.csv").read_bytes())
    assert all(row["type"] == row["predicted_type"] and 0 <= float(row["score_type"]) <= 1 for row in rows)
    done = run("labels", "import", "rows.csv", "--from", "csv", "-o", "back.jsonl")
    assert done.returncode == 0, done.stderr.decode()
    done = run("labels", "export", ARTICLE, "--to", "jsonl", "-o", "direct.jsonl")
    assert done.returncode == 0
    (direct,), (back,) = (read_documents(tmp_path / n, STANDARD_SCHEMA) for n in ("direct.jsonl", "back.jsonl"))
    assert direct == back
    row = json.loads((tmp_path / "direct.jsonl").read_text(encoding="utf-8"))
    assert row["sentences"][0]["predicted"]["type"].keys() == {"label", "score"}
    assert not list(problems_of_form(row, STANDARD_SCHEMA))
    done = run("labels", "import", "direct.jsonl", "--from", "jsonl")
    assert b"predicted" not in done.stdout


def test_only_the_sentences_asked_for_are_exported_with_their_neighbours(run: RunCommand, tmp_path: Path) -> None:
    done = run("labels", "export", ARTICLE, "--to", "csv", "--uncertain", "3", "--unit", "sentence")
    rows = exported_rows(done.stdout)
    assert len(rows) == 3
    assert all(row["before"] or row["after"] for row in rows)
    # What was chosen alone lacks what it supports, and is no worse for it.
    (tmp_path / "chosen.csv").write_bytes(done.stdout)
    assert run("labels", "import", "chosen.csv", "--from", "csv", "-o", "chosen.jsonl").returncode == 0
    checked = run("labels", "check", "chosen.jsonl")
    assert checked.returncode == 0, checked.stdout.decode()


def test_labelled_documents_are_exported_without_the_model_unless_asked(run: RunCommand, tmp_path: Path) -> None:
    write(tmp_path / "l.jsonl", column())
    plain = exported_rows(run("labels", "export", "l.jsonl", "--to", "csv").stdout)
    assert "score_type" not in plain[0]
    assert [row["type"] for row in plain] == [s["type"] for s in column()["sentences"]]
    asked = exported_rows(run("labels", "export", "l.jsonl", "--to", "csv", "--predict").stdout)
    assert "score_type" in asked[0]
    assert [row["type"] for row in asked] == [row["type"] for row in plain]


def test_a_document_that_cannot_be_read_does_not_stop_the_others(run: RunCommand, tmp_path: Path) -> None:
    write(tmp_path / "l.jsonl", column())
    (tmp_path / "bad.jsonl").write_text("{}\n", encoding="utf-8")
    done = run("labels", "export", "bad.jsonl", "l.jsonl", "--to", "csv")
    assert done.returncode == 2
    assert len(exported_rows(done.stdout)) == 4
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("analyzer: bad.jsonl:1: ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["export", "l.jsonl", "--to", "xml"], "label-studio, jsonl, csv"),
        (["export", "l.jsonl", "--to", "csv", "--unit", "word"], "document, sentence"),
        (["export", "l.jsonl", "--to", "csv", "--config", "c.xml"], "label-studio"),
        (["export", "l.jsonl", "--to", "csv", "--predict", "--schema", "fears.json"], "heads"),
        (["export", "l.jsonl", "--to", "csv", "--schema", "none.json"], "none.json"),
        (["export", "l.jsonl", "--to", "csv", "--predict", "--model", "none"], "none"),
        (["import", "l.jsonl", "--from", "xml"], "label-studio, jsonl, csv"),
        (["import", "l.jsonl", "--from", "csv", "--annotator", "7"], "--annotator"),
        (["import", "l.jsonl", "--from", "label-studio"], "export the project as JSON"),
        (["import", "none.csv", "--from", "csv"], "none.csv"),
        (["stats", "none.jsonl"], "none.jsonl"),
    ],
)
def test_what_cannot_be_done_is_one_line(run: RunCommand, tmp_path: Path, arguments: list[str], words: str) -> None:
    write(tmp_path / "l.jsonl", column())
    (tmp_path / "fears.json").write_text(FEARS.to_json(), encoding="utf-8")
    done = run("labels", *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("analyzer: ")
    assert words in line


def test_unfinished_tasks_are_named_and_the_exit_code_is_one(run: RunCommand, tmp_path: Path) -> None:
    document = document_of(column(), STANDARD_SCHEMA)
    other = AnnotatedDocument("w-2", "written", "train", document.sentences, document.span_labels)
    tasks = label_studio.tasks([Item(document, None), Item(other, None)])
    tasks[1]["annotations"] = []
    (tmp_path / "export.json").write_text(json.dumps(tasks), encoding="utf-8")
    done = run("labels", "import", "export.json", "--from", "label-studio", "-o", "l.jsonl")
    assert done.returncode == 1
    assert "left out: export.json: task 'w-2': nobody has annotated it" in done.stderr.decode()
    assert read_documents(tmp_path / "l.jsonl", STANDARD_SCHEMA) == [document]
    (tmp_path / "export.json").write_text(json.dumps(tasks[1:]), encoding="utf-8")
    assert run("labels", "import", "export.json", "--from", "label-studio", "-o", "l.jsonl").returncode == 1
    assert read_documents(tmp_path / "l.jsonl", STANDARD_SCHEMA) == [document]


def test_stats_count_labels_genres_links_and_marked_words(run: RunCommand, tmp_path: Path) -> None:
    write(tmp_path / "l.jsonl", column(), column() | {"id": "w-2", "split": "dev", "genre": "\x1b[31mbrief"})
    done = run("labels", "stats", "l.jsonl")
    assert done.returncode == 0, done.stderr.decode()
    text = done.stdout.decode()
    assert "\x1b" not in text
    assert text.splitlines()[0] == "2 documents, 8 sentences"
    assert "4 links in 2 documents" in text
    counted = json.loads(run("labels", "stats", "--json", "l.jsonl").stdout)
    assert counted["heads"]["role"] == {"premise": 4, "background": 2, "conclusion": 2}
    assert counted["heads"]["loaded"] == {"not loaded": 6, "loaded": 2}
    assert counted["split"] == {"dev": 1, "train": 1}
    assert counted["genre"]["column"] == 1
    assert counted["spans"] == {"cue": 2, "loaded": 2, "quoted_loaded": 2, "source": 2}
    assert counted["sentences_a_document"] == {"least": 4, "median": 4, "mean": 4, "most": 4}
    assert counted["links"]["distance"]["most"] == 2


def test_every_command_explains_itself_with_an_example() -> None:
    for command in ("check", "agreement", "stats", "export", "import", "join", "detach"):
        text = CliRunner().invoke(command_line(), ["labels", command, "--help"]).output
        assert f"analyzer labels {command} " in text
        assert "Example" in text
