"""Comments in a document silence findings, and change nothing else."""

from __future__ import annotations

import pytest

from analyzer import Analyzer
from analyzer.findings import RULES, Policy, Thresholds
from analyzer.places import places
from analyzer.readers import read_bytes
from analyzer.segment import segment
from analyzer.silences import silences

EVERYTHING = Policy(thresholds=Thresholds(label=0, matters=0, loaded=0, dependence=0))


def silenced(text: str, name: str = "a.md") -> tuple[dict[str, set[str]], tuple[str, ...]]:
    """The silenced rules by the first word of their sentences, and the notes."""
    document = read_bytes(text.encode(), name=name)
    sentences = segment(document)
    found = silences(document, sentences, places(document, sentences), RULES)
    words = {s.index: document.text[s.start : s.end].split()[0] for s in sentences}
    return {words[index]: set(rules) for index, rules in found.rules.items()}, found.notes


ALL = set(RULES)


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_a_comment_on_the_line_silences_the_sentences_on_it(name: str) -> None:
    text = "Alpha rose. Beta fell. <!-- analyzer: ignore loaded -->\nGamma stood.\n\nDelta went.\n"
    assert silenced(text, name) == ({"Alpha": {"loaded"}, "Beta": {"loaded"}}, ())


def test_without_rules_all_are_silenced_and_several_can_be_named() -> None:
    assert silenced("Alpha rose. <!-- analyzer: ignore -->")[0] == {"Alpha": ALL}
    both = silenced("Alpha rose. <!-- Analyzer:ignore: loaded, vague -->")[0]
    assert both == {"Alpha": {"loaded", "vague"}}


def test_a_comment_on_its_own_line_silences_the_block_that_follows() -> None:
    text = "Alpha rose.\n\n<!-- analyzer: ignore loaded -->\nBeta fell.\nGamma stood.\n\nDelta went.\n"
    assert silenced(text)[0] == {"Beta": {"loaded"}, "Gamma": {"loaded"}}


def test_a_comment_on_its_own_line_silences_nothing_before_it() -> None:
    text = "Alpha rose.\n<!-- analyzer: ignore vague -->\nBeta fell.\nGamma stood.\n"
    assert silenced(text)[0] == {"Beta": {"vague"}, "Gamma": {"vague"}}


def test_lines_may_end_in_a_carriage_return_alone() -> None:
    text = "Alpha rose.\r\rBeta fell. <!-- analyzer: ignore vague -->\r\rGamma stood.\r"
    assert silenced(text, "a.txt") == ({"Beta": {"vague"}}, ())


def test_the_next_line_form_silences_one_line() -> None:
    text = "Alpha rose.\n<!-- analyzer: ignore-next-line vague -->\n\nBeta fell. Gamma stood.\nDelta went.\n"
    assert silenced(text)[0] == {"Beta": {"vague"}, "Gamma": {"vague"}}


def test_a_block_form_silences_what_is_between() -> None:
    text = (
        "Alpha rose.\n\n<!-- analyzer: begin ignore loaded, vague -->\n\nBeta fell.\n\n"
        "<!-- analyzer: end ignore vague -->\n\nGamma stood.\n\n<!-- analyzer: end ignore -->\n\nDelta went.\n"
    )
    assert silenced(text) == ({"Beta": {"loaded", "vague"}, "Gamma": {"loaded"}}, ())


def test_html_comments_count_but_not_in_scripts() -> None:
    page = (
        "<html><body><script>// <!-- analyzer: begin ignore --></script><article><p>Alpha rose in the end of the year.</p>\n"
        "<!-- analyzer: ignore-next-line loaded -->\n<p>Beta fell in the end of the year.</p></article></body></html>"
    )
    assert silenced(page, "a.html") == ({"Beta": {"loaded"}}, ())


def test_a_comment_in_code_is_an_example() -> None:
    text = "Alpha `<!-- analyzer: ignore -->` rose.\n\n```\n<!-- analyzer: begin ignore -->\n```\n\nBeta fell.\n"
    assert silenced(text) == ({}, ())


