from __future__ import annotations

import time

import pytest

from analyzer.document import BlockKind
from analyzer.readers import read_bytes, read_text
from tests.readers.invariants import blocks, check, texts

ANALYSIS = """\
The Quiet Takeover of the Grid

Technical Deep Dive

The system was built by three firms [1], and data from the ministry shows that it failed twice in 2021.

Data Takeaway: the gap between plans and results is growing, and no official will say by how much.

| Year | Cost | Note |
|------|:----:|-----:|
| 2020 | $4 bn | a |
| 2021 | $5 bn | |

Source: World Bank

1. First, the price rose twice.
2. Second, nobody was asked about it
   and the vote was cancelled.

What Comes Next?
The most likely outcome is that the regulator will fold, as it did in 2014, and the firms will write the rules.
"""


def test_an_analysis_with_bare_headings_a_table_and_a_list() -> None:
    document = read_text(ANALYSIS)
    assert blocks(document) == [
        ("heading", "The Quiet Takeover of the Grid"),
        ("heading", "Technical Deep Dive"),
        ("paragraph", ANALYSIS.split("\n")[4]),
        ("paragraph", ANALYSIS.split("\n")[6]),
        ("table_row", "Year | Cost | Note"),
        ("table_row", "2020 | $4 bn | a"),
        ("table_row", "2021 | $5 bn | –"),
        ("paragraph", "Source: World Bank"),
        ("list_item", "First, the price rose twice."),
        ("list_item", "Second, nobody was asked about it and the vote was cancelled."),
        ("heading", "What Comes Next?"),
        ("paragraph", ANALYSIS.split("\n")[-2]),
    ]
    assert document.title == "The Quiet Takeover of the Grid"
    assert [block.is_table_header for block in document.blocks if block.table == 0] == [True, False, False]
    assert "| –\n\nSource" in document.text and "a\n2021" in document.text


WRAPPED = """\
The ministry said on Monday that the contract would cost about $4
billion over ten years, and that nobody was asked when it was signed in
1914. The records of that year are incomplete, and what is left of them
does not name the people who wrote the rules.
Critics call it a handout to an industry that has paid for every single
campaign since 2003.

It is not clear who gained from it, but the industry has not said that
it lost.
"""


def test_hard_wrapped_lines_are_joined_and_short_ones_end_a_paragraph() -> None:
    assert blocks(read_text(WRAPPED)) == [
        ("paragraph", " ".join(WRAPPED.split("\n")[:4])),
        ("paragraph", " ".join(WRAPPED.split("\n")[4:6])),
        ("paragraph", " ".join(WRAPPED.split("\n")[7:9])),
    ]


def test_a_paragraph_on_each_line_stays_one() -> None:
    lines = [
        f"Paragraph {n} goes on about the matter for a while. It has two sentences{' and more' * n}." for n in range(12)
    ]
    assert texts(read_text("\n".join(lines)), "paragraph") == lines


def test_a_headline_above_paragraphs_on_each_line() -> None:
    text = (
        "Ministers knew of the leak, papers show\n\nThe papers were released on Friday after a long fight in court.\n"
        "What They Show\nThree ministers were told of the leak in March, two months before they said that they were.\n"
    )
    kinds = [kind for kind, _ in blocks(read_text(text))]
    assert kinds == ["heading", "paragraph", "heading", "paragraph"]


@pytest.mark.parametrize(
    "lines",
    [
        "Upon the hill the old men sat\nAnd watched the harbour burn\nThe Ships Went Down At Night\nAnd did not return",
        "Jane Doe\n12 High Street\nSome Town\nUnited Kingdom",
        "By Jane Doe",
        "March 3, 2021",
        "Source: World Bank",
        "According to the Minister:",
        "“No!”",
        "jane@example.org",
    ],
)
def test_verse_addresses_and_bylines_are_no_headings(lines: str) -> None:
    body = "The ministry said on Monday that the contract would cost about $4 billion over ten years."
    assert texts(read_text(f"{body}\n\n{lines}\n\n{body}"), "heading") == []


@pytest.mark.parametrize(
    "heading", ["Technical Deep Dive", "WHAT IT COSTS", "Why it matters", "Key Findings:", "1. Method"]
)
def test_headings_that_nothing_marks(heading: str) -> None:
    body = "The ministry said on Monday that the contract would cost about $4 billion over ten years."
    assert texts(read_text(f"{body}\n\n{heading}\n\n{body}"), "heading") == [heading.removeprefix("1. ")]


def test_list_markers_as_people_type_them() -> None:
    text = "They want:\n- one\n* two\n• three\n1. four\n2) five\na) six\n(b) seven\n"
    assert blocks(read_text(text)) == [
        ("paragraph", "They want:"),
        *(("list_item", word) for word in ("one", "two", "three", "four", "five", "six", "seven")),
    ]


