"""Pages, posts, mails and Word files as the systems make them that they are written in."""

from __future__ import annotations

import re
import time
from io import BytesIO

import docx
import pytest

from analyzer.document import BlockKind, Document
from analyzer.quotations import quoted_ranges
from analyzer.readers import read_bytes
from analyzer.readers.turns import holds_turns
from analyzer.segment import segment
from analyzer.table_readings import read_off_tables
from tests.readers.invariants import blocks, check, texts

FIRST = (
    "In 2022 the Marlow Rovers asked the city for eighty million pounds. The club’s owner, Desmond Pike, said the "
    "stadium would pay for itself in six years. He gave no plan, and no stadium in the league has done that before."
)
LAST = (
    "A study by the University of Thornby found that seven of nine lost money. The council should vote no. A club that "
    "cannot fill its old ground has no business asking for a new one."
)
A, B = f"<p>{FIRST}</p>", f"<p>{LAST}</p>"


def read(text: str, name: str = "a.html") -> Document:
    document = read_bytes(text.encode(), name=name)
    check(document)
    return document


def page(body: str) -> Document:
    return read(f"<html><head><title>Stadium</title></head><body>{body}</body></html>")


def kinds(document: Document) -> dict[str, BlockKind]:
    return {document.text[block.start : block.end]: block.kind for block in document.blocks}


def headers(document: Document) -> list[str]:
    return [document.text[block.start : block.end] for block in document.blocks if block.is_table_header]


def quoted(document: Document) -> str:
    return " / ".join(document.text[start:end] for start, end in quoted_ranges(document))


NAMES = [
    'class="article-body"', 'class="post-content"', 'class="entry-content"', 'class="story-body"',
    'itemprop="articleBody"',
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_an_article_in_several_containers_is_read_to_its_end_and_in_its_order(name: str) -> None:
    part, advertisement = f"<div {name}>", '<div class="ad-slot">Advertisement</div>'
    middle = "<p>The owner did not answer three requests for the plan, the city’s clerk said in a letter on Monday.</p>"
    parts = f"{part}{A}{middle}</div>{advertisement}{part}{B}</div>"
    document = page(f"<main><article><h1>The stadium</h1>{parts}</article></main>")
    assert texts(document) == ["The stadium", FIRST, middle[3:-4], LAST]
    each = "".join(f"{part}{paragraph}</div>" for paragraph in (A, middle, B))
    assert texts(page(f"<main><article><h1>The stadium</h1>{each}</article></main>")) == texts(document)


def test_teasers_side_by_side_are_no_parts_of_the_article() -> None:
    teaser = (
        '<div class="post"><h3><a href="/x">Rates rise</a></h3><p><a href="/x">The bank has raised rates.</a></p></div>'
    )
    document = page(f"<article><h1>The stadium</h1>{A}{B}</article><aside>{teaser * 3}</aside>")
    assert texts(document) == ["The stadium", FIRST, LAST]


@pytest.mark.parametrize(
    ("raised", "reads"),
    [
        ("fell by 12<sup>1</sup> in 2019<sup>2</sup>", "fell by 12¹ in 2019²"),
        ("10<sup>6</sup> cars on 5 km<sup>2</sup>", "10⁶ cars on 5 km²"),
        ('to 3.2%<sup><a href="#f3">3</a></sup> of all', "to 3.2%[3] of all"),
        ('said so.<sup id="r"><a href="#n">[4]</a></sup>', "said so.[4]"),
        ("a share of 1.1<sup>a</sup>", "a share of 1.1[a]"),
        ("of all Beds<sup>a</sup> and beds<sup>b</sup>", "of all Beds[a] and beds[b]"),
        ("in the XIX<sup>e</sup> or 4 x<sup>n</sup>", "in the XIXe or 4 xn"),
        ("the 21<sup>st</sup> century", "the 21st century"),
    ],
)
def test_raised_characters_are_no_figures_of_the_text(raised: str, reads: str) -> None:
    assert reads in page(f"<h1>Stadium</h1>{A}<p>Sales {raised} and the owner said nothing of it.</p>{B}").text
    assert reads in read(f"{FIRST}\n\nSales {raised} and the owner said nothing of it.\n", "a.md").text


def test_raised_and_struck_out_runs_of_word() -> None:
    file, word = BytesIO(), docx.Document()
    paragraph = word.add_paragraph("The girder broke at 12")
    paragraph.add_run("1").font.superscript = True
    paragraph.add_run(" tonnes on ")
    paragraph.add_run("Tuesday ").font.strike = True
    paragraph.add_run("Thursday.")
    word.save(file)
    document = read_bytes(file.getvalue(), name="a.docx")
    assert document.text == "The girder broke at 12¹ tonnes on Thursday."
    assert document.notes == ("left out 1 struck-out passage",)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The vote is on ~~Tuesday~~ Thursday, the clerk says.", "a.md"),
        ("The vote is on <del>Tuesday</del> Thursday, the clerk says.", "a.md"),
        (f"{A}<p>The vote is on <s>Tuesday</s> Thursday, the clerk says.</p>{B}", "a.html"),
    ],
)
def test_what_is_struck_out_is_left_out_and_counted(text: str, name: str) -> None:
    document = read(text, name)
    assert "The vote is on Thursday, the clerk says." in document.text
    assert "left out 1 struck-out passage" in document.notes


