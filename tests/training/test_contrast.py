"""Contrast pairs: how they are read, and what counts as right. The labels are those that the model itself gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed (extra train)")

from analyzer.errors import AnalyzerError
from analyzer.model.folder import ModelFolder, default_folder, open_folder
from analyzer.schema import STANDARD_SCHEMA
from analyzer.training.contrast import load_contrast, measure_contrast
from analyzer.training.data import LabelledDocument
from analyzer.training.evaluation import predict_documents

A = ["The weir at Holt closed in May.", "Power failed across the town before sunrise."]
B = ["The weir at Holt closed in May.", "Power failed across the town before sunrise, the operator Northgrid said."]


def pair(**changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"id": "c-1", "kind": "attribution_added", "head": "sourcing", "from": "none", "to": "named"}
    for side, texts in (("a", A), ("b", B)):
        row[side] = {"sentences": texts, "paragraphs": [0, 0], "target": 1}
    return {**row, **changes}


def written(tmp_path: Path, *rows: dict[str, Any]) -> Path:
    path = tmp_path / "contrast.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder() -> ModelFolder:
    return open_folder(default_folder())


@pytest.fixture(scope="module")
def sourcing(folder: ModelFolder) -> list[str]:
    """What the model says of the second sentence in A and in B."""
    labels = STANDARD_SCHEMA.head("sourcing").labels
    documents = [LabelledDocument("d", "", "", tuple(texts), (0, 0), {}, None) for texts in (A, B)]
    return [labels[p.probabilities["sourcing"][1].argmax()] for p in predict_documents(folder, documents)]


def test_a_pair_is_right_when_both_sides_have_their_label(
    folder: ModelFolder, sourcing: list[str], tmp_path: Path
) -> None:
    wrong = next(label for label in STANDARD_SCHEMA.head("sourcing").labels if label not in sourcing)
    right = pair(**{"from": sourcing[0], "to": sourcing[1]})
    half = pair(**{"id": "c-2", "kind": "other", "from": wrong, "to": sourcing[1]})
    found = measure_contrast(folder, load_contrast(written(tmp_path, right, half), STANDARD_SCHEMA))
    assert found["pairs"] == 2
    assert found["all"]["both_right"]["share"] == 0.5
    assert found["kinds"]["attribution_added"]["both_right"]["share"] == 1.0
    assert found["kinds"]["other"] == {
        "head": "sourcing",
        "pairs": 1,
        "both_right": {"share": 0.0, "interval": pytest.approx((0.0, 0.793), abs=0.01)},
        "a_right": found["kinds"]["other"]["both_right"],
        "b_right": found["kinds"]["attribution_added"]["b_right"],
        "moved_right": found["kinds"]["attribution_added"]["moved_right"],
    }
    assert found["failed"] == [{"id": "c-2", "a": False, "b": True}]


def test_an_edit_moves_a_label_one_way_only(folder: ModelFolder, tmp_path: Path) -> None:
    there = pair(head="loaded", kind="there", **{"from": "no", "to": "yes"})
    back = pair(head="loaded", kind="back", **{"from": "yes", "to": "no"})
    kinds = measure_contrast(folder, load_contrast(written(tmp_path, there, back), STANDARD_SCHEMA))["kinds"]
    assert kinds["there"]["moved_right"]["share"] + kinds["back"]["moved_right"]["share"] == 1.0
    assert kinds["there"]["a_right"]["share"] + kinds["back"]["a_right"]["share"] == 1.0


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda row: row.update(head="mood"), "'mood'"),
        (lambda row: row.update({"to": "rumour"}), "'rumour'"),
        (lambda row: row.update(head="loaded"), "yes, no"),
        (lambda row: row["a"].update(target=2), "target 2"),
        (lambda row: row["b"].update(paragraphs=[0]), "1 paragraph"),
        (lambda row: row.pop("b"), "'b'"),
    ],
)
def test_a_wrong_pair_is_named_with_file_and_line(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], word: str
) -> None:
    bad = pair()
    bad["a"], bad["b"] = dict(bad["a"]), dict(bad["b"])
    change(bad)
    with pytest.raises(AnalyzerError) as raised:
        load_contrast(written(tmp_path, pair(), bad), STANDARD_SCHEMA)
    assert "contrast.jsonl:2" in str(raised.value)
    assert word in str(raised.value)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    with pytest.raises(AnalyzerError, match="no contrast pair"):
        load_contrast(path, STANDARD_SCHEMA)
    path.write_text("[" * 200_000, encoding="utf-8")
    with pytest.raises(AnalyzerError, match=r"contrast\.jsonl:1: not a contrast pair"):
        load_contrast(path, STANDARD_SCHEMA)


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = written(tmp_path, pair())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(load_contrast(path, STANDARD_SCHEMA)) == 1
