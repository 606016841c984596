from __future__ import annotations

import time

import pytest

from analyzer.errors import AnalyzerError
from analyzer.readers import read_bytes
from analyzer.readers.html import read
from tests.readers.invariants import blocks, check, texts

PAGE = """<!doctype html><html><head><title>Why the deal matters - The Example</title>
<style>p {color: red}</style><script>var a = "<p>no</p>"</script></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/p">Politics</a></li></ul></nav>
<article><h1>Why the deal matters</h1><p>By Jane Doe</p>
<p>The deal, <a href="x">announced by the ministry</a> on Monday, will cost &pound;4 billion over ten years, officials
said.<sup>[1]</sup> It is the largest such contract since 2003, and nobody has asked for it.</p>
<h2>What it costs</h2><p>Critics <em>call</em> it a <q>handout</q>. There is no evidence for these savings, said Ann
Smith, of the audit office, in a statement that was sent to reporters on Tuesday.</p>
<ul><li>First, the price rose twice.</li><li>Second, nobody was asked.<ul><li>Not even the house.</li></ul></li></ul>
<blockquote><p>We were never consulted on this matter.</p><p>And we regret that.</p></blockquote>
<table><caption>Source: audit office</caption><tr><th>Year</th><th>Cost</th></tr>
<tr><td>2020</td><td>1.2</td></tr></table>
<p style="display: none">This is hidden from everybody.</p>
<div hidden>So is this.</div><p aria-hidden="true">Or this.</p>
<figure><img src="a.png" alt="A chart"><figcaption>The minister in May.</figcaption></figure>
<p>The whole thing is regulatory capture, nothing else,<br>which is a strong claim to make in a newspaper.</p></article>
<footer>Copyright 2024 The Example. All rights reserved. Imprint. Privacy. Contact.</footer></body></html>"""


def test_an_article_is_read_in_order_without_its_surroundings() -> None:
    document = read(PAGE.encode(), name="deal.html")
    found = blocks(document)
    assert document.title == "Why the deal matters"
    assert found[0] == ("heading", "Why the deal matters")
    assert ("heading", "What it costs") in found
    assert "officials said.[1] It is" in document.text and "a “handout”." in document.text
    assert texts(document, "list_item") == [
        "First, the price rose twice.",
        "Second, nobody was asked.",
        "Not even the house.",
    ]
    assert texts(document, "quote") == ["We were never consulted on this matter.", "And we regret that."]
    assert texts(document, "table_row") == ["Year | Cost", "2020 | 1.2"]
    assert {"Source: audit office", "The minister in May."} <= set(texts(document, "paragraph"))
    assert found[-1][1].endswith("nothing else, which is a strong claim to make in a newspaper.")
    for gone in ("Home", "Imprint", "hidden", "Or this", "var a", "color"):
        assert gone not in document.text


def test_what_is_left_out_is_counted() -> None:
    notes = read(PAGE.encode(), name="deal.html").notes
    assert "left out 3 hidden elements" in notes
    assert any(note.startswith("left out 1 script element") for note in notes)
    assert any(note.startswith("left out navigation and boilerplate: ") for note in notes)


def test_a_short_page_is_taken_whole_and_says_so() -> None:
    document = read(b"<html><body><h1>Note</h1><p>It rose.</p><p>Nobody<br><br>asked.</p></body></html>", name="a.html")
    assert blocks(document) == [
        ("heading", "Note"),
        ("paragraph", "It rose."),
        ("paragraph", "Nobody"),
        ("paragraph", "asked."),
    ]


def test_a_page_that_is_hidden_behind_a_pop_up_is_still_read() -> None:
    page = PAGE.replace("<article>", '<article aria-hidden="true">')
    assert "regulatory capture" in read(page.encode(), name="a.html").text


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1251"])
def test_the_declared_encoding_is_believed(encoding: str) -> None:
    word = "Договор" if encoding == "windows-1251" else "café"
    page = f'<html><head><meta charset="{encoding}"></head><body><p>The word is {word}.</p></body></html>'
    assert word in read(page.encode(encoding), name="a.html").text


@pytest.mark.parametrize("end", ["", " "])
def test_a_declaration_that_cannot_be_true_is_read_as_utf_8(end: str) -> None:
    page = f'<html><head><meta charset="utf-16"></head><body><p>The café is closed.</p></body></html>{end}'
    assert "The café is closed." in read(page.encode(), name="a.html").text


def test_no_entity_reads_a_file_and_no_comment_is_text(tmp_path) -> None:  # type: ignore[no-untyped-def]
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret words")
    head = f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{secret}">]>'
    page = head + "<html><body><!-- no --><p>Seen: &x; it.</p></body></html>"
    text = read_bytes(page.encode(), name="a.html").text
    assert "secret words" not in text and "no" not in text.split()