def test_columns_are_named_in_bold_or_above_figures_in_pages_too() -> None:
    rows = "<tr><td>City</td><td>{}</td></tr><tr><td>Club</td><td>{}</td></tr>"
    bold = "<tr><td><strong>Payer</strong></td><td><b>Share</b></td></tr>"
    assert headers(page(f"<h1>S</h1>{A}<table>{bold}{rows.format('most', 'some')}</table>{B}")) == ["Payer | Share"]
    plain = "<tr><td>Payer</td><td>Share</td></tr>"
    assert headers(page(f"<h1>S</h1>{A}<table>{plain}{rows.format('84%', '16%')}</table>{B}")) == ["Payer | Share"]
    assert headers(page(f"<h1>S</h1>{A}<table>{rows.format('84%', '16%')}</table>{B}")) == []


def test_a_first_row_of_figures_is_none_of_names_whatever_its_look_in_word() -> None:
    for first, is_header in ((("2019", "61,200"), False), (("Year", "Cars"), True)):
        file, word = BytesIO(), docx.Document()
        table = word.add_table(rows=0, cols=2)
        for row in (first, ("2021", "55,100"), ("2023", "48,500")):
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
        word.save(file)
        document = read_bytes(file.getvalue(), name="a.docx")
        assert [block.is_table_header for block in document.blocks] == [is_header, False, False]


PULLED = "A club that cannot fill its old ground has no business asking for a new one."


@pytest.mark.parametrize(
    "markup",
    [
        '<figure class="wp-block-pullquote"><blockquote><p>{}</p></blockquote></figure>',
        '<blockquote class="pullquote">“{}”</blockquote>',
        '<div class="pull-quote"><p>{}</p></div>',
        "<aside>{}</aside>",
    ],
)
def test_a_pull_quote_is_read_once(markup: str) -> None:
    document = page(f"<h1>Stadium</h1>{A}{markup.format(PULLED)}{B}")
    assert document.text.count("has no business") == 1 and LAST in document.text
    assert "left out 1 pull quote" in document.notes
    other = page(f"<h1>Stadium</h1>{A}<blockquote><p>We have no business here at all, said Pike.</p></blockquote>{B}")
    assert "We have no business here" in other.text


@pytest.mark.parametrize("mark", ["“", "‘", "'", '"'])
@pytest.mark.parametrize("between", ["", "<figure><img src='a'><figcaption>The well in May.</figcaption></figure>"])
def test_a_quotation_over_paragraphs_goes_on_behind_a_caption(mark: str, between: str) -> None:
    closing = {"“": "”", "‘": "’"}.get(mark, mark)
    opened = f"<p>Prosk wrote to the board: {mark}I have tested the well. You are shameless crooks.</p>"
    document = page(f"<h1>S</h1>{A}{opened}{between}<p>{mark}I asked for a pump and was laughed at.{closing}</p>{B}")
    assert quoted(document).startswith("I have tested the well. You are shameless crooks. / I asked")
    unclosed = page(f"<h1>S</h1>{A}{opened}{between}<p>The board did not answer, and it never has.</p>{B}")
    assert "shameless" not in quoted(unclosed)


def mail(body: str, content: str = "text/plain") -> Document:
    head = f"From: a@b.c\nTo: d@e.f\nSubject: Re: Lead\nMIME-Version: 1.0\nContent-Type: {content}; charset=utf-8\n\n"
    return read(head + body, "a.eml")


HEADER = "From: Jorn Vik <j@v.x>\nSent: Monday, 3 March 2025 10:12\nTo: Marta\nSubject: Lead\n"


@pytest.mark.parametrize("above", ["", "-----Original Message-----\n"])
def test_a_mail_that_is_answered_is_a_quotation(above: str) -> None:
    document = mail(f"So we should run it.\n\n{above}{HEADER}\nThe board is a pack of shameless liars.\n")
    assert kinds(document) == {
        "So we should run it.": BlockKind.PARAGRAPH,
        "The board is a pack of shameless liars.": BlockKind.QUOTE,
    }
    assert "left out 1 header of another mail" in document.notes
    fields = "<br>".join(f"<b>{line.replace(':', ':</b>', 1)}" for line in HEADER.replace("<", "&lt;").splitlines())
    for depth in (2, 60):
        header = f"{'<div>' * depth}<p>{fields}</p>{'</div>' * depth}"
        inner = f"<div><p>So we should run it.</p></div>{header}<p>They are shameless liars.</p>"
        assert kinds(mail(f"<html><body>{inner}</body></html>", "text/html")) == {
            "So we should run it.": BlockKind.PARAGRAPH,
            "They are shameless liars.": BlockKind.QUOTE,
        }


def test_the_signature_of_a_mail_is_left_out() -> None:
    document = mail("The board knew by March.\n\n-- \nMarta Vance\nThis e-mail is confidential.\n\n> It did not.\n")
    assert texts(document) == ["The board knew by March.", "It did not."]
    assert "left out 1 signature" in document.notes
    signed = "<p>The board knew by March.</p><div class='gmail_signature'><p>Marta Vance</p></div>"
    assert mail(f"<html><body>{signed}</body></html>", "text/html").text == "The board knew by March."


def test_flowed_lines_of_a_mail_are_put_together() -> None:
    body = 'It told nobody. \nThat is our lead.\n\n> The lawyer says it is \n> "riddled with errors."\n'
    assert texts(mail(body, "text/plain; format=flowed")) == [
        "It told nobody. That is our lead.",
        'The lawyer says it is "riddled with errors."',
    ]


