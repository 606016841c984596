from __future__ import annotations

import time

import pytest

from analyzer.document import Document
from analyzer.errors import AnalyzerError
from analyzer.places import places
from analyzer.readers import read_bytes
from analyzer.readers.html import read
from analyzer.segment import segment
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


PLAIN = "".join(f"<p>{text}</p>" for text in LONG)


def _read(article: str, head: str = "", above: str = "<nav>Home World</nav>") -> Document:
    page = f"<html><head>{head}</head><body>{above}<main>{article}</main></body></html>"
    return read_bytes(page.encode(), name="a.html")


def test_a_drop_cap_that_screen_readers_are_spared_is_read_once() -> None:
    cap = '<span aria-hidden="true"><span class="dropcap">N</span>obody</span>'
    rest = " was asked about the plan.</p>"
    twice = f'<p>{cap}<span class="sr-only">Nobody</span>{rest}<p>{cap}<span class="u-vh">Nobody</span>{rest}'
    icons = '<p>It rose<span class="icon" aria-hidden="true">arrow</span><i aria-hidden="true">up</i>.</p>'
    formula = '<span><math><mi>x</mi></math></span><span aria-hidden="true">x</span>'
    document = _read(f"{PLAIN}{twice}{icons}<p>So {formula} rose.</p>")
    assert texts(document, "paragraph")[5:] == ["Nobody was asked about the plan."] * 2 + ["It rose.", "So x rose."]


def test_buttons_that_are_words_of_a_sentence_stay_and_others_go() -> None:
    document = _read(
        f"<button>Menu</button>{PLAIN}<p>The <button class='share'>ECB</button> raised rates, said the\n"
        "<button>Fed</button>. <button>Listen</button></p><p><button>Share</button><button>Save</button></p>"
        "<h3><button>What happened next?</button></h3><p>By Jane Doe <button>Follow</button></p>"
        "<div><button>Copy</button><p>Rates fell.</p></div>"
    )
    assert blocks(document)[5:] == [
        ("paragraph", "The ECB raised rates, said the Fed."),
        ("heading", "What happened next?"),
        ("paragraph", "By Jane Doe"),
        ("paragraph", "Rates fell."),
    ]
    assert "left out 6 buttons" in document.notes
    sentences = segment(document)
    [ecb] = [sentence for sentence in sentences if "ECB" in document.text[sentence.start : sentence.end]]
    place = places(document, sentences)[ecb.index]
    assert place is not None and document.source is not None
    assert document.source.text[place.offset :].startswith("The <button class='share'>ECB</button> raised")


def test_a_formula_in_a_sentence_is_written_out_without_its_tex() -> None:
    formula = (
        "<math><semantics><mrow><mi>r</mi><mo>=</mo><mn>2</mn></mrow>"
        '<annotation encoding="application/x-tex">r=2</annotation></semantics></math>'
    )
    alone = '<math display="block"><mi>a</mi></math>'
    document = _read(f"{PLAIN}<p>The rate {formula} was never in question.</p><p>{alone}</p>")
    assert texts(document, "paragraph")[-1] == "The rate r = 2 was never in question."
    assert "left out 1 formula" in document.notes


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1251", "us-ascii"])
def test_utf_8_under_the_declaration_of_a_single_byte_encoding_is_read_as_utf_8(declared: str) -> None:
    page = f"<html><head><meta charset={declared}></head><body><p>The café is “closed”.</p></body></html>"
    document = read(page.encode(), name="a.html")
    assert document.text == "The café is “closed”."
    assert f"decoded as UTF-8, although declared as {declared}" in document.notes


@pytest.mark.parametrize("declared", ["punycode", "unicode_escape", "utf-7", "idna", "rot13", "hex"])
def test_only_encodings_of_texts_are_believed(declared: str) -> None:
    page = f"<html><head><meta charset={declared}></head><body><p>Rates + 2\\u0041 rose-abc.</p></body></html>"
    document = read(page.encode(), name="a.html")
    assert document.text == "Rates + 2\\u0041 rose-abc."
    assert not any("decoded" in note for note in document.notes)


def test_multi_byte_encodings_are_believed_at_once() -> None:
    page = "<html><head><meta charset=gbk></head><body><p>联通</p></body></html>"
    assert read(page.encode("gbk"), name="a.html").text == "联通"


def test_the_teasers_of_a_newsletter_are_no_rows_of_a_table() -> None:
    def teaser(headline: str) -> str:
        text = "<p>Two people died on Monday, police said.</p><p>The storm had been forecast for a week.</p>"
        return f'<tr><td><img src="a.png"></td><td><h3>{headline}</h3>{text}</td></tr>'

    teasers = f"<table>{teaser('Storm hits coast')}{teaser('Bank raises rates')}</table>"
    parted = [
        ("heading", "Storm hits coast"),
        ("paragraph", "Two people died on Monday, police said."),
        ("paragraph", "The storm had been forecast for a week."),
    ]
    assert blocks(_read(PLAIN + teasers))[5:8] == parted
    assert blocks(_read(teasers))[:3] == parted  # too short for trafilatura


def test_cells_of_two_lines_or_with_a_list_are_cells() -> None:
    table = (
        "<table><tr><th><h4>Year</h4></th><th><p>Cost</p><p>in £ million</p></th></tr>"
        "<tr><td>2020</td><td><ul><li>Rent 1.2</li><li>Staff 3.4</li></ul></td></tr></table>"
    )
    document = _read(table)
    assert texts(document, "table_row") == ["Year | Cost in £ million", "2020 | Rent 1.2 Staff 3.4"]


