"""What a column of labels makes: which kind of head, from values as any file has them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.schema import Head, HeadKind
from analyzer.training.cells import Shape, cell, infer_head, labels_in, marked, odd_cells, shape_of, yes_or_no

YES_NO = st.sampled_from([0, 1, True, False, 0.0, 1.0, "0", "1", "yes", "No", "TRUE", "false"])
NAMES = st.text("abcdefghij éß", min_size=1, max_size=8).filter(
    lambda word: word.strip() == word and yes_or_no(word) is None
)
SPANS = st.tuples(st.integers(0, 50), st.integers(0, 50)).map(list)


@given(st.lists(YES_NO, min_size=1))
def test_yes_and_no_make_a_label_that_holds_or_not(values: list[Any]) -> None:
    assert infer_head("biased", values) == Head("biased", HeadKind.MULTI, ("biased",))


@given(st.lists(NAMES, min_size=1), st.randoms())
def test_one_label_a_row_makes_a_single_head_whatever_the_order_of_rows(values: list[str], order: Any) -> None:
    shuffled = list(values)
    order.shuffle(shuffled)
    expected = Head("tone", HeadKind.SINGLE, tuple(sorted(set(values))))
    assert infer_head("tone", values) == infer_head("tone", shuffled) == expected


@given(st.lists(st.lists(NAMES, max_size=3), min_size=1).filter(any))
def test_lists_of_labels_make_a_multi_head_in_json_and_in_csv(values: list[list[str]]) -> None:
    expected = Head("topics", HeadKind.MULTI, tuple(sorted({label for labels in values for label in labels})))
    assert infer_head("topics", values) == expected
    assert infer_head("topics", [cell(json.dumps(value)) for value in values]) == expected


@given(st.lists(st.lists(SPANS, max_size=3), min_size=1).filter(any))
def test_lists_of_offsets_make_a_span_head(values: list[list[list[int]]]) -> None:
    assert infer_head("slur", values) == Head("slur", HeadKind.SPAN, ("slur",))
    named = [[{"start": a, "end": b, "label": "x"} for a, b in spans] for spans in values]
    assert infer_head("slur", named) == Head("slur", HeadKind.SPAN, ("x",))


@given(st.lists(st.integers(-3, 12), min_size=1).filter(lambda values: not {*values} <= {0, 1}))
def test_whole_numbers_are_labels_in_their_order(values: list[int]) -> None:
    found = infer_head("stars", values)
    assert found == Head("stars", HeadKind.SINGLE, tuple(map(str, sorted(set(values)))))


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8), st.lists, max_leaves=6)
)
def test_anything_has_a_shape_and_only_labels_of_its_own(value: Any) -> None:
    shape = shape_of(cell(value))
    if shape is Shape.NAMES:
        assert labels_in(HeadKind.MULTI, "x", cell(value)) == [label.strip() for label in cell(value)]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["", None, float("nan")], "empty"),
        ([1, 0, ["a"]], "mixed types"),
        (["calm", ["calm"]], "mixed types"),
        ([3.5, 2.5], "no label"),
        ([[], []], "only empty lists"),
        ([[[0, 1]], ["calm"]], "mixed types"),
        (["[" * 200_000, ["calm"]], "mixed types"),
    ],
)
def test_what_makes_no_head_is_told(values: list[Any], words: str) -> None:
    found = infer_head("x", list(map(cell, values)))
    assert isinstance(found, str) and words in found


def test_the_odd_cells_out_are_found() -> None:
    assert odd_cells(["calm", "heated", ["calm"], None, "calm", 3.5]) == [2, 5]


@pytest.mark.parametrize(
    "item", [[1], [1, 2, 3], ["a", 2], {"start": 1}, {"start": True, "end": 2}, "x", None, [1, 2.5]]
)
def test_what_is_no_span_is_none(item: Any) -> None:
    assert marked(item) is None
