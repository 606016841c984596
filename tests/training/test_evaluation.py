"""Measuring and comparing a real model on small documents, written for the tests."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed (extra train)")

from analyzer import Analyzer
from analyzer.model.folder import ModelFolder, default_folder, open_folder
from analyzer.model.heads import DocumentHeads
from analyzer.schema import STANDARD_SCHEMA, Head, HeadKind, LabelSchema
from analyzer.training.calibration import fit_temperatures, fit_thresholds
from analyzer.training.data import LabelledDocument, load_labelled
from analyzer.training.evaluation import Judged, compare, measure, predict_documents, with_window
from analyzer.training.metrics import found_spans
from analyzer.training.resampling import value
from analyzer.training.results import figure


@pytest.fixture(scope="module")
def folder() -> ModelFolder:
    return open_folder(default_folder())


@pytest.fixture(scope="module")
def documents(labelled_file: Path) -> list[LabelledDocument]:
    return [d for d in load_labelled(labelled_file, STANDARD_SCHEMA) if d.split == "dev"]


@pytest.fixture(scope="module")
def judged(folder: ModelFolder, documents: list[LabelledDocument]) -> Judged:
    return Judged(folder, predict_documents(folder, documents))


def test_every_figure_with_an_interval_is_the_figure_that_is_given(
    judged: Judged, documents: list[LabelledDocument]
) -> None:
    measured = measure(judged, documents)
    measures = judged.measures(documents)
    assert {"heads.type.macro_f1", "heads.sourcing.labels.vague.f1", "links.end_to_end.f1"} <= measures.keys()
    assert "heads.content.attributed.macro_f1" in measures
    for name, found in measures.items():
        given = figure(measured, name)
        # A label that nobody has and nobody gave is 0 in the table and nothing in a mean.
        assert given == pytest.approx(value(found, len(documents)), nan_ok=True) or given in (0.0, None), name
    for name, (low, high) in measured["intervals"].items():
        # Bins of a calibration error hold less by chance in every resample: its interval may lie above it.
        assert low <= figure(measured, name) <= high or name.endswith("ece"), name


def test_attributed_content_is_measured_on_sourced_sentences_only(
    judged: Judged, documents: list[LabelledDocument]
) -> None:
    content = measure(judged, documents)["heads"]["content"]
    assert sum(row["support"] for row in content["labels"].values()) == 7 * len(documents)
    # Two of the seven sentences name a source or point at one.
    assert sum(row["support"] for row in content["attributed"]["labels"].values()) == 2 * len(documents)


def test_spans_are_measured_as_a_report_marks_them(folder: ModelFolder) -> None:
    text = (
        "The council's disgraceful giveaway was signed on Monday, the auditor said. “They sold us a rotten deal,” said "
        "Ilse Brandvoort of Nettelwad. Critics say the gang is shameless.\n\nNobody asked the harbour board. “It is a "
        "vicious, crooked racket,” the union wrote in a letter. The vote was 5 to 2."
    )
    report = Analyzer(folder.path).analyze(text)
    document = LabelledDocument(
        "r",
        "s",
        "dev",
        tuple(sentence.text for sentence in report.sentences),
        tuple(sentence.paragraph for sentence in report.sentences),
        {},
        None,
    )
    [prediction] = predict_documents(folder, [document])
    found = found_spans(document, prediction, folder.schema, folder.settings.thresholds)
    shown = {
        (span.kind.removeprefix("quoted_"), sentence.index, span.start - sentence.start, span.end - sentence.start)
        for sentence in report.sentences
        for span in sentence.spans
    }
    assert len(shown) > 4
    assert {(label, *place) for label, places in found.items() for place in places} == shown


def test_documents_with_labels_of_one_head_alone_are_measured_on_it(folder: ModelFolder, judged: Judged) -> None:
    text = ("The bridge is shut.", "It should be mended.")
    links = frozenset({(0, 1)})
    roles = {"role": np.array([1, 0])}
    documents = [LabelledDocument(f"r{k}", "s", "dev", text, (0, 0), roles, links) for k in range(4)]
    some = Judged(folder, predict_documents(folder, documents))
    measured = measure(some, documents)
    assert set(measured["heads"]) == {"role"}
    assert measured["links"]["gold_roles"]["support"] == 4
    assert measured["dependence"]["spearman"] is None
    without = [replace(document, labels={}) for document in documents]
    assert measure(some, without)["links"]["gold_roles"]["support"] == 0


def test_corpora_are_measured_apart(judged: Judged, documents: list[LabelledDocument]) -> None:
    from dataclasses import replace

    mixed = [replace(document, source="ab"[k % 2]) for k, document in enumerate(documents)]
    sources = measure(judged, mixed)["sources"]
    assert {name: found["documents"] for name, found in sources.items()} == {"a": 3, "b": 3}
    assert "sources" not in measure(judged, documents)


def test_a_model_is_no_different_from_itself(judged: Judged, documents: list[LabelledDocument]) -> None:
    compared = compare(judged, judged, documents)
    assert "heads.role.macro_f1" in compared
    assert all(row["difference"] == 0.0 and row["interval"] == [0.0, 0.0] for row in compared.values())


def test_with_neighbours_enough_a_sentence_is_read_in_its_document(
    folder: ModelFolder, documents: list[LabelledDocument], judged: Judged
) -> None:
    near = predict_documents(folder, documents[:1], neighbours=7)[0]
    alone = predict_documents(folder, documents[:1], neighbours=0)[0]
    whole = judged.predictions[0]
    for name, p in whole.probabilities.items():
        assert near.probabilities[name] == pytest.approx(p, abs=1e-6)
        assert alone.probabilities[name].shape == p.shape
    assert not np.allclose(alone.probabilities["role"], whole.probabilities["role"], atol=0.01)
    assert len(alone.tokens) == len(documents[0].texts)


def test_a_sentence_alone_is_a_document_of_one(folder: ModelFolder, documents: list[LabelledDocument]) -> None:
    from dataclasses import replace

    first = replace(documents[0], texts=documents[0].texts[:1], paragraphs=documents[0].paragraphs[:1])
    alone = predict_documents(folder, documents[:1], neighbours=0)[0].probabilities["type"][0]
    assert predict_documents(folder, [first])[0].probabilities["type"][0] == pytest.approx(alone, abs=1e-6)


def test_short_windows_read_otherwise(folder: ModelFolder, documents: list[LabelledDocument], judged: Judged) -> None:
    short = predict_documents(with_window(folder, 32), documents[:1])[0]
    assert not np.allclose(short.features, judged.predictions[0].features, atol=0.01)


def test_exact_weights_say_nearly_what_int8_says(
    folder: ModelFolder, documents: list[LabelledDocument], judged: Judged
) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")
    from analyzer.model.torch_encoder import TorchEncoder

    exact = predict_documents(folder, documents[:2], encoder=partial(TorchEncoder, device="cpu"))
    for prediction, quantised in zip(exact, judged.predictions, strict=False):
        difference = np.abs(prediction.probabilities["sourcing"] - quantised.probabilities["sourcing"])
        assert difference.max() > 0
        assert difference.mean() < 0.1


def test_without_any_link_to_find_links_are_shown_from_where_others_show_them(
    judged: Judged, folder: ModelFolder, documents: list[LabelledDocument]
) -> None:
    none = [replace(document, supports=frozenset()) for document in documents]
    heads = DocumentHeads(folder)
    thresholds = fit_thresholds(none, judged.predictions, heads, folder.schema)
    assert thresholds["links"] == thresholds["links.gold_roles"] == 0.2
    assert fit_temperatures(none, judged.predictions, heads, folder.schema)["links"] == 1.0


def test_heads_of_one_name_with_other_labels_are_not_compared(
    judged: Judged, folder: ModelFolder, documents: list[LabelledDocument]
) -> None:
    fewer = Head("sourcing", HeadKind.SINGLE, STANDARD_SCHEMA.head("sourcing").labels[:2])
    heads = tuple(fewer if head.name == "sourcing" else head for head in folder.schema.heads)
    said = [
        replace(p, probabilities={**p.probabilities, "sourcing": p.probabilities["sourcing"][:, :2]})
        for p in judged.predictions
    ]
    other = Judged(replace(folder, schema=LabelSchema(heads, folder.schema.links)), said)
    for compared in (compare(judged, other, documents), compare(other, judged, documents)):
        assert "heads.type.macro_f1" in compared
        assert not [name for name in compared if name.startswith("heads.sourcing")]
