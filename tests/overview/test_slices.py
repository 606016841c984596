"""A corpus by group and over time."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analyzer.overview.slices import by_group, by_period, remarks, slice_of, trend_of
from analyzer.overview.tables import Documents, ScoredCorpus
from analyzer.overview.telling import telling
from tests.overview.scored import Doc, write_scored


def documents_of(tmp_path: Path, documents: Sequence[Doc], **options: int) -> Documents:
    return ScoredCorpus(write_scored(tmp_path / "scored", documents, **options)).documents


def on_days(*days: str, times: int = 1) -> list[Doc]:
    return [Doc(f"{day}-{k}", date=datetime.date.fromisoformat(day)) for day in days for k in range(times)]


def test_groups_have_the_means_of_their_own_documents(tmp_path: Path) -> None:
    herald = [Doc(f"h{k}", "Herald", conclusions=[("It fails.", 0.2 + 0.02 * k)], loaded=0.3) for k in range(11)]
    post = [Doc(f"p{k}", "Post", loaded=0.0, claims=(0, 0, 0, 0)) for k in range(3)]
    stray = [Doc("x", None, conclusions=[("It fails.", 1.0)])]
    found = by_group(documents_of(tmp_path, [*herald, *post, *stray], parts=3))
    assert [(part.name, part.n_documents) for part in found] == [("Herald", 11), ("Post", 3)]
    dependence = found[0].estimates["dependence"]
    assert dependence is not None and dependence.mean == pytest.approx(0.3) and dependence.n == 11
    assert found[0].estimates["loaded_share"].mean == pytest.approx(0.3)  # type: ignore[union-attr]
    assert found[0].claims.tolist() == [66, 0, 11, 33]
    assert found[0].grounds is not None and found[0].grounds.sum() == pytest.approx(1.0)
    assert found[1].estimates["dependence"] is None and found[1].grounds is None
    assert found[1].estimates["unsourced_share"] is None


def test_small_groups_are_named_with_the_reason(tmp_path: Path) -> None:
    large = [Doc(f"l{k}", "Large", conclusions=[("It fails.", 0.5)]) for k in range(20)]
    small = [Doc(f"s{k}", "Small", conclusions=[("It fails.", 0.5)]) for k in range(4)]
    scattered = [Doc(f"w{k}", "Wide", conclusions=[("It fails.", float(k % 2))]) for k in range(18)]
    found = by_group(documents_of(tmp_path, [*large, *small, *scattered]))
    dependence, *others = remarks(found)
    assert "Small (4)" in dependence and "too few documents with a conclusion" in dependence
    assert "interval too wide: Wide (0." in dependence and "from 18)" in dependence
    assert "Large" not in dependence
    assert len(others) == 2 and all("Small (4)" in words and "Wide" not in words for words in others)
    assert remarks(found[:1]) == []


def test_more_small_groups_than_fit_are_counted(tmp_path: Path) -> None:
    found = by_group(documents_of(tmp_path, [Doc(f"d{k}", f"G{k}") for k in range(12)]))
    assert all("and 9 more" in words for words in remarks(found, most=3))


@pytest.mark.parametrize(
    ("documents", "unit", "names"),
    [
        (on_days("2024-01-31", "2024-02-01", "2024-04-30", times=12), "month", ["Jan 2024", "Feb 2024", "Mar 2024", "Apr 2024"]),
        (on_days("2024-01-31", "2024-02-01", "2024-04-30", times=6), "quarter", ["Q1 2024", "Q2 2024"]),
        (on_days("1999-12-31", "2003-07-01", times=30), "year", ["1999", "2000", "2001", "2002", "2003"]),
        (on_days("1968-05-01", "1969-05-01", "1971-05-01"), "year", ["1968", "1969", "1970", "1971"]),
        (on_days("2024-02-01", "2024-03-02"), "month", ["Feb 2024", "Mar 2024"]),
    ],
)  # fmt: skip
def test_the_data_choose_the_unit_of_time(tmp_path: Path, documents: list[Doc], unit: str, names: list[str]) -> None:
    found = by_period(documents_of(tmp_path, documents))
    assert found is not None and found.unit == unit
    assert [part.name for part in found.slices] == names
    assert sum(part.n_documents for part in found.slices) == len(documents)


def test_undated_documents_are_counted_and_one_month_is_no_course(tmp_path: Path) -> None:
    found = by_period(documents_of(tmp_path / "a", [*on_days("2024-01-01", "2024-05-01", times=12), Doc("undated")]))
    assert found is not None and found.n_undated == 1
    assert by_period(documents_of(tmp_path / "b", on_days("2024-01-01", "2024-01-31"))) is None
    assert by_period(documents_of(tmp_path / "c", [Doc("undated")])) is None


@pytest.mark.parametrize("stray", ["1970-01-01", "2091-01-01"])
def test_a_stray_date_does_not_choose_the_unit_of_time(tmp_path: Path, stray: str) -> None:
    dated = on_days("2024-01-05", "2024-02-05", "2024-04-05", times=40)
    found = by_period(documents_of(tmp_path, [*dated, *on_days(stray)]))
    assert found is not None and found.unit == "month" and found.n_far == 1 and found.n_undated == 0
    assert [part.n_documents for part in found.slices] == [40, 40, 0, 40]


def test_the_first_and_last_documents_of_a_corpus_are_no_strays(tmp_path: Path) -> None:
    days = [f"{year}-07-01" for year in range(2001, 2021) for _ in range(20)]
    documents = [Doc(f"d{k}", date=datetime.date.fromisoformat(day)) for k, day in enumerate(["1989-01-01", *days])]
    found = by_period(documents_of(tmp_path, documents))
    assert found is not None and found.n_far == 0 and found.slices[0].name == "1989"


def test_a_group_over_time_has_the_periods_of_the_corpus(tmp_path: Path) -> None:
    dated = on_days("2024-01-05", "2024-02-05", "2024-04-05", times=12)
    for document in dated[12:24]:
        document.group = "Herald"
    documents = documents_of(tmp_path, dated)
    periods = by_period(documents)
    assert periods is not None
    trend = trend_of(documents, np.flatnonzero(documents.group >= 0), periods)
    assert [part.n_documents for part in trend] == [0, 12, 0, 0]
    assert [part.starts for part in trend] == [part.starts for part in periods.slices]


def test_the_whole_corpus_is_a_slice_too(tmp_path: Path) -> None:
    documents = documents_of(tmp_path, [Doc("a", conclusions=[("It is.", 0.2), ("So it is.", 0.6)]), Doc("b")])
    whole = slice_of(documents, np.arange(2), "all")
    assert whole.estimates["dependence"].mean == pytest.approx(0.4)  # type: ignore[union-attr]


def test_telling_documents_are_long_enough_sorted_and_listed_once(tmp_path: Path) -> None:
    three = [("One.", 0.9), ("Two.", 0.9), ("Three.", 0.9)]
    documents = [
        Doc("bare", conclusions=[("One.", 1.0)], title="Too short to say"),
        Doc("most", conclusions=three, title="Most"),
        Doc("copy", conclusions=three, title="MOST"),
        Doc("least", conclusions=[(text, 0.1) for text, _ in three], loaded=0.8, n_sentences=9),
        Doc("loud", loaded=0.5, claims=(0, 0, 0, 7)),
        Doc("claimless", claims=(0, 0, 0, 1)),
        Doc("sourced", claims=(9, 0, 0, 0), n_sentences=9),
    ]
    found = documents_of(tmp_path, documents)
    highest, lowest, loaded, unsourced = (
        [found.text("id", listed.row) for listed in told.documents] for told in telling(found)
    )
    assert highest == ["most", "least"]
    assert lowest == ["least", "most"]
    assert loaded[0] == "loud" and "least" not in loaded
    assert unsourced[0] == "loud" and not {"claimless", "sourced"} & set(unsourced)


def test_documents_under_a_standing_title_are_no_copies(tmp_path: Path) -> None:
    three = [("One.", 1.0), ("Two.", 1.0), ("Three.", 1.0)]
    column = Doc("first", conclusions=three, title="The week", date=datetime.date(2024, 1, 1))
    documents = [
        column,
        replace(column, id="reprint", date=datetime.date(2024, 1, 3)),
        replace(column, id="longer", n_characters=2100),
        replace(column, id="sourced", claims=(9, 0, 0, 1)),
    ]
    found = documents_of(tmp_path, documents)
    listed = {found.text("id", listed.row) for listed in telling(found)[0].documents}
    assert listed == {"first", "longer", "sourced"}
