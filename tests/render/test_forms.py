"""Markdown, concise, GitHub and AIF: what they show, and that text of a document stays text."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from typing import Any

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.findings import Policy, Thresholds, find
from analyzer.render import FORMATS
from analyzer.render.markdown import escaped
from analyzer.report import Grounds, Place, Report
from tests.render.specs import make_report, sentence

HOSTILE = "Ends\r\n::error file=x::owned %0A <script>alert(1)</script> ![i](http://x.y) @editor #12 | `c` \x1b[2J\u202e"


def reviewed(report: Report, silenced: dict[int, list[str]] | None = None) -> Report:
    return report.model_copy(update={"findings": find(report, Policy(thresholds=Thresholds(matters=0)), silenced)})


def at(line: int, column: int = 1, *, end_line: int | None = None) -> Place:
    return Place(line=line, column=column, end_line=end_line or line, end_column=9, offset=3, length=5)


REPORT = reviewed(
    make_report(
        [
            sentence("The plan has failed.", type="inference"),
            sentence("Prices doubled.", role="premise", place=at(3, 5)),
            sentence("Rents, too: 50%.", role="premise", place=at(7, 2, end_line=8)),
            sentence("Wages stood."),
        ],
        links={(1, 0): 0.9, (2, 0): 0.3, (2, 1): 0.2, (3, 0): 0.6, (3, 1): 0.7},
        conclusions={0: 0.8},
        fixes=[(1, 0.5)],
    ),
    {3: ["unsourced"]},
)


def shown(format: str, *reports: Report, quiet: bool = False) -> str:
    stream = io.StringIO()
    FORMATS[format](reports, stream, quiet=quiet)
    return stream.getvalue()


@pytest.mark.parametrize("format", ["markdown", "concise", "github"])
def test_a_stream_that_lacks_characters_gets_others(format: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    report = reviewed(make_report([sentence("“Café” – 東京", place=at(1))], title="→ é"))
    FORMATS[format]([report], stream, quiet=False)
    stream.flush()


def test_concise_is_a_line_a_finding_and_a_count() -> None:
    lines = shown("concise", REPORT).splitlines()
    assert lines[0] == (
        "article.md:sentence 0: note dependent-conclusion: "
        "Conclusion for which the text gives no premise (dependence 0.80, likely 0.70 to 0.90)"
    )
    assert lines[1].startswith("article.md:3:5: warning unsourced: Factual claim without a source that a conclusion")
    assert lines[2] == "article.md:7:2: warning unsourced: Factual claim without a source"
    assert lines[3:] == ["1 document: 3 findings, 1 silenced in the text"]
    quiet = shown("concise", REPORT, REPORT, quiet=True).splitlines()
    assert quiet == ["article.md: dependence 0.80 (0.70–0.90); 3 findings, 1 silenced in the text"] * 2


def test_github_gets_a_command_a_finding_with_places_where_known() -> None:
    first, second, third = shown("github", REPORT).splitlines()
    assert first.startswith("::notice file=article.md,title=analyzer%3A dependent-conclusion::Conclusion")
    assert second.startswith(
        "::warning file=article.md,line=3,endLine=3,col=5,endColumn=9,title=analyzer%3A unsourced::"
    )
    assert third.startswith("::warning file=article.md,line=7,endLine=8,title=analyzer%3A unsourced::")
    assert "(factual claim 100%25, no source 100%25)" in third
    assert shown("github", REPORT, quiet=True).startswith("::notice file=article.md,title=analyzer::dependence 0.80")


COMMAND = re.compile(r"::(?:notice|warning|error) file=[^,:\r\n]*(?:,\w+=[^,:\r\n]*)*::[^\r\n]*")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from(list(":,%\r\n=x \x1b\u2028\x85")), min_size=1))
def test_no_text_ends_a_github_command_or_begins_another(text: str) -> None:
    conclusion = sentence(f"x{text}", type="inference")
    report = make_report([conclusion, sentence("Claim.")], conclusions={0: 0.9}, fixes=[(1, 0.1)], path=f"x{text}.md")
    out = shown("github", reviewed(report)) + shown("github", report, quiet=True)
    assert out.split("\n")[-1] == ""
    for line in out.split("\n")[:-1]:
        assert COMMAND.fullmatch(line), line
        assert not re.search(r"%(?!25|0A|0D|3A|2C)", line)


def rendered(markdown: str) -> str:
    """HTML of GitHub-like Markdown in which raw HTML and bare links count."""
    from markdown_it import MarkdownIt

    return str(MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(markdown))


def test_markdown_shows_scores_conclusions_fixes_and_findings() -> None:
    html = rendered(shown("markdown", REPORT))
    assert "<h2>The Title</h2>" in html
    assert "<td><strong>0.80</strong> (likely 0.70 to 0.90): nearly all of what its conclusions rest on" in html
    assert "<strong>0.80</strong> (0.70–0.90) The plan has failed." in html
    assert "0.80 → 0.50 if sourced: Prices doubled. (line 3)" in html
    assert "<td>warning</td>\n<td><code>unsourced</code></td>\n<td>line 3</td>" in html
    assert "3 findings, 1 silenced in the text." in html
    assert html.count("<table>") == 2


@pytest.mark.parametrize(
    ("format", "told"),
    [
        ("terminal", ["35% of what its conclusions rest on", "opinion 35%"]),
        ("markdown", ["35% of it is what somebody thinks"]),
        ("html", ['<b class="opinion">35%</b>']),
    ],
)
def test_the_opinion_is_the_sum_of_the_percentages_beside_it(format: str, told: list[str]) -> None:
    """0.104, 0.154 and 0.104 add up to 36 %, but are shown as 10, 15 and 10 of a bar of 100."""
    names = ("named_fact", "named_opinion", "own", "vague", "unsourced_fact", "unsourced_inference")
    shares = (0.206, 0.104, 0.056, 0.056, 0.256, 0.154)
    grounds = Grounds(**dict(zip(names, shares, strict=True)), unsourced_speculation=0.104, circular=0.064)
    rests = {"grounds": grounds, "opinion_share": 0.362}
    report = make_report([sentence("It failed.", type="inference")], conclusions={0: 0.8}, **rests)
    drawn = [conclusion.model_copy(update=rests) for conclusion in report.conclusions]
    text = shown(format, report.model_copy(update={"conclusions": drawn}))
    assert all(words in " ".join(text.split()) for words in told) and "36%" not in text


def test_markdown_asserts_no_conclusion_that_the_model_is_unsure_of() -> None:
    roles = {"role": {"conclusion": 0.41, "premise": 0.39, "background": 0.2}}
    doubtful = sentence("It failed.", role="conclusion", probabilities=roles)
    page = shown("markdown", make_report([doubtful], conclusions={0: 0.9}))
    assert "- **0.90** (0.80–1.00) conclusion? 41%: It failed." in page


def test_markdown_of_several_documents_and_quietly() -> None:
    assert rendered(shown("markdown", REPORT, REPORT)).count("<h2>") == 2
    assert shown("markdown", REPORT, quiet=True) == (
        "- article.md: dependence 0.80 (0.70–0.90); 3 findings, 1 silenced in the text\n"
    )
    without = rendered(shown("markdown", make_report([sentence("It rose.")])))
    assert "none: no conclusion of its own was found" in without and "No finding." in without


def test_hostile_text_is_inert_in_markdown() -> None:
    report = make_report(
        [sentence(HOSTILE, type="inference"), sentence(HOSTILE)],
        conclusions={0: 0.9},
        fixes=[(1, 0.1)],
        title=HOSTILE,
        path=HOSTILE,
        notes=[HOSTILE],
    )
    html = rendered(shown("markdown", reviewed(report)))
    assert not re.search(r"<(?:script|img|a)\b", html)
    tags = {
        *[
            "h2",
            "h3",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "p",
            "strong",
            "ul",
            "li",
            "blockquote",
            "code",
            "br",
        ]
    }
    assert set(re.findall(r"<(\w+)", html)) <= tags
    assert "@editor" not in html.replace("@<!-- -->editor", "")
    assert "#12" not in html.replace("#<!-- -->12", "")
    assert "\x1b" not in html and "\u202e" not in html


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("ab1 .)-+*_`~[]()<>!#&;\\|@:/=$^\"'")), min_size=1))
def test_escaped_text_reads_as_itself(text: str) -> None:
    expected = " ".join(text.split())
    html = rendered(f"x {escaped(text)} x")
    inner = re.fullmatch(r"<p>x ?(.*?) ?x</p>\n", html)
    assert inner, html
    assert html_text(inner[1]) == expected
    alone = rendered(escaped(text)) if expected else "<p></p>"
    assert html_text(alone) == expected


def html_text(html: str) -> str:
    import html as entities

    without = html.replace("<!-- -->", "").strip().removeprefix("<p>").removesuffix("</p>")
    assert "<" not in without, html
    return entities.unescape(without).strip()


def graph_of(*reports: Report, quiet: bool = False) -> list[dict[str, Any]]:
    text = shown("aif", *reports, quiet=quiet)
    return [json.loads(line) for line in text.splitlines()] if quiet else [json.loads(text)]


def check_aif(graph: dict[str, Any]) -> None:
    """What the format asks for: unique ids, edges between known nodes, an inference from I-nodes to one I-node."""
    types = {node["nodeID"]: node["type"] for node in graph["nodes"]}
    assert len(types) == len(graph["nodes"])
    assert len({edge["edgeID"] for edge in graph["edges"]}) == len(graph["edges"])
    links = networkx.DiGraph((edge["fromID"], edge["toID"]) for edge in graph["edges"])
    for node, kind in types.items():
        if kind == "RA":
            assert len(list(links.successors(node))) == 1 <= len(list(links.predecessors(node)))
            assert {types[k] for k in [*links.successors(node), *links.predecessors(node)]} == {"I"}
        else:
            assert kind == "I"
    assert set(links) <= set(types)


def arguments(graph: dict[str, Any]) -> set[tuple[str, str]]:
    text = {node["nodeID"]: node["text"] for node in graph["nodes"]}
    into = {edge["toID"]: edge["fromID"] for edge in graph["edges"] if text[edge["toID"]] == "Default Inference"}
    return {(text[into[e["fromID"]]], text[e["toID"]]) for e in graph["edges"] if e["fromID"] in into}


def test_aif_holds_the_likely_links_and_each_premise_at_least_one() -> None:
    (graph,) = graph_of(REPORT)
    check_aif(graph)
    assert arguments(graph) == {
        ("Prices doubled.", "The plan has failed."),
        ("Rents, too: 50%.", "The plan has failed."),
        ("Wages stood.", "The plan has failed."),
        ("Wages stood.", "Prices doubled."),
    }
    assert {f["schemeID"] for f in graph["schemefulfillments"]} == {"72"}
    assert sorted(n["analyzer"]["probability"] for n in graph["nodes"] if n["type"] == "RA") == [0.3, 0.6, 0.7, 0.9]


def test_aif_asserts_no_unlikely_link_of_background() -> None:
    report = make_report(
        [sentence("The plan has failed."), sentence("It rained."), sentence("Rents rose.", role="premise")],
        links={(1, 0): 0.3, (2, 0): 0.3},
        conclusions={0: 0.8},
    )
    assert arguments(graph_of(report)[0]) == {("Rents rose.", "The plan has failed.")}


def test_several_documents_are_one_graph_or_quietly_one_a_line() -> None:
    (both,) = graph_of(REPORT, REPORT)
    check_aif(both)
    single = len(graph_of(REPORT)[0]["nodes"])
    assert len(both["nodes"]) == 2 * single
    assert [len(graph["nodes"]) for graph in graph_of(REPORT, REPORT, quiet=True)] == [single, single]


def test_a_reader_of_argument_graphs_takes_it() -> None:
    xaif = pytest.importorskip("xaif", reason="xaif is not installed (extra test)")
    (graph,) = graph_of(REPORT)
    read = xaif.AIF({"AIF": graph, "text": {"txt": ""}, "OVA": {}})
    assert read.is_valid_json_aif()
    assert not read.is_json_aif_dialog()
    table = read.get_csv("argument-relation")
    links = table[table["relation"] != "None"]
    assert set(links["relation"]) == {"Default Inference"}
    assert set(zip(links["proposition1_text"], links["proposition2_text"], strict=True)) == arguments(graph)


def test_no_format_minds_a_run_without_reports() -> None:
    nothing: Sequence[Report] = ()
    assert shown("concise", *nothing) == shown("github", *nothing) == shown("markdown", *nothing) == ""
    assert json.loads(shown("json")) == []
    assert json.loads(shown("aif"))["nodes"] == []