def test_a_layout_table_is_no_table() -> None:
    page = (
        "<html><body><table><tr><td><p>One.</p><p>Two.</p><p>Three.</p></td><td>Side.</td></tr></table></body></html>"
    )
    assert texts(read(page.encode(), name="a.html"), "table_row") == []


@pytest.mark.parametrize("page", ["<html></html>", "<html><body><script>x</script></body></html>", "<!doctype html>"])
def test_a_page_without_text_is_refused(page: str) -> None:
    with pytest.raises(AnalyzerError, match=r"^a\.html: no text"):
        read(page.encode(), name="a.html")


def test_deeply_nested_tags_are_read_or_refused_but_never_cut() -> None:
    def page(depth: int) -> bytes:
        return b"<html><body>" + b"<div>" * depth + b"The text." + b"</div>" * depth

    assert check(read(page(200), name="a.html")).text == "The text."
    with pytest.raises(AnalyzerError, match="too deeply"):
        read(page(5_000), name="a.html")


def test_control_characters_behind_entities_are_removed_and_noted() -> None:
    document = read(PAGE.replace("regulatory", "regu&#1;la\x02tory<q>&#3;x</q>").encode(), name="a.html")
    assert "regulatory“x”" in document.text
    assert "removed 3 control characters" in document.notes


LONG = [
    f"Paragraph {n} says that the Senate passed a budget on Friday, after a debate that lasted all night."
    for n in range(5)
]


def _texts(body: str) -> list[str]:
    document = read_bytes(f"<html><body><nav>Home World</nav>{body}</body></html>".encode(), name="a.html")
    return [document.text[block.start : block.end] for block in document.blocks]


@pytest.mark.parametrize("tag", ["article", "center", "font", "div"])
def test_paragraphs_that_only_line_breaks_divide_are_kept(tag: str) -> None:
    assert _texts(f"<{tag}>{'<br><br>'.join(LONG)}</{tag}>") == LONG


def test_a_paragraph_in_a_bare_div_or_after_a_break_is_kept() -> None:
    plain = "".join(f"<p>{text}</p>" for text in LONG[:3])
    bare = "<div>The bill would cut taxes for the rich.</div><p>One.<br>Two.<br><br>Three.</p>"
    assert _texts(f"<article>{plain}{bare}</article>") == [
        *LONG[:3],
        "The bill would cut taxes for the rich.",
        "One. Two.",
        "Three.",
    ]


def test_words_in_times_and_labels_and_who_is_quoted_are_kept() -> None:
    plain = "".join(f"<p>{text}</p>" for text in LONG[:3])
    more = (
        "<p>On <time>Jan. 6</time> they came, <label>police</label> said.</p>"
        "<figure><blockquote><p>We won’t go back</p><cite>Jane Roe</cite></blockquote></figure>"
        "<blockquote><p>Never again.</p><footer>Ann Lee</footer></blockquote>"
    )
    assert _texts(f"<article>{plain}{more}</article>")[3:] == [
        "On Jan. 6 they came, police said.",
        "We won’t go back",
        "Jane Roe",
        "Never again.",
        "Ann Lee",
    ]


def test_a_typed_text_is_no_quotation() -> None:
    page = f"<html><body><pre>{chr(10) * 2}{(chr(10) * 2).join(LONG)}</pre></body></html>"
    document = read_bytes(page.encode(), name="a.html")
    assert [block.kind.value for block in document.blocks] == ["paragraph"] * len(LONG)


def test_a_brief_is_read_without_the_page_around_it() -> None:
    brief = "<article><h1>Senate passes budget</h1><p>The Senate passed a budget on Friday. It was close.</p></article>"
    around = "<div>We use cookies.</div>{}<footer>© 2024 The Paper</footer>"
    assert _texts(around.format(brief)) == [
        "Senate passes budget",
        "The Senate passed a budget on Friday. It was close.",
    ]


def test_ornaments_and_words_for_screen_readers_are_no_sentences() -> None:
    plain = "<p>***</p>".join(f"<p>{text}</p>" for text in LONG)
    more = '<p>See the report<span class="sr-only"> (opens in a new tab)</span>.</p>'
    assert _texts(f"<article>{plain}{more}</article>") == [*LONG, "See the report."]


def test_tens_of_thousands_of_siblings_take_linear_time() -> None:
    begin = time.perf_counter()
    read_bytes(f"<html><body>{'<div>It rose.</div>' * 40_000}</body></html>".encode(), name="a.html")
    assert time.perf_counter() - begin < 60
