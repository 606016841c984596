"""What sentences read off the tables of their document, and whether a table is sourced."""

from __future__ import annotations

import pytest

from analyzer.readers import read_text
from analyzer.segment import segment
from analyzer.table_readings import TableReading, read_off_tables
from analyzer.tables import is_subheading, lines_beside, tables_of

TABLE = """| Lab | Licence fee | Staff |
|---|---|---|
| Orbital | $12m | 4,100 |
| Tinker | $9.5m | 38 |
"""


def readings_of(text: str) -> tuple[list[TableReading], list[str]]:
    document = read_text(text)
    sentences = segment(document)
    return read_off_tables(document, sentences), [document.text[s.start : s.end] for s in sentences]


def test_a_sentence_that_repeats_a_figure_reads_its_row() -> None:
    readings, texts = readings_of(f"A licence costs money.\n\n{TABLE}\nThe smaller firm would pay $9.5m a year.\n")
    assert [(texts[r.sentence], [texts[row] for row in r.rows]) for r in readings] == [
        ("The smaller firm would pay $9.5m a year.", ["Tinker | $9.5m | 38"])
    ]
    assert not readings[0].table_is_sourced


def test_a_takeaway_that_names_a_row_reads_it() -> None:
    readings, texts = readings_of(
        f"Fees differ.\n\n{TABLE}\n**Data Takeaway:** Tinker pays far more for each of its people.\n"
    )
    assert [texts[row] for row in readings[0].rows] == ["Tinker | $9.5m | 38"]


def test_a_name_alone_does_not_read_the_table() -> None:
    readings, _ = readings_of(f"Fees differ.\n\n{TABLE}\nTinker was founded by two sisters.\n")
    assert readings == []


SEASONS = "| Season | Visitors |\n|---|---|\n| Spring | 14 |\n| Autumn | 22 |\n"


@pytest.mark.parametrize(
    "text",
    [
        "After 14 wasted years this council must go.",
        "Some 22 of us wrote in.",
        "On 14 May the 22 members met.",
        "The 22-year-old teacher left in autumn.",
        "Only 14 of the 22 chairs were taken.",
    ],
)
def test_one_small_number_may_be_there_by_chance(text: str) -> None:
    readings, _ = readings_of(f"Visitors were counted.\n\n{SEASONS}\n{text}\n")
    assert readings == []


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("In spring 14 came.", ["Spring | 14"]),
        ("Visitors rose from 14 to 22.", ["Spring | 14", "Autumn | 22"]),
        ("In spring it was 14 a day.", ["Spring | 14"]),
    ],
)
def test_small_numbers_count_with_another_or_with_a_word_of_their_label(text: str, rows: list[str]) -> None:
    readings, texts = readings_of(f"Visitors were counted.\n\n{SEASONS}\n{text}\n")
    assert [[texts[row] for row in reading.rows] for reading in readings] == [rows]


@pytest.mark.parametrize("share", ["14%", "14 percent", "14 per cent"])
def test_a_percentage_is_telling(share: str) -> None:
    table = "| Town | Share |\n|---|---|\n| Arle | 14 % |\n| Holt | 14 |\n"
    readings, texts = readings_of(f"Shares differ.\n\n{table}\nIt was {share} that day.\n")
    assert [[texts[row] for row in reading.rows] for reading in readings] == [["Arle | 14 %"]]


def test_years_and_single_digits_are_no_evidence_of_reading() -> None:
    readings, _ = readings_of(
        "| Year | Firms |\n|---|---|\n| 2021 | 3 |\n| 2022 | 5 |\n\nIn 2022, 3 people left the office.\n"
    )
    assert readings == []


@pytest.mark.parametrize(
    "line",
    [
        "Source: Harbour Institute, 2026 survey",
        "*Sources: company filings*",
        "Table 1: Fees by lab. Source: FTC filing",
        "Chart: FactLine · Source: ONS",
        "Graphic: FactLine. Source: ONS",
        "Source(s): ONS",
        "Data source: ONS",
        "Source – ONS",
        "SOURCE ONS",
    ],
)
def test_a_source_line_beside_the_table_sources_it(line: str) -> None:
    readings, _ = readings_of(f"Fees differ.\n\n{TABLE}\n{line}\n\nTinker would pay $9.5m a year.\n")
    assert [reading.table_is_sourced for reading in readings] == [True]