def test_a_lead_that_ends_in_a_quotation_is_no_headline() -> None:
    lead = "The harbour toll has failed. The mayor of Wexmouth called it “a tax on nothing.”"
    assert kinds(read(f"{lead}\n\n{FIRST}\n", "a.txt"))[lead] is BlockKind.PARAGRAPH
    for headline in ("The Harbour Toll Has Failed!", "Who will pay for the harbour?", "A Tax on Nothing"):
        assert kinds(read(f"{headline}\n\n{FIRST}\n", "a.txt"))[headline] is BlockKind.HEADING


def test_headings_without_an_article_around_them_stay_where_they_are() -> None:
    figure = "<figure><img src='a.jpg'></figure>"
    middle = "<p>Nobody did, as the minutes of all nine meetings of the council in that year show to anyone.</p>"
    table = "<table><tr><td>Payer</td><td>Share</td></tr><tr><td>City</td><td>80</td></tr><tr><td>Club</td><td>15</td></tr></table>"
    body = f"<h1>Stadium</h1>{A}<h2>Who asked for it</h2>{figure}{middle}<h2>Who pays</h2>{table}{B}"
    document = page(f"<div>{body}</div>")
    found = texts(document)
    assert found.index("Who asked for it") == 2 and found.index("Who pays") == found.index("Payer | Share") - 1
    assert kinds(document)["Who asked for it"] is kinds(document)["Who pays"] is BlockKind.HEADING


def test_an_export_of_google_docs_has_its_title_and_no_comments() -> None:
    mark = '<sup><a href="#cmnt1" id="cmnt_ref1">[a]</a></sup>'
    comment = '<div><p><a href="#cmnt_ref1" id="cmnt1">[a]</a><span>He is lying, no?</span></p></div>'
    title = '<p class="title c1"><span>The case against the Marlow stadium</span></p>'
    document = page(f"{title}<h1>The promise</h1>{A}<p>The owner gave no plan{mark} at all.</p>{B}{comment}")
    assert document.title == "The case against the Marlow stadium"
    assert texts(document)[:2] == [document.title, "The promise"]
    assert kinds(document)[document.title] is BlockKind.HEADING
    assert "The owner gave no plan at all." in document.text and "lying" not in document.text
    assert "left out 1 comment" in document.notes


def test_shortcodes_and_the_names_of_parts_are_left_out() -> None:
    document = read(
        '---\ntitle: The Library Tax\n---\n\n{{< figure src="/l.jpg" caption="The shameful state" >}}\n\n'
        '## The arithmetic {#arithmetic}\n\n{: .lead}\nSee [last year\'s column]({{< ref "roads.md" >}}) for more.\n\n'
        "{% highlight ruby %}\nputs 1\n{% endhighlight %}\n\n{% include a.html %}\n\nWrite `{{< ref >}}` in {braces}.\n",
        "a.md",
    )
    assert texts(document) == ["The arithmetic", "See last year's column for more.", "Write {{< ref >}} in {braces}."]
    assert "left out 1 block of a template" in document.notes and "left out 3 shortcodes" in document.notes


def test_numbered_items_below_a_paragraph_of_an_item_are_items() -> None:
    text = "Two things follow.\n\n1. The parser works.\n\n   Six audits say so.\n2. The build fails.\n3. It is late.\n"
    assert [kind for kind, _ in blocks(read(text, "a.md"))].count("list_item") == 4
    wrapped = "1. The parser works.\n\n   The law dates from the year\n   1914. It has never been changed.\n"
    assert "the year 1914. It has" in read(wrapped, "a.md").text


TABLE = "| Line | Cost recovery |\n|---|---|\n| No | 41% |\n| Airport | 58% |\n\nSource: Orland Transit Authority\n\n"


@pytest.mark.parametrize(
    ("sentence", "rows"),
    [
        ("A row over the Airport line broke out in the council on Monday.", 0),
        ("Ministers will table a bill to close the Airport line.", 0),
        ("In her column she called the Airport line a disgrace.", 0),
        ("There is no doubt that the numbers are a disgrace.", 0),
        ("The mayor says the Airport line will pay by 2030. The table gives no reason to believe her.", 0),
        ("The table shows that the Airport line does not pay.", 1),
        ("The Airport line recovers 58% of its cost.", 1),
    ],
)
def test_a_sentence_that_only_has_a_word_of_a_table_reads_nothing_off_it(sentence: str, rows: int) -> None:
    document = read(f"The city runs two lines.\n\n{TABLE}{sentence}\n", "a.md")
    assert len(read_off_tables(document, segment(document))) == rows


def test_the_posts_of_a_live_blog_are_all_read_below_its_headline() -> None:
    posts = [
        f"<article class='post-{n}'><h2><a href='#{n}'>10:0{n}</a></h2>{p}</article>" for n, p in enumerate((A, B))
    ]
    document = page(f"<main><h1>The stadium: live</h1>{''.join(posts)}</main>")
    assert texts(document)[0] == "The stadium: live"
    assert FIRST in texts(document) and LAST in texts(document)


def test_a_row_of_merged_cells_is_read_once() -> None:
    rows = (
        "<tr><td>Item</td><td>2024</td></tr><tr><td colspan='2'>Gate</td></tr><tr><td>Revenue</td><td>3,412</td></tr>"
    )
    document = page(f"<article><h1>Stadium</h1>{A}<table>{rows}</table>{B}</article>")
    assert texts(document) == ["Stadium", FIRST, "Item | 2024", "Gate | –", "Revenue | 3,412", LAST]


