"""Which sentences state a conclusion that was asked for by name."""

from __future__ import annotations

import pytest

from analyzer.errors import AnalyzerError
from analyzer.statements import find_statements


@pytest.mark.parametrize(
    "sentence",
    [
        "This is regulatory capture.",
        "The regulator has been captured.",
        "Whoever captures its regulators writes its rules.",
        "What we see is REGULATORY  CAPTURE, plain and simple.",
        "They call it “regulatory capture”.",
        "Not only is this regulatory capture, it is theft.",
        "The regulator, no longer free, was captured.",
        "Regulatory capture, not reform, is what the bill brings.",
        "It is regulatory capture, and the claim of fairness is false.",
    ],
)
def test_inflected_and_reordered_statements_are_found(sentence: str) -> None:
    assert find_statements("regulatory capture", ["Prices rose.", sentence]) == [1]


@pytest.mark.parametrize(
    "sentence",
    [
        "This is not regulatory capture.",
        "It isn’t regulatory capture.",
        "They don't see regulatory capture here.",
        "This won’t be regulatory capture.",
        "The regulators met on Monday.",
        "The army captured the town.",
        "Regular captains cap expenses.",
        "The regulator has not been captured.",
        "Regulators were never captured by anyone.",
        "It is anything but regulatory capture.",
        "Far from being regulatory capture, it is good government.",
        "Is this regulatory capture?",
        "He asked: “Is this regulatory capture?”",
        "Regulatory capture is not what happened here.",
        "Regulatory capture it is not.",
        "Regulatory capture isn't the word for it.",
        "The claim of regulatory capture is false.",
        "Regulatory capture is just a myth.",
        "Nobody calls this regulatory capture.",
    ],
)
def test_denials_and_half_matches_are_not_statements(sentence: str) -> None:
    assert find_statements("regulatory capture", [sentence]) == []


@pytest.mark.parametrize(
    ("phrase", "sentence"),
    [
        ("taxes never work", "So taxes never work."),
        ("no evidence", "There is no evidence of it."),
        ("no evidence", "He spoke without evidence."),
        ("the tax is not fair", "The tax isn’t fair."),
        ("it is far from fair", "The tax is far from fair."),
        ("not regulatory capture", "Regulatory capture it is not."),
    ],
)
def test_a_phrase_that_denies_is_stated_by_sentences_that_do(phrase: str, sentence: str) -> None:
    assert find_statements(phrase, ["Prices rose.", sentence]) == [1]


@pytest.mark.parametrize(
    ("phrase", "sentence"),
    [
        ("will pay", "The bank will not pay."),
        ("taxes never work", "So taxes work."),
        ("no evidence", "The evidence is there."),
    ],
)
def test_one_that_denies_does_not_state_one_that_does_not(phrase: str, sentence: str) -> None:
    assert find_statements(phrase, [sentence]) == []


def test_a_letter_may_have_its_accent_beside_it() -> None:
    assert find_statements("caf\u00e9 closures", ["Cafe\u0301 closures rose."]) == [0]


def test_function_words_of_the_phrase_do_not_matter() -> None:
    assert find_statements("the plan is a mistake", ["Those plans were mistakes."]) == [0]


@pytest.mark.parametrize("phrase", ["it is", "it is not", "never"])
def test_a_phrase_without_content_words_is_refused(phrase: str) -> None:
    with pytest.raises(AnalyzerError, match=f"'{phrase}'"):
        find_statements(phrase, ["It is not, never."])


@pytest.mark.parametrize(
    ("phrase", "sentence"),
    [
        ("police failure", "The policy was a failure."),
        ("communist threat", "The community faces a threat."),
        ("internal audit", "An international audit was made."),
        ("organic growth", "The organization reported growth."),
    ],
)
def test_words_that_only_begin_alike_are_not_the_same(phrase: str, sentence: str) -> None:
    assert find_statements(phrase, [sentence]) == []


@pytest.mark.parametrize(
    ("phrase", "sentence"),
    [
        ("democratic decline", "Democracy is in decline."),
        ("economic collapse", "The economy has collapsed."),
        ("corrupt regulators", "Regulation here is corruption."),
        ("financial secrecy", "Their finances are secret."),
    ],
)
def test_words_made_of_one_another_are_the_same(phrase: str, sentence: str) -> None:
    assert find_statements(phrase, [sentence]) == [0]