def test_text_without_a_paragraph_in_a_section_is_kept() -> None:
    lost = "The mayor, who had promised in May that no library would close, was not in the room for the vote."
    mixed = "<section>One of them spoke.<p>Two did not.</p>Nor did <b>his</b> deputy.</section>"
    assert texts(_read(f"{PLAIN}<section>{lost}</section>{mixed}"), "paragraph")[5:] == [
        lost,
        "One of them spoke.",
        "Two did not.",
        "Nor did his deputy.",
    ]


def test_what_stands_between_cells_hides_no_loss_of_words() -> None:
    table = f"<table>{'<tr><td>1</td><td></td><td></td></tr>' * 20}</table>"
    lost = "<footer>We use the words of this footer to say nothing.</footer>"
    notes = _read(PLAIN + table + lost).notes
    assert any(note.startswith("left out navigation and boilerplate: 12 of ") for note in notes)


def test_a_caption_deep_in_its_figure_is_kept_where_the_figure_stands() -> None:
    captions = "".join(f"<div><img src=a.png><figcaption>{text}</figcaption></div>" for text in ("One.", "Two."))
    document = _read(f"{PLAIN}<figure>{captions}</figure>{PLAIN}")
    assert texts(document, "paragraph") == [*LONG, "One.", "Two.", *LONG]


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("<h1>Council closes<br>libraries</h1>", "Council closes libraries"),
        ('<h1><span class="kicker">Opinion</span><span>Why we must act</span></h1>', "Opinion Why we must act"),
        ('<h1><span class="cap">N</span><span>obody’s</span> <em>fault</em><b>s</b></h1>', "Nobody’s fault s"),
        ("<h1>The end of re<em>mark</em>able news</h1>", "The end of remarkable news"),
    ],
)
def test_lines_and_parts_of_a_headline_are_words_apart(heading: str, text: str) -> None:
    document = _read(heading + PLAIN)
    assert (document.title, blocks(document)[0]) == (text, ("heading", text))


def test_the_name_of_the_site_is_no_headline() -> None:
    title = "<title>Storm hits coast | The Daily</title>"
    for logo in ('<h1 class="logo">The Daily</h1>', '<div id="site-title"><h1><a href="/">The Daily</a></h1></div>'):
        document = _read("<h2>Storm hits coast</h2>" + PLAIN, title, f"<header>{logo}</header>")
        assert blocks(document)[0] == ("heading", "Storm hits coast")
        assert document.title == "Storm hits coast | The Daily"
    named = '<meta property="og:site_name" content="The Daily">'
    document = _read("<h1>Storm hits coast</h1>" + PLAIN, title + named, "<header><h1>The Daily</h1></header>")
    assert (document.title, blocks(document)[0][1]) == ("Storm hits coast", "Storm hits coast")


def test_the_headline_is_the_first_heading_even_where_the_title_names_others() -> None:
    head = "<title>Storm hits coast - News of the coast - The Daily</title>"
    above = "<header><h2>News of the coast</h2></header><header><h1>Storm hits coast</h1></header>"
    assert blocks(_read(PLAIN, head, above))[0] == ("heading", "Storm hits coast")
    above = "<header><h3>News</h3></header><header><h2>Storm hits coast</h2></header>"
    assert blocks(_read(PLAIN, head, above))[0] == ("heading", "Storm hits coast")
    above = "<header><h2>new</h2></header>"  # no word of the title
    assert blocks(_read(PLAIN, "<title>Storm renews fears</title>", above))[0] == ("paragraph", LONG[0])


@pytest.mark.parametrize("plain", [PLAIN, ""])
def test_bold_lines_are_blocks_of_their_own(plain: str) -> None:
    document = _read(
        f"{plain}<p><strong>What we know</strong><br>The council voted for it.</p>"
        "<p><b>Was it legal?</b><br>No court said so.<br>\n<b>It was close.</b><br>Nobody asked.</p>"
        "<p><b>Key facts</b></p><ul><li>Four closed.</li></ul>"
        "<p><b>The council voted</b><br>for it.</p><p><b>Dear reader,</b><br>We closed.</p><p><b>Jane Doe</b></p>"
    )
    assert [block for block in blocks(document) if block[1] not in LONG] == [
        ("heading", "What we know"),
        ("paragraph", "The council voted for it."),
        ("heading", "Was it legal?"),
        ("paragraph", "No court said so."),
        ("paragraph", "It was close."),
        ("paragraph", "Nobody asked."),
        ("heading", "Key facts"),
        ("list_item", "Four closed."),
        ("paragraph", "The council voted for it."),
        ("paragraph", "Dear reader, We closed."),
        ("paragraph", "Jane Doe"),
    ]


def test_a_bold_line_in_a_cell_parts_no_cell() -> None:
    table = "<table><tr><td><p><b>2020</b><br>It rose.</p></td><td>1.2</td></tr></table>"
    assert texts(_read(table), "table_row") == ["2020 It rose. | 1.2"]


@pytest.mark.parametrize("piece", ["<button>a</button><i></i>", "<b>It rose</b><br>It fell.<br>"])
def test_a_paragraph_of_thousands_of_parts_takes_linear_time(piece: str) -> None:
    begin = time.perf_counter()
    read_bytes(f"<html><body><p>It rose.{piece * 5_000}</p></body></html>".encode(), name="a.html")
    assert time.perf_counter() - begin < 60