OTHER = "| Port | Ships |\n|---|---|\n| Arle | 417 |\n| Holt | 588 |\n"
SOURCE, CAPTION = "Source: Harbour Institute, 2026", "Table 2: Ships. Source: Harbour Institute"


@pytest.mark.parametrize(
    ("parts", "upper", "lower"),
    [
        ([TABLE, SOURCE, OTHER], True, False),
        ([SOURCE, TABLE, OTHER], True, False),
        (["Fees differ.", SOURCE, TABLE, SOURCE, OTHER], True, True),
        ([TABLE, CAPTION, OTHER], True, True),
        ([TABLE, "Ships differ, too.", SOURCE, OTHER], False, True),
        ([TABLE, SOURCE, "Ships differ, too.", OTHER], True, False),
        ([TABLE, SOURCE, OTHER, SOURCE], True, True),
    ],
)
def test_a_source_line_between_two_tables_is_that_of_the_upper_one(parts: list[str], upper: bool, lower: bool) -> None:
    document = read_text("\n\n".join(["Two tables.", *parts, "Of the ships 588 came."]))
    assert [table.is_sourced for table in tables_of(document)] == [upper, lower]


def test_a_far_away_sentence_does_not_read_the_table() -> None:
    between = "\n\n".join(
        f"This paragraph, number {word}, is about something else." for word in ["one", "two", "three", "four", "five"]
    )
    readings, _ = readings_of(f"Fees differ.\n\n{TABLE}\n{between}\n\nA house here costs $9.5m.\n")
    assert readings == []


@pytest.mark.parametrize(
    "text", ["As Table 1 shows, fees differ.", "Both firms pay (see table).", "This table shows it."]
)
def test_a_sentence_that_points_at_the_table_reads_all_of_it(text: str) -> None:
    readings, _ = readings_of(f"Fees differ.\n\n{TABLE}\n{text}\n")
    assert [len(reading.rows) for reading in readings] == [2]


@pytest.mark.parametrize(
    "text",
    ["See Table 1 of the ministry's report.", "The table in its report shows it.", "It is as long as the table is."],
)
def test_the_table_of_another_document_is_none_of_this_one(text: str) -> None:
    assert readings_of(f"Fees differ.\n\n{TABLE}\n{text}\n")[0] == []


def test_a_table_is_read_by_its_number_wherever_it_stands() -> None:
    far = "\n\n".join(f"Paragraph {word} is about something else." for word in ["one", "two", "three", "four", "five"])
    text = f"Fees differ.\n\n{TABLE}\nTable 1: Fees\n\n{far}\n\nTable 2: Ships\n\n{OTHER}\nTable 1 indicates as much.\n"
    readings, texts = readings_of(text)
    assert [[texts[row] for row in reading.rows] for reading in readings] == [
        ["Orbital | $12m | 4,100", "Tinker | $9.5m | 38"]
    ]


def test_what_names_a_source_of_its_own_reads_no_table() -> None:
    document = read_text(f"Fees differ.\n\n{TABLE}\nTinker would pay $9.5m, the mayor said.\n")
    sentences = segment(document)
    assert [reading.sentence for reading in read_off_tables(document, sentences)] == [sentences[-1].index]
    assert read_off_tables(document, sentences, but={sentences[-1].index}) == []


def test_caption_and_source_stand_beside_a_table_and_a_row_without_values_is_a_subheading() -> None:
    document = read_text(f"Fees differ.\n\n{TABLE}\nTable 1: Fees by lab.\n\nThat is all.\n")
    (table,) = tables_of(document)
    assert lines_beside(document, table) == {table.last + 1: "caption"}
    assert is_subheading("Hospitals | – | –")
    assert not is_subheading("Hospitals | – | 3")
