"""Mails and web archives: which part of them is read, and what is no mail."""

from __future__ import annotations

import quopri
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analyzer.errors import AnalyzerError
from analyzer.readers import read_bytes
from tests.readers.invariants import blocks, check, texts

PARAGRAPHS = [
    "The council voted on Monday to close four of its nine libraries, a decision that “nobody” had asked for.",
    "It will save £2 million a year, according to the finance director, who gave no figures for the cost of closing.",
    "The libraries were visited 310,000 times last year, more often than all of the city’s museums together.",
]
PAGE = (
    "<html><head><title>Council closes libraries | The Daily</title></head><body><nav>Home World</nav><article>"
    f"<h1>Council closes libraries</h1>{''.join(f'<p>{text}</p>' for text in PARAGRAPHS)}</article></body></html>"
)


def web_archive(page: str) -> bytes:
    """What a browser saves as "web page, single file"."""
    return (
        b"From: <Saved by Blink>\r\n"
        b"Snapshot-Content-Location: https://daily.example/libraries\r\n"
        b"Subject: =?utf-8?Q?Council=20closes=20libraries=20=E2=80=93=20The=20Daily?=\r\n"
        b"Date: Mon, 3 Jun 2024 09:12:44 +0200\r\n"
        b"MIME-Version: 1.0\r\n"
        b"Content-Type: multipart/related;\r\n"
        b'\ttype="text/html";\r\n'
        b'\tboundary="----MultipartBoundary--xyz----"\r\n\r\n\r\n'
        b"------MultipartBoundary--xyz----\r\n"
        b"Content-Type: text/html\r\nContent-ID: <frame-1@mhtml.blink>\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\nContent-Location: https://daily.example/libraries\r\n\r\n"
        + quopri.encodestring(page.encode()).replace(b"\n", b"\r\n")
        + b"\r\n------MultipartBoundary--xyz----\r\n"
        b"Content-Type: text/css\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\np { color: red; }\r\n"
        b"------MultipartBoundary--xyz----\r\n"
        b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ\r\n"
        b"------MultipartBoundary--xyz------\r\n"
    )


def newsletter(html: str | None, text: str = "The council closes four libraries. Read it online.") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "The Daily <news@daily.example>"
    message["To"] = "reader@mail.example"
    message["Subject"] = "What the vote means – and what it doesn’t"
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html", charset="windows-1252", cte="quoted-printable")
    return message


@pytest.mark.parametrize("name", ["page.mhtml", "page.html", "page"])
def test_a_web_archive_is_read_as_the_page_in_it(name: str) -> None:
    document = check(read_bytes(web_archive(PAGE), name=name))
    assert blocks(document) == [
        ("heading", "Council closes libraries"),
        *(("paragraph", text) for text in PARAGRAPHS),
    ]
    assert document.title == "Council closes libraries"
    assert document.notes[:2] == ("unpacked from a mail or web archive", "left out 2 other parts of the file")
    assert document.source is None


def test_a_newsletter_is_read_as_its_html_part_in_the_encoding_that_the_mail_states() -> None:
    message = newsletter(f"<html><body>{''.join(f'<p>{text}</p>' for text in PARAGRAPHS)}</body></html>")
    message.add_attachment("Not this one.", filename="terms.txt")
    message.add_attachment(b"<p>Nor this.</p>", maintype="text", subtype="html", filename="ad.html")
    document = read_bytes(message.as_bytes(), name="news.eml")
    assert texts(document, "paragraph") == PARAGRAPHS
    assert document.title == "What the vote means – and what it doesn’t"
    assert "decoded as windows-1252, as declared" in document.notes
    assert "left out 3 other parts of the file" in document.notes


def test_a_mail_without_html_is_read_as_its_text() -> None:
    document = read_bytes(newsletter(None, "\n\n".join(PARAGRAPHS)).as_bytes(), name="news.eml")
    assert texts(document, "paragraph") == PARAGRAPHS


