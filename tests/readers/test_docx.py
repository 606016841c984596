from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

import docx
import pytest

from analyzer.errors import AnalyzerError
from analyzer.readers import read_bytes
from analyzer.readers.docx import read
from tests.readers.invariants import blocks, texts

_SPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _bytes(document: Any) -> bytes:
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _raw(body: str, **parts: str) -> bytes:
    """A DOCX with this body in WordprocessingML, and other parts by name."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"<w:document {_SPACE}><w:body>{body}</w:body></w:document>")
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", content)
    return file.getvalue()


def _paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_a_report_with_headings_lists_and_a_table() -> None:
    report = docx.Document()
    report.core_properties.title = "Who Pays"
    report.add_heading("Who Pays for the Grid", 0)
    report.add_heading("What it costs", 1)
    paragraph = report.add_paragraph("The ministry ")
    paragraph.add_run("said").bold = True
    paragraph.add_run(" so.")
    report.add_paragraph("one", style="List Bullet")
    report.add_paragraph("two", style="List Number")
    report.add_paragraph("We regret that.", style="Quote")
    table = report.add_table(2, 3)
    for row, words in zip(table.rows, (("Year", "Cost", ""), ("2020", "4", "x")), strict=True):
        for cell, word in zip(row.cells, words, strict=True):
            cell.text = word
    report.add_paragraph("Source: the ministry.")
    document = read(_bytes(report), name="who.docx")
    assert document.title == "Who Pays"
    assert blocks(document) == [
        ("heading", "Who Pays for the Grid"),
        ("heading", "What it costs"),
        ("paragraph", "The ministry said so."),
        ("list_item", "one"),
        ("list_item", "two"),
        ("quote", "We regret that."),
        ("table_row", "Year | Cost | –"),
        ("table_row", "2020 | 4 | x"),
        ("paragraph", "Source: the ministry."),
    ]
    assert [block.is_table_header for block in document.blocks if block.table == 0] == [True, False]


def test_the_title_style_is_the_title_where_the_file_states_none() -> None:
    report = docx.Document()
    report.core_properties.title = "Microsoft Word - Document1"
    report.add_paragraph("By Jane Doe")
    report.add_heading("Who Pays", 0)
    report.add_paragraph("The state.")
    assert read(_bytes(report), name="a.docx").title == "Who Pays"


def test_deleted_and_hidden_text_is_left_out_and_counted() -> None:
    body = (
        "<w:p><w:r><w:t>It rose</w:t></w:r><w:del><w:r><w:delText> slowly</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t> fast</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t> secretly</w:t></w:r>"
        "<w:r><w:t>.</w:t></w:r></w:p>"
    )
    document = read(_raw(body), name="a.docx")
    assert document.text == "It rose fast."
    assert set(document.notes) == {"left out 1 tracked deletion", "left out 1 hidden passage"}


def test_footnotes_follow_the_text_behind_their_marks() -> None:
    body = '<w:p><w:r><w:t>It rose.</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
    notes = f'<w:footnotes {_SPACE}><w:footnote w:id="2">{_paragraph("Report, p. 3.")}</w:footnote></w:footnotes>'
    assert read(_raw(body, footnotes=notes), name="a.docx").text == "It rose.[2]\n\n[2] Report, p. 3."


def test_tables_in_cells_and_text_in_content_controls_are_read() -> None:
    cell = f"<w:tc>{_paragraph('a')}</w:tc>"
    inner = f"<w:tbl><w:tr>{cell}{cell}</w:tr></w:tbl>"
    body = (
        f"<w:sdt><w:sdtContent>{_paragraph('In a control.')}</w:sdtContent></w:sdt>"
        f"<w:tbl><w:tr>{cell}<w:tc>{_paragraph('b')}{inner}</w:tc></w:tr></w:tbl>"
        f"<w:tbl><w:tr><w:tc>{_paragraph('Framed.')}</w:tc></w:tr></w:tbl>"
    )
    document = read(_raw(body), name="a.docx")
    assert blocks(document) == [
        ("paragraph", "In a control."),
        ("table_row", "a | b"),
        ("table_row", "a | a"),
        ("paragraph", "Framed."),
    ]


def test_no_entity_is_resolved(tmp_path: Any) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret words")
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(
            "word/document.xml",
            f'<!DOCTYPE d [<!ENTITY x SYSTEM "file://{secret}">]><w:document {_SPACE}><w:body>'
            f"{_paragraph('Seen: &x; it.')}</w:body></w:document>",
        )
    assert "secret words" not in read(file.getvalue(), name="a.docx").text


def _refused(data: bytes, pattern: str) -> None:
    with pytest.raises(AnalyzerError, match=rf"^a\.docx: .*{pattern}") as caught:
        read_bytes(data, name="a.docx")
    assert "\n" not in str(caught.value)


def test_a_zip_bomb_is_refused_by_its_stated_sizes() -> None:
    _refused(_raw(_paragraph("a" * 6_000_000)), "zip bomb")


def test_a_zip_bomb_that_lies_about_its_sizes_is_refused() -> None:
    data = bytearray(_raw(_paragraph("a" * 2_000_000)))
    with zipfile.ZipFile(BytesIO(bytes(data))) as archive:
        true = archive.getinfo("word/document.xml").file_size.to_bytes(4, "little")
    _refused(bytes(data).replace(true, (1_000).to_bytes(4, "little")), "broken")


def test_broken_files_are_refused() -> None:
    good = _bytes(docx.Document())
    _refused(good[: len(good) // 2], "broken")
    _refused(_raw("<w:p>"), "broken")
    _refused(_raw(""), "no text")
    _refused(b"PK\x03\x04 and nothing more of an archive", "broken")


def test_an_archive_without_a_document_is_refused() -> None:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("hello.txt", "hello")
    _refused(file.getvalue(), "without word/document.xml")
    with pytest.raises(AnalyzerError, match="zip archive without a Word document"):
        read_bytes(file.getvalue(), name="a.zip")


def test_an_encrypted_document_is_refused() -> None:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
    _refused(head + "EncryptedPackage".encode("utf-16-le"), "password")
    _refused(head, r"save it as \.docx")


def test_a_cell_text_is_one_line() -> None:
    cell = f"<w:tc>{_paragraph('a')}{_paragraph('b')}</w:tc>"
    assert texts(read(_raw(f"<w:tbl><w:tr>{cell}{cell}</w:tr></w:tbl>"), name="a.docx"), "table_row") == ["a b | a b"]


def test_a_table_that_lays_out_the_page_is_no_table() -> None:
    said = "The council met on Tuesday and heard the report of its auditor at length. Nobody had read it before. " * 3
    cell = "<w:tc>" + "".join(f"<w:p><w:r><w:t>{said}</w:t></w:r></w:p>" for _ in range(2)) + "</w:tc>"
    document = read(_raw(f"<w:tbl><w:tr>{cell}{cell}</w:tr></w:tbl>"), name="a.docx")
    assert [block.kind.value for block in document.blocks] == ["paragraph"] * 4
