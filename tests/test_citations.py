"""Links, addresses and notes that a sentence cites: found in every format, and what they make of its source."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from analyzer import Analyzer
from analyzer.citations import citations
from analyzer.readers import read_bytes
from analyzer.readers.links import END, Links
from analyzer.segment import segment
from tests.readers.invariants import check

STORY = "The river rose by two metres in one night, and nobody in the lower town had been told of it before that. " * 3


def cited(data: str | bytes, name: str = "a.md") -> dict[str, str]:
    """What each sentence that cites something leads to, by its text."""
    document = check(read_bytes(data if isinstance(data, bytes) else data.encode(), name=name))
    sentences = segment(document)
    found = citations(document, sentences)
    return {document.text[sentences[k].start : sentences[k].end]: what for k, what in found.items()}


@given(st.lists(st.tuples(st.booleans(), st.text(alphabet=" \nab.", max_size=6)), max_size=8))
def test_links_keep_their_words_and_the_text_its_single_spaces(parts: list[tuple[bool, str]]) -> None:
    links = Links()
    marked = "".join(f"{links.begin(words)}{words}{END}" if is_link else words for is_link, words in parts)
    text, found = links.unmark(marked)
    assert text == " ".join("".join(words for _, words in parts).split())
    wanted = [(" ".join(words.split()), words) for is_link, words in parts if is_link and words.strip()]
    assert [(text[link.start : link.end], link.target) for link in found] == wanted


MARKDOWN = [
    ("Some 1,800 papers [closed **by 2004**](https://www.deserts.org/a_b_c).", "links to deserts.org"),
    (
        "Some papers [closed][gone]. They had few readers.\n\n[gone]: https://deserts.org/a 'Deserts'",
        "links to deserts.org",
    ),
    ("Some papers closed (https://deserts.org/report, 2004).", "links to deserts.org"),
    ("Some papers closed.[^1]\n\n[^1]: Abernathy, *Deserts*, 2018, p. 4.", "note [1]: Abernathy, Deserts, 2018, p. 4."),
    ("Some papers closed.[3]\n\n[3] Abernathy, Deserts, 2018.", "note [3]: Abernathy, Deserts, 2018."),
    ("Some papers closed.²\n\n² Abernathy, Deserts, 2018.", "note ²: Abernathy, Deserts, 2018."),
]


@pytest.mark.parametrize(
    ("credit", "what"),
    [
        ("> — Marcus Oyelaran, CTO, Fjordly Inc.", ["credited to Marcus Oyelaran, CTO, Fjordly Inc."] * 2),
        ("— **Marcus Oyelaran**, CTO", ["credited to Marcus Oyelaran, CTO"] * 2),
        ("> — A customer", []),
        ("Marcus Oyelaran is its CTO.", []),
    ],
)
def test_a_quotation_that_is_set_off_has_the_source_that_its_credit_names(credit: str, what: list[str]) -> None:
    found = cited(
        f"A test.\n\n> It changed us.\n>\n> Our delays are gone.\n{'>' * credit.startswith('>')}\n{credit}\n\nSo be it.\n"
    )
    assert list(found.values()) == what


@pytest.mark.parametrize(("text", "what"), MARKDOWN)
def test_what_a_sentence_of_markdown_cites(text: str, what: str) -> None:
    found = cited(f"# The papers\n\nIt is quiet. {text}\n")
    assert list(found.values()) == [what]
    assert next(iter(found)).startswith("Some")


@pytest.mark.parametrize(
    "text",
    [
        "Some papers, the [Herald](https://herald.org/) among them, closed.",  # the start page of who is spoken of
        "Some papers [closed](/deserts).",
        "Some papers closed, [he wrote](mailto:a@b.org).",
        "Some papers closed.[^1]\n\n[^1]: I use the word loosely.",
        "Some papers closed.[4]",
        "## Papers that [closed](https://deserts.org/a)\n\nIt is quiet.",
        "| Paper | Closed |\n|---|---|\n| [Herald](https://deserts.org/a) | 2004 |",
    ],
)
def test_what_is_no_citation(text: str) -> None:
    assert cited(f"# The papers\n\nIt is quiet.\n\n{text}\n") == {}


def test_links_of_a_page_lead_to_other_sites_and_marks_to_their_notes() -> None:
    head = '<link rel="canonical" href="https://www.herald.org/news/1">'
    said = (
        '<p>Papers <a href="https://deserts.org/report">closed</a>. A <a href="https://blog.herald.org/2">town</a> had '
        'none.<sup><a href="#n1">1</a></sup> It was <a href="/topic/news">quiet</a>.</p>'
    )
    notes = '<ol class="references"><li id="n1"><a href="#r1">^</a> Abernathy, P. <i>Deserts</i>. 2018.</li></ol>'
    page = f"<html><head>{head}</head><body><article><h1>Papers</h1><p>{STORY}</p>{said}<p>{STORY}</p></article>{notes}"
    assert cited(page, "a.html") == {
        "Papers closed.": "links to deserts.org",
        "A town had none.[1]": "note [1]: Abernathy, P. Deserts. 2018.",
    }


def test_links_of_a_word_file() -> None:
    report = docx.Document()
    paragraph = report.add_paragraph("Papers ")
    link = OxmlElement("w:hyperlink")
    place = report.part.relate_to("https://deserts.org/report", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link.set(qn("r:id"), place)
    link.append(run_of("closed"))
    link.append(run_of(" early"))
    paragraph._p.append(link)
    paragraph.add_run(". It is quiet.")
    file = BytesIO()
    report.save(file)
    assert cited(file.getvalue(), "a.docx") == {"Papers closed early.": "links to deserts.org"}


def run_of(text: str) -> Any:
    run, words = OxmlElement("w:r"), OxmlElement("w:t")
    words.text = text
    words.set(qn("xml:space"), "preserve")
    run.append(words)
    return run


def test_a_cited_claim_is_sourced_and_says_by_what(analyzer: Analyzer) -> None:
    text = "Prices {} by 60 percent from 2019 to 2024. What now? So the plan has failed."
    plain, linked = (
        analyzer.analyze(read_bytes(f"# Prices\n\n{text.format(mark)}\n".encode(), name="a.md"))
        for mark in ("rose", "[rose](https://www.bls.gov/ppi/a)")
    )
    assert [(s.sourcing, s.notes) for s in plain.sentences[1:]] == [("none", [])] * 3
    claim, question, inference = linked.sentences[1:]
    assert (claim.sourcing, claim.notes) == ("named", ["links to bls.gov"])
    sourcing = claim.probabilities["sourcing"]
    assert isinstance(sourcing, dict) and sourcing["none"] == sourcing["vague"] == 0.0
    assert [(s.sourcing, s.notes) for s in (question, inference)] == [("none", [])] * 2
    assert linked.document.unsourced_share == 0.0 < 1.0 == plain.document.unsourced_share
    assert linked.document.dependence is not None is not plain.document.dependence
    assert linked.document.dependence < plain.document.dependence
