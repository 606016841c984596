"""Public corpora become documents that teach what they are labelled for, and nothing that is measured on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analyzer.errors import AnalyzerError
from analyzer.schema import STANDARD_SCHEMA
from analyzer.training.data import LabelledDocument
from analyzer.training.public import load_public, shares_text


def marked(document: LabelledDocument, label: str) -> list[str]:
    return sorted(document.texts[sentence][start:end] for sentence, start, end in document.spans[label])


def by_id(folder: Path) -> dict[str, LabelledDocument]:
    return {document.id: document for document in load_public(folder)}


def test_sources_and_cues_keep_their_words(public_folder: Path) -> None:
    document = by_id(public_folder)["p0"]
    assert document.texts == ("Rates will rise.", "The mayor of Holt said rates will rise.", "Critics say so too.")
    assert marked(document, "source") == ["Critics", "The mayor of Holt"]
    assert marked(document, "cue") == ["said", "say"]
    assert marked(document, "content") == ["rates will rise"]
    assert document.labels["attributed"].tolist() == [[0], [1], [0]]


def test_only_techniques_of_wording_are_loaded_words(public_folder: Path) -> None:
    assert marked(by_id(public_folder)["t0"], "loaded") == ["disgraceful vandals"]


def test_biased_words_are_marked_and_unbiased_sentences_have_none(public_folder: Path) -> None:
    documents = by_id(public_folder)
    assert marked(documents["b1"], "loaded") == ["so-called"]
    assert marked(documents["b0"], "loaded") == []
    assert documents["b1"].labels["biased"].tolist() == [[1]]


def test_an_essay_gives_links_between_its_sentences(public_folder: Path) -> None:
    essay = by_id(public_folder)["e0"]
    roles = [STANDARD_SCHEMA.head("role").labels[k] for k in essay.labels["role"]]
    assert roles == ["background", "conclusion", "conclusion", "premise"]
    assert essay.supports == {(2, 1), (3, 2)}
    assert essay.paragraphs == (0, 1, 1, 1)


def test_lexical_bias_is_told_from_that_in_a_quotation(public_folder: Path) -> None:
    article = by_id(public_folder)["n0"]
    assert article.labels["lexical"].tolist() == [[1, 0], [0, 0], [1, 1]]
    assert article.paragraphs == (0, 0, 1)


def test_a_microtext_gives_links_between_its_segments(public_folder: Path) -> None:
    text = by_id(public_folder)["m0"]
    roles = [STANDARD_SCHEMA.head("role").labels[k] for k in text.labels["role"]]
    assert roles == ["conclusion", "background", "background", "premise", "premise"]
    assert text.supports == {(3, 0), (4, 0)}


def test_what_is_measured_on_is_never_trained_on(public_folder: Path) -> None:
    documents = load_public(public_folder)
    assert [document.id for document in documents if document.split == "dev"] == ["p1"]
    long = "The mayor of Holt said on Tuesday that water rates would rise by nine percent next year."
    copy = LabelledDocument("x", "s", "dev", (long.upper(),), (0,), {}, None)
    other = LabelledDocument("y", "s", "train", (long, "Nobody objected."), (0, 0), {}, None)
    assert shares_text([other, *documents], [copy]) == [True, *[False] * len(documents)]


def test_furniture_of_a_site_is_no_shared_text() -> None:
    furniture = "By completing this poll you agree to the terms of use and to the privacy policy of this site."
    own = "The mayor of Holt said on Tuesday that water rates would rise by nine percent next year."
    copy = LabelledDocument("x", "s", "dev", (furniture, own), (0, 0), {}, None)
    pages = [LabelledDocument(f"y{k}", "s", "train", (furniture,), (0,), {}, None) for k in range(10)]
    assert shares_text(pages, [copy]) == [False] * 10
    assert shares_text(pages[:9], [copy]) == [True] * 9
    both = LabelledDocument("z", "s", "train", (furniture, own), (0, 0), {}, None)
    assert shares_text([*pages, both], [copy]) == [*[False] * 10, True]


def test_an_article_whose_labels_are_trained_on_is_not_measured_for_its_marked_words() -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")
    from analyzer.training.recipe import Splits, divide_public

    shared = "The mayor of Holt said on Tuesday that water rates would rise by nine percent next year."
    public, free, other = (
        LabelledDocument(id, "s", "train", (text,), (0,), {}, None)
        for id, text in (("a", shared), ("b", shared), ("c", "The bridge at Holt is shut."))
    )
    labelled = replace(public, texts=("What is labelled is another part of it.",))
    dev = LabelledDocument("d", "s", "dev", (shared,), (0,), {}, None)
    parts = divide_public([public, free, other], Splits([labelled], [], [dev]))
    assert (parts.fit, parts.calibration, parts.dev) == ([other], [], [free])


def test_public_documents_that_are_only_measured_share_no_text_with_those_that_are_trained_on() -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")
    from analyzer.training.recipe import Splits, divide_public

    texts = [
        f"The mayor of Holt said on Tuesday that water rates would rise by {k} percent next year." for k in range(6)
    ]

    def document(id: str, *places: int, split: str = "train") -> LabelledDocument:
        return LabelledDocument(id, "s", split, tuple(texts[k] for k in places), (0,) * len(places), {}, None)

    splits = Splits([document("fit", 0)], [document("calibration", 1)], [document("dev", 2)])
    # Of its own dev set; the like, with text that is trained on; of a calibration document; and with text of the first.
    held, learned, calibrated, leaking = (
        document("held", 3, split="dev"),
        document("learned", 0, 5, split="dev"),
        document("calibrated", 1, 4),
        document("leaking", 3),
    )
    free = document("free", 5)
    parts = divide_public([held, learned, calibrated, leaking, document("beside", 4), free], splits)
    assert [[d.id for d in part] for part in (parts.fit, parts.calibration, parts.dev)] == [
        ["free"],
        ["calibrated"],
        ["held"],
    ]


def test_a_folder_without_any_of_the_corpora_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnalyzerError, match=r"none of the public corpora.*babe\.jsonl"):
        load_public(tmp_path / "nowhere")
    (tmp_path / "babe.jsonl").write_text('{"text": "It rose."}\n', encoding="utf-8")
    with pytest.raises(AnalyzerError, match=r"babe\.jsonl: row 1 "):
        load_public(tmp_path)
    for content in ("{\n", "[" * 200_000):
        (tmp_path / "babe.jsonl").write_text(content, encoding="utf-8")
        with pytest.raises(AnalyzerError, match=r"babe\.jsonl: not JSON lines"):
            load_public(tmp_path)


def test_a_corpus_may_begin_with_a_byte_order_mark(public_folder: Path, tmp_path: Path) -> None:
    corpus = public_folder / "babe.jsonl"
    (tmp_path / corpus.name).write_bytes(b"\xef\xbb\xbf" + corpus.read_bytes())
    assert len(load_public(tmp_path)) == 12
