"""Documents as they come out of mail programs, content systems and word processors, where rules of a format end."""

from __future__ import annotations

from io import BytesIO

import docx
import pytest

from analyzer.document import BlockKind, Document
from analyzer.errors import AnalyzerError
from analyzer.quotations import quoted_ranges
from analyzer.readers import read_bytes
from analyzer.segment import segment
from analyzer.tables import tables_of
from tests.readers.invariants import blocks, check, texts


def read(text: str, name: str = "a.txt") -> Document:
    document = read_bytes(text.encode(), name=name)
    check(document)
    return document


def sentences(document: Document) -> list[str]:
    return [document.text[s.start : s.end] for s in segment(document)]


def quoted(document: Document) -> list[str]:
    return [document.text[start:end] for start, end in quoted_ranges(document)]


@pytest.mark.parametrize("mark", ["•", "1.", "-", "o", "(a)"])
def test_items_with_a_tab_behind_their_marks_are_items(mark: str) -> None:
    document = read(f"{mark}\tNobody wanted to pay. The mayor admits it.\n{mark}\tThe levy is theft.\n")
    assert {block.kind for block in document.blocks} <= {BlockKind.LIST_ITEM, BlockKind.PARAGRAPH}
    assert len(sentences(document)) == 3


def test_speakers_with_a_tab_behind_their_names_make_no_table_but_figures_do() -> None:
    spoken = read("Q:\tWhy did it fail?\nA:\tNobody wanted to pay. The mayor said so.\n")
    assert len(sentences(spoken)) >= 3 and not any(block.table is not None for block in spoken.blocks)
    assert all(block.table is not None for block in read("Cost:\t5 million\nYear:\t2020\n").blocks)
    assert not any(b.table is not None for b in read("By Jane Doe | Staff Writer\nMarch 3, 2024 | 5 min read\n").blocks)
    assert all(block.table is not None for block in read("Year | Cost\n2020 | 5\n").blocks)


MISREAD = "The mayor’s plan is dead. “The levy is theft,” she said… It didn’t pass."


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_quotation_marks_that_were_read_as_control_characters_are_themselves(name: str) -> None:
    text = MISREAD.encode("cp1252").decode("latin-1")
    document = read(f"<html><body><p>{text}</p></body></html>" if name == "a.html" else text, name)
    assert document.text == MISREAD
    assert "replaced 5 Windows-1252 characters" in document.notes
    assert quoted(document) == ["The levy is theft,"]


def test_a_line_break_of_one_character_stays_one() -> None:
    assert texts(read("It rose.\x85It fell.")) == ["It rose.", "It fell."]


def test_nothing_behind_the_end_of_a_page_is_dropped() -> None:
    page = "<html><body><article><p>First it rose.</p></article></body></html>\n"
    assert texts(read(f"{page}<p>Second it fell.</p>", "a.html")) == ["First it rose.", "Second it fell."]
    assert "Then it stood." in read(page + page.replace("First it rose", "Then it stood"), "a.html").text


def test_a_text_that_a_browser_wrapped_in_pre_is_no_quotation() -> None:
    words = "The corrupt council rammed through its disgraceful levy on Tuesday, a shameless cash grab. " * 4
    document = read(
        f'<html><head></head><body><pre style="white-space: pre-wrap">{words}</pre></body></html>', "a.html"
    )
    assert quoted(document) == [] and document.text.startswith("The corrupt council")


def test_a_quotation_in_a_quotation_has_single_marks() -> None:
    inner = "<q>the mayor told us <q>never again</q> and then she left</q>"
    document = read(f"<html><body><p>It was over, he said: {inner}.</p></body></html>", "a.html")
    assert quoted(document) == ["the mayor told us ‘never again’ and then she left"]


TABLE = "The levy rose.\n\n| Year | Cost |\n|---|---|\n| 2020 | 5.2 |\n| 2021 | 7.1 |\n\n"


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ("Source: Bureau of Labor Statistics", True),
        ("Source: TK", False),
        ("Source: unknown", False),
        ("Sources: n/a", False),
        ("Source: None Such Institute of the North", False),
        ("Note: Figures are in 2020 dollars.\n\nSource: Bureau of Labor Statistics", True),
        ("Note: Figures are in 2020 dollars. Source: Bureau of Labor Statistics", True),
        ("The mayor left.\n\nSource: Bureau of Labor Statistics", False),
    ],
)
def test_a_table_has_the_source_that_its_notes_name(below: str, expected: bool) -> None:
    document = read(f"{TABLE}{below}\n", "a.md")
    assert [table.is_sourced for table in tables_of(document)] == [expected]


PROSE = (
    "Nobody on the council could say on Tuesday night who should pay for the harbor. The mayor, Ann Lee, said that the "
    "levy was dead and that nobody on the council, not even Bob Roe, would bring it back before the spring. The numbers "
    "are plain, and they have been for a year, but the council would rather not look at them until after the vote."
)


@pytest.mark.parametrize("width", [36, 45, 70, 130])
def test_columns_of_any_width_are_put_together(width: int) -> None:
    import textwrap

    wrapped = "\n".join(textwrap.wrap(PROSE * 2, width, break_on_hyphens=False))
    assert texts(read(wrapped)) == [PROSE * 2]


