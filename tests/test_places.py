"""Sentences are found again in the file that they were read from, whatever markup stands in it."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.document import Document
from analyzer.places import places
from analyzer.readers import read_bytes, read_path, read_text
from analyzer.segment import segment
from tests.conftest import EXAMPLES


def found(data: bytes, name: str) -> list[tuple[str, str | None]]:
    """Each sentence with the part of the file that its place says, checked by lines and columns as well."""
    document = read_bytes(data, name=name)
    assert document.source is not None
    sentences = segment(document)
    result: list[tuple[str, str | None]] = []
    lines = document.source.text.replace("\r\n", "\n").split("\n")
    for sentence, place in zip(sentences, places(document, sentences), strict=True):
        text = document.text[sentence.start : sentence.end]
        if place is None:
            result.append((text, None))
            continue
        part = document.source.text[place.offset : place.offset + place.length]
        assert lines[place.line - 1][place.column - 1 :].startswith(part.split("\r\n")[0].split("\n")[0])
        assert lines[place.end_line - 1][: place.end_column - 1].endswith(part.split("\n")[-1])
        result.append((text, part))
    return result


@pytest.mark.parametrize("name", ["news-report.md", "opinion-column.md", "technology-analysis.md"])
def test_every_sentence_of_the_examples_is_found_word_for_word(name: str) -> None:
    document = read_path(EXAMPLES / name)
    assert document.source is not None
    sentences = segment(document)
    for sentence, place in zip(sentences, places(document, sentences), strict=True):
        assert place is not None
        part = document.source.visible[place.offset : place.offset + place.length]
        assert re.findall(r"\w+", part) == re.findall(r"\w+", document.text[sentence.start : sentence.end])


def test_markdown_is_seen_through() -> None:
    text = (
        '---\ntitle: A head\n---\n\n# The **Plan**\n\nIt [cost](https://example.org/cost "t") _four_ billion&nbsp;euros.\n'
        "“Nobody **asked**,” she said.[^1]\n\n| Year | Cost |\n|---|---|\n| 2020 | &euro;4 |\n\n- One ![x](y.png) item.\n\n"
        "[^1]: A note below.\n"
    )
    parts = [part for _, part in found(text.encode(), "a.md")]
    assert parts == [
        "The **Plan",
        'It [cost](https://example.org/cost "t") _four_ billion&nbsp;euros.',
        "“Nobody **asked**,” she said.[^1]",
        "Year | Cost",
        "2020 | &euro;4",
        "One ![x](y.png) item.",
        "[^1]: A note below.",
    ]


@pytest.mark.parametrize("code", ["`<p>`", "`&amp;`", "`[a](b)`", "`*x*`"])
def test_what_stands_in_code_is_found_as_it_stands(code: str) -> None:
    text = f"The plan was dropped. Write {code} here. Nobody asked."
    assert [part for _, part in found(text.encode(), "a.md")] == text.replace(". ", ".|").split("|")


def test_what_markdown_does_not_show_is_no_place() -> None:
    text = (
        "\ufeff---\ntitle: The Plan\n---\n\n# The Plan\n\n```\nIt fails.\n```\n\nIt fails.\n\n"
        '[b]: http://x.com "Third one."\n\nThird one.\n'
    )
    document = read_bytes(text.encode(), name="a.md")
    found_at = [place and place.line for place in places(document, segment(document))]
    assert found_at == [5, 11, 15]


def test_html_is_seen_through() -> None:
    page = (
        "<html><head><title>T</title><script>var a = 'The rates rose.';</script></head><body><article><h1>Rates</h1>\r\n"
        "<p>The <b>rates</b> rose&#46; <!-- not text --> It was &ldquo;a\r\nmistake&rdquo;, <a href='x'>said</a> Zo&euml;.</p>"
        "</article></body></html>"
    )
    assert [part for _, part in found(page.encode(), "a.html")] == [
        "Rates",
        "The <b>rates</b> rose&#46;",
        "It was &ldquo;a\r\nmistake&rdquo;, <a href='x'>said</a> Zo&euml;.",
    ]


def test_a_repeated_sentence_is_found_where_it_stands() -> None:
    document = read_text("It rose.\n\nIt fell.\n\nIt rose.")
    lines = [place.line for place in places(document, segment(document)) if place]
    assert lines == [1, 3, 5]


def test_line_breaks_and_byte_order_marks_do_not_shift_offsets() -> None:
    document = read_bytes("﻿First here.\r\n\r\nThen there.\r\n".encode(), name="a.txt")
    first, second = places(document, segment(document))
    assert first is not None and second is not None
    assert (first.line, first.column, first.offset) == (1, 1, 0)
    assert (second.line, second.column, second.offset, second.end_column) == (3, 1, 15, 12)


def test_a_document_without_a_source_has_no_places(tmp_path: Path) -> None:
    import docx

    file = docx.Document()
    file.add_paragraph("The river rose.")
    file.save(str(tmp_path / "a.docx"))
    for document in (read_path(tmp_path / "a.docx"), Document("One.", read_text("One.").blocks)):
        assert places(document, segment(document)) == [None]


WORDS = st.lists(
    st.sampled_from(["Rates", "rose", "*by*", "_nine_", "`percent`", "[here](u)", "&amp;", "été"]), min_size=3
)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=6))
def test_what_is_found_has_the_letters_of_the_sentence(paragraphs: list[list[str]]) -> None:
    text = "\n\n".join(f"Then {' '.join(words)} again." for words in paragraphs)
    for sentence, part in found(text.encode(), "a.md"):
        assert part is not None
        visible = part.replace("(u)", "").replace("&amp;", "")
        assert [c for c in visible if c.isalnum()] == [c for c in sentence if c.isalnum()]


def test_a_text_that_is_nowhere_in_its_source_costs_no_quadratic_time() -> None:
    from dataclasses import replace

    words = [f"w{n}" for n in random.Random(0).sample(range(10**6), 60_000)]
    document = read_text("\n\n".join(f"Alpha {w} beta gamma delta." for w in words[:20_000]))
    source = replace(document.source, visible=" ".join(words)) if document.source else None
    document = replace(document, source=source)
    assert not any(places(document, segment(document)))
