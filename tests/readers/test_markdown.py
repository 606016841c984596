from __future__ import annotations

import time

import pytest

from analyzer.places import places
from analyzer.readers import read_bytes
from analyzer.readers.markdown import read
from analyzer.segment import segment
from tests.readers.invariants import blocks, texts


def _read(text: str):  # type: ignore[no-untyped-def]
    return read(text.encode(), name="a.md")


def test_a_post_with_front_matter() -> None:
    document = _read('---\ntitle: "Who Pays?"\ndate: 2024-05-01\n---\n\n# Who pays for it\n\nThe state does.\n')
    assert document.title == "Who Pays?"
    assert blocks(document) == [("heading", "Who pays for it"), ("paragraph", "The state does.")]
    assert document.notes == ("left out 2 lines of front matter",)


def test_the_first_heading_is_the_title_without_its_marks() -> None:
    assert _read("# Who *pays* for [it](x) #\n\nThe state does.").title == "Who pays for it"


def test_inline_markup_is_rendered() -> None:
    text = (
        'It is **bold**, *so* __very__ _so_, ~~not~~, `code_x`, [a *link*](https://e.org/a_(b) "t"), <b>html</b>,\n'
        "<https://e.org>, AT&amp;T, 2 * 3 * 4, snake_case_name, \\*escaped\\*, ***both***, a note[^1] and [2]."
    )
    assert _read(text).text == (
        "It is bold, so very so, , code_x, a link, html, https://e.org, AT&T, 2 * 3 * 4, snake_case_name, "
        "*escaped*, both, a note[1] and [2]."
    )


def test_footnotes_and_reference_links() -> None:
    document = _read("As [the ministry][m] said.[^1]\n\n[m]: https://example.org\n[^1]: Annual report, p. 3.\n")
    assert blocks(document) == [("paragraph", "As the ministry said.[1]"), ("paragraph", "[1] Annual report, p. 3.")]
    assert document.notes == ("left out 1 link target",)


def test_comments_code_images_and_scripts_are_left_out_and_counted() -> None:
    text = "One.<!-- not\n\nthis -->\n\n```python\nx = 1\n\ny\n```\n\n"
    text += "![Chart](c.png) Two.\n\n<script>\nrun()\n</script>\n\nThree.\n"
    document = _read(text)
    assert texts(document, "paragraph") == ["One.", "Two.", "Three."]
    assert set(document.notes) == {
        "left out 1 comment",
        "left out 1 code block",
        "left out 1 image",
        "left out 1 script or style element",
    }


def test_what_is_never_closed_is_kept() -> None:
    document = _read("One.\n\n```\n\nTwo.\n\n<!-- Three.\n\n**Four.")
    assert texts(document, "paragraph") == ["One.", "Two.", "<!-- Three.", "**Four."]


def test_lines_are_joined_as_markdown_does() -> None:
    assert _read("One sentence.\nAnother one  \nwith a break.\n").text == "One sentence. Another one with a break."


def test_headings_of_all_kinds() -> None:
    text = "Title\n=====\n\nPart\n----\n\n### Third ###\n\n**A Bold Line**\n\n"
    text += "The text of it goes on and on for more than a line.\n"
    assert texts(_read(text), "heading") == ["Title", "Part", "Third", "A Bold Line"]


def test_nested_lists_tasks_and_paragraphs_in_items() -> None:
    text = "- one\n  - [x] two\n    goes on\n\n  More of it.\n\n1. three\n\nAfter it."
    assert blocks(_read(text)) == [
        ("list_item", "one"),
        ("list_item", "two goes on"),
        ("list_item", "More of it."),
        ("list_item", "three"),
        ("paragraph", "After it."),
    ]


def test_a_table_with_markup_in_its_cells() -> None:
    document = _read("| **Who** | Cost |\n|---|---|\n| [A](x) | `4` |\n| \\| | |\n")
    assert texts(document, "table_row") == ["Who | Cost", "A | 4", "| | –"]


def test_an_html_block_keeps_its_text() -> None:
    document = read_bytes(b'<p align="center">\nThe <em>report</em> of May.\n</p>\n\nIt says so.', name="README.md")
    assert document.text == "The report of May.\n\nIt says so."


