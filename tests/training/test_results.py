"""Results put together into a card: what was measured appears, what was not does not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed (extra train)")

from analyzer.errors import AnalyzerError
from analyzer.model.folder import default_folder
from analyzer.training.card import write_card
from analyzer.training.recording import record
from analyzer.training.result_tables import Results, Table, aligned, markdown
from analyzer.training.results import figure, merged, over_seeds
from analyzer.training.section_tables import all_tables
from tests.conftest import RunCommand

CHANGED = {name: {"mean": 0.01, "interval": [0.0, 0.03]} for name in ("type", "loaded", "any", "mean")}
MOVES = {
    "swaps": 4,
    "probability": {"mean": -0.0123, "interval": [-0.02, 0.01]},
    "rate": {"mean": 0.0, "interval": None},
}
EVEN = {
    "swaps": 9,
    "sentences": 8,
    "documents": 5,
    "changed": CHANGED,
    "meaningless_edit": CHANGED,
    "loaded": dict.fromkeys(("first_to_second", "second_to_first", "second_minus_first"), MOVES),
}
SHARE = {"share": 0.75, "interval": [0.6, 0.85]}
KIND = {"pairs": 4, "both_right": SHARE, "a_right": SHARE, "b_right": SHARE, "moved_right": SHARE}
COMPARED = {"heads.type.macro_f1": {"figure": 0.8, "other": 0.79, "difference": 0.01, "interval": [-0.01, 0.03]}}
SECTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "Compared": ({"comparisons": {"fp32": COMPARED}}, "| type macro f1 | 0.800 | 0.790 | +0.010 | -0.010 to +0.030 |"),
    "Contrast sets": (
        {"contrast": {"pairs": 4, "all": KIND, "kinds": {"a_b": {"head": "type", **KIND}}}},
        "| a b | type |",
    ),
    "Even-handedness": ({"even_handedness": {"all": EVEN, "groups": {"parties": EVEN}}}, "-0.012 (-0.020 to +0.010)"),
    "Public benchmarks": (
        {"benchmarks": {"babe": {"shown": ["f1"], "encoder": "small", "f1": {"mean": 0.8, "sd": 0.02, "folds": []}}}},
        "| babe: f1 | 0.800 ± 0.020 | trained from small |",
    ),
}


@pytest.fixture
def metrics() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((default_folder() / "metrics.json").read_text(encoding="utf-8"))
    while found["training"].get("before"):
        found["training"] = found["training"]["before"]  # the first course, which trains all of it
    return {name: found[name] for name in ("model", "training", "data", "calibration", "dev", "baselines_dev")}


@pytest.mark.parametrize("title", SECTIONS)
def test_a_section_stands_in_the_card_when_it_was_measured(title: str, metrics: dict[str, Any]) -> None:
    section, row = SECTIONS[title]
    assert f"## {title}\n" not in write_card(metrics)
    card = write_card(merged(metrics, section))
    assert f"## {title}\n" in card
    assert row in card
    for other in SECTIONS:
        assert (f"## {other}\n" in card) == (other == title)


def test_the_card_has_the_command_of_every_training_in_their_order(metrics: dict[str, Any]) -> None:
    first = {**metrics["training"], "encoder": "some-encoder", "epochs": 7, "encoder_rate": 3e-4, "before": None}
    last = {**metrics["training"], "encoder": "default-1", "epochs": 3, "before": first}
    card = write_card({**metrics, "training": last})
    assert "**Encoder**: some-encoder, 7 epochs at a learning rate of 0.0003" in card
    commands = card[card.index("## Make it again") :]
    assert "--encoder some-encoder" in commands and "-o models/default-1" in commands
    second = commands[commands.index("-o models/default-1") :]
    assert (
        "--encoder models/default-1" in second
        and "--epochs 3" in second
        and second.endswith("-o models/default-again\n")
    )


def test_the_card_says_of_other_labels_only_what_it_knows(metrics: dict[str, Any]) -> None:
    sources = {"weekly": 40}
    other = {
        **metrics,
        "data": {use: {"documents": 40, "sentences": 200, "sources": sources} for use in ("fit", "dev")},
    }
    started = {**metrics["training"], "encoder": "default", "before": metrics["training"], "begun_elsewhere": True}
    card = write_card({**other, "training": started})
    assert "weekly 40" in card and "It started from default, which was trained before" in card
    assert not any(words in card for words in ("language models", "editorials", "annotated.jsonl", "labels join"))
    assert card.count("analyzer train labelled.jsonl") == 1
    course = write_card({**other, "training": {**started, "encoder": "mine-1", "begun_elsewhere": False}})
    assert "started from" not in course and course.count("analyzer train labelled.jsonl") == 3
    assert "made by language models" in write_card(metrics)


def test_what_an_int8_training_must_not_find_is_removed_from_the_model_before_alone(metrics: dict[str, Any]) -> None:
    above = {"above_int8": True, "from_int8": True, "teachers": ["default"], "steps": 800, "swaps": "swaps_train.json"}
    first = {**metrics["training"], **above, "encoder": "models/large", "class_balance": 0.5, "before": None}
    card = write_card({**metrics, "training": {**first, "encoder": "default-1", "before": first}})
    assert [line.strip() for line in card.splitlines() if line.startswith("    rm ")] == [
        "rm models/default-1/model.safetensors"
    ]
    assert card.count("--class-weights 0.5") == 2
    assert "sizes of steps" in card


def test_the_card_has_mean_and_spread_over_seeds(metrics: dict[str, Any]) -> None:
    results = []
    for change in (-0.02, 0.0, 0.02):
        of_seed = json.loads(json.dumps(metrics))
        of_seed["dev"]["heads"]["type"]["macro_f1"] = 0.8 + change
        results.append(of_seed)
    assert "±" not in write_card(metrics)
    card = write_card({**metrics, "seeds": over_seeds(results)})
    assert "3 seeds" in card
    assert "0.800 ± 0.020" in card


@pytest.mark.parametrize(
    ("seeds", "says"), [((0, 0), "whose last course alone"), ((0, 1), "of which every course was run")]
)
def test_the_card_says_which_courses_had_other_seeds(
    metrics: dict[str, Any], seeds: tuple[int, int], says: str
) -> None:
    courses = {**metrics, "training": {**metrics["training"], "before": metrics["training"]}}
    results = [json.loads(json.dumps(courses)) for _ in seeds]
    for result, seed in zip(results, seeds, strict=True):
        result["training"]["before"]["seed"] = seed
    assert says in write_card({**courses, "seeds": over_seeds(results)})


def test_only_figures_that_every_result_has_are_spread() -> None:
    found = over_seeds([{"a": {"b": 1.0, "c": 2}, "d": "x"}, {"a": {"b": 2.0}}])
    assert found == {"results": 2, "figures": {"a.b": {"mean": 1.5, "sd": pytest.approx(0.7071, abs=1e-4)}}}
    with pytest.raises(AnalyzerError, match="at least 2"):
        over_seeds([{"a": 1}])


def test_a_figure_is_found_by_its_path_even_where_a_name_has_full_stops() -> None:
    result = {"a": {"b": {"c": 1}, "d.e": 2}}
    assert [figure(result, path) for path in ("a.b.c", "a.d.e", "a.x.c")] == [1, 2, None]


def test_labels_and_heads_with_full_stops_keep_their_figures(metrics: dict[str, Any]) -> None:
    row = {"precision": 0.5, "recall": 0.6, "f1": 0.543, "support": 7}
    head = {"macro_f1": 0.321, "ece": 0.1, "labels": {"U.S. press": row}, "confusion": []}
    told = {"dev": {**metrics["dev"], "heads": {"v1.0": head}, "intervals": {"heads.v1.0.macro_f1": [0.3, 0.4]}}}
    text = "\n".join(map(markdown, all_tables(Results(told), "dev")))
    assert "| v1.0 | 0.321 | 0.300 to 0.400 | 0.100 |" in text
    assert "| v1.0: U.S. press | 0.500 | 0.600 | 0.543 |" in text


def test_tables_for_terminals_are_aligned_and_for_markdown_escaped() -> None:
    table = Table("T", ["a", "number"], [["x|y", "1"], ["long name", "22"]], "A note.")
    assert aligned(table).splitlines() == [
        "T",
        "a          number",
        "x|y             1",
        "long name      22",
        "A note.",
    ]
    assert "| x\\|y | 1 |" in markdown(table)


def test_a_confusion_table_names_its_rows(metrics: dict[str, Any]) -> None:
    text = "\n".join(map(aligned, all_tables(Results(metrics), "dev")))
    assert "Confusion of sourcing" in text
    assert "is, called  named  vague  own  none" in text


def test_results_are_recorded_in_the_folder(tmp_path: Path, run: RunCommand) -> None:
    folder = tmp_path / "model"
    shutil.copytree(default_folder(), folder)
    before = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    contrast, babe = tmp_path / "contrast.json", tmp_path / "babe.json"
    contrast.write_text(json.dumps({"model": before["model"], **SECTIONS["Contrast sets"][0]}), encoding="utf-8")
    babe.write_text(json.dumps(SECTIONS["Public benchmarks"][0]), encoding="utf-8")
    metrics = folder / "metrics.json"
    done = run(
        "evaluate", "card", folder, contrast, babe, "--seeds", metrics, "--seeds", default_folder() / "metrics.json"
    )
    assert done.returncode == 0, done.stderr.decode()
    after = json.loads(metrics.read_text(encoding="utf-8"))
    assert after["dev"] == before["dev"]
    assert after["seeds"]["results"] == 2
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "## Contrast sets" in card
    assert "## Public benchmarks" in card
    assert "± 0.000" in card
    assert "(ERRORS.md)" in card


def test_words_that_were_marked_in_public_documents_too_are_not_recorded_over(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(default_folder(), folder)
    before = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    counts = {key: before["data"]["dev"][key] for key in ("documents", "sentences")}
    result = tmp_path / "result.json"
    row = {"words": {"f1": 0.1}, "spans": {"f1": 0.1}}
    dev = {**counts, "spans": {"cue": row}, "intervals": {"heads.type.macro_f1": [0.1, 0.2]}}
    result.write_text(json.dumps({"model": before["model"], "dev": dev}), encoding="utf-8")
    record(folder, [result], [])
    after = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert after["dev"]["spans"] == before["dev"]["spans"]
    assert after["dev"]["intervals"]["heads.type.macro_f1"] == [0.1, 0.2]


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"model": {"name": "another", "version": "9"}}, "another"),
        ({"limit": 3}, "--limit 3"),
        ({"dev": {"documents": 1, "sentences": 9}}, "1 documents of 9 sentences"),
    ],
)
def test_results_of_another_model_or_of_a_trial_are_refused(
    result: dict[str, Any], words: str, tmp_path: Path, run: RunCommand
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(default_folder(), folder)
    card = (folder / "README.md").read_bytes()
    other = tmp_path / "other.json"
    other.write_text(json.dumps(result), encoding="utf-8")
    done = run("evaluate", "card", folder, other)
    assert done.returncode == 2
    assert words in done.stderr.decode()
    assert (folder / "README.md").read_bytes() == card
