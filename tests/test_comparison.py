"""What an edit changed: sentences are aligned, and effects add up to the change exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer import Analyzer
from analyzer.alignment import Step, align
from analyzer.comparison import MOST_EDITS, compare
from analyzer.findings import Policy
from analyzer.hybrid import Hybrids, Version
from analyzer.readers import read_path, read_text
from analyzer.segment import segment
from tests.conftest import EXAMPLES


def version(text: str) -> Version:
    document = read_text(text)
    return Version(document, segment(document))


def steps(old: list[str], new: list[str]) -> list[Step]:
    return align(old, new, (["paragraph"] * len(old), ["paragraph"] * len(new)))


def test_sentences_are_unchanged_reworded_added_and_removed() -> None:
    old = ["The plan failed badly this year.", "It rained.", "Nobody paid for any of the damage."]
    new = [
        "New here entirely.",
        "The plan failed badly, she said, this year.",
        "It rained.",
        "Nobody paid for the damage.",
    ]
    assert steps(old, new) == [
        Step(None, 0, changed=True),
        Step(0, 1, changed=True),
        Step(1, 2, changed=False),
        Step(2, 3, changed=True),
    ]


def test_a_sentence_that_becomes_a_heading_has_changed() -> None:
    assert align(["It failed."], ["It failed."], (["paragraph"], ["heading"])) == [Step(0, 0, changed=True)]


TEXTS = st.lists(
    st.sampled_from(["It rose a lot.", "It fell a lot.", "It stood.", "Why so?", "Nobody paid."]), max_size=8
)


@given(TEXTS, TEXTS)
def test_the_steps_hold_every_sentence_once_and_in_order(old: list[str], new: list[str]) -> None:
    found = steps(old, new)
    assert [step.old for step in found if step.old is not None] == list(range(len(old)))
    assert [step.new for step in found if step.new is not None] == list(range(len(new)))
    for step in found:
        if not step.changed:
            assert step.old is not None and step.new is not None and old[step.old] == new[step.new]


OLD = """# Rates

The council raised rates by nine percent. Nobody voted against it.

| Year | Rate |
|---|---|
| 2020 | 4 |

So the plan has failed.
"""
NEW = """# Rates

The council raised rates by nine percent, said the utility. Nobody voted against it. It rained.

| Year | Rate |
|---|---|
| 2020 | 5 |
| 2021 | 6 |

- One item.

So the plan has failed.
"""


def test_a_hybrid_without_edits_is_the_old_text_and_with_all_of_them_the_new_one() -> None:
    old, new = version(OLD), version(NEW)
    found = align(
        [old.text(k) for k in range(len(old.sentences))],
        [new.text(k) for k in range(len(new.sentences))],
        ([old.kind(k) for k in range(len(old.sentences))], [new.kind(k) for k in range(len(new.sentences))]),
    )
    hybrids = Hybrids(old, new, found)

    def shape(version: Version) -> list[tuple[str, str]]:
        return [(version.text(k), version.block(k).kind.value) for k in range(len(version.sentences))]

    for made, expected in (([], old), (range(len(found)), new)):
        document = hybrids.document(made)
        assert shape(Version(document, segment(document))) == shape(expected)
        assert [b.table for b in document.blocks if b.table is not None] == [
            b.table for b in expected.document.blocks if b.table is not None
        ]
    one = hybrids.document(
        [next(n for n, s in enumerate(found) if s.old is None and new.text(s.new or 0) == "It rained.")]
    )
    assert "Nobody voted against it. It rained." in one.text
    assert "utility" not in one.text


def test_effects_and_rest_add_up_to_the_change(analyzer: Analyzer) -> None:
    document = read_path(EXAMPLES / "opinion-column.md")
    source = (EXAMPLES / "opinion-column.md").read_text(encoding="utf-8")
    paragraphs = source.split("\n\n")
    added = "The ministry said in its report that costs doubled."
    edited = "\n\n".join([paragraphs[0], "Everybody knows it.", *paragraphs[1:3], added, *paragraphs[3:]])
    old = Version(document, segment(document))
    found = compare(analyzer, old, version(edited), policy=Policy())
    assert found.change is not None and found.rest is not None
    assert sum(edit.effect or 0.0 for edit in found.edits) + found.rest == pytest.approx(found.change, abs=1e-9)
    assert any(edit.steps[0].old is None for edit in found.edits)
    halved = compare(analyzer, old, version("\n\n".join(paragraphs[::2])), policy=Policy())
    assert halved.change is not None and halved.rest is not None
    assert sum(edit.effect or 0.0 for edit in halved.edits) + halved.rest == pytest.approx(halved.change, abs=1e-9)


def test_a_text_compared_with_itself_has_no_edits(analyzer: Analyzer) -> None:
    document = read_path(EXAMPLES / "opinion-column.md")
    same = Version(document, segment(document))
    found = compare(analyzer, same, same, policy=Policy())
    assert (found.edits, found.change, found.rest, found.gone) == ((), 0.0, 0.0, 0)


def test_a_version_without_a_conclusion_has_edits_without_effect(analyzer: Analyzer) -> None:
    document = read_path(EXAMPLES / "opinion-column.md")
    found = compare(analyzer, Version(document, segment(document)), version("Why?"), policy=Policy())
    assert found.change is None and found.rest is None
    assert {edit.effect for edit in found.edits} == {None}


def test_many_edits_are_taken_together(analyzer: Analyzer) -> None:
    old = version("\n\n".join(f"The price of item {k} rose." for k in range(50)))
    new = version("\n\n".join(f"Costs went down for thing number {k}." for k in range(50)))
    found = compare(analyzer, old, new, policy=Policy())
    assert len(found.edits) <= MOST_EDITS
    assert sum(len(edit.steps) for edit in found.edits) == len([step for step in found.steps if step.changed])


def test_a_text_of_which_nothing_is_left_is_compared(analyzer: Analyzer) -> None:
    old = version("The mayor opened a bridge on Monday. The council must therefore resign at once.")
    new = version("Nobody asked for the ferry. It should thus be sold before the winter. Ships are cheap.")
    compared = compare(analyzer, old, new, policy=Policy())
    assert all(step.changed for step in compared.steps)
