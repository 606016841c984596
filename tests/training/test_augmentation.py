"""Names exchanged in documents that are trained on: texts, marked words, and what a teacher says of them."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.folder import default_folder
from analyzer.schema import STANDARD_SCHEMA
from analyzer.training.augmentation import exchange_names
from analyzer.training.data import LabelledDocument, load_labelled
from analyzer.training.options import TrainingOptions
from analyzer.training.swaps import SwapList
from analyzer.training.trainer import Training, train_network
from tests.conftest import RunCommand

NAMES = SwapList({"people": [("Ann Low", "Beatrix High"), ("Low", "High")], "places": [("Holt", "Arlesea")]})
WORDS = ["Ann Low", "Low", "Beatrix High", "High", "Holt", "Arlesea", "said", "left", ",", "never", "«", "é"]


def document_of(texts: list[str], spans: list[tuple[int, int, int]] = []) -> LabelledDocument:  # noqa: B006
    labels = {"loaded": np.zeros((len(texts), 1), dtype=np.int64)}
    marked = {"source": frozenset(spans)}
    return LabelledDocument("d", "here", "train", tuple(texts), (0,) * len(texts), labels, frozenset(), marked)


def all_exchanged(document: LabelledDocument, swaps: SwapList = NAMES) -> LabelledDocument:
    """One in which chance chose every pair."""
    always = random.Random()
    always.random = lambda: 0.0  # type: ignore[method-assign]
    return exchange_names(document, swaps, always)


def test_a_name_is_exchanged_in_the_whole_document_or_not_at_all() -> None:
    document = document_of(["Ann Low left.", "Then Holt slept.", "Low never came back to Holt."])
    found = {exchange_names(document, NAMES, random.Random(seed)).texts for seed in range(40)}
    high = ("Beatrix High left.", "Then Holt slept.", "High never came back to Holt.")
    both = ("Beatrix High left.", "Then Arlesea slept.", "High never came back to Arlesea.")
    place = ("Ann Low left.", "Then Arlesea slept.", "Low never came back to Arlesea.")
    assert found == {document.texts, high, both, place}


def test_a_document_without_names_is_itself() -> None:
    document = document_of(["Nobody came.", ""])
    assert all_exchanged(document) is document
    assert exchange_names(document_of([]), NAMES, random.Random(0)).texts == ()


@given(st.lists(st.sampled_from(WORDS), max_size=12), st.data())
def test_marked_words_stay_marked(words: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(words)))
    last = data.draw(st.integers(first, len(words)))
    before, marked = " ".join(words[:first]), " ".join(words[first:last])
    text = " ".join(words)
    start = len(before) + bool(first)
    document = document_of([text], [(0, start, start + len(marked))] if marked else [])
    new = all_exchanged(document)
    expected = all_exchanged(document_of([marked])).texts[0]
    assert [new.texts[0][start:end] for _, start, end in new.spans["source"]] == ([expected] if marked else [])
    assert all_exchanged(new).texts == document.texts
    assert all_exchanged(new).spans == document.spans


def test_a_mark_inside_a_name_becomes_the_whole_name() -> None:
    new = all_exchanged(document_of(["So Ann Low said."], [(0, 3, 6), (0, 7, 10), (0, 0, 16)]))
    marked = {new.texts[0][start:end] for _, start, end in new.spans["source"]}
    assert marked == {"Beatrix High", "So Beatrix High said."}


def test_labels_and_links_are_those_of_the_document(labelled_file: Path) -> None:
    document = load_labelled(labelled_file, STANDARD_SCHEMA)[0]
    named = replace(document, texts=tuple(f"{text} So Low says." for text in document.texts))
    new = all_exchanged(named)
    assert new.labels is named.labels
    assert new.supports is named.supports
    assert new.texts == tuple(f"{text} So High says." for text in document.texts)


def test_a_pupil_hears_of_exchanged_names_what_its_teacher_says_of_the_real_ones(labelled_file: Path) -> None:
    documents = load_labelled(labelled_file, STANDARD_SCHEMA)[:4]
    named = [replace(d, texts=tuple(f"{text} So Low says." for text in d.texts)) for d in documents]
    training = Training(
        named,
        STANDARD_SCHEMA,
        default_folder(),
        TrainingOptions(epochs=3),
        teachers=[default_folder()],
        swaps=NAMES,
    )
    examples = [example for batch in training._batches for example in batch]
    exchanged = [example for example in examples if example.original is not None]
    assert 0 < len(exchanged) < len(examples)
    assert all("So High says." in e.document.texts[0] for e in exchanged)
    assert {example.original.document.texts for example in exchanged if example.original} <= {d.texts for d in named}
    assert training._teachers is not None
    training.run()
    heard = set(training._teachers._said)
    assert heard == {id(example.original or example) for example in examples}
    assert heard.isdisjoint(map(id, exchanged))


def test_chance_is_that_of_the_seed(labelled_file: Path) -> None:
    documents = load_labelled(labelled_file, STANDARD_SCHEMA)[:4]
    named = [replace(d, texts=tuple(f"{text} So Low says." for text in d.texts)) for d in documents]
    options = TrainingOptions(epochs=1)
    first, second, without = (
        train_network(named, STANDARD_SCHEMA, default_folder(), options, swaps=swaps) for swaps in (NAMES, NAMES, None)
    )
    assert first.losses == second.losses != without.losses
    assert torch.equal(first.heads.heads[0].weight, second.heads.heads[0].weight)


def test_a_wrong_list_is_refused_before_anything_is_trained(
    run: RunCommand, labelled_file: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "swaps.json"
    wrong.write_text(json.dumps({"groups": {}}), encoding="utf-8")
    done = run("train", labelled_file, "--swaps", wrong, "-o", tmp_path / "model")
    assert done.returncode == 2
    assert "no pair of names" in done.stderr.decode()
    assert not (tmp_path / "model.unfinished").exists()


def test_it_goes_with_the_standard_labels(run: RunCommand, tmp_path: Path) -> None:
    done = run("train", "--data", "table.csv", "--swaps", "swaps.json", "-o", tmp_path / "model")
    assert done.returncode == 2
    assert "--swaps goes with the standard labels" in done.stderr.decode()


def test_a_name_that_is_in_two_pairs_when_in_capitals_is_exchanged_once() -> None:
    swaps = SwapList({"outlets": [("the Post", "the Mail"), ("The Post", "The Mail")]})
    document = all_exchanged(document_of(["So THE POST said.", "The Post, the Post."]), swaps)
    assert document.texts == ("So THE MAIL said.", "The Mail, the Mail.")
