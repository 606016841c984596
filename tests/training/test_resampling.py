"""Intervals over resampled documents, and that measures give what the metrics give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("sklearn", reason="scikit-learn is not installed (extra train)")

from sklearn.metrics import f1_score

from analyzer.schema import STANDARD_SCHEMA
from analyzer.training.metrics import calibration_bins, expected_calibration_error, label_counts
from analyzer.training.resampling import (
    calibration_error,
    difference,
    draw,
    f1,
    interval,
    ratio,
    share_interval,
    value,
)

ROLE = STANDARD_SCHEMA.head("role")
DOCUMENTS = st.lists(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=6), min_size=1, max_size=6
)


@given(DOCUMENTS)
def test_the_measure_of_all_documents_is_scikit_learns_macro_f1(documents: list[list[tuple[int, int]]]) -> None:
    counts = [
        label_counts(ROLE, np.array([g for g, _ in d]), np.eye(3, dtype=np.float32)[[p for _, p in d]], 0.5)
        for d in documents
    ]
    gold, found = zip(*(pair for document in documents for pair in document), strict=True)
    expected = f1_score(gold, found, average="macro", zero_division=0.0)
    assert value(f1(counts), len(documents)) == pytest.approx(expected)


@given(st.lists(st.lists(st.tuples(st.floats(0.25, 1), st.booleans()), min_size=1), min_size=1, max_size=5))
def test_the_measure_of_calibration_is_the_calibration_error(documents: list[list[tuple[float, bool]]]) -> None:
    arrays = [(np.array([c for c, _ in d]), np.array([r for _, r in d])) for d in documents]
    whole = expected_calibration_error(*(np.concatenate(column) for column in zip(*arrays, strict=True)))
    bins = [calibration_bins(confidence, right) for confidence, right in arrays]
    assert value(calibration_error(bins), len(documents)) == pytest.approx(whole, abs=1e-9)


@given(st.lists(st.floats(0, 1), min_size=5, max_size=30))
@settings(max_examples=20)
def test_nothing_differs_from_itself(parts: list[float]) -> None:
    measure = ratio(parts, np.ones(len(parts)))
    assert difference(measure, measure, draw(len(parts))) == (0.0, 0.0)


@pytest.mark.parametrize("documents", range(1, 5))
def test_a_handful_of_documents_has_a_figure_but_no_interval(documents: int) -> None:
    measure = ratio(np.ones(documents), np.full(documents, 2))
    assert value(measure, documents) == 0.5
    assert interval(measure, draw(documents)) is None
    assert difference(measure, measure, draw(documents)) is None


def test_the_same_resamples_show_a_small_difference_that_documents_hide() -> None:
    rng = np.random.default_rng(0)
    right = rng.integers(0, 21, 60)
    better = np.minimum(right + 1, 20)
    one, two = ratio(better, np.full(60, 20)), ratio(right, np.full(60, 20))
    draws = draw(60)
    alone, paired = interval(one, draws), difference(one, two, draws)
    assert alone is not None
    assert paired is not None
    assert paired[0] > 0
    assert paired[1] - paired[0] < (alone[1] - alone[0]) / 10


def test_what_is_undefined_in_most_samples_has_no_interval() -> None:
    wholes = np.zeros(40)
    assert interval(ratio(wholes, wholes), draw(40)) is None


@given(st.integers(0, 50), st.integers(1, 50))
def test_the_interval_of_a_share_holds_it(count: int, more: int) -> None:
    found = share_interval(count, count + more)
    assert found is not None
    assert 0.0 <= found[0] <= count / (count + more) <= found[1] <= 1.0


def test_a_share_of_nothing_has_no_interval() -> None:
    assert share_interval(0, 0) is None
