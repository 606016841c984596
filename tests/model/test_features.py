"""Where a sentence stands, as numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.features import PLACE_FEATURES, place_features


def test_places_of_a_short_document() -> None:
    found = place_features([0, 0, 3])
    assert found[:, 0].tolist() == [1, 0, 1]
    assert found[:, 1].tolist() == [0, 1, 1]
    assert found[:, 2].tolist() == [0, 0.5, 1]
    assert found[:, 5].tolist() == [0, 0, 1]
    assert found[0, 4] == found[2, 3] == pytest.approx(np.log(3) / np.log(151))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=400).map(np.cumsum))
def test_they_hang_on_where_paragraphs_end_and_on_nothing_else(numbers: np.ndarray) -> None:
    found = place_features(numbers.tolist())
    assert found.shape == (len(numbers), PLACE_FEATURES)
    assert found.min() >= 0 and found.max() <= 1
    assert (found == place_features((numbers * 2 + 7).tolist())).all()
    assert found[:, 0].sum() == found[:, 1].sum() == len(set(numbers.tolist()))
