"""Reading labelled documents and splitting them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analyzer.errors import AnalyzerError
from analyzer.schema import STANDARD_SCHEMA, Head, HeadKind, LabelSchema
from analyzer.training.data import load_labelled
from analyzer.training.problems import BadData
from analyzer.training.splits import hold_out
from tests.training.conftest import labelled_document


def test_labels_and_links_are_read(labelled_file: Path) -> None:
    document = load_labelled(labelled_file, STANDARD_SCHEMA)[0]
    roles = STANDARD_SCHEMA.head("role").labels
    assert [roles[k] for k in document.labels["role"]][:4] == ["background", "premise", "premise", "conclusion"]
    assert document.labels["loaded"][:, 0].tolist() == [0, 0, 0, 1, 0, 0, 0]
    assert document.supports == {(1, 3), (2, 3)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda row: row["sentences"][1].update(type="rumour"), ["'rumour'", "speculation"]),
        (lambda row: row["sentences"][1].update(supports=[99]), ["leaves"]),
        (lambda row: row["sentences"][1].update(supports=[1]), ["itself"]),
        (lambda row: row["sentences"][1].pop("role"), ["role"]),
        (lambda row: row.pop("sentences"), ["sentences"]),
        (lambda row: row.update(split="validation"), ["'validation'", "train, calibration, dev"]),
    ],
)
def test_a_wrong_label_is_named_with_file_and_line(tmp_path: Path, change, words: list[str]) -> None:  # type: ignore[no-untyped-def]
    good, bad = labelled_document(0, "train"), labelled_document(1, "train")
    change(bad)
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps(good) + "\n\n" + json.dumps(bad) + "\n", encoding="utf-8")
    with pytest.raises(AnalyzerError) as raised:
        load_labelled(path, STANDARD_SCHEMA)
    for word in [f"{path}:3", *words]:
        assert word in str(raised.value)


def test_a_label_of_ones_own_may_begin_as_that_of_quoted_words_does(tmp_path: Path) -> None:
    schema = LabelSchema((Head("speech", HeadKind.SPAN, ("quoted_speech", "loaded")),), links=False)
    kinds = {"quoted_speech": (0, 3), "quoted_loaded": (4, 9)}
    spans = [{"kind": kind, "start": start, "end": end} for kind, (start, end) in kinds.items()]
    row = {"id": "a", "span_labels": list(schema.span_labels), "sentences": [{"text": "The bridge", "spans": spans}]}
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    (document,) = load_labelled(path, schema)
    assert document.spans == {"quoted_speech": {(0, 0, 3)}, "loaded": {(0, 4, 9)}}


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps(labelled_document(0, "train")) + "\n", encoding="utf-8-sig")
    assert len(load_labelled(path, STANDARD_SCHEMA)) == 1


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\x00", b"not json\n", b"[" * 200_000])
def test_unreadable_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_bytes(content)
    with pytest.raises(AnalyzerError, match=r"labels\.jsonl"):
        load_labelled(path, STANDARD_SCHEMA)


def test_documents_that_share_text_stay_on_one_side(tmp_path: Path) -> None:
    rows = [labelled_document(n, "train") for n in range(40)]
    shared = "The very same long sentence of an agency stands in both of these articles, word by word."
    for n in range(0, 40, 2):
        rows[n]["sentences"][0]["text"] = rows[n + 1]["sentences"][5]["text"] = f"{shared} {n}"
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    kept, held = hold_out(load_labelled(path, STANDARD_SCHEMA), 0.25, seed=0)
    assert len(kept) + len(held) == 40
    assert 8 <= len(held) <= 10
    held_numbers = {int(document.id.split("-")[1]) for document in held}
    assert {number ^ 1 for number in held_numbers} == held_numbers


def test_a_line_of_their_site_does_not_keep_documents_together(tmp_path: Path) -> None:
    rows = [labelled_document(n, "train") for n in range(40)]
    for row in rows:
        row["sentences"][0]["text"] = (
            "Subscribe to our newsletter to get every story of the day straight into your inbox."
        )
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert len(hold_out(load_labelled(path, STANDARD_SCHEMA), 0.25, seed=0)[1]) == 10


@pytest.mark.parametrize("text", [None, 7, " "])
def test_a_sentence_without_words_is_told_with_its_line(tmp_path: Path, text: object) -> None:
    rows = [labelled_document(n, "train") for n in range(2)]
    rows[1]["sentences"][0]["text"] = text
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with pytest.raises(BadData, match="expected the words of a sentence") as caught:
        load_labelled(path, STANDARD_SCHEMA)
    assert "2" in str(caught.value)
