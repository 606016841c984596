"""Columns are guessed where that is obvious, and nothing of a row is lost."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.corpus.columns import Columns, Failure, Item, choose_columns, fingerprint, item_of
from analyzer.corpus.dates import DateOrder, day_of, order_of
from analyzer.corpus.sources import Row
from analyzer.errors import AnalyzerError


def choose(names: list[str], **given: str) -> tuple[Columns, list[str]]:
    return choose_columns(Columns(**given), [Row("c:1", dict.fromkeys(names))], corpus="c")


@pytest.mark.parametrize(
    ("names", "columns", "others"),
    [
        (["text"], Columns("text"), []),
        (["URL", "Body", "Outlet", "Headline", "pubDate"], Columns("Body", "URL", "Headline", "Outlet", "pubDate"), ["pubDate"]),
        (["content", "text", "source", "publisher"], Columns("text", None, None, "publisher"), ["content", "source"]),
        (["text", "Section", "section", "SECTION"], Columns("text"), ["Section"]),
    ],
)  # fmt: skip
def test_obvious_columns_are_guessed_and_the_others_travel_along(
    names: list[str], columns: Columns, others: list[str]
) -> None:
    assert choose(names) == (columns, others)


def test_named_columns_win_and_must_be_there() -> None:
    assert choose(["text", "words"], text="words") == (Columns("words"), ["text"])
    with pytest.raises(AnalyzerError, match=r"no column 'wrods' \(--text\).*text, words"):
        choose(["text", "words"], text="wrods")
    with pytest.raises(AnalyzerError, match="name it with --text: a, b"):
        choose(["a", "b"])


def test_a_row_becomes_an_item_with_all_it_has() -> None:
    values: dict[str, Any] = {
        "id": 17, "text": ["First.", "Second."], "published": datetime(2016, 3, 4, 12), "n": 2.5, "tags": ["a", {"b": None}], "gone": None,
    }  # fmt: skip
    item = item_of(Row("c.jsonl:3", values), Columns("text", "id", date="published"))
    assert isinstance(item, Item)
    assert (item.id, item.text, item.date) == ("17", "First.\n\nSecond.", "2016-03-04T12:00:00")
    assert item.metadata == {"published": "2016-03-04T12:00:00", "n": "2.5", "tags": '["a", {"b": null}]'}
    without = item_of(Row("c.jsonl:3", {"text": "One."}), Columns("text"))
    assert isinstance(without, Item)
    assert without.id == "c.jsonl:3"


def test_half_characters_are_replaced_because_no_table_can_hold_them() -> None:
    item = item_of(Row("c:1", {"text": "A \ud83d b", "x\udc80": "\udfff"}), Columns("text"))
    assert isinstance(item, Item)
    assert (item.text, item.metadata) == ("A \ufffd b", {"x\ufffd": "\ufffd"})


def test_names_with_half_characters_are_columns_as_any() -> None:
    row = Row("c:1", {"text": "A.", "desk\ud83d": "city"})
    columns, others = choose_columns(Columns(), [row], corpus="c")
    assert others == ["desk\ufffd"]
    item = item_of(row, columns)
    assert isinstance(item, Item) and item.metadata == {"desk\ufffd": "city"}


def test_bytes_are_text_where_they_are_utf_8() -> None:
    columns = Columns("text", "id")
    item = item_of(Row("c:1", {"id": b"a", "text": "Straße.".encode(), "blob": b"\xff1", "tags": [b"x"]}), columns)
    assert isinstance(item, Item)
    assert (item.id, item.text, item.metadata) == ("a", "Straße.", {"blob": "\\xff1", "tags": '["x"]'})
    failure = item_of(Row("c:1", {"id": b"a", "text": b"Stra\xdfe."}), columns)
    assert isinstance(failure, Failure)
    assert (failure.id, failure.stage) == ("a", "text") and "not UTF-8" in failure.reason


def test_values_that_are_no_json_are_written_as_python_writes_them() -> None:
    values: dict[str, Any] = {"text": "A.", "price": Decimal("1.50"), "key": UUID(int=7), "at": time(9, 30)}
    item = item_of(Row("c:1", {**values, "prices": [Decimal("1.50")]}), Columns("text", "key"))
    assert isinstance(item, Item)
    assert item.id == "00000000-0000-0000-0000-000000000007"
    assert item.metadata == {"price": "1.50", "at": "09:30:00", "prices": '["1.50"]'}


def test_not_a_number_is_nothing() -> None:
    nan = float("nan")
    item = item_of(Row("c:1", {"text": "A.", "outlet": nan, "n": nan}), Columns("text", group="outlet"))
    assert isinstance(item, Item) and (item.group, item.metadata) == (None, {})
    for columns, stage in ((Columns("text", "id"), "id"), (Columns("id"), "text")):
        failure = item_of(Row("c:1", {"text": "A.", "id": nan}), columns)
        assert isinstance(failure, Failure) and failure.stage == stage


def test_the_fingerprint_tells_documents_apart() -> None:
    def of(**values: str) -> bytes:
        return fingerprint(item_of(Row("c:1", values), Columns("text")))

    assert of(text="One.") == of(text="One.")
    assert len({of(text="One."), of(text="Two."), of(text="One.", note="x"), of(text="One.", note="y")}) == 4
    assert fingerprint(Failure(None, "c:1", "read", "a")) != fingerprint(Failure(None, "c:1", "read", "b"))


@given(st.dates(date(1600, 1, 1), date(2100, 12, 31)))
def test_days_are_read_as_people_and_programs_write_them(day: date) -> None:
    for form in ("%Y-%m-%d", "%Y-%m-%dT23:59:59Z", "%Y-%m-%d 00:00:00+09:00", "%d %B %Y", "%B %d, %Y", "%Y%m%d",
                 "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d101112", "%a, %d %b %Y 10:00:00 EST",
                 "%a, %d %b %Y 10:00:00 GMT"):  # fmt: skip
        written = day.strftime(form)
        assert day_of(written) == (day, None), written


@pytest.mark.parametrize(
    ("text", "day", "note"),
    [
        ("1457000000", date(2016, 3, 3), None),
        ("1457000000000", date(2016, 3, 3), None),
        ("9999999999", None, "no day of publication"),
        ("201603311200", date(2016, 3, 31), "more than one day"),
        ("2016033112", date(2016, 3, 31), None),
        ("1612013000", date(2021, 1, 30), None),
        ("16-03-31", None, "more than one day"),
        ("31/03/16", date(2016, 3, 31), None),
        ("31/03/99", date(1999, 3, 31), None),
        ("2016-03", date(2016, 3, 1), "no day"),
        ("13/04/2016", date(2016, 4, 13), None),
        ("03/04/2016", None, "more than one day"),
        ("2016", None, "names no month"),
        ("2016.0", None, "names no month"),
        ("March 2016", date(2016, 3, 1), "no day"),
        ("03/2016", date(2016, 3, 1), "no day"),
        ("20160331.0", date(2016, 3, 31), None),
        ("1459382400000.0", date(2016, 3, 31), None),
        ("1459382400.5", date(2016, 3, 31), None),
        ("'16-03-31", None, "more than one day"),
        ("Friday", None, "more than one day"),
        ("yesterday", None, "not readable"),
        ("2016-02-30", None, "not readable"),
        ("2016-3-5", date(2016, 3, 5), None),
        ("9999-12-31", None, "no day of publication"),
        ("0001-01-01T00:00:00Z", None, "no day of publication"),
    ],
)
def test_a_date_that_names_no_day_is_said_to(text: str, day: date | None, note: str | None) -> None:
    found, said = day_of(text)
    assert found == day
    assert said is None if note is None else note in (said or "")


@pytest.mark.parametrize(
    ("column", "order", "days"),
    [
        (["1/14/2021", "1/3/2021 10:00", "3/4/21"], "month first", ["2021-01-14", "2021-01-03", "2021-03-04"]),
        (["14.1.2021", "3.1.2021", "March 3, 2016"], "day first", ["2021-01-14", "2021-01-03", "2016-03-03"]),
        (["14-01-2021", "03-04-2021", "05-06-07"], "day first", ["2021-01-14", "2021-04-03", None]),
        (["1/14/2021", "14/1/2021", "3/4/2021"], None, ["2021-01-14", "2021-01-14", None]),
        (["1/2/2021", "2016-31-12", "16-03-31"], None, [None, None, None]),
    ],
)
def test_a_column_settles_the_order_of_day_and_month(
    column: list[str], order: DateOrder | None, days: list[str | None]
) -> None:
    assert order_of(column) == order
    found = [day_of(text, order) for text in column]
    assert [day and day.isoformat() for day, _ in found] == days
    assert all((note is None) == (day is not None) for day, note in found)


def test_a_date_that_contradicts_its_column_is_said_to() -> None:
    day, note = day_of("14/1/2021", "month first")
    assert day == date(2021, 1, 14) and "is not month first" in (note or "")


@pytest.mark.parametrize(
    ("value", "text"),
    [("It rose.", "It rose."), (b"It rose.", "It rose."), (["It rose.", None, "It fell."], "It rose.\n\nIt fell.")],
)
def test_a_text_is_words_or_paragraphs_of_them(value: object, text: str) -> None:
    item = item_of(Row("a:1", {"text": value}), Columns(text="text"))
    assert isinstance(item, Item) and item.text == text


@pytest.mark.parametrize(
    ("value", "what"),
    [(12345, "a number"), (True, "yes or no"), ({"body": "It rose."}, "an object"), ([1, 2], "values")],
)
def test_a_text_column_of_something_else_is_told(value: object, what: str) -> None:
    failure = item_of(Row("a:1", {"text": value}), Columns(text="text"))
    assert isinstance(failure, Failure) and failure.stage == "text"
    assert f"holds {what}, not text" in failure.reason


def test_titles_and_groups_are_plain_lines_and_a_folder_is_the_group_of_a_table_without() -> None:
    row = Row("a:1", {"text": "It rose.", "title": "T\x1b[31mhe\u200b end", "outlet": "Post\n"}, group="folder")
    item = item_of(row, Columns(text="text", title="title", group="outlet"))
    assert isinstance(item, Item) and (item.title, item.group) == ("T[31mhe end", "Post")
    item = item_of(row, Columns(text="text"))
    assert isinstance(item, Item) and item.group == "folder"


@pytest.mark.parametrize("text", ["NaN", " <NA>", "null", [None]])
def test_what_stands_for_a_missing_text_is_none(text: object) -> None:
    failure = item_of(Row("a:1", {"text": text}), Columns(text="text"))
    assert isinstance(failure, Failure) and failure.reason == "no text in column 'text'"


def test_a_row_of_a_table_with_other_columns_says_which() -> None:
    for columns, stage in ((Columns("text", "id"), "id"), (Columns("text"), "text")):
        failure = item_of(Row("b.csv:1", {"key": "1", "body": "It rose."}), columns)
        assert isinstance(failure, Failure) and failure.stage == stage
        assert failure.reason.startswith(f"no column '{stage}' in this row, but key, body; name tables with other")
