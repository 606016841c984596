"""Agreement: coefficients against well-kept libraries, and what is matched, counted and shown."""

from __future__ import annotations

import json
import math
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import AnalyzerError
from analyzer.labelling.agreement import measure_agreement
from analyzer.labelling.coefficients import cohen_kappa, krippendorff_alpha, macro_f1, raw_agreement, set_f1
from analyzer.labelling.documents import AnnotatedDocument, document_of
from analyzer.schema import STANDARD_SCHEMA
from tests.conftest import RunCommand
from tests.labelling.specs import FEARS, PATIENT, column, documents, write

PAIRS = st.lists(st.tuples(*[st.sampled_from(["named", "vague", "own", "none"])] * 2), min_size=2, max_size=40)


@PATIENT
@given(pairs=PAIRS)
def test_kappa_and_macro_f1_are_those_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = metrics.cohen_kappa_score(first, second)
    ours = cohen_kappa(first, second)
    assert math.isnan(expected) if ours is None else ours == pytest.approx(expected)
    assert macro_f1(first, second) == pytest.approx(metrics.f1_score(first, second, average="macro"))
    assert raw_agreement(first, second) == pytest.approx(metrics.accuracy_score(first, second))


@PATIENT
@given(pairs=PAIRS)
def test_alpha_is_that_of_krippendorff(pairs: list[tuple[str, str]]) -> None:
    library = pytest.importorskip("krippendorff", reason="pip install krippendorff")
    data = [[a for a, _ in pairs], [b for _, b in pairs]]
    ours = krippendorff_alpha(*data)
    if ours is None:
        assert len({label for row in data for label in row}) == 1
    else:
        assert ours == pytest.approx(library.alpha(reliability_data=data, level_of_measurement="nominal"))


def test_coefficients_of_nothing_are_undefined() -> None:
    assert [measure([], []) for measure in (raw_agreement, cohen_kappa, krippendorff_alpha, macro_f1)] == [None] * 4
    assert set_f1(set(), set()) is None
    assert set_f1({1}, set()) == 0.0


@PATIENT
@given(first=documents(STANDARD_SCHEMA))
def test_a_version_agrees_with_itself_and_agreement_is_symmetric(first: AnnotatedDocument) -> None:
    same = measure_agreement([first], [first], STANDARD_SCHEMA)
    assert same.unmatched.sentences == ()
    for head in same.heads.values():
        assert head.agreement in (None, 1.0)
        assert head.pairs == ()
    assert same.links is not None
    assert all(found.f1 in (None, 1.0) for found in (same.links, *same.spans.values()))


@PATIENT
@given(data=st.data(), document=documents(STANDARD_SCHEMA))
def test_it_does_not_matter_who_comes_first(data: st.DataObject, document: AnnotatedDocument) -> None:
    labels = [
        {**s.labels, "type": data.draw(st.sampled_from(["inference", "speculation"]))} for s in document.sentences
    ]
    other = replace(
        document, sentences=tuple(replace(s, labels=x) for s, x in zip(document.sentences, labels, strict=True))
    )
    one, two = (measure_agreement([a], [b], STANDARD_SCHEMA) for a, b in ((document, other), (other, document)))
    for name, head in one.heads.items():
        for figure in ("agreement", "kappa", "alpha", "macro_f1"):
            assert getattr(head, figure) == pytest.approx(getattr(two.heads[name], figure))


def second_pass() -> dict[str, Any]:
    """The column as another annotator has it: one type, one content, one link and one span differ."""
    row = column()
    sentences = row["sentences"]
    sentences[2].update(type="inference", content="inference", supports=[])
    sentences[1].update(content="speculation")
    sentences[1]["spans"][0]["end"] = 9
    return row


def test_heads_links_and_spans_are_measured() -> None:
    first, second = (document_of(row, STANDARD_SCHEMA) for row in (column(), second_pass()))
    measured = measure_agreement([first], [second], STANDARD_SCHEMA)
    assert (measured.documents, measured.sentences) == (1, 4)
    assert measured.heads["type"].agreement == 0.75
    assert measured.heads["type"].pairs == (("factual_claim", "inference", 1),)
    assert measured.heads["loaded"].kappa == 1.0
    attributed = measured.heads["content of attributed sentences"]
    assert (attributed.units, attributed.agreement) == (1, 0.0)
    assert measured.links is not None
    assert (measured.links.first, measured.links.second, measured.links.f1) == (2, 1, pytest.approx(2 / 3))
    assert measured.spans["source"].f1 == 0.0
    assert measured.spans["source"].overlap_f1 == 1.0
    assert measured.spans["quoted_loaded"].f1 == 1.0


