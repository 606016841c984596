"""The JSON interface, asked by a real client: the report is the one that Python gives, and problems are explained."""

from __future__ import annotations

import json
from pathlib import Path

import docx
import fpdf
import httpx
import jsonschema
import pytest
from openapi_spec_validator import validate
from pydantic import TypeAdapter

from analyzer import Analyzer, Report
from tests.conftest import EXAMPLES
from tests.serve.conftest import Server

TEXT = "Rates went up by 9 percent, critics say. It is therefore time for the council to resign. The regulators are captured."
COUNCIL = "The council raised water rates by 9 percent on Tuesday, the utility said."
FIELD = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n'
COLUMN = EXAMPLES / "opinion-column.md"


def report_of(response: httpx.Response) -> Report:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return Report.model_validate_json(response.content)


def problem_of(response: httpx.Response, status: int, *words: str) -> str:
    """The detail of a problem that has that status, in both places, and those words."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status and problem["title"] and set(problem) == {"type", "title", "status", "detail"}
    for word in words:
        assert word in problem["detail"]
    return str(problem["detail"])


def test_a_text_as_json_gets_the_report_that_python_gives(client: httpx.Client, analyzer: Analyzer) -> None:
    asked = {"text": TEXT, "conclusions": ["regulatory capture"], "vague_credit": 1.0}
    expected = analyzer.analyze(TEXT, conclusions=["regulatory capture"], vague_credit=1.0)
    assert report_of(client.post("/api/analyze", json=asked)) == expected


def test_a_text_in_a_form_gets_the_same_report_as_in_json(client: httpx.Client) -> None:
    text = COLUMN.read_text(encoding="utf-8")
    # As browsers send it.
    fields = {
        "text": text.replace("\n", "\r\n"),
        "conclusions": "regulatory capture\r\nprice fixing",
        "vague_credit": "0.5",
    }
    form = client.post("/api/analyze", data=fields, files={"file": ("", b"")})
    asked = {"text": text, "conclusions": ["regulatory capture", "price fixing"], "vague_credit": 0.5}
    assert report_of(form) == report_of(client.post("/api/analyze", json=asked))


def test_what_a_vague_source_counts_for_changes_the_scores_of_that_request_alone(
    client: httpx.Client, analyzer: Analyzer
) -> None:
    scores = []
    for credit in (0.0, 1.0, None):
        asked = {"text": COLUMN.read_text(encoding="utf-8"), **({} if credit is None else {"vague_credit": credit})}
        scores.append(report_of(client.post("/api/analyze", json=asked)).document.dependence)
    assert scores[0] is not None and scores[1] is not None and scores[2] is not None
    assert scores[1] < scores[2] < scores[0]
    assert scores[2] == analyzer.analyze_file(COLUMN).document.dependence


@pytest.mark.parametrize("kind", ["md", "txt", "html", "docx", "pdf"])
def test_a_file_of_every_format_is_read(client: httpx.Client, analyzer: Analyzer, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"article.{kind}"
    sentences = ["The council raised water rates by 9 percent on Tuesday, the utility said.", "It was a mistake."]
    if kind == "docx":
        document = docx.Document()
        document.add_paragraph(" ".join(sentences))
        document.save(str(path))
    elif kind == "pdf":
        pdf = fpdf.FPDF()
        pdf.add_page()
        pdf.set_font("helvetica")
        pdf.multi_cell(0, 8, " ".join(sentences))
        pdf.output(str(path))
    elif kind == "html":
        path.write_text(f"<html><body><p>{' '.join(sentences)}</p></body></html>")
    else:
        path.write_text(" ".join(sentences))
    # The media type is wrong on purpose: formats are known by content.
    files = {"file": (path.name, path.read_bytes(), "image/png")}
    report = report_of(client.post("/api/analyze", files=files))
    assert [sentence.text for sentence in report.sentences] == sentences
    assert report.document.id == "article" and report.document.path is None
    expected = analyzer.analyze_file(path)
    assert report.sentences == expected.sentences and report.conclusions == expected.conclusions


def test_a_document_that_cannot_be_read_is_a_clear_problem(client: httpx.Client) -> None:
    files = {
        "picture.png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(500), "PNG image"),
        "broken.pdf": (b"%PDF-1.7\nnothing that follows is a PDF", "broken PDF"),
        "broken.docx": (b"PK\x03\x04" + b"not a zip at all" * 20, "zip"),
        "empty.txt": (b"", "empty"),
        "blank.txt": (b" \n\t ", "empty"),
        "junk.bin": (bytes(range(256)) * 40, "binary"),
    }
    for name, (content, word) in files.items():
        problem_of(client.post("/api/analyze", files={"file": (name, content)}), 422, name, word)


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ({}, "text: missing"),
        ({"text": 3}, "text: expected the document as a string"),
        ({"text": " \n "}, "no text"),
        ({"text": TEXT, "vague_credit": 1.5}, "vague_credit: 1.5, expected a number from 0 to 1"),
        ({"text": TEXT, "vague_credit": None}, "vague_credit: null, expected a number"),
        ({"text": TEXT, "conclusions": ["is it"]}, "conclusion 'is it' has no word to look for"),
        (
            {"text": TEXT, "conclusions": ["word"] * 21},
            'conclusions: ["word", "word", "word", "word", "word",…, expected a list of up to 20',
        ),
        ({"text": TEXT, "conclusions": ["w" * 201]}, "each of up to 200 characters"),
        ({"text": TEXT, "conclusions": "word"}, 'conclusions: "word", expected a list'),
        ({"text": TEXT, "colour": "red"}, "colour: no such field; send text, conclusions and vague_credit"),
        ([TEXT], "body: expected an object with a text"),
    ],
)
def test_a_wrong_value_is_named_and_the_document_is_not_repeated(
    client: httpx.Client, asked: object, word: str
) -> None:
    detail = problem_of(client.post("/api/analyze", json=asked), 422, word)
    assert not any(words in detail for words in ("Rates", "Input", "Value error", "Field required"))


@pytest.mark.parametrize(
    ("fields", "files", "word"),
    [
        ({}, {"file": ("", b"")}, "neither"),
        ({"text": TEXT}, {"file": ("a.txt", b"It was a mistake.")}, "both"),
        ({"text": TEXT, "colour": "red"}, {"file": ("", b"")}, "colour"),
        ({"text": TEXT, "vague_credit": "much"}, {"file": ("", b"")}, 'vague_credit: "much", expected a number'),
        ({"text": TEXT, "vague_credit": "nan"}, {"file": ("", b"")}, "vague_credit"),
    ],
)
def test_a_wrong_form_is_a_clear_problem(
    client: httpx.Client, fields: dict[str, str], files: dict[str, tuple[str, bytes]], word: str
) -> None:
    problem_of(client.post("/api/analyze", data=fields, files=files), 422, word)


@pytest.mark.parametrize(
    ("kind", "body", "status", "word"),
    [
        ("application/json", b"{", 400, "not valid JSON (EOF while parsing an object, line 1 column 1)"),
        ("application/json", b'{"text": "\\ud800 a"}', 400, "half of a surrogate pair, which is no character, line 1"),
        ("application/json", b'{"text": "caf\xe9"}', 400, "not UTF-8 (at byte 14)"),
        ("multipart/form-data", b"no boundary", 400, "boundary"),
        ("multipart/form-data; boundary=x; charset=punycode", b"--x--\r\n", 415, "UTF-8"),
        ("multipart/form-data; boundary=x; charset=undefined", b"--x--\r\n", 415, "UTF-8"),
        ("multipart/form-data; boundary=x", b"not a part at all", 400, "form"),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Type: text/plain\r\n\r\nno name\r\n--x--\r\n",
            400,
            "name",
        ),
        (
            "multipart/form-data; boundary=x",
            FIELD + "Café ".encode() + b"\xff.\r\n--x--\r\n",
            400,
            "text is not in utf-8 (at byte 7)",
        ),
        ("application/x-www-form-urlencoded", b"text=It+was+a+mistake.", 415, "multipart"),
        ("text/plain", b"It was a mistake.", 415, "multipart"),
    ],
)
def test_a_malformed_or_foreign_body_is_a_clear_problem(
    client: httpx.Client, kind: str, body: bytes, status: int, word: str
) -> None:
    problem_of(client.post("/api/analyze", content=body, headers={"content-type": kind}), status, word)


def test_a_byte_order_mark_before_json_is_no_error(client: httpx.Client) -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"text": TEXT}).encode()
    assert report_of(client.post("/api/analyze", content=body, headers={"content-type": "application/json"})).sentences


def test_a_form_cut_short_is_a_clear_problem(client: httpx.Client) -> None:
    body = FIELD + b"It was a mis"
    response = client.post("/api/analyze", content=body, headers={"content-type": "multipart/form-data; boundary=x"})
    problem_of(response, 400)


def test_other_addresses_and_methods_are_problems_too(client: httpx.Client) -> None:
    problem_of(client.get("/api/nothing"), 404)
    refused = client.put("/api/analyze", json={"text": TEXT})
    problem_of(refused, 405)
    assert refused.headers["allow"] == "POST"


def test_the_description_is_valid_openapi_and_describes_what_is_sent(client: httpx.Client, server: Server) -> None:
    description = client.get("/openapi.json").json()
    validate(description)
    operation = description["paths"]["/api/analyze"]["post"]
    assert set(operation["requestBody"]["content"]) == {"application/json", "multipart/form-data"}

    def check(value: object, name: str) -> None:
        jsonschema.validate(value, {**description, "$ref": f"#/components/schemas/{name}"})

    asked = {"text": TEXT, "conclusions": ["regulatory capture"], "vague_credit": 0.5}
    check(asked, "TextRequest")
    check(client.post("/api/analyze", json=asked).json(), "Report")
    wrong = client.post("/api/analyze", json={})
    check(wrong.json(), "ProblemDetails")
    assert str(wrong.status_code) in operation["responses"]
    with pytest.raises(jsonschema.ValidationError):
        check({"text": TEXT, "vague_credit": 2}, "TextRequest")


def test_the_described_report_is_the_published_one(client: httpx.Client) -> None:
    described = client.get("/openapi.json").json()["components"]["schemas"]
    published = TypeAdapter(Report).json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    parts = published.pop("$defs")
    assert described["Report"] == published
    assert all(described[name] == part for name, part in parts.items())


def test_a_file_name_is_only_a_name(client: httpx.Client) -> None:
    for name in ("../../etc/passwd.md", "C:\\docs\\passwd.md", "\x1b[2J/passwd.md"):
        report = report_of(client.post("/api/analyze", files={"file": (name, TEXT.encode())}))
        assert report.document.id == "passwd"


def test_html_in_a_text_is_read_as_html_and_places_are_those_of_what_was_sent(client: httpx.Client) -> None:
    text = f"<p>{COUNCIL}</p>\n<p>Rents fell &amp; fell.</p><script>alert(1)</script>"
    report = report_of(client.post("/api/analyze", json={"text": text}))
    assert [sentence.text for sentence in report.sentences] == [COUNCIL, "Rents fell & fell."]
    assert {"read as HTML", "left out 1 script element"} <= set(report.document.notes)
    for sentence, sent in zip(report.sentences, (COUNCIL, "Rents fell &amp; fell."), strict=True):
        assert report.document.text[sentence.start : sentence.end] == sentence.text
        assert sentence.place is not None
        assert text[sentence.place.offset :][: sentence.place.length] == sent


def test_a_text_keeps_every_character(client: httpx.Client) -> None:
    text = "“Zoë” paid 5 € – 漢字 😀 \u202e it was a mistake."
    for response in (
        client.post("/api/analyze", content=json.dumps({"text": text}), headers={"content-type": "application/json"}),
        client.post("/api/analyze", data={"text": text}, files={"file": ("", b"")}),
    ):
        assert "漢字 😀" in report_of(response).document.text
