"""Means over documents and how sure they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.overview.intervals import LEAST_FOR_INTERVAL, LEAST_TO_COMPARE, estimate

SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=60)


@given(SHARES)
def test_the_interval_holds_the_mean_and_stays_among_the_values(values: list[float]) -> None:
    found = estimate(np.array(values))
    assert found is not None and found.n == len(values)
    assert found.mean == pytest.approx(np.mean(values))
    if found.interval is not None:
        low, high = found.interval
        assert low <= found.mean <= high
        assert min(values) - 0.001 <= low and high <= max(values) + 0.001


@given(SHARES)
def test_documents_without_the_figure_change_nothing(values: list[float]) -> None:
    assert estimate(np.array([*values, np.nan, np.nan])) == estimate(np.array(values))


def test_nothing_comes_from_nothing() -> None:
    assert estimate(np.array([np.nan, np.nan])) is None


def test_the_interval_agrees_with_drawing_documents_themselves() -> None:
    values = np.random.default_rng(5).beta(2, 3, size=400)
    found = estimate(values)
    drawn = np.random.default_rng(6).choice(values, size=(4000, len(values))).mean(axis=1)
    assert found is not None and found.interval == pytest.approx(np.percentile(drawn, (2.5, 97.5)), abs=0.003)


def test_the_interval_covers_the_true_mean_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    samples = rng.beta(2, 3, size=(200, 60))
    intervals = [found.interval for sample in samples if (found := estimate(sample)) and found.interval]
    covered = np.mean([low <= 0.4 <= high for low, high in intervals])
    assert 0.89 <= covered <= 0.99


def test_the_same_documents_give_the_same_interval_in_any_order() -> None:
    values = np.random.default_rng(8).random(50)
    assert estimate(values).interval == estimate(values[::-1]).interval  # type: ignore[union-attr]


def test_very_few_documents_have_no_interval_and_few_or_scattered_ones_cannot_be_compared() -> None:
    few = estimate(np.full(LEAST_FOR_INTERVAL - 1, 0.5))
    assert few is not None and few.interval is None and not few.is_comparable
    some = estimate(np.full(LEAST_TO_COMPARE - 1, 0.5))
    assert some is not None and some.interval == pytest.approx((0.5, 0.5)) and not some.is_comparable
    scattered = estimate(np.array([0.0, 1.0] * 10))
    assert scattered is not None and scattered.width is not None and scattered.width > 0.2
    assert not scattered.is_comparable
    enough = estimate(np.full(LEAST_TO_COMPARE, 0.5))
    assert enough is not None and enough.is_comparable
