"""The public functions: how a format is found, what paths do, and what any input at all may lead to."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import analyzer.readers as readers
from analyzer.errors import AnalyzerError
from analyzer.places import places
from analyzer.readers import read_bytes, read_path, read_text
from analyzer.segment import segment
from tests.readers.invariants import blocks, check

TEXT = "The price rose. Nobody asked.\n"
SLOW = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])


def test_a_path_gives_id_and_path(tmp_path: Path) -> None:
    file = tmp_path / "the-deal.txt"
    file.write_text(TEXT)
    document = read_path(file)
    assert (document.id, document.path, document.text) == ("the-deal", str(file), TEXT.strip())


def test_a_dash_is_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    document = read_path("-")
    assert (document.id, document.path, document.text) == ("stdin", None, TEXT.strip())


def test_a_text_has_the_id_and_title_it_is_given() -> None:
    document = read_text(TEXT, id="a/b.c", title="A Title")
    assert (document.id, document.title, document.path) == ("a/b.c", "A Title", None)


@pytest.mark.parametrize("name", ["page.txt", "page", "page.md", "page.pdf", "page.docx"])
def test_content_goes_before_the_extension(name: str) -> None:
    page = b"\n<!-- saved --><!DOCTYPE html><html><body><h1>Note</h1><p>The price rose.</p></body></html>"
    assert blocks(read_bytes(page, name=name)) == [("heading", "Note"), ("paragraph", "The price rose.")]


def test_html_in_utf_16_is_html() -> None:
    page = "\ufeff<html><body><p>The price rose.</p></body></html>"
    assert read_bytes(page.encode("utf-16-le"), name="a").text == "The price rose."


def test_a_fragment_of_html_is_html_and_a_comparison_is_not() -> None:
    assert read_bytes(b"<p>The price <b>rose</b>.</p>", name="a.txt").text == "The price rose."
    assert read_bytes(b"<p and q> are letters.", name="a.txt").text == "<p and q> are letters."


@pytest.mark.parametrize(
    "text",
    [
        "<p>The price rose 4%, he said.</p><p>Wages &amp; rents <b>fell</b>.</p><script>alert(1)</script>",
        "\ufeff<!DOCTYPE html><html><body><p>The price rose 4%, he said.</p><p>Wages &amp; rents fell.</p></body></html>",
        "<img src='a.png'><p>The price rose 4%, he said.</p>\n<p>Wages &amp; rents fell.</p>",
        "<strong>The price</strong> rose 4%, he said.</p><p>Wages &amp; rents fell.</p>",
    ],
)
def test_html_in_a_string_is_read_like_that_in_bytes(text: str) -> None:
    document, in_bytes = read_text(text, id="https://example.com/a.md"), read_bytes(text.encode(), name="a")
    assert blocks(document) == [("paragraph", "The price rose 4%, he said."), ("paragraph", "Wages & rents fell.")]
    assert (document.text, document.notes) == (in_bytes.text, ("read as HTML", *in_bytes.notes))
    found = places(document, segment(document))
    assert [text[p.offset :][: p.length].split()[0].removeprefix("<strong>") for p in found if p] == ["The", "Wages"]


@pytest.mark.parametrize(
    "text",
    ["He wrote <p> and </p> in his text.", "<p> begins a paragraph, and nobody closes it.", "a <b and b> c. </p>"],
)
def test_a_string_that_only_mentions_a_tag_is_plain_text(text: str) -> None:
    document = read_text(text, id="a.html")
    assert (document.text, document.notes) == (text, ())


def test_plain_text_behind_a_wrong_extension_is_read() -> None:
    assert read_bytes(TEXT.encode(), name="a.docx").text == TEXT.strip()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        ("\u200b\n\xa0".encode(), "no text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "PNG image"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "JPEG image"),
        (b"\x1f\x8b\x08" + bytes(50), "gzip"),
        (b"{\\rtf1 Hello}", "RTF"),
        (b'{"title": "The deal", "text": "It rose."}', "JSON"),
        (b'[\n  {"text": "It rose."}]', "JSON"),
        (bytes(range(256)) * 10, "binary data"),
    ],
)
def test_what_is_no_document_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(AnalyzerError, match=rf"^bad\.txt: .*{reason}") as caught:
        read_bytes(data, name="bad.txt")
    assert "\n" not in str(caught.value)


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "none.txt", "no such file"), (tmp_path, "a folder"), ("a\0b", "cannot be read")):
        with pytest.raises(AnalyzerError, match=reason):
            read_path(path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(TEXT)
    file.chmod(0)
    with pytest.raises(AnalyzerError, match="no permission"):
        read_path(file)


def test_a_file_over_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "LARGEST_FILE", 1_000_000)
    file = tmp_path / "big.txt"
    file.write_text(TEXT * 50_000)
    with pytest.raises(AnalyzerError, match="larger than 1 MB"):
        read_path(file)
    with pytest.raises(AnalyzerError, match="larger than 1 MB"):
        read_text(TEXT * 50_000)


def test_importing_the_readers_loads_no_format() -> None:
    code = (
        "import sys, analyzer.readers; "
        "heavy = {'lxml', 'trafilatura', 'pypdfium2', 'charset_normalizer', 'zipfile'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


@given(
    st.text(alphabet=st.one_of(st.characters(), st.sampled_from('\n \t|#*->_`[]()1."“”~<!=\r\u2028\x00')), max_size=300)
)
@SLOW
def test_any_string_gives_a_sound_document_or_an_error(text: str) -> None:
    try:
        check(read_text(text))
    except AnalyzerError as error:
        assert str(error).startswith("text: no text")


@given(
    st.sampled_from(
        [b"", b"%PDF-1.4\n", b"PK\x03\x04", b"<html>", b"<!doctype html>", b"\xff\xfe", b"---\na: b\n", b"\xef\xbb\xbf"]
    ),
    st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))),
    st.sampled_from(["a.txt", "a.md", "a.html", "a.docx", "a.pdf", "a"]),
)
@example(b"", b"one\x0b\xc2\x80two\x0cthree", "a.html")
@SLOW
def test_any_bytes_give_a_sound_document_or_an_error(start: bytes, rest: bytes, name: str) -> None:
    try:
        check(read_bytes(start + rest, name=name))
    except AnalyzerError as error:
        assert str(error).startswith(f"{name}: ") and "\n" not in str(error)


@given(st.lists(st.text(alphabet="abc dé.", min_size=1), min_size=1, max_size=8))
@SLOW
def test_no_letter_of_a_plain_text_is_lost(lines: list[str]) -> None:
    text = "\n".join(lines)
    if not text.strip():
        return
    assert "".join(read_text(text).text.split()) == "".join(text.split())