@pytest.mark.parametrize(
    "text",
    [
        "From: the editor\nTo: all who read us\nSubject: the vote\n\nThe council voted on Monday, and nobody asked.\n",
        "From: the start it was clear.\n\nContent-Type: is a header.\n",
        "MIME-Version: a header that few know\n\nIt was added in 1992.\n",
        "Content-Type: says what a mail holds\nDate: says when\n\nBoth are headers.\n",
        "Date: Monday\nContent-Type: text/html\nThis line is no header.\n\nIt rose.\n",
    ],
)
def test_a_text_that_begins_like_a_letter_stays_a_text(text: str) -> None:
    document = read_bytes(text.encode(), name="letter.txt")
    assert "".join(document.text.split()) == "".join(text.split())
    assert document.notes == ()


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ("Content-Type: image/png\n\niVBORw0KGgo=", "without a text"),
        ("Content-Type: text/html\n\n \n", "without a text"),
    ],
)
def test_a_mail_without_a_text_is_refused(part: str, reason: str) -> None:
    with pytest.raises(AnalyzerError, match=rf"^a\.eml: .*{reason}"):
        read_bytes(f"Subject: x\nMIME-Version: 1.0\n{part}".encode(), name="a.eml")


def test_a_safari_web_archive_is_refused_with_the_way_out() -> None:
    archive = b"bplist00\xd1\x01\x02_\x10\x0fWebMainResource\xd3\x03\x04\x05O\x10\x05<html>" + bytes(20)
    with pytest.raises(AnalyzerError, match=r"^page\.webarchive: a Safari web archive .*save it as page source"):
        read_bytes(archive, name="page.webarchive")


def test_parts_in_parts_are_read_or_refused() -> None:
    def nested(depth: int) -> bytes:
        opened = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(depth))
        return f"Subject: x\nMIME-Version: 1.0\n{opened}Content-Type: text/html\n\n<p>It rose.</p>\n".encode()

    assert read_bytes(nested(5), name="a.eml").text == "It rose."
    with pytest.raises(AnalyzerError, match=r"^a\.eml: a broken mail"):
        read_bytes(nested(5_000), name="a.eml")


@given(
    st.sampled_from(["text/html", "text/plain; charset=idna", "multipart/mixed; boundary=a", "message/rfc822", '"']),
    st.sampled_from(["", "base64", "quoted-printable", "uuencode", "x"]),
    st.one_of(st.binary(max_size=200), st.text(alphabet="-ab\n :=<p>é", max_size=200).map(str.encode)),
)
@example("text/html; charset=utf-7", "", b"<p>It rose.</p>")
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
def test_any_mail_gives_a_sound_document_or_an_error(content_type: str, encoding: str, body: bytes) -> None:
    header = (
        f"Subject: =?x?q?\nMIME-Version: 1.0\nContent-Type: {content_type}\nContent-Transfer-Encoding: {encoding}\n\n"
    )
    try:
        check(read_bytes(header.encode() + body, name="a.eml"))
    except AnalyzerError as error:
        assert str(error).startswith("a.eml: ") and "\n" not in str(error)


def test_a_lead_in_of_a_newsletter_is_a_heading_and_a_label_in_a_data_table_is_none() -> None:
    lead_in = f"<p><strong>What the council says</strong><br>{PARAGRAPHS[1]}</p>"
    layout = f"<table><tr><td><img src=x.png></td><td><h2>Libraries close</h2><p>{PARAGRAPHS[0]}</p>{lead_in}</td></tr></table>"
    data = (
        "<table><tr><td><p><b>Cost</b><br>in millions</p></td><td>4</td></tr><tr><td>Staff</td><td>9</td></tr></table>"
    )
    message = EmailMessage()
    message["From"], message["Subject"] = "letter@daily.example", "Libraries"
    message.set_content(f"<html><body>{layout}{data}</body></html>", subtype="html")
    document = read_bytes(message.as_bytes(), name="letter.eml")
    assert blocks(document) == [
        ("heading", "Libraries close"),
        ("paragraph", PARAGRAPHS[0]),
        ("heading", "What the council says"),
        ("paragraph", PARAGRAPHS[1]),
        ("table_row", "Cost in millions | 4"),
        ("table_row", "Staff | 9"),
    ]
