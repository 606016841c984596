from __future__ import annotations

from io import BytesIO

import pypdf
import pypdfium2
import pytest
from fpdf import FPDF

from analyzer.errors import AnalyzerError
from analyzer.readers import read_bytes
from analyzer.readers.pdf import read
from tests.readers.invariants import blocks, texts

SENTENCES = (
    "The ministry said on Monday that the contract would cost about 4 billion over ten years, and that nobody had "
    "been asked. Critics call it a handout to an industry that has paid for every campaign since 2003. "
)


class _Report(FPDF):
    def header(self) -> None:
        self.set_font("Times", size=8)
        self.cell(0, 8, "The Example Review")
        self.ln(12)

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font("Times", size=8)
        self.cell(0, 8, f"Page {self.page_no()} of 3", align="C")


def _report(parts: int) -> bytes:
    pdf = _Report()
    pdf.add_page()
    pdf.set_font("Times", "B", 20)
    pdf.multi_cell(0, 10, "Why the regulator folded", new_x="LMARGIN", new_y="NEXT")
    for part in range(parts):
        pdf.set_font("Times", "B", 14)
        pdf.multi_cell(0, 8, f"What happened in part {part}", new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("Times", size=11)
        for number in range(4):
            pdf.multi_cell(
                0, 5.5, f"Paragraph {part}.{number} begins here. {SENTENCES * 2}", new_x="LMARGIN", new_y="NEXT"
            )
            pdf.ln(3)
    return bytes(pdf.output())


def _simple(text: str, title: str = "") -> bytes:
    pdf = FPDF()
    pdf.set_title(title)
    pdf.add_page()
    pdf.set_font("Times", size=11)
    pdf.multi_cell(0, 5.5, text)
    return bytes(pdf.output())


def test_a_report_becomes_headings_and_whole_paragraphs() -> None:
    document = read(_report(5), name="report.pdf")
    assert document.title == "Why the regulator folded"
    assert texts(document, "heading") == [document.title, *(f"What happened in part {part}" for part in range(5))]
    expected = [f"Paragraph {p}.{n} begins here. {SENTENCES * 2}".strip() for p in range(5) for n in range(4)]
    paragraphs = texts(document, "paragraph")
    assert " ".join(paragraphs) == " ".join(expected)
    assert len(set(paragraphs) & set(expected)) >= 18  # a page may end where a sentence and a line end


def test_page_numbers_and_running_heads_are_left_out_and_counted() -> None:
    document = read(_report(5), name="report.pdf")
    assert "Example Review" not in document.text and "Page " not in document.text
    assert any("repeated header" in note for note in document.notes)
    assert any("page number" in note for note in document.notes)


def test_a_word_divided_at_a_line_end_is_joined_but_a_compound_stays() -> None:
    text = "A well-known matter of govern-\nment and of other things, which is well-\nknown to all."
    document = read(_simple(text), name="a.pdf")
    assert document.text == "A well-known matter of government and of other things, which is well-known to all."
    assert document.notes == ("joined 1 word hyphenated at a line end",)


def test_a_list_in_a_pdf() -> None:
    document = read(_simple("They want three things.\n1. Money.\n2. Power.\n- Fame."), name="a.pdf")
    assert texts(document, "list_item") == ["Money.", "Power.", "Fame."]


@pytest.mark.parametrize(
    ("stated", "title"), [("Who Pays", "Who Pays"), ("Microsoft Word - a.doc", ""), ("a.indd", "")]
)
def test_the_stated_title_is_taken_if_it_is_one(stated: str, title: str) -> None:
    assert read(_simple("The state pays for it.", stated), name="a.pdf").title == title


def test_two_columns_are_read_one_after_the_other() -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Times", size=11)
    for x, word in ((10, "left"), (110, "right")):
        pdf.set_xy(x, 20)
        pdf.multi_cell(
            85, 5.5, f"This is the {word} column. It goes on for a while about the matter, and it ends here."
        )
    paragraphs = texts(read(bytes(pdf.output()), name="a.pdf"), "paragraph")
    assert [p.split(" column")[0] for p in paragraphs] == ["This is the left", "This is the right"]


def _pages(*pages: list[tuple[int, str, str]]) -> bytes:
    """A PDF of these pages, each of paragraphs with their size, style and text; 8 points stand at the foot."""
    pdf = FPDF()
    pdf.set_auto_page_break(False)
    for paragraphs in pages:
        pdf.add_page()
        for size, style, text in paragraphs:
            if size == 8:
                pdf.set_y(270)
            pdf.set_font("Times", style, size)
            pdf.multi_cell(0, size / 2, text, new_x="LMARGIN", new_y="NEXT")
            pdf.ln(3 if style != "B" else 0)
    return bytes(pdf.output())


PLACES = ("Aldermoor", "Brandt Ferry", "Calder", "Dunmere", "Eastholm", "Fenwright")


def test_numbered_headings_on_top_of_pages_are_no_running_heads() -> None:
    pages = [
        [
            (16, "B", f"Chapter {number}"),
            *((11, "", f"{place} {word}. {SENTENCES}") for word in ("paid", "voted", "sued")),
        ]
        for number, place in enumerate(PLACES, 1)
    ]
    assert texts(read(_pages(*pages), name="a.pdf"), "heading") == [f"Chapter {number}" for number in range(1, 7)]


def test_running_heads_that_number_the_pages_of_a_chapter_are_left_out() -> None:
    pages = [
        [(9, "", f"Water Rates 2024, chapter {page // 3 + 1}, {page + 7}"), (11, "", f"{place} paid. {SENTENCES * 3}")]
        for page, place in enumerate(PLACES)
    ]
    assert "Water Rates" not in read(_pages(*pages), name="a.pdf").text


def test_of_a_title_that_every_page_repeats_the_first_stays() -> None:
    pages = [[(14, "B", "The Water Board"), (11, "", f"{place} paid. {SENTENCES * 3}")] for place in PLACES]
    document = read(_pages(*pages), name="a.pdf")
    assert texts(document, "heading") == ["The Water Board"]
    assert document.title == "The Water Board"


def test_a_sentence_goes_on_past_the_footnote_at_the_end_of_its_page() -> None:
    first = f"The rates will double. {SENTENCES}They will take one half of the total spending that the"
    document = read(
        _pages(
            [(11, "", first), (8, "", "1 Ministry of Finance, Annual Report, p. 3.")],
            [(11, "", "city plans for next year. Nobody was asked.")],
        ),
        name="a.pdf",
    )
    assert texts(document, "paragraph") == [
        f"{first} city plans for next year. Nobody was asked.",
        "1 Ministry of Finance, Annual Report, p. 3.",
    ]


def test_a_heading_above_small_type_does_not_go_on_in_the_next_page() -> None:
    document = read(
        _pages(
            [(11, "", SENTENCES), (11, "B", "What it costs"), (8, "", "Figures of the ministry, in billions")],
            [(11, "", f"Nobody was asked. {SENTENCES}")],
        ),
        name="a.pdf",
    )
    assert "What it costs" in [text for _, text in blocks(document)]


def test_a_word_divided_at_a_page_end_is_joined() -> None:
    document = read(_pages([(11, "", f"{SENTENCES}It is what the gov-")], [(11, "", "ernment wants.")]), name="a.pdf")
    assert document.text.endswith("It is what the government wants.")
    assert document.notes == ("joined 1 word hyphenated at a line end",)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("a long-\nterm plan", "a long-term plan"),
        ("a self-\nemployed man", "a self-employed man"),
        ("their long-\nings", "their longings"),
        ("the short-\nages of May", "the shortages of May"),
        ("the long-\nand short-term plan", "the long- and short-term plan"),
    ],
)
def test_a_compound_keeps_the_hyphen_with_which_its_line_ends(lines: str, words: str) -> None:
    assert read(_simple(f"This is about {lines}, officials said."), name="a.pdf").text == (
        f"This is about {words}, officials said."
    )


