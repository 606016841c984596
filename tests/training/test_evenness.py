"""Swapping names: which sentences come of it, and what is measured on them with a real model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from analyzer.errors import AnalyzerError
from analyzer.model.folder import ModelFolder, default_folder, open_folder
from analyzer.schema import HeadKind, LabelSchema
from analyzer.training.data import LabelledDocument
from analyzer.training.swaps import SwapList, load_swaps
from tests.conftest import ROOT

PARTIES = SwapList({"parties": [("Greens", "Liberals"), ("Green Party", "Liberal Party"), ("the GOP", "the Left")]})


def swapped(swaps: SwapList, text: str) -> list[str]:
    return [swap.text for swap in swaps.swaps(text)]


def test_both_names_change_places_in_a_sentence_that_has_both() -> None:
    [swap] = PARTIES.swaps("The Greens beat the Liberals.")
    assert swap.text == "The Liberals beat the Greens."
    assert swap.forward is None


def test_the_direction_is_which_name_stood_there() -> None:
    directions = [swap.forward for text in ("Greens won.", "Liberals won.") for swap in PARTIES.swaps(text)]
    assert directions == [True, False]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("GREENS WIN AGAIN", ["LIBERALS WIN AGAIN"]),
        ("He eats greens.", []),
        ("Greenspan spoke.", []),
        ("The Greens' plan, a Greens-led one.", ["The Liberals' plan, a Liberals-led one."]),
        ("The Green Party met.", ["The Liberal Party met."]),
    ],
)
def test_names_are_whole_words_as_written_or_in_capitals(text: str, found: list[str]) -> None:
    assert swapped(PARTIES, text) == found


def test_the_longer_name_is_the_one_that_is_meant() -> None:
    swaps = SwapList({"outlets": [("The Post", "The Mail")], "places": [("Holt", "Arle")], "x": [("Holt Post", "Y")]})
    assert swapped(swaps, "The Holt Post said so.") == ["The Y said so."]


def test_a_person_is_swapped_under_every_name_at_once() -> None:
    swaps = SwapList({"people": [("Ann Low", "Bea High"), ("Low", "High")]})
    assert swapped(swaps, "Ann Low came. Low spoke.") == ["Bea High came. High spoke."]


def test_an_article_that_would_become_wrong_forbids_the_swap() -> None:
    swaps = SwapList({"people": [("Iranian", "Swede"), ("European", "Norwegian")]})
    assert swapped(swaps, "An Iranian said so.") == []
    assert swapped(swaps, "The Iranian said so.") == ["The Swede said so."]
    assert swapped(swaps, "A European said so.") == ["A Norwegian said so."]


def test_names_inside_other_names_are_left_alone() -> None:
    swaps = SwapList({"a": [("Mexico", "Canada")], "b": [("men", "women")]}, skip=["New Mexico"], skip_in={"b": ["he"]})
    assert swapped(swaps, "New Mexico is dry.") == []
    assert swapped(swaps, "In Mexico he met men.") == ["In Canada he met men."]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("{}", "groups"),
        ('{"groups": {"a": [["x"]]}}', "x"),
        ('{"groups": {"a": [["x", "x"]]}}', "itself"),
        ('{"groups": {}}', "no pair"),
        ("[]", "not a swap list"),
        ("[" * 200_000, "not a swap list"),
    ],
)
def test_a_wrong_list_is_refused(tmp_path: Path, content: str, word: str) -> None:
    path = tmp_path / "swaps.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(AnalyzerError, match=word):
        load_swaps(path)


def test_controls_are_a_group_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "swaps.json"
    path.write_text(json.dumps({"groups": {"a": [["x", "y"]]}, "controls": [["Monday", "Friday"]]}), encoding="utf-8")
    assert [swap.group for swap in load_swaps(path).swaps("On Monday x came.")] == ["a", "controls"]


def test_the_list_that_comes_with_the_project_is_sound() -> None:
    swaps = load_swaps(ROOT / "labeled" / "swaps.json")
    groups = {"parties", "politicians", "outlets", "companies", "countries", "religions", "controls"}
    assert groups <= set(swaps.groups)
    for group, pairs in swaps.groups.items():
        for first, second in pairs:
            [there] = [swap for swap in swaps.swaps(f"It was {first} that day.") if swap.group == group]
            assert there.text == f"It was {second} that day."
    assert list(swaps.swaps("He met the women there.")) == []


def test_what_training_exchanges_is_sound_and_is_not_what_is_measured() -> None:
    trained, measured = (load_swaps(ROOT / "labeled" / name).groups for name in ("swaps_train.json", "swaps.json"))
    assert trained.keys() == measured.keys() - {"controls"}
    pairs_of = [
        {frozenset(name.lower().removeprefix("the ") for name in pair) for pairs in groups.values() for pair in pairs}
        for groups in (trained, measured)
    ]
    assert pairs_of[0].isdisjoint(pairs_of[1])
    swaps = load_swaps(ROOT / "labeled" / "swaps_train.json")
    for group, pairs in trained.items():
        for first, second in pairs:
            [there] = [swap for swap in swaps.swaps(f"It was {first} that day.") if swap.group == group]
            assert there.text == f"It was {second} that day."


@pytest.fixture(scope="module")
def folder() -> ModelFolder:
    return open_folder(default_folder())


TEXTS = [
    ("The Greens disgraced the town on Monday.", "Nobody was surprised."),
    ("The Liberals closed the weir.", "The Greens and the Liberals voted for it."),
    ("It rained.",),
]
DOCUMENTS = [LabelledDocument(f"d{k}", "", "", texts, (0,) * len(texts), {}, None) for k, texts in enumerate(TEXTS)]


def test_the_other_order_of_a_pair_turns_the_direction_round(folder: ModelFolder) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed (extra train)")
    from analyzer.training.evenness import measure_evenness

    lists = [SwapList({"parties": [pair]}) for pair in (("Greens", "Liberals"), ("Liberals", "Greens"))]
    there, back = (measure_evenness(folder, DOCUMENTS, swaps)["groups"]["parties"] for swaps in lists)
    assert there["sentences"] == there["swaps"] == 3
    assert there["documents"] == 2
    assert there["changed"] == back["changed"]
    assert there["loaded"]["first_to_second"] == back["loaded"]["second_to_first"]
    lean, other = (found["loaded"]["second_minus_first"] for found in (there, back))
    assert lean["swaps"] == 2
    assert lean["probability"]["mean"] == pytest.approx(-other["probability"]["mean"])
    assert there["pairs"][0]["second_minus_first"] == lean["probability"]["mean"]


def test_controls_and_meaningless_edits_stand_beside_the_groups(folder: ModelFolder) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed (extra train)")
    from analyzer.training.evenness import measure_evenness

    swaps = SwapList(
        {"parties": [("Greens", "Liberals")], "unmet": [("Whigs", "Tories")], "controls": [("Monday", "Friday")]}
    )
    seen: list[int] = []
    found = measure_evenness(folder, DOCUMENTS, swaps, progress=seen.append)
    assert seen == [1, 2, 3]
    assert set(found["groups"]) == {"parties"}
    assert found["all"]["swaps"] == 3
    assert found["controls"]["swaps"] == 1
    heads = {"type", "content", "loaded", "sourcing", "role", "any", "mean"}
    assert set(found["all"]["changed"]) == set(found["all"]["meaningless_edit"]) == heads
    shares = [row["mean"] for row in found["all"]["changed"].values()]
    assert all(0 <= share <= 1 for share in shares)
    assert found["all"]["changed"]["any"]["mean"] == max(shares)


def test_a_model_that_labels_no_sentences_has_nothing_to_change(folder: ModelFolder) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed (extra train)")
    from analyzer.training.evenness import measure_evenness

    marks = LabelSchema(tuple(head for head in folder.schema.heads if head.kind is HeadKind.SPAN), links=False)
    with pytest.raises(AnalyzerError, match="labels no sentences"):
        measure_evenness(replace(folder, schema=marks), DOCUMENTS, PARTIES)
