"""Sentences of two versions, where they repeat: as ever in ordinary texts, and in a bearable time in others."""

from __future__ import annotations

import time
from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer import alignment
from analyzer.alignment import Step, align

FEW = st.lists(st.sampled_from(["Yes.", "No.", "It rose.", "Why so?"]), max_size=12)


def steps(old: list[str], new: list[str]) -> list[Step]:
    return align(old, new, (["paragraph"] * len(old), ["paragraph"] * len(new)))


def unchanged(found: list[Step]) -> list[tuple[int | None, int | None]]:
    return [(step.old, step.new) for step in found if not step.changed]


@given(FEW, FEW)
def test_in_ordinary_texts_the_longest_runs_are_unchanged(old: list[str], new: list[str]) -> None:
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    assert unchanged(steps(old, new)) == [(b.a + k, b.b + k) for b in blocks for k in range(b.size)]


@given(FEW, FEW)
def test_however_often_sentences_repeat_each_has_one_step(old: list[str], new: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(alignment, "_MOST_EQUAL", 2)
        found = steps(old, new)
    assert [step.old for step in found if step.old is not None] == list(range(len(old)))
    assert [step.new for step in found if step.new is not None] == list(range(len(new)))
    assert all(old[i] == new[j] for i, j in unchanged(found) if i is not None and j is not None)


def test_very_many_repeated_sentences_take_no_minutes_and_stay_beside_the_others() -> None:
    repeated = [f"Row {k % 3} is empty." for k in range(1500)]
    before = time.monotonic()
    found = steps(repeated, [f"Row {k * k % 3} is empty." for k in range(1500)])
    assert time.monotonic() - before < 5
    assert len(found) >= 1500
    old = [*repeated, "The plan failed.", *repeated]
    new = [*repeated, "It rained.", "The plan failed.", *repeated]
    assert [step for step in steps(old, new) if step.changed] == [Step(None, 1500, changed=True)]
