"""Which labels a head gives, with and without a threshold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.choice import chosen
from analyzer.schema import STANDARD_SCHEMA

ROLE, LOADED = STANDARD_SCHEMA.head("role"), STANDARD_SCHEMA.head("loaded")


def test_of_a_single_head_the_likeliest_is_given() -> None:
    assert chosen(ROLE, np.array([[0.3, 0.2, 0.5], [0.1, 0.8, 0.1]], dtype=np.float32)).tolist() == [2, 1]


@pytest.mark.parametrize(("threshold", "expected"), [(0.5, 2), (0.51, 0), (0.2, 2)])
def test_its_last_label_is_given_from_the_threshold_on(threshold: float, expected: int) -> None:
    assert chosen(ROLE, np.array([[0.3, 0.2, 0.5]], dtype=np.float32), threshold).tolist() == [expected]


def test_a_multi_heads_labels_hold_from_the_threshold_on() -> None:
    rows = np.array([[0.5], [0.4], [0.2]], dtype=np.float32)
    assert chosen(LOADED, rows).tolist() == [[1], [0], [0]]
    assert chosen(LOADED, rows, 0.3).tolist() == [[1], [1], [0]]


@given(st.lists(st.floats(0.001, 1.0), min_size=3, max_size=3), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_a_higher_threshold_gives_the_last_label_to_no_more(row: list[float], one: float, other: float) -> None:
    p = np.array([row]) / sum(row)
    low, high = sorted((one, other))
    assert (chosen(ROLE, p, high) == 2) <= (chosen(ROLE, p, low) == 2)
    assert chosen(ROLE, p[0], low) == chosen(ROLE, p, low)[0]