@pytest.mark.parametrize(
    "table",
    [
        "Year | Cost\n2020 | 4\n2021 | 5",
        "| Year | Cost |\n| 2020 | 4 |\n| 2021 | 5 |",
        "Year | Cost\n-----|-----\n2020 | 4\n2021 | 5",
        "+------+----+\n| Year | Cost |\n+======+====+\n| 2020 | 4 |\n+------+----+\n| 2021 | 5 |\n+------+----+",
        "Year\tCost\n2020\t4\n2021\t5",
    ],
)
def test_tables_in_all_their_clothes(table: str) -> None:
    document = read_text(f"It rose.\n\n{table}\n\nSource: the ministry.")
    assert texts(document, "table_row") == ["Year | Cost", "2020 | 4", "2021 | 5"]
    assert [block.is_table_header for block in document.blocks if block.table == 0] == [True, False, False]


def test_two_tables_have_two_numbers() -> None:
    document = read_text("a | b\n1 | 2\n\nBetween them.\n\nc | d\n3 | 4")
    assert [block.table for block in document.blocks] == [0, 0, None, 1, 1]


def test_an_empty_first_cell_keeps_its_column() -> None:
    assert texts(read_text("| | 2019 | 2020 |\n|--|--|--|\n| Cost | 4 | 5 |"), "table_row")[0] == "– | 2019 | 2020"


def test_quotations_with_a_mark_and_across_paragraphs() -> None:
    text = "> Quoted text\n> goes on.\n>\n> And on.\n\nShe said:\n\n"
    text += "“We were not asked.\n\n“And we will not forget.”\n\n“No,” he said."
    assert blocks(read_text(text)) == [
        ("quote", "Quoted text goes on."),
        ("quote", "And on."),
        ("paragraph", "She said:"),
        ("quote", "“We were not asked."),
        ("quote", "“And we will not forget.”"),
        ("paragraph", "“No,” he said."),
    ]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\u2028", "\x85", "\f"])
def test_line_ends_of_all_systems(end: str) -> None:
    first, second = "The first paragraph ends here.", "The second one ends here."
    assert texts(read_text(f"{first}{end}{end}{second}{end}"), "paragraph") == [first, second]


def test_spaces_are_made_plain_and_invisible_characters_go() -> None:
    document = read_text("\ufeffThe\xa0min\xadistry\u200b said\tso,\u2009twice\x00.")
    assert document.text == "The ministry said so, twice."
    assert set(document.notes) == {
        "removed 1 NUL character",
        "removed 1 soft hyphen",
        "removed 2 zero-width characters",
    }


def test_a_lone_surrogate_becomes_text_that_can_be_written() -> None:
    document = check(read_text("An odd \ud83d character stands here."))
    assert document.notes == ("replaced 1 lone surrogate",)


def test_separator_lines_are_left_out_and_noted() -> None:
    document = read_text("The first part.\n\n* * *\n\nThe second part.\n\n———\n\nThe end.")
    assert document.text == "The first part.\n\nThe second part.\n\nThe end."
    assert document.notes == ("left out 2 separator lines",)


def test_a_line_below_several_lines_divides_even_where_they_end_no_sentence() -> None:
    document = read_text("Roses for the mayor\nAnd none for the town\n---\nThe council met on Tuesday and voted.")
    assert "-" not in document.text and document.blocks[-1].kind is BlockKind.PARAGRAPH
    assert document.text.endswith("\n\nThe council met on Tuesday and voted.")
    assert document.notes == ("left out 1 separator line",)


def test_asterisks_and_underscores_of_a_plain_text_stay() -> None:
    text = "The price* rose by 2 * 3 per cent, says the_file_name and its author."
    assert read_text(text).text == text


def test_markdown_in_a_text_file_is_read_as_such() -> None:
    document = read_bytes(b"## What **Happened**\n\nThe [ministry](https://example.org/x_y) *said* so.", name="a.txt")
    assert blocks(document) == [("heading", "What Happened"), ("paragraph", "The ministry said so.")]


