"""Quoted words are found in every style of marks, and apostrophes are none."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.quotations import quoted_ranges
from analyzer.readers import read_text


def quoted(text: str) -> list[str]:
    document = read_text(text)
    return [document.text[start:end] for start, end in quoted_ranges(document)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('He called it "a disgrace" twice.', ["a disgrace"]),
        ("He called it “a disgrace” twice.", ["a disgrace"]),
        ("Er nannte es „eine Schande“ und ging.", ["eine Schande"]),
        ("He called it ‘a disgrace’ and the town’s shame.", ["a disgrace"]),
        ("It's the council's so-called 'reform' again.", ["reform"]),
        ("Nobody's quoted here: it's the '90s.", []),
        ("“Never,” she said. “Not once.”", ["Never,", "Not once."]),
        ('A board 6" wide and 9" long.', []),
        ("The '90s were an era of greed, and the workers' union paid.", []),
        ("Rock 'em in the boys' room.", []),
        ("‘The workers’ rights matter,’ she said.", ["The workers’ rights matter,"]),
        ("She quoted 'the bosses' and 'the workers.'", ["the bosses", "the workers."]),
    ],
)
def test_quoted_words_are_found(text: str, expected: list[str]) -> None:
    assert quoted(text) == expected


def test_a_quotation_across_paragraphs_is_quoted_to_the_end_of_each() -> None:
    text = "She wrote: “The dam is a weapon.\n\n“It will drown us.” Nobody answered."
    assert quoted(text) == ["The dam is a weapon.", "It will drown us."]


def test_a_mark_that_is_never_closed_quotes_nothing() -> None:
    assert quoted("She wrote: “The dam is a weapon.\n\nNobody answered.") == []


@given(st.text(alphabet="ab \"“”‘’'«».\n", max_size=80).filter(lambda text: text.strip(" \n")))
def test_ranges_ascend_and_never_overlap(text: str) -> None:
    document = read_text("x " + text)
    ranges = quoted_ranges(document)
    assert all(0 <= start <= end <= len(document.text) for start, end in ranges)
    assert all(end <= start for (_, end), (start, _) in pairwise(ranges))
