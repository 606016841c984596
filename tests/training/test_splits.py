"""Folds and held-out parts: whole groups, labels spread evenly, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

pytest.importorskip("sklearn", reason="scikit-learn is not installed (extra train)")

from analyzer.errors import AnalyzerError
from analyzer.schema import Head, HeadKind, LabelSchema
from analyzer.training.data import LabelledDocument
from analyzer.training.splits import folds_of, groups_of, hold_out, hold_out_share

SCHEMA = LabelSchema((Head("biased", HeadKind.MULTI, ("biased",)),), links=False)


def documents(texts: list[str], biased: list[int]) -> list[LabelledDocument]:
    return [
        LabelledDocument(str(n), "test", "train", (text,), (0,), {"biased": np.array([[yes]])}, None)
        for n, (text, yes) in enumerate(zip(texts, biased, strict=True))
    ]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abcdefghijklmnop"), st.integers(0, 1)), min_size=12, max_size=60),
    st.integers(2, 5),
)
def test_a_text_met_twice_is_in_one_fold(rows: list[tuple[str, int]], n_folds: int) -> None:
    assume(len({letter for letter, _ in rows}) > 1)
    made = documents([f"Text {letter}!" for letter, _ in rows], [yes for _, yes in rows])
    folds = folds_of(made, SCHEMA, n_folds, seed=1)
    of_text: dict[str, set[int]] = {}
    for document, fold in zip(made, folds.tolist(), strict=True):
        of_text.setdefault(document.texts[0], set()).add(fold)
    assert all(len(found) == 1 for found in of_text.values())
    assert (folds == folds_of(made, SCHEMA, n_folds, seed=1)).all()


@pytest.mark.parametrize("share", [0.1, 0.2, 0.3, 0.5])
def test_the_held_out_part_is_as_large_as_asked_and_mixed_as_the_whole(share: float) -> None:
    made = documents([f"Text {n}." for n in range(400)], [int(n % 4 == 0) for n in range(400)])
    held = hold_out_share(made, SCHEMA, share, seed=0)
    assert held.mean() == pytest.approx(share, abs=0.02)
    yes = np.array([document.labels["biased"][0, 0] for document in made])
    assert yes[held].mean() == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("count", [8, 10, 15, 30])
@pytest.mark.parametrize("share", [0.15, 0.35, 0.45])
def test_few_documents_are_held_out_as_nearly_as_whole_ones_can_be(count: int, share: float) -> None:
    made = documents([f"Text {n}." for n in range(count)], [int(n % 4 == 0) for n in range(count)])
    held = hold_out_share(made, SCHEMA, share, seed=0)
    assert held.any() and not held.all()
    assert held.mean() == pytest.approx(share, abs=1 / count)


def test_short_sentences_do_not_bind_documents_together() -> None:
    long = "The very same long sentence of an agency stands in both of these articles."
    made = [
        LabelledDocument("a", "t", "train", ("Yes.", long), (0, 0), {}, None),
        LabelledDocument("b", "t", "train", ("Yes.", "No."), (0, 0), {}, None),
        LabelledDocument("c", "t", "train", (long.upper(), "Perhaps."), (0, 0), {}, None),
    ]
    groups = groups_of(made)
    assert groups[0] == groups[2] != groups[1]


def test_documents_that_all_share_a_text_cannot_be_divided() -> None:
    with pytest.raises(AnalyzerError, match="share a text"):
        folds_of(documents(["One text."] * 6, [0, 1] * 3), SCHEMA, 3, seed=0)


def test_documents_of_two_files_may_have_one_name() -> None:
    made = [d for number in range(2) for d in documents([f"Text {number} {n}." for n in range(10)], [0] * 10)]
    kept, held = hold_out(made, 0.15, seed=0)
    assert len(held) == 3 and len(kept) == 17
    assert {d.texts for d in kept}.isdisjoint(d.texts for d in held)