def test_a_byline_and_a_table_do_not_hide_that_the_lines_below_were_wrapped() -> None:
    import textwrap

    prose = textwrap.wrap(PROSE * 2, 126, break_on_hyphens=False)
    text = "\n".join(
        ["Harbor Levy Fails", "By JANE DOE", "October 3, 2025", "", *prose, "", "Year | Cost", "2022 | 14", "2024 | 31"]
    )
    assert PROSE * 2 in texts(read(text))


def test_lines_of_verse_stay_lines() -> None:
    verse = (
        "The harbor sleeps beneath the hill\nAnd no one pays the lamps tonight\nThe council voted, and it will\n" * 2
    )
    assert len(texts(read(verse))) == 6


def test_a_word_with_a_hyphen_at_the_end_of_a_line_is_one_word() -> None:
    lines = (
        "It is too early to say what the levy would cost, said Priyanka Voss-\nAdeyemi, a partner at the firm that wrote the "
        "report for the pre-\nand post-war towns of the coast, all of them long since empty and\nunlit."
    )
    document = read(lines)
    assert "Priyanka Voss-Adeyemi" in document.text and "pre- and post-war" in document.text


def test_a_headline_above_its_byline_is_the_title() -> None:
    body = "The council voted 5 to 4 on Tuesday night to reject the levy that the mayor had asked for since March."
    document = read(f"Council Backs Harbor Levy After Marathon Session\nBy JANE DOE\n\n{body}\n\n{body}\n")
    assert document.title == "Council Backs Harbor Levy After Marathon Session"


def test_several_sentences_in_capitals_are_no_headline() -> None:
    shouted = 'THE COUNCIL VOTED ON TUESDAY TO REJECT THE LEVY. THE MAYOR CALLED IT THEFT. "WE LOST," SHE SAID.'
    document = read(f"{shouted}\n\nNOBODY KNOWS WHAT COMES NEXT, AND NOBODY IN THE TOWN WANTS TO ASK THE MAYOR.\n")
    assert document.title == "" and len(sentences(document)) == 4


def test_footnotes_with_names_end_a_sentence() -> None:
    text = (
        "The levy was unfair, critics say.[^smith] The mayor called it theft.[^lee2024] Nobody knows what comes next."
    )
    assert len(sentences(read(text, "a.md"))) == 3


def test_a_quotation_goes_on_without_its_mark_in_markdown() -> None:
    document = read("He wrote:\n\n> We were promised a plan,\nand we got a bill.\n\nThe mayor left.", "a.md")
    assert blocks(document)[1:] == [
        ("quote", "We were promised a plan, and we got a bill."),
        ("paragraph", "The mayor left."),
    ]


def test_a_table_in_a_quotation_is_a_table_and_a_note_is_none_of_it() -> None:
    document = read("> | Year | Cost |\n> |---|---|\n> | 2020 | 5 |\n", "a.md")
    assert [kind for kind, _ in blocks(document)] == ["table_row", "table_row"] and "---" not in document.text
    note = read("> [!NOTE]\n> The council met.\n", "a.md")
    assert blocks(note) == [("paragraph", "The council met.")]


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("title: >-\n  The Harbor Levy\n  Who Pays\ndate: 2024-01-01", "The Harbor Levy Who Pays"),
        ("title: 'It''s over' # working title", "It's over"),
        ('title: "The \\"plan\\""', 'The "plan"'),
        ("title: Who Pays # for now", "Who Pays"),
    ],
)
def test_titles_of_front_matter(head: str, title: str) -> None:
    assert read(f"---\n{head}\n---\n\nThe council met.\n", "a.md").title == title


@pytest.mark.parametrize("start", ['<?xml version="1.0"?>\n<nitf>', "<rss>", "<newsItem>"])
def test_news_formats_in_xml_are_refused_with_the_way_out(start: str) -> None:
    with pytest.raises(AnalyzerError, match=r"a\.txt: XML.*give the article"):
        read(f"{start}<p>The council voted on Tuesday.</p><p>It failed &amp; died.</p>")


def test_the_text_of_a_mail_is_not_its_signature() -> None:
    mail = (
        "From: a@example.org\nSubject: Levy\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
        "--x\nContent-Type: text/plain\n\nThe council voted. It failed.\n"
        "--x\nContent-Type: text/html\n\n<p>Sent from my phone</p>\n--x--\n"
    )
    assert texts(read(mail, "a.eml")) == ["The council voted. It failed."]


def test_a_mail_that_says_nothing_of_its_body_is_one_all_the_same() -> None:
    header = "From: a@example.org\nTo: b@example.org\nSubject: Levy\nMessage-ID: <1@example.org>\n"
    document = read(f"{header}\nThe council voted. It failed.\n", "a.eml")
    assert (document.title, texts(document)) == ("Levy", ["The council voted. It failed."])


def test_empty_lines_and_bold_lines_of_a_word_document() -> None:
    made = docx.Document()
    made.add_paragraph().add_run("Council backs harbor levy").bold = True
    paragraph = made.add_paragraph("Nobody could say who should pay for the harbor.")
    paragraph.runs[0].add_break()
    paragraph.runs[0].add_break()
    paragraph.add_run("Three members said that the levy was dead.")
    made.add_paragraph().add_run("By JANE DOE").bold = True
    made.add_paragraph().add_run("All of this is bold, and a sentence.").bold = True
    stream = BytesIO()
    made.save(stream)
    document = read_bytes(stream.getvalue(), name="a.docx")
    assert document.title == "Council backs harbor levy"
    assert [kind for kind, _ in blocks(document)] == ["heading", "paragraph", "paragraph", "paragraph", "paragraph"]
