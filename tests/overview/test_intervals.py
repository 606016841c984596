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
        assert 0 <= low <= found.mean <= high <= 1
        if len(set(np.rint(np.array(values) * 1000))) > 1:
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


@pytest.mark.parametrize(
    ("a", "b", "n", "least"), [(2, 3, 60, 0.93), (2, 3, 10, 0.93), (5, 2, 12, 0.93), (1, 9, 20, 0.91)]
)
def test_the_interval_covers_the_true_mean_about_as_often_as_it_says(a: int, b: int, n: int, least: float) -> None:
    samples = np.random.default_rng(7).beta(a, b, size=(400, n))
    intervals = [found.interval for sample in samples if (found := estimate(sample)) and found.interval]
    covered = np.mean([low <= a / (a + b) <= high for low, high in intervals])
    assert least <= covered <= 0.98


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
@pytest.mark.parametrize(("n", "others"), [(5, 0.522), (12, 0.265), (100, 0.036)])
def test_equal_values_say_only_how_many_others_there_may_be(value: float, n: int, others: float) -> None:
    found = estimate(np.full(n, value))
    assert found is not None and found.interval is not None
    assert found.interval == pytest.approx((value * (1 - others), value + (1 - value) * others), abs=0.001)
    assert found.is_comparable == (n == 100)


def test_the_same_documents_give_the_same_interval_in_any_order() -> None:
    values = np.random.default_rng(8).random(50)
    assert estimate(values).interval == estimate(values[::-1]).interval  # type: ignore[union-attr]


def test_very_few_documents_have_no_interval_and_few_or_scattered_ones_cannot_be_compared() -> None:
    few = estimate(np.full(LEAST_FOR_INTERVAL - 1, 0.5))
    assert few is not None and few.interval is None and not few.is_comparable
    alike = np.linspace(0.45, 0.55, LEAST_TO_COMPARE)
    some = estimate(alike[1:])
    assert some is not None and some.width is not None and some.width < 0.1 and not some.is_comparable
    scattered = estimate(np.array([0.0, 1.0] * 10))
    assert scattered is not None and scattered.width is not None and scattered.width > 0.2
    assert not scattered.is_comparable
    enough = estimate(alike)
    assert enough is not None and enough.is_comparable