def test_the_colon_may_be_left_out() -> None:
    assert silenced("Alpha rose. <!-- analyzer ignore loaded -->\n") == ({"Alpha": {"loaded"}}, ())
    assert silenced("Alpha rose. <!-- analyzer settings -->\n") == ({}, ())


def test_what_is_not_shown_draws_no_comment_to_it() -> None:
    text = (
        "---\ndescription: Alpha rose again.\n---\n\nAlpha rose again. <!-- analyzer: ignore loaded -->\n\nBeta fell.\n"
    )
    assert silenced(text) == ({"Alpha": {"loaded"}}, ())


@pytest.mark.parametrize(
    ("comment", "note"),
    [
        ("ignore lodaed", "comment on line 3: unknown rule 'lodaed'; did you mean 'loaded'?"),
        ("ignore lodaed, vage", "comment on line 3: unknown rule 'lodaed' and 1 more; did you mean 'loaded'?"),
        ("ignore everything", "comment on line 3: unknown rule 'everything'; there are unsourced, vague"),
        ("hush loaded", "comment on line 3: 'hush loaded' is not understood; write ignore"),
        ("begin ignore", "comment on line 3: begin ignore is never ended; it holds to the end of the document"),
        ("end ignore", "comment on line 3: end ignore, but no such begin ignore stands before it"),
    ],
)
def test_a_comment_that_goes_wrong_is_noted(comment: str, note: str) -> None:
    _, notes = silenced(f"Alpha rose.\n\nBeta fell. <!-- analyzer: {comment} -->\n")
    assert len(notes) == 1
    assert notes[0].startswith(note)


def test_comments_above_a_paragraph_each_silence_their_rules_in_it() -> None:
    above = "".join(f"<!-- analyzer: ignore {rule} -->\n" for rule in ("loaded", "vague", "loaded"))
    assert silenced(f"{above}Alpha rose. Beta fell.\n") == (
        {"Alpha": {"loaded", "vague"}, "Beta": {"loaded", "vague"}},
        (),
    )


COMMENTED = """Rates rose by nine percent. <!-- analyzer: ignore loaded -->
The reckless plan has failed,
<!-- analyzer: ignore-next-line -->
and everybody knows it.

<!-- analyzer: begin ignore vague -->
- Critics say that it could fail.
<!-- analyzer: end ignore vague -->
- It was a mistake.
"""


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_comments_change_nothing_in_how_a_document_is_read(name: str) -> None:
    plain = "".join(
        f"{line.split(' <!--')[0].rstrip()}\n" for line in COMMENTED.splitlines() if not line.startswith("<!--")
    )
    with_comments, without = (read_bytes(text.encode(), name=name) for text in (COMMENTED, plain))
    assert with_comments.text == without.text
    assert with_comments.blocks == without.blocks
    assert with_comments.notes == without.notes


def test_silenced_findings_stay_in_the_report_as_such(analyzer: Analyzer) -> None:
    text = "Critics say that prices doubled.\n\nCritics say that rents doubled. <!-- analyzer: ignore -->\n"
    report = analyzer.analyze(text, policy=EVERYTHING)
    assert {f.status for f in report.findings if f.sentence == 1} == {"silenced"}
    assert {f.status for f in report.findings if f.sentence == 0} == {"open"}


def test_an_unknown_rule_is_a_note_in_the_report(analyzer: Analyzer) -> None:
    report = analyzer.analyze("Prices rose. <!-- analyzer: ignore lodaed -->")
    assert "comment on line 1: unknown rule 'lodaed'; did you mean 'loaded'?" in report.document.notes


def test_hostile_comments_cost_linear_time() -> None:
    for piece in ("<!-- analyzer: ignore -->", "<!--", "```\n", "`<!-- analyzer: ", "<script><!-- ", "&lt;<a "):
        silenced("Alpha rose. " + piece * 20_000, "a.md")
        silenced("<p>Alpha rose in the year.</p> " + piece * 20_000, "a.html")