def test_a_title_with_a_hundred_thousand_spaces_takes_no_time() -> None:
    document = _read(f"---\ntitle: Who{' ' * 100_000}pays  \n---\n\nThe state does.\n")
    assert document.title.split() == ["Who", "pays"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Unemployment fell in January.[^1]",
        "Unemployment fell in January.[1]",
        "Unemployment fell in January.¹",
        "Unemployment fell in January.<sup>1</sup>",
        "Unemployment fell in January. ([AP](https://a.example/b))",
        "Unemployment fell in January. (Reuters)",
        "[Unemployment fell in January.](https://a.example/b)",
    ],
)
def test_a_short_statement_with_its_source_is_no_heading(sentence: str) -> None:
    body = "The Senate passed a budget on Friday, after a long debate that lasted all night."
    assert [b.kind.value for b in _read(f"{body}\n\n{sentence}\n\n{body}\n").blocks] == ["paragraph"] * 3


def test_a_link_with_a_title_leaves_its_words_and_cells_stay_apart() -> None:
    document = _read(
        'See [Java](https://a.example/wiki/Java_(island) "Java (island)") now.\n\n<td>Apples</td><td>5</td>\n'
    )
    assert document.text == "See Java now.\n\nApples 5"


def test_nested_quotations_lose_their_marks() -> None:
    assert _read("> > They said so.\n\nIt was.").text == "They said so.\n\nIt was."


def test_code_keeps_what_would_be_markup_elsewhere() -> None:
    text = "Use the `<p>` tag, `a*b*c`, `[r]` or `&amp;` *here*.\n\n[r]: https://example.org\n"
    assert _read(text).text == "Use the <p> tag, a*b*c, [r] or &amp; here."


def test_a_backslash_that_breaks_a_line_goes() -> None:
    assert _read("It is a hard break\\\nin line two\\*.").text == "It is a hard break in line two*."


def test_a_label_alone_is_a_link_only_where_it_is_defined() -> None:
    text = "The [Ministry] said so [sic], as reported [2].\n\n[ministry]: https://a.example\n[2]: https://b.example\n"
    assert _read(text).text == "The Ministry said so [sic], as reported [2]."


def test_a_line_below_several_lines_divides() -> None:
    document = _read("The first line of it goes on\nin the second line of it.\n---\nThe next paragraph starts here.\n")
    assert blocks(document) == [
        ("paragraph", "The first line of it goes on in the second line of it."),
        ("paragraph", "The next paragraph starts here."),
    ]
    assert document.notes == ("left out 1 separator line",)


HTML = """\
<h1 align="center">
  Who <em>Pays</em>
</h1>

<h2>What happened</h2>
<p>The council voted.</p>
<p>Nobody asked&nbsp;why.<br><br>It was late.</p>
<details><summary>Click for more</summary>The hidden text goes on `</p>` here.</details>
<blockquote>
  <p>We will fight.</p>
  <p>We will win.</p>
</blockquote>He said so.
<ul>
  <li>First, the price.</li>
  <li><p>Then the vote.</p></li>
</ul>

- <p>Last, the bill.</p>

| Who | Cost |
|---|---|
| <p>The state</p> | 4<br><br>or 5 |
"""


def test_blocks_of_html_stand_apart() -> None:
    assert blocks(_read(HTML)) == [
        ("heading", "Who Pays"),
        ("heading", "What happened"),
        ("paragraph", "The council voted."),
        ("paragraph", "Nobody asked why."),
        ("paragraph", "It was late."),
        ("heading", "Click for more"),
        ("paragraph", "The hidden text goes on </p> here."),
        ("quote", "We will fight."),
        ("quote", "We will win."),
        ("paragraph", "He said so."),
        ("list_item", "First, the price."),
        ("list_item", "Then the vote."),
        ("list_item", "Last, the bill."),
        ("table_row", "Who | Cost"),
        ("table_row", "The state | 4 or 5"),
    ]


def test_blocks_of_html_are_found_in_their_source() -> None:
    document = _read(HTML.replace("`</p>` ", ""))
    assert document.source is not None
    found = places(document, segment(document))
    parts = [place and document.source.text[place.offset : place.offset + place.length] for place in found]
    assert parts[:6] == [
        "Who <em>Pays",
        "What happened",
        "The council voted.",
        "Nobody asked&nbsp;why.",
        "It was late.",
        "Click for more",
    ]
    assert None not in parts


@pytest.mark.parametrize("unit", ["<p>", "<li>", "<h1>a", "<blockquote>", "- <p>", "<br>", "`<p>` ", "a\\\n", "[a] "])
def test_time_grows_with_length_not_with_its_square(unit: str) -> None:
    start = time.process_time()
    _read(f"Begin. {unit * (100_000 // len(unit))} end.\n\n[a]: /b\n")
    assert time.process_time() - start < 5


def test_code_in_a_picture_goes_with_it_and_takes_no_other_place() -> None:
    assert read_bytes(b"See ![the `old` form](a.png) and write `new` here.", name="a.md").text.endswith(
        "write new here."
    )