def test_a_bold_heading_of_the_size_of_its_text_stands_alone() -> None:
    document = read(
        _pages(
            [
                (11, "B", "What the council decided"),
                (11, "", f"The council voted on Tuesday. {SENTENCES}"),
                (11, "B", "Why it matters"),
                (11, "", f"The fee was never put to a vote. {SENTENCES}"),
            ]
        ),
        name="a.pdf",
    )
    assert texts(document, "heading") == ["What the council decided", "Why it matters"]
    assert texts(document, "paragraph")[0].startswith("The council voted on Tuesday.")


def test_bold_words_in_a_paragraph_do_not_divide_it() -> None:
    text = f"**The council voted on Tuesday to raise the fee for all who park their cars in the middle of the city at night** or by day. {SENTENCES}"
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Times", size=11)
    pdf.multi_cell(0, 5.5, text, markdown=True)
    assert texts(read(bytes(pdf.output()), name="a.pdf"), "paragraph") == [text.replace("**", "").strip()]


def _refused(data: bytes, pattern: str) -> None:
    with pytest.raises(AnalyzerError, match=rf"^a\.pdf: .*{pattern}") as caught:
        read_bytes(data, name="a.pdf")
    assert "\n" not in str(caught.value)


def test_a_password_is_named() -> None:
    writer = pypdf.PdfWriter(clone_from=BytesIO(_simple("Secret.")))
    writer.encrypt("secret", algorithm="RC4-128")
    file = BytesIO()
    writer.write(file)
    _refused(file.getvalue(), "password-protected")


def test_a_scan_needs_ocr() -> None:
    pdf = pypdfium2.PdfDocument(_simple("These words are only a picture."))
    picture = pdf[0].render().to_pil()
    scan = FPDF()
    scan.add_page()
    scan.image(picture, 0, 0, 200)
    _refused(bytes(scan.output()), "OCR")


def test_an_empty_page_has_no_text() -> None:
    pdf = FPDF()
    pdf.add_page()
    _refused(bytes(pdf.output()), "no text")


def test_broken_files_are_refused() -> None:
    _refused(b"%PDF-1.7\nnothing else", "broken")
    _refused(b"\x00\x01\x02 no pdf", "not a PDF")


def test_small_type_above_the_title_is_no_heading() -> None:
    document = read(_report(1), name="a.pdf")
    assert blocks(document)[0] == ("paragraph", "The Example Review")  # on one page nothing shows that it repeats
    assert document.title == "Why the regulator folded"
