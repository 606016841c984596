"""Choosing what is most informative."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.labelling.selection import choose, uncertainty
from analyzer.schema import Head, HeadKind, LabelSchema

SCHEMA = LabelSchema(
    (Head("type", HeadKind.SINGLE, ("a", "b", "c", "d")), Head("loaded", HeadKind.MULTI, ("loaded",))), links=False
)


def test_uncertainty_runs_from_sure_of_everything_to_sure_of_nothing() -> None:
    probabilities = {
        "type": np.array([[1.0, 0, 0, 0], [0.25, 0.25, 0.25, 0.25], [1.0, 0, 0, 0], [0.7, 0.1, 0.1, 0.1]]),
        "loaded": np.array([[0.0], [0.5], [0.5], [0.9]]),
    }
    found = uncertainty(probabilities, SCHEMA)
    assert found[:3] == pytest.approx([0.0, 1.0, 0.5], abs=1e-6)
    assert 0.5 < found[3] < 1.0


def test_what_is_like_something_chosen_comes_after_what_is_not() -> None:
    vectors = np.array([[1.0, 0.0], [1.0, 0.01], [0.0, 1.0], [-1.0, -1.0]], dtype=np.float32)
    chosen = choose(np.array([0.9, 0.89, 0.4, 0.01]), vectors, 3)
    assert chosen[0] == 0
    assert chosen.index(2) < 2
    assert choose(np.array([0.1, 0.2, 0.4, 0.01]), vectors, 1) == [2]


@given(
    unsure=st.lists(st.floats(0, 1), min_size=1, max_size=12),
    count=st.integers(1, 20),
    seed=st.integers(0, 99),
)
def test_as_many_as_asked_for_are_chosen_and_none_twice(unsure: list[float], count: int, seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(len(unsure), 3)).astype(np.float32)
    vectors[:2] = vectors[0]
    chosen = choose(np.array(unsure), vectors, count)
    assert len(chosen) == len(set(chosen)) == min(count, len(unsure))
    assert unsure[chosen[0]] == max(unsure)
