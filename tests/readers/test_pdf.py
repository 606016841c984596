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