@pytest.mark.parametrize(
    "unit",
    [
        "The ministry said so on Monday. ",
        "a\n",
        "**a ",
        "[a](",
        "> ",
        "| a ",
        "a\tb\n",
        "\ta\t",
        "a  1\n",
        "a  b\n\n",
        "[a](b)\n",
        "(c) a\n",
        "1\n",
        "a-\n",
        "1. a\n",
        "“a\n\n",
    ],
)
def test_time_grows_with_length_not_with_its_square(unit: str) -> None:
    start = time.process_time()
    check(read_text("Begin. " + unit * (200_000 // len(unit)) + " end."))
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "line", [f"Signed for Acme Inc. {'_' * 170} Date", f"It rose. {'🙂' * 170} x", " " * 32_000 + "+--x"]
)
def test_one_line_takes_no_time_however_it_could_be_parted(line: str) -> None:
    start = time.process_time()
    check(read_text(f"Form of consent\n\n{line}\n\nThe ministry said so on Monday."))
    assert time.process_time() - start < 5


@pytest.mark.parametrize("between", ["By Jane Doe", "By Jane Doe\n\nJan. 3, 2024", "Jane Doe", "WASHINGTON (AP)"])
def test_a_headline_above_a_byline_is_the_title(between: str) -> None:
    body = "The Senate passed a budget on Friday, after a long debate that lasted all night. It was close."
    document = read_bytes(f"Senate Passes Budget After Long Session\n\n{between}\n\n{body}".encode(), name="a.txt")
    assert document.title == "Senate Passes Budget After Long Session"
    assert document.blocks[0].kind is BlockKind.HEADING


def test_a_signature_makes_no_heading_of_the_sentence_above_it() -> None:
    document = read_bytes(b"We will not pay a cent more for this bridge.\n-- \nJane Doe\n", name="a.txt")
    assert document.blocks[0].kind is BlockKind.PARAGRAPH


def test_many_comments_at_the_start_take_no_time() -> None:
    begin = time.perf_counter()
    read_bytes(b"<!-- x -->\n" * 400 + b"The mayor spoke.", name="a.md")
    assert time.perf_counter() - begin < 5


@pytest.mark.parametrize(
    ("table", "headers"), [("| a | b |\n|---|---|", [True]), ("+---+---+\n| a | b |\n+---+---+", [False])]
)
def test_a_header_without_rows_is_a_header_and_a_box_is_none(table: str, headers: list[bool]) -> None:
    document = read_text(f"It rained.\n\n{table}\n")
    assert [block.is_table_header for block in document.blocks if block.table == 0] == headers


HEADED = [True, False, False]


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("\t2022\t2023\nNorth\t10.5\t12.1\nSouth\t8.4\t9.9", ["– | 2022 | 2023", "North | 10.5 | 12.1", "South | 8.4 | 9.9"]),
        ("Region\t2022\t2023\nNorth\t10.5\t12.1\nSouth\t8.4\t", ["Region | 2022 | 2023", "North | 10.5 | 12.1", "South | 8.4 | –"]),
        ("Region\t2022\t2023\nNorth\t10.5\t12.1\nSouth\t8.4", ["Region | 2022 | 2023", "North | 10.5 | 12.1", "South | 8.4 | –"]),
        (
            "Region          2022    2023\n------          ----    ----\nNorth           10.5    12.1\nSouth of it      8.4     9.9",
            ["Region | 2022 | 2023", "North | 10.5 | 12.1", "South of it | 8.4 | 9.9"],
        ),
        (
            "                2022    2023\nNorth           10.5    12.1\nSouth of it      8.4     9.9",
            ["– | 2022 | 2023", "North | 10.5 | 12.1", "South of it | 8.4 | 9.9"],
        ),
    ],
)  # fmt: skip
def test_tables_of_a_spreadsheet_and_of_aligned_columns(table: str, rows: list[str]) -> None:
    document = read_text(f"Spending rose.\n\n{table}\n\nIt fell.")
    assert texts(document, "table_row") == rows
    assert [block.is_table_header for block in document.blocks if block.table == 0] == HEADED


@pytest.mark.parametrize(
    "prose",
    [
        "\tThe mayor said that the levy was dead.\n\tNobody knew why.\n\t\tIt was May.\n",
        "Q:\tWhy did it fail?\n\tTell me that.\nA:\tNobody wanted to pay. The mayor said so.\n",
        "1.  The levy rose.\n2.  The mayor left.\n3.  It was 2020.\n",
        "It rose.  In 1990 it fell.\nThen it rose.  In 1991 it fell.\nIt rose.  In 1992 it fell.\n",
        "Hello\t\t\nMayor\t\t\n",
    ],
)
def test_tabs_and_spaces_of_prose_make_no_table(prose: str) -> None:
    assert texts(read_text(f"Spending rose.\n\n{prose}\nIt fell."), "table_row") == []


def test_a_copyright_notice_is_no_item() -> None:
    notice = "(c) Meridian Radio 2023. All rights reserved."
    assert texts(read_text(f"The rule takes effect in March.\n\n{notice}"), "paragraph")[1] == notice
    listed = texts(read_text("It says:\n\n(a) one\n\n(b) two\n\nthat is, three\n\n(c) four"), "list_item")
    assert listed == ["one", "two", "four"]


def test_the_name_of_a_newspaper_above_a_leading_article_is_not_its_title() -> None:
    body = "There is a kind of politician who believes that a thing becomes true if it is said three times."
    head = "THE NORTHERN MERCURY\n\nSaturday, 14th November, 1992      Price 35p\n\nLEADING ARTICLE\n\nA Treaty Too Far"
    assert read_text(f"{head}\n\n{body}").title == "A Treaty Too Far"
    assert read_text(f"A Treaty Too Far\n\nOpinion\n\nBy Jane Doe\n\n{body}").title == "A Treaty Too Far"