def test_two_documents_of_one_id_are_refused() -> None:
    document = document_of(column(), STANDARD_SCHEMA)
    with pytest.raises(AnalyzerError, match=f"ben.jsonl: two documents have the id {document.id!r}"):
        measure_agreement([document], [document] * 2, STANDARD_SCHEMA, names=("anna.jsonl", "ben.jsonl"))


def test_what_does_not_match_is_named_and_not_measured() -> None:
    first, second = column(), column()
    second["sentences"][1]["text"] += " Twice."
    second["sentences"].append({**second["sentences"][0], "text": "The end"})
    only_first, only_second = column() | {"id": "w-2"}, column() | {"id": "w-3"}
    ours, theirs = (
        [document_of(row, STANDARD_SCHEMA) for row in rows] for rows in ((first, only_first), (second, only_second))
    )
    measured = measure_agreement(ours, theirs, STANDARD_SCHEMA)
    assert measured.sentences == 3
    assert measured.unmatched.documents_of_first == ("w-2",)
    assert measured.unmatched.documents_of_second == ("w-3",)
    assert measured.unmatched.sentences == (("w-1", 1), ("w-1", 4))
    assert measured.links is not None
    assert measured.links.first == 1  # the link of the sentence without a match does not count


def test_words_that_one_did_not_look_for_are_not_measured() -> None:
    first, second = column(), column()
    second["span_labels"] = ["loaded"]
    second["sentences"][1]["spans"] = second["sentences"][1]["spans"][2:]
    versions = [[document_of(row, STANDARD_SCHEMA)] for row in (first, second)]
    assert set(measure_agreement(*versions, STANDARD_SCHEMA).spans) == {"loaded", "quoted_loaded"}


def test_a_head_of_several_labels_is_measured_label_by_label() -> None:
    rows = [
        {"id": "a", "sentences": [{"text": "Let us go.", "stance": "for", "fears": fears, "ironic": False}]}
        for fears in (["loss", "change"], ["loss"])
    ]
    first, second = ([document_of(row, FEARS)] for row in rows)
    heads = measure_agreement(first, second, FEARS).heads
    assert {name: head.agreement for name, head in heads.items()} == {
        "stance": 1.0,
        "fears.loss": 1.0,
        "fears.change": 0.0,
        "fears.strangers": 1.0,
        "ironic": 1.0,
    }


def test_the_command_prints_a_table_or_json(run: RunCommand, tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", column(), column() | {"id": "w-2"})
    write(tmp_path / "b.jsonl", second_pass())
    done = run("labels", "agreement", "a.jsonl", "b.jsonl")
    assert done.returncode == 0, done.stderr.decode()
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "1 documents, 4 sentences"
    (row,) = [line.split() for line in lines if line.startswith("type")]
    assert row[:3] == ["type", "4", "0.750"]
    (row,) = [line.split() for line in lines if line.startswith("links")]
    assert row == ["links", "2", "1", "0.667", "–"]
    assert "only in a.jsonl: 1 documents (w-2)" in done.stderr.decode()
    as_json = json.loads(run("labels", "agreement", "--json", "a.jsonl", "b.jsonl").stdout)
    assert as_json["heads"]["type"]["pairs"] == [["factual_claim", "inference", 1]]
    write(tmp_path / "c.jsonl", column() | {"id": "other"})
    done = run("labels", "agreement", "a.jsonl", "c.jsonl")
    assert done.returncode == 2
    assert "share no sentence" in done.stderr.decode()
    write(tmp_path / "twice.jsonl", column(), column())
    done = run("labels", "agreement", "a.jsonl", "twice.jsonl")
    assert (done.returncode, done.stdout) == (2, b"")
    assert "twice.jsonl: two documents have the id 'w-1'" in done.stderr.decode()
