"""The metrics as modules of the `evaluate` library, loaded by it and without a network."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from analyzer.errors import AnalyzerError
from analyzer.training.metric_modules import MODULES, module_path

evaluate = pytest.importorskip("evaluate", reason="evaluate is not installed (extra train)")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("a metric went to the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def load(name: str, tmp_path: Path) -> Any:
    return evaluate.load(module_path(name), cache_dir=str(tmp_path))


@pytest.mark.parametrize("name", MODULES)
def test_every_module_loads_and_says_what_it_takes(name: str, tmp_path: Path) -> None:
    metric = load(name, tmp_path)
    assert "predictions" in metric.inputs_description
    assert "Returns" in metric.inputs_description


def test_links_of_all_documents_count_together(tmp_path: Path) -> None:
    found = load("link_f1", tmp_path).compute(
        predictions=[[[1, 0], [2, 0]], [], [[3, 1]]], references=[[[1, 0], [2, 1]], [[0, 1]], [[3, 1]]]
    )
    assert found == pytest.approx({"precision": 2 / 3, "recall": 0.5, "f1": 4 / 7, "support": 4})


def test_a_span_that_is_one_letter_short_is_wrong_but_overlaps(tmp_path: Path) -> None:
    found = load("span_f1", tmp_path).compute(predictions=[[[0, 10]], [[3, 6]]], references=[[[0, 9]], [[3, 6]]])
    assert found["f1"] == pytest.approx(0.5)
    assert found["overlap"]["precision"] == pytest.approx(12 / 13)
    assert found["overlap"]["recall"] == 1.0


def test_documents_without_a_conclusion_are_missed_or_invented(tmp_path: Path) -> None:
    found = load("dependence_error", tmp_path).compute(
        predictions=[0.1, 0.5, 0.9, None, 0.3], references=[0.2, 0.5, 0.7, 0.4, None]
    )
    assert found == {
        "documents": 3,
        "missed": 1,
        "invented": 1,
        "spearman": pytest.approx(1.0),
        "mean_absolute_error": pytest.approx(0.1),
    }


def test_labels_have_a_confusion_table(tmp_path: Path) -> None:
    found = load("label_f1", tmp_path).compute(
        predictions=[0, 1, 1, 0], references=[0, 1, 0, 0], labels=["named", "vague", "own"]
    )
    assert found["confusion"] == [[2, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert found["labels"]["named"]["recall"] == pytest.approx(2 / 3)
    assert found["macro_f1"] == pytest.approx((0.8 + 2 / 3) / 2)


def test_overconfidence_is_a_calibration_error(tmp_path: Path) -> None:
    found = load("calibration_error", tmp_path).compute(predictions=[[0.9, 0.1]] * 10, references=[0] * 5 + [1] * 5)
    assert found["ece"] == pytest.approx(0.4)


def test_an_unknown_metric_is_named() -> None:
    with pytest.raises(AnalyzerError, match="link_f1"):
        module_path("links")
