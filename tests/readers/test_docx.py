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


def test_a_main_part_by_another_name_is_found_with_its_styles_and_notes() -> None:
    report = docx.Document()
    report.add_heading("What It Costs", 1)
    report.add_paragraph("The ministry said so.[2]")
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(_bytes(report))) as saved, zipfile.ZipFile(file, "w") as renamed:
        for member in saved.namelist():
            content = saved.read(member).replace(b"word/document.xml", b"word/document2.xml")
            content = content.replace(b'"styles.xml"', b'"/word/styles2.xml"')
            member = member.replace("document.xml", "document2.xml").replace("/styles.xml", "/styles2.xml")
            renamed.writestr(member, content)
    assert blocks(read_bytes(file.getvalue(), name="a.docx")) == [
        ("heading", "What It Costs"),
        ("paragraph", "The ministry said so.[2]"),
    ]


_MORE = (
    f'{_SPACE} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)


def test_of_alternative_paragraphs_the_first_are_read() -> None:
    body = (
        f"<mc:AlternateContent {_MORE}><mc:Choice Requires='w16'>{_paragraph('The council voted.')}</mc:Choice>"
        f"<mc:Fallback>{_paragraph('The council voted.')}</mc:Fallback></mc:AlternateContent>{_paragraph('It was close.')}"
    )
    assert texts(read(_raw(body), name="a.docx"), "paragraph") == ["The council voted.", "It was close."]


def test_formulas_and_symbols_are_part_of_their_sentence() -> None:
    square = "<m:sSup><m:e><m:r><m:t>c</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>"
    half = "<m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>"
    body = (
        f"<w:p {_MORE}><w:r><w:t>Einstein said </w:t></w:r><m:oMath><m:r><m:t>E=m</m:t></m:r>{square}</m:oMath>"
        f"<w:r><w:t> is true, to </w:t></w:r><m:oMath>{half}</m:oMath><w:r><w:t> </w:t>"
        '<w:sym w:font="Symbol" w:char="F06D"/><w:t>g.</w:t><w:sym w:font="Wingdings" w:char="F04A"/></w:r></w:p>'
    )
    document = read(_raw(body), name="a.docx")
    assert document.text == "Einstein said E=mc2 is true, to 1/2 μg."
    assert document.notes == ("left out 1 symbol",)


def test_placeholders_and_a_table_of_contents_are_left_out_and_counted() -> None:
    style = '<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>'
    entry = '<w:p><w:pPr><w:pStyle w:val="TOC1"/></w:pPr><w:r><w:t>What it costs</w:t><w:tab/><w:t>3</w:t></w:r></w:p>'
    prompt = "<w:r><w:t>Click or tap here to enter text.</w:t></w:r>"
    unfilled = "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>"
    gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
    body = (
        f"<w:sdt><w:sdtPr>{gallery}</w:sdtPr><w:sdtContent>{_paragraph('Contents')}{entry}</w:sdtContent></w:sdt>"
        f"{entry}{unfilled.format(f'<w:p>{prompt}</w:p>')}"
        f"<w:p><w:r><w:t>The state pays.</w:t></w:r>{unfilled.format(prompt)}</w:p>"
    )
    document = read(_raw(body, styles=f"<w:styles {_SPACE}>{style}</w:styles>"), name="a.docx")
    assert document.text == "The state pays."
    assert set(document.notes) == {
        "left out 2 placeholders",
        "left out 1 table of contents",
        "left out 1 line of a table of contents",
    }


def test_a_paragraph_whose_end_is_deleted_goes_on_in_the_next() -> None:
    deleted = "<w:pPr><w:rPr><w:del w:id='1'/></w:rPr></w:pPr>"
    body = (
        f"{_paragraph('It was close.')}<w:p>{deleted}<w:del><w:r><w:delText>Gone.</w:delText></w:r></w:del></w:p>"
        f"<w:p>{deleted}<w:r><w:t>The merged para</w:t></w:r></w:p>{_paragraph('graph ends here.')}{_paragraph('The end.')}"
    )
    assert texts(read(_raw(body), name="a.docx"), "paragraph") == [
        "It was close.",
        "The merged paragraph ends here.",
        "The end.",
    ]


@pytest.mark.parametrize(
    ("level", "kind"), [("0", "heading"), ("8", "heading"), ("9", "paragraph"), ("²", "paragraph")]
)
def test_an_outline_level_makes_a_heading_of_its_paragraph(level: str, kind: str) -> None:
    body = f'<w:p><w:pPr><w:outlineLvl w:val="{level}"/></w:pPr><w:r><w:t>Costs</w:t></w:r></w:p>{_paragraph("They rose.")}'
    assert blocks(read(_raw(body), name="a.docx")) == [(kind, "Costs"), ("paragraph", "They rose.")]


def test_a_style_is_what_those_are_that_it_is_based_on() -> None:
    based = {"a": "b", "b": "h", "c": "d", "d": "c"}
    styles = "".join(
        f'<w:style w:styleId="{name}"><w:name w:val="my {name}"/><w:basedOn w:val="{on}"/></w:style>'
        for name, on in based.items()
    )
    styles += '<w:style w:styleId="h"><w:name w:val="heading 2"/></w:style>'
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{name}"/></w:pPr><w:r><w:t>Of {name}</w:t></w:r></w:p>' for name in based
    )
    document = read(_raw(body, styles=f"<w:styles {_SPACE}>{styles}</w:styles>"), name="a.docx")
    kinds = dict.fromkeys("ab", "heading") | dict.fromkeys("cd", "paragraph")
    assert blocks(document) == [(kind, f"Of {name}") for name, kind in kinds.items()]