def test_a_label_over_several_rows_is_that_of_each() -> None:
    rows = (
        "<tr><th>Item</th><th>2022</th><th>2023</th></tr><tr><td colspan='3'><b>Hospitals</b></td></tr>"
        "<tr><td rowspan='2'>Staff</td><td>48.1</td><td>65.3</td></tr><tr><td>49.0</td><td>66.1</td></tr>"
        "<tr><td>Beds</td><td colspan='2'>12.4</td></tr>"
    )
    document = page(f"<article><h1>Stadium</h1>{A}<table>{rows}</table>{B}</article>")
    assert texts(document)[2:-1] == [
        "Item | 2022 | 2023", "Hospitals | – | –", "Staff | 48.1 | 65.3", "Staff | 49.0 | 66.1", "Beds | 12.4 | –",
    ]  # fmt: skip


def test_cells_that_reach_down_past_all_rows_take_linear_time() -> None:
    rows = "<tr><td rowspan='9000'>It</td><td rowspan='9000'>rose</td></tr>" * 4_000
    begin = time.perf_counter()
    page(f"<article><h1>Stadium</h1>{A}<table>{rows}</table>{B}</article>")
    assert time.perf_counter() - begin < 20


def test_a_table_with_a_picture_in_it_is_one_table() -> None:
    rows = (
        "<tr><th colspan='2'>Karsvik Bridge</th></tr><tr><td colspan='2'><img src='x'><div>The bridge in 1987</div></td>"
        "</tr><tr><th>Date</th><td>4 March 1994</td></tr><tr><th>Deaths</th><td>17</td></tr>"
    )
    document = page(f"<article><h1>Bridge</h1><table>{rows}</table>{A}{B}</article>")
    assert [(block.table, document.text[block.start : block.end]) for block in document.blocks[1:5]] == [
        (0, "Karsvik Bridge | –"), (0, "The bridge in 1987 | –"), (0, "Date | 4 March 1994"), (0, "Deaths | 17"),
    ]  # fmt: skip


def test_a_row_that_two_tables_have_keeps_both_in_their_places() -> None:
    def table(name: str) -> str:
        return f"<table><tr><td>{name}</td><td>2020</td></tr><tr><td>Beds</td><td>12</td></tr></table>"

    document = page(f"<article><h1>Stadium</h1>{A}{table('North')}{A}{table('South')}{B}</article>")
    rows = [["North | 2020", "Beds | 12"], ["South | 2020", "Beds | 12"]]
    assert texts(document) == ["Stadium", FIRST, *rows[0], FIRST, *rows[1], LAST]


PROSE = "The company lost 412 million in the quarter, more than four times as much as a year earlier, it said."


