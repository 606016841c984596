"""Which conclusions are the same in nearly the same words."""

from __future__ import annotations

import numpy as np
import pytest

from analyzer.overview.wording import group_by_wording, read_words, shared_pairs, surface_of


def groups(*texts: str) -> list[int]:
    return group_by_wording(read_words(texts)).tolist()


@pytest.mark.parametrize(
    "other",
    [
        "THE TIME TO ACT IS NOW!",
        "Now is the time to act.",
        "Now is the time for acting.",
        "It is time to act now, at last.",
    ],
)
def test_inflection_order_and_a_word_more_do_not_part_conclusions(other: str) -> None:
    assert groups("The time to act is now.", other) == [0, 0]


@pytest.mark.parametrize(
    "other",
    [
        "The time to act is not now.",
        "The time to pay has come.",
        "The regulator has been captured.",
    ],
)
def test_denial_and_other_words_part_conclusions(other: str) -> None:
    assert groups("The time to act is now.", other) == [0, 1]


def test_apostrophes_of_either_kind_deny() -> None:
    assert groups("The plan doesn't work.", "The plan doesn’t work.", "The plan does work.") == [0, 0, 1]


def test_texts_without_content_words_belong_to_no_group() -> None:
    assert groups("It is.", "Taxes fell.", "", "It is.") == [-1, 0, -1, -1]


def test_nothing_gives_nothing() -> None:
    assert groups() == []
    assert shared_pairs(read_words([]), np.array([], np.int64), least=1, most=3) == []


def test_a_conclusion_is_found_among_thousands_of_others() -> None:
    others = [f"The {a}ing of {b}land harms {c}ville most gravely" for a in "bcdfg" for b in "hjklm" for c in "npqrs"]
    texts = [*others, "The regulator has been captured by banks", *others, "Banks have captured the regulator"]
    found = groups(*texts)
    assert found[125] == found[-1]
    assert found.count(found[-1]) == 2


TEXTS = [
    "This is voter fraud, plain and simple.",
    "Voter fraud decided the vote in Ohio.",
    "Nobody believes that Voter Fraud is rare.",
    "The rule of law is at stake.",
    "We must defend the rule of law.",
    "Rules of law bind everybody.",
    "Bread is cheaper.",
]


def test_pairs_of_neighbouring_words_are_found_with_the_conclusions_that_hold_them() -> None:
    words = read_words(TEXTS)
    pairs = shared_pairs(words, np.arange(len(TEXTS)), least=3, most=5)
    assert [pair.rows.tolist() for pair in pairs] == [[0, 1, 2], [3, 4, 5]]
    assert [surface_of(pair, [TEXTS[row] for row in pair.rows]).lower() for pair in pairs] == [
        "voter fraud",
        "rule of law",
    ]


def test_pairs_are_counted_by_document() -> None:
    words = read_words(TEXTS)
    assert shared_pairs(words, np.array([0, 0, 0, 1, 2, 3, 4]), least=3, most=5)[0].rows.tolist() == [3, 4, 5]
    assert len(shared_pairs(words, np.zeros(7, np.int64), least=2, most=5)) == 0


def test_a_pair_within_the_documents_of_another_is_not_listed_again() -> None:
    texts = [f"Judge Brett Kavanaugh is {word}." for word in ("unfit", "fit", "loud", "proud")]
    filler = [f"The {word} is wide." for word in ("road", "river", "gate", "field", "table", "room")]
    found = shared_pairs(read_words(texts + filler), np.arange(10), least=3, most=5)
    assert len(found) == 1
