"""What is measured, against values worked out by hand."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analyzer.model.predictions import Predictions
from analyzer.schema import STANDARD_SCHEMA, Head, HeadKind, LabelSchema
from analyzer.training.data import LabelledDocument, load_labelled

pytest.importorskip("sklearn", reason="scikit-learn is not installed (extra train)")

from analyzer.training.baselines import baseline_f1, keyword_label
from analyzer.training.calibration import _temperature, fit_temperatures, fit_thresholds
from analyzer.training.measures import measures_of
from analyzer.training.metrics import expected_calibration_error, head_metrics, label_counts
from analyzer.training.resampling import draw, f1, interval, value
from analyzer.training.score_metrics import gold_dependence
from tests.training.conftest import labelled_document


def test_macro_f1_is_the_mean_over_all_labels_of_the_head() -> None:
    head = STANDARD_SCHEMA.head("role")
    gold = np.array([0, 0, 1, 2])
    predicted = np.eye(3, dtype=np.float32)[[0, 1, 1, 2]]
    measured = head_metrics(head, gold, predicted, 0.5)
    assert measured["labels"]["conclusion"] == pytest.approx(
        {"precision": 1.0, "recall": 0.5, "f1": 2 / 3, "support": 2}
    )
    assert measured["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert measured["confusion"] == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]


def test_a_label_that_nobody_has_and_nobody_gave_does_not_lower_the_macro_f1() -> None:
    head = STANDARD_SCHEMA.head("sourcing")
    measured = head_metrics(head, np.array([0, 0, 3]), np.eye(4, dtype=np.float32)[[0, 0, 3]], 0.5)
    assert measured["macro_f1"] == 1.0


def test_a_label_of_several_that_does_not_occur_does_not_lower_the_macro_f1() -> None:
    head = Head("tone", HeadKind.MULTI, ("calm", "heated", "sad"))
    gold = np.array([[1, 0, 0], [0, 1, 0]])
    measured = head_metrics(head, gold, gold.astype(np.float32), 0.5)
    assert measured["macro_f1"] == 1.0
    assert value(f1(label_counts(head, gold, gold.astype(np.float32), 0.5)[None]), 1) == 1.0


def test_the_measure_of_yes_and_no_is_the_figure() -> None:
    head = Head("fear", HeadKind.MULTI, ("fear",))
    schema = LabelSchema((head,), links=False)
    rng = np.random.default_rng(0)
    documents, predictions = [], []
    for number in range(6):
        gold, p = rng.integers(0, 2, (5, 1)), rng.random((5, 1)).astype(np.float32)
        texts = tuple(f"Text {number} {k}." for k in range(5))
        documents.append(LabelledDocument(str(number), "t", "dev", texts, (0,) * 5, {"fear": gold}, None))
        predictions.append(Predictions({"fear": p}, np.zeros((5, 1), np.float32), ()))
    gold = np.concatenate([document.labels["fear"] for document in documents])
    p = np.concatenate([prediction.probabilities["fear"] for prediction in predictions])
    measures = measures_of(documents, predictions, None, schema, {"fear": 0.4})  # type: ignore[arg-type]
    expected = head_metrics(head, gold, p, 0.4)["macro_f1_yes_no"]
    assert value(measures["heads.fear.macro_f1_yes_no"], 6) == pytest.approx(expected)


def test_a_yes_or_no_head_has_a_confusion_table() -> None:
    head = STANDARD_SCHEMA.head("loaded")
    found = np.array([[0.9], [0.4], [0.2], [0.1]], dtype=np.float32)
    measured = head_metrics(head, np.array([[1], [0], [1], [0]]), found, 0.3)
    assert measured["confusion"] == {"loaded": [[1, 1], [1, 1]]}


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    confidence = np.full(100, 0.9)
    assert expected_calibration_error(confidence, np.arange(100) < 90) == pytest.approx(0.0, abs=1e-9)
    assert expected_calibration_error(confidence, np.arange(100) < 60) == pytest.approx(0.3)


def test_the_interval_holds_the_figure_and_narrows_with_more_documents() -> None:
    head = STANDARD_SCHEMA.head("role")
    rng = np.random.default_rng(0)
    gold = [rng.integers(0, 3, 20) for _ in range(200)]
    found = [np.eye(3, dtype=np.float32)[np.where(rng.random(20) < 0.7, g, (g + 1) % 3)] for g in gold]
    whole = head_metrics(head, np.concatenate(gold), np.concatenate(found), 0.5)["macro_f1"]
    counts = [label_counts(head, g, p, 0.5) for g, p in zip(gold, found, strict=True)]
    between, few = interval(f1(counts), draw(200)), interval(f1(counts[:20]), draw(20))
    assert between is not None
    assert few is not None
    (low, high), (few_low, few_high) = between, few
    assert low < whole < high
    assert high - low < few_high - few_low


def test_the_temperature_that_made_the_logits_too_sharp_is_found() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1.5, (20_000, 3))
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    gold = (p.cumsum(1) < rng.random((20_000, 1))).sum(1)
    assert _temperature(logits * 2.5, np.eye(3)[gold]) == pytest.approx(2.5, rel=0.05)


def test_labels_that_calibration_documents_lack_leave_thresholds_and_temperatures_as_they_are() -> None:
    heads = Head("fear", HeadKind.MULTI, ("fear",)), Head("tone", HeadKind.SINGLE, ("calm", "heated"))
    schema = LabelSchema(heads, links=False)
    gold = {"fear": np.zeros((4, 1), dtype=np.int64), "tone": np.ones(4, dtype=np.int64)}
    document = LabelledDocument("d", "t", "calibration", ("A.", "B.", "C.", "D."), (0,) * 4, gold, None)
    found = {"fear": np.array([[0.1], [0.3], [0.4], [0.6]], np.float32), "tone": np.full((4, 2), 0.5, np.float32)}
    prediction = Predictions(found, np.zeros((4, 1), np.float32), ())
    assert fit_thresholds([document], [prediction], None, schema) == {"fear": 0.5}
    assert fit_temperatures([document], [prediction], None, schema) == {"fear": 1.0, "tone": 1.0}
    unlabelled = LabelledDocument("d", "t", "calibration", document.texts, document.paragraphs, {}, None)
    assert fit_temperatures([unlabelled], [prediction], None, schema) == {"fear": 1.0, "tone": 1.0}


def test_of_thresholds_that_are_equally_good_the_one_nearest_to_a_half_is_taken() -> None:
    head = Head("fear", HeadKind.MULTI, ("fear",))
    gold = {"fear": np.array([[1], [0], [0]])}
    document = LabelledDocument("d", "t", "calibration", ("A.", "B.", "C."), (0,) * 3, gold, None)
    for found, threshold in (((0.9, 0.3, 0.1), 0.5), ((0.9, 0.57, 0.1), 0.58), ((0.41, 0.3, 0.1), 0.4)):
        p = {"fear": np.array(found, np.float32)[:, None]}
        prediction = Predictions(p, np.zeros((3, 1), np.float32), ())
        fitted = fit_thresholds([document], [prediction], None, LabelSchema((head,), links=False))
        assert fitted == {"fear": threshold}


def test_baselines_of_a_head_with_one_label_in_training_give_that(labelled_file: Path) -> None:
    documents = load_labelled(labelled_file, STANDARD_SCHEMA)
    head = STANDARD_SCHEMA.head("sourcing")
    alike = [replace(d, labels={"sourcing": np.full(len(d.texts), 3)}) for d in documents[:4]]
    found = baseline_f1(alike, documents[4:6], LabelSchema((head,), links=False))
    # Eight of fourteen are right, of one label of four: F1 is 8 / 11 for that and 0 for the others.
    assert found["tfidf_logistic_regression"]["sourcing"] == pytest.approx(2 / 11)


def test_the_score_of_gold_labels(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps(labelled_document(0, "train")) + "\n", encoding="utf-8")
    found = gold_dependence(load_labelled(path, STANDARD_SCHEMA)[0])
    # Half rests on a named fact, half on a vague source, which counts for a quarter.
    assert found == pytest.approx((0.375, 0.0), abs=1e-6)


@pytest.mark.parametrize(
    ("head", "text", "label"),
    [
        ("type", "Who pays for it?", "non_assertive"),
        ("type", "The plan might fail before the spring comes.", "speculation"),
        ("sourcing", "Critics say it is too late.", "vague"),
        ("sourcing", "The river rose.", "none"),
        ("loaded", "The radical plan passed.", "loaded"),
        ("role", "We should therefore stop.", "conclusion"),
    ],
)
def test_keyword_rules_know_their_words(head: str, text: str, label: str) -> None:
    assert keyword_label(head, text) == label


def test_scores_of_the_gold_labels_are_what_the_design_says() -> None:
    folder = os.environ.get("ANALYZER_LABELS")
    if not folder:
        pytest.skip("set ANALYZER_LABELS to the folder of annotated.jsonl to check the score on the gold labels")
    documents = load_labelled(Path(folder) / "annotated.jsonl", STANDARD_SCHEMA)
    scores = np.array([s for d in documents if d.source == "natsci" and (s := gold_dependence(d)) is not None])
    assert scores.mean(0) == pytest.approx([0.81, 0.70], abs=0.03)