@pytest.mark.parametrize(
    "name",
    [
        "class='operating-results'", "id='Correlated_risks'", "class='celebrating'", "class='metals'", "class='rating'",
        "class='share-price'", "class='next-steps'", "class='slide'", "class='author-note'", "class='footer-note'",
        "class='timestamp'", "class='embed-text'", "class='permission'", "class='social'", "class='premium'",
        "class='options'", "id='Social_costs'",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "markup", ["<p {}>{}</p>", "<div {}><p>{}</p></div>", "<section {}><h2>Costs</h2><p>{}</p></section>"]
)
def test_prose_is_kept_whatever_its_element_is_called(name: str, markup: str) -> None:
    document = page(f"<article><h1>Stadium</h1>{A}{markup.format(name, PROSE)}{B}</article>")
    assert [text for text in texts(document) if text != "Costs"] == ["Stadium", FIRST, PROSE, LAST]
    assert document.notes == ()


def test_a_verdict_of_a_word_is_kept_below_its_heading_and_a_name_there_is_not() -> None:
    verdict = "<h4>Verdict</h4><p class='rating'>False</p>"
    byline = "<h2>The plan</h2><p class='byline'>Kit Morland</p>"
    document = page(f"<article><h1>Stadium</h1>{verdict}{A}{byline}{B}</article>")
    assert texts(document) == ["Stadium", "Verdict", "False", FIRST, "The plan", LAST]


def test_names_of_speakers_that_are_links_are_kept() -> None:
    def speech(name: str, text: str) -> str:
        return f"<div class='speech'><h2><a href='/mp/{name}'>{name}</a></h2><div class='speech__content'>{text}</div></div>"

    speeches = speech("Ruth Ansell", A) + speech("Gerald Fosse", "<p>Will the hon. Lady give way?</p>")
    document = page(f"<div><h1>Social Care</h1></div>{speeches}{speech('Ruth Ansell', B)}")
    assert texts(document) == [
        "Social Care", "Ruth Ansell", FIRST, "Gerald Fosse", "Will the hon. Lady give way?", "Ruth Ansell", LAST,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "head",
    [
        "<header><h1>Stadium</h1><p class='standfirst'>{}</p></header>",
        "<h1>Stadium</h1><p>{}</p>",
        "<div class='head'><h1>Stadium</h1><h2 class='subtitle'>{}</h2></div>",
        "<header><h1>Stadium</h1><p>{}</p><div class='byline'>By <a href='/r'>Rosa Delgado</a></div></header>",
    ],
)
def test_what_stands_below_the_headline_is_kept(head: str) -> None:
    standfirst = "The deal leaves the question of the parking lots for another day."
    document = page(f"<article>{head.format(standfirst)}<div class='article-body'>{A}{B}</div></article>")
    assert texts(document) == ["Stadium", standfirst, FIRST, LAST]


def test_the_caption_between_a_date_and_a_player_above_the_text_is_kept() -> None:
    caption = "The owner, Desmond Pike, at the old ground on Friday. Photo: Joan Bell"
    head = f"<span>4 min read</span><figure><img src='p'><figcaption>{caption}</figcaption></figure><p>Listen</p>"
    document = page(f"<article><h1>Stadium</h1>{head}<div class='article-body'>{A}{B}</div></article>")
    assert texts(document) == ["Stadium", caption, FIRST, LAST]


def test_advertisements_pointers_and_boxes_of_newsletters_are_left_out() -> None:
    boxes = (
        "<div class='x'><p>Advertisement</p></div><div><p>SEE ALSO: <a href='/x'>12 Kitchen Gadgets You Need</a></p></div>"
        "<div class='newsletter-inline'><h4>The Morning Tide</h4><p>Get the news that matters.</p>"
        "<form><input><button>Sign up</button></form></div>"
    )
    own = "<p>See also: the report by <a href='/r'>the audit office</a>, which says the same.</p>"
    document = page(f"<article><h1>Stadium</h1>{A}{boxes}{own}{B}</article>")
    assert texts(document) == ["Stadium", FIRST, "See also: the report by the audit office, which says the same.", LAST]
    assert {"left out 1 teaser link", "left out 1 sign-up box", "left out 1 line of buttons"} <= set(document.notes)


def test_code_is_left_out_and_counted_and_a_text_that_was_typed_is_not() -> None:
    code = "<pre><code class='language-python'>def handler():\n    # It is not prose.\n    return 200\n</code></pre>"
    document = page(f"<article><h1>Stadium</h1>{A}{code}{B}</article>")
    assert texts(document) == ["Stadium", FIRST, LAST]
    assert "left out 1 code block" in document.notes


def test_the_names_below_a_letter_are_lines_of_their_own() -> None:
    letter = f"<article><h1>Stadium</h1>{A}{B}<p>Yours faithfully,<br>Jane Doe<br>Chair, Marlow Trust</p></article>"
    assert texts(page(letter))[3:] == ["Yours faithfully,", "Jane Doe", "Chair, Marlow Trust"]
    goes_on = (
        f"<article><h1>Stadium</h1>{A}{B}<p>Sincerely,<br>the owner said that he had not known of it.</p></article>"
    )
    assert len(texts(page(goes_on))) == 4


NORTH = "<tr><td>North</td><td>1,203</td><td>12.5%</td><td>1,103</td><td>11.5%</td></tr>"
LEVELS = (
    "<tr><th rowspan='2'>Region</th><th colspan='2'>2024</th><th colspan='2'>2020</th></tr>"
    "<tr><th>Votes</th><th>Share</th><th>Votes</th><th>Share</th></tr>"
)


@pytest.mark.parametrize(
    "header", [LEVELS, f"<thead>{LEVELS}</thead>", LEVELS.replace("th>", "td>").replace("<th", "<td")]
)
@pytest.mark.parametrize("title", ["", "<tr><th colspan='5'>Votes by region</th></tr>"])
def test_a_header_of_two_levels_is_one_row_with_the_names_of_both(header: str, title: str) -> None:
    document = page(f"<article><h1>Stadium</h1>{A}<table>{title}{header}{NORTH}{NORTH}</table>{B}</article>")
    assert headers(document) == ["Region | 2024 Votes | 2024 Share | 2020 Votes | 2020 Share"]
    above = ["Votes by region"] if title else []
    assert texts(document)[2:-1] == [*above, *headers(document), *["North | 1,203 | 12.5% | 1,103 | 11.5%"] * 2]


@pytest.mark.parametrize("span", ["0", "-3", "9" * 5000, "two", "²"])
def test_a_header_that_spans_what_no_table_has_is_read_as_it_stands(span: str) -> None:
    header = (
        f"<tr><th rowspan='{span}'>Region</th><th colspan='{span}'>2024</th></tr><tr><th>Votes</th><th>Share</th></tr>"
    )
    document = page(f"<article><h1>Stadium</h1>{A}<table>{header}{NORTH}</table>{B}</article>")
    assert {"Region", "2024", "Votes", "Share"} <= set(" ".join(texts(document)).split())


def test_a_cell_that_ends_in_an_abbreviation_makes_no_prose_of_its_table() -> None:
    rows = "<tr><th>Born</th><td>2 May 1909<br>Marsh, Caldera, U.S.</td></tr><tr><th>Party</th><td>Labor</td></tr>"
    assert "Party | Labor" in texts(page(f"<article><h1>Plum</h1>{A}<table>{rows}</table>{B}</article>"))


TURNS = [
    [
        "Joan Bell: The council sold the bus station, and nobody in Harrow was asked",
        "Hugo Dorn: It was legal, and the price was set by the county and not by us",
        "Joan Bell: The price was one pound, and the buyer was the mayor's own cousin",
    ],
    ["[00:00:14] NORA: It sold the station", "[00:00:19] HUGO: It was legal", "[00:00:25] NORA: One pound", "[00:00:31] H: Yes"],
    ["Q: Why was the quay sold by the city", "A: Nobody knows why it was sold", "Q: Who does", "A: The mayor"],
]  # fmt: skip


@pytest.mark.parametrize("turns", TURNS)
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_each_turn_of_a_conversation_is_a_paragraph(turns: list[str], name: str) -> None:
    assert texts(read("\n".join(turns) + "\n", name)) == turns
    assert texts(page(f"<h1>Talk</h1>{A}<p>{'<br>'.join(turns)}</p>{B}"))[2:-1] == turns


def test_a_hard_break_ends_a_line_and_one_in_running_prose_does_not() -> None:
    text = "**Why it matters**  \nNobody has paid since March.\n\n**PS:** Do you regret it  \n**LQ:** No.\n"
    assert texts(read(text, "a.md")) == [
        "Why it matters",
        "Nobody has paid since March.",
        "PS: Do you regret it",
        "LQ: No.",
    ]
    signed = "<p>Signed by:<br>Joan Bell, mayor of Marsh<br>Hugo Dorn, Pellworth council</p>"
    assert texts(page(f"<h1>Letter</h1>{A}{signed}{B}"))[2:5] == [
        "Signed by:", "Joan Bell, mayor of Marsh", "Hugo Dorn, Pellworth council"
    ]  # fmt: skip
    prose = "<p>The letter was long and it<br>was signed by the mayor of<br>Marsh and by two others.</p>"
    assert (
        "The letter was long and it was signed by the mayor of Marsh and by two others." in page(f"{A}{prose}{B}").text
    )


def test_turns_and_what_a_transcript_notes_are_no_headings() -> None:
    turns = [
        "PIKE: Is tipping immoral, then?", "ABARA: It is, and I stand by that.", "PIKE: Fiona Grant?",
        "GRANT: Look, with respect, that is just student politics.", "[VT ENDS]", "PIKE: We will have to leave it there.",
    ]  # fmt: skip
    document = read("\n\n".join(turns), "a.txt")
    assert document.title == "" and texts(document, "paragraph") == turns
    title = "Tipping: What We Know"
    assert read("\n\n".join((title, "By Joan Bell", FIRST, *turns)), "a.txt").title == title


def test_each_signature_below_a_letter_is_a_paragraph() -> None:
    above = (
        "The decision was announced on a Friday, and no member of staff or student of the College was asked about it."
    )
    signed = [
        "Prof. Margaret Okonjo FBA, Regius Professor of Comparative Philology",
        "Dr. Tomasz Wilk, University Lecturer in Phonetics",
        "Dr. S. R. Lakshmi, Fellow of St. Cyprian's College",
        "J. P. Hartley-Smith, Chair of the Graduate Union",
        "Rev. Canon Peter Mould, sometime Chaplain",
    ]
    document = read("\n\n".join((above, "Yours sincerely,", "\n".join(signed))), "a.txt")
    assert texts(document)[2:] == signed


@pytest.mark.parametrize("kicker", ["OPINION", "For immediate release", "**Exclusive**"])
def test_a_kicker_is_not_the_title(kicker: str) -> None:
    headline = "The council should sell the quay"
    document = read(f"{kicker}\n\n{headline}\n\nBy Odalys Brandt\n\n{FIRST}\n", "a.txt")
    assert document.title == headline and kinds(document)[headline] is BlockKind.HEADING


def test_a_bold_line_of_two_sentences_is_a_paragraph() -> None:
    question = "The ministry says that it asked all of them. Did it?"
    assert kinds(read(f"# The dam\n\n**{question}**\n\nNo.\n", "a.md"))[question] is BlockKind.PARAGRAPH
    assert kinds(page(f"<h1>The dam</h1>{A}<p><b>{question}</b></p>{B}"))[question] is BlockKind.PARAGRAPH


COPIED = """Hospitals are loud, and they are getting louder. The agency recom-
mends no more than 35 dB, a level that no general hospital meets. Pa-
tients sleep badly, staff make more errors, and nobody is respon-
sible. The authors of the study conclude that

14

the default settings of well-
known monitors are a hazard in themselves.
"""


def test_a_copy_of_a_printed_page_loses_its_hyphens_and_the_number_of_the_page() -> None:
    document = read(COPIED, "a.txt")
    assert "recommends no more" in document.text and "Patients sleep" in document.text and "well-known" in document.text
    assert "conclude that the default settings" in document.text
    assert document.notes == ("left out 1 page number", "joined 3 words hyphenated at a line end")
    assert "2019" in read("It was closed in the year of the flood.\n\n2019\n\nIt was opened again.\n", "a.txt").text


NARROW = """There is a kind of politician - we have no short-
age of them - who believes that a thing becomes true
if it is said in three languages at once. Mr. Major
told the House on Monday that the whole of Brit-
ain must be at the heart of Europe. One of them
thought that the currency had begun to circulate al-
ready. The people do not give up their liberties un-
der some delusion; the vote was held at the ex-
press wish of the Government of the day.
"""


def test_words_are_divided_where_more_hyphens_end_a_line_than_stand_in_one() -> None:
    document = read(NARROW, "a.txt")
    assert not re.search(r"\w-\w", document.text) and document.text.count("\n") == 0
    held = NARROW.replace(
        "becomes true", "self-evidently re-elects one-eyed co-owners of far-off, tax-free half-truths"
    )
    assert "Brit-ain" in read(held, "a.txt").text


def test_the_buttons_of_a_copied_newsletter_are_left_out() -> None:
    document = read(f"The Harrow Letter\n\nShare\n\n{FIRST}\n\nLeave a comment\n\n212 Likes\n∙\n31 Restacks\n", "a.txt")
    assert texts(document) == ["The Harrow Letter", FIRST]
    assert document.notes == ("left out 5 lines of buttons",)


@pytest.mark.parametrize(
    "rest", ["#### Discussion about this post\n\nComments\n\nRestacks\n", "[Share](https://x.example/s)\n"]
)
def test_the_buttons_of_a_newsletter_copied_as_markdown_are_left_out(rest: str) -> None:
    head = "# The grid\n\nSep 14, 2024\n\n∙ Paid\n\n42\n\n7\n\nShare"
    thanks = "Thanks for reading The Grid! Subscribe for free to receive new posts and support my work."
    foot = f"---\n\n{thanks}\n\n[Subscribe now](https://x.example/s)\n\n---\n\n{rest}"
    assert texts(read(f"{head}\n\n{FIRST}\n\n{foot}", "a.md")) == ["The grid", "Sep 14, 2024", FIRST]


def test_headings_that_are_named_as_buttons_stay() -> None:
    document = read(f"# The grid\n\n## Comments\n\n{FIRST}\n\n## Share\n\n{FIRST}\n\n1984\n\n{FIRST}\n", "a.md")
    assert texts(document, "heading") == ["The grid", "Comments", "Share", "1984"]


def test_marks_for_editing_are_no_part_of_a_heading() -> None:
    assert kinds(read(f"{FIRST}\n\nLegacy[edit]\n\n{LAST}\n", "a.txt"))["Legacy"] is BlockKind.HEADING
    mark = '<span class="mw-editsection"><span>[</span><a>edit</a><span>]</span></span>'
    assert texts(page(f"<h1>Plum</h1>{A}<h2>Legacy{mark}</h2>{B}"))[2] == "Legacy"


def test_what_stands_beside_the_text_stays_out_of_it() -> None:
    teaser = "The mayor said that he had never met the men, and that he would not resign."
    boxes = [
        "<div class='newsletter-signup'><h3>Sign up for our newsletter</h3></div>",
        "<aside><h3>Most read</h3><h4><a href='/x'>Mayor denies taking bribes</a></h4></aside>",
        "<div class='related'><h4><a href='/x'>Mayor denies taking bribes</a></h4></div>",
        "<aside><table><tr><th>Index</th><th>Points</th></tr><tr><td>FTSE</td><td>7,412</td></tr></table></aside>",
        f"<div class='related-stories'><h3>More</h3><p><a href='/x'>Mayor denies bribes.</a> {teaser}</p></div>",
        f"<div id='cookie-banner'><p>{teaser}</p></div>",
        f"<div class='author-bio'><p>{teaser}</p></div>",
        f"<section id='comments'><ol><li class='comment'><p>{teaser}</p></li></ol></section>",
        "<div class='share-bar'><ul><li><a href='/f'>Share on Face.</a></li><li><a href='/t'>Post it.</a></li></ul></div>",
        "<div class='tags'><a href='/t1'>Stadium</a> <a href='/t2'>Council</a></div>",
    ]
    for box in boxes:
        assert texts(page(f"<main><article><h1>Stadium</h1>{A}{box}{B}</article></main>")) == ["Stadium", FIRST, LAST]
    for name in ("cookie-banner", "modal-content", "overlay", "footer", "social", "menu", "widget", "subscribe"):
        article = f"<article><h1>Stadium</h1>{A}{B}</article>"
        box = f"<div class='{name}'><p>{teaser}</p></div>"
        for body in (f"<main>{article}</main>{box}", f"{box}{article}", f"<div>{article}{box}</div>"):
            assert texts(page(body)) == ["Stadium", FIRST, LAST], (name, body)
    comment = "<article class='comment'><p>You are all idiots and the mayor is a crook.</p></article>"
    commented = page(f"<main><article class='post'><h1>Stadium</h1>{A}{B}</article>{comment * 2}</main>")
    assert texts(commented) == ["Stadium", FIRST, LAST]


def test_what_stands_between_the_parts_of_an_article_keeps_its_place() -> None:
    part, question = "<div class='text'>{}</div>", "<div class='question'>Why did the owner refuse to answer?</div>"
    document = page(f"<main><article><h1>Stadium</h1>{part.format(A)}{question}{part.format(B)}</article></main>")
    assert texts(document) == ["Stadium", FIRST, "Why did the owner refuse to answer?", LAST]


def test_answers_between_quoted_lines_and_mails_passed_on_are_the_authors() -> None:
    answers = (
        f"Hello Jorn,\n\n{HEADER}\n> You knew in March.\n\nNo, we did not.\n\n> You are liars.\n\nThat is untrue.\n"
    )
    found = kinds(mail(answers))
    assert found["No, we did not."] is found["That is untrue."] is BlockKind.PARAGRAPH
    assert found["You knew in March."] is found["You are liars."] is BlockKind.QUOTE
    assert kinds(mail(f"{HEADER}\n{FIRST}\n"))[FIRST] is BlockKind.PARAGRAPH
    memo = "From: Joan Bell\nTo: All members\nDate: 3 March 2025\nSubject: The stadium\n"
    assert kinds(mail(f"He wrote this.\n\n{memo}\n{FIRST}\n"))[FIRST] is BlockKind.PARAGRAPH
    fields = "".join(f"<b>{line}</b><br>" for line in HEADER.replace("<", "&lt;").splitlines())
    tail = mail(
        f"<html><body><div>We should run it.<br><br><div>{fields}</div>You are liars.</div></body></html>", "text/html"
    )
    assert kinds(tail)["You are liars."] is BlockKind.QUOTE


def test_a_postscript_below_a_signature_and_blank_lines_of_a_flowed_mail_are_kept() -> None:
    assert texts(mail("It knew.\n\n-- \nMarta Vance\n\nP.S. It told nobody.\n")) == ["It knew.", "P.S. It told nobody."]
    flowed = "The board knew of the leak. \n\nThe lawyer says nothing. \n"
    assert len(texts(mail(flowed, "text/plain; format=flowed"))) == 2


@pytest.mark.parametrize("heading", ["What Sen. Bell said", "Who is Gov. Maria Lopez", "What happened? A timeline"])
def test_an_abbreviation_or_a_question_in_a_bold_line_leaves_it_a_heading(heading: str) -> None:
    assert kinds(read(f"# The dam\n\n**{heading}**\n\n{FIRST}\n", "a.md"))[heading] is BlockKind.HEADING
    assert kinds(page(f"<h1>The dam</h1>{A}<p><b>{heading}</b></p>{B}"))[heading] is BlockKind.HEADING


def test_rows_with_names_of_their_own_have_no_row_of_names_above() -> None:
    rows = "<tr><th>Country</th><td>Caldera</td></tr><tr><th>Population</th><td>41,000</td></tr><tr><th>Height</th><td>230</td></tr>"
    assert headers(page(f"<h1>S</h1>{A}<table>{rows}</table>{B}")) == []
    total = "<tr><td><b>Total</b></td><td><b>61,200</b></td></tr><tr><td>City</td><td>41,000</td></tr>"
    assert headers(page(f"<h1>S</h1>{A}<table>{total}</table>{B}")) == []


@pytest.mark.parametrize(
    "markup",
    [
        "<table><row><cell>a</cell><cell>b</cell></row></table>",
        "<p>No plan<sup><a href='#cmnt1' id='cmnt_ref1'>[a]</a><a href='#cmnt2' id='cmnt_ref2'>[b]</a></sup> at all.</p>",
        "<div><p><a href='#cmnt_ref1' id='cmnt1'>[a]</a>x</p><p><a href='#cmnt_ref1' id='cmnt1'>[a]</a>y</p></div>",
        "<p><sup></sup><sup><a href='#'></a></sup></p><table><tr></tr></table><table></table>",
    ],
)
def test_odd_markup_is_read(markup: str) -> None:
    document = page(f"<h1>S</h1>{A}{markup}{B}")
    assert FIRST in document.text and LAST in document.text


def test_spaces_beside_raised_characters_stay() -> None:
    assert (
        "12%¹ in May"
        in page(f"<h1>S</h1>{A}<p>Sales fell by 12%<sup>1 </sup>in May and in June of that year.</p>{B}").text
    )
    century = (
        "<p><a href='/history#top'>the 19<sup>th</sup> century and Coke<sup>TM</sup></a> are not marks of notes.</p>"
    )
    assert "the 19th century and CokeTM" in page(f"<h1>S</h1>{A}{century}{B}").text
    third = 'It fell by a third<sup><a href="#f3">3</a></sup>(from 40 to 27 cars).'
    assert read(third, "a.md").text == "It fell by a third[3](from 40 to 27 cars)."


def test_lines_of_one_quotation_stay_together() -> None:
    said = "<p>“I will not resign.<br>You are shameless liars.<br>We will see you in court.”</p>"
    assert "You are shameless liars." in quoted(page(f"<h1>S</h1>{A}{said}{B}"))
    broken = "<p>The Marlow prize went to<br>Maria Lopez of the<br>Harrow Council on Monday.</p>"
    assert "went to Maria Lopez of the Harrow Council" in page(f"<h1>S</h1>{A}{broken}{B}").text


def test_words_that_have_hyphens_keep_them_and_a_column_its_name() -> None:
    wrapped = "It was two-\nthirds full, and the club was half-\nbankrupt when the money-\nlaundering began in May.\n"
    assert "two-thirds full" in read(wrapped, "a.txt").text and "half-bankrupt" in read(wrapped, "a.txt").text
    assert "Share" in read(f"{FIRST}\n\nYear\n\nShare\n\n2019\n\n84\n\n2020\n\n16\n\n{FIRST}\n", "a.txt").text
    assert "Share" in read(f"{FIRST}\n\nPayer\n\nShare\n\nCity\n\n84%\n\nClub\n\n16%\n", "a.txt").text
    head = ["Title: The visit", "Author: Joan Bell", "Date: Monday", "Paris: there he met the others and told them."]
    assert not holds_turns(head) and holds_turns(TURNS[0])


def test_a_quotation_that_is_announced_is_no_pull_quote() -> None:
    line = "The council has never asked the voters."
    body = f"<p>The ad makes one claim:</p><blockquote><p>{line}</p></blockquote><p>It is false. The line “{line}” was old.</p>"
    assert page(f"<h1>S</h1>{A}{body}{B}").text.count(line) == 2


def test_raw_parts_of_a_template_are_text() -> None:
    assert "It was raw text." in read("---\ntitle: T\n---\n{% raw %}\nIt was raw text.\n{% endraw %}\n", "a.md").text
