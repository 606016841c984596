"""The HTML page as a file: self-contained, escaped, in colours that can be told apart and read."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from analyzer import Analyzer
from analyzer.render import FORMATS
from analyzer.render.html.article import pieces_of
from analyzer.render.html.page import content_security_policy, render
from analyzer.report import Report, Span
from tests.conftest import EXAMPLES, ROOT, RunCommand
from tests.render.pages import HOSTILE, argued
from tests.render.specs import make_report, sentence

STYLE = ROOT / "analyzer" / "render" / "html" / "style"


def text_of(page: str, selector: str) -> str:
    return " ".join(" ".join(e.text_content().split()) for e in lxml_html.fromstring(page).cssselect(selector))


def test_the_command_writes_the_page(run: RunCommand, tmp_path: Path) -> None:
    done = run("report", EXAMPLES / "technology-analysis.md", "--format", "html", "-o", "report.html")
    assert done.returncode == 0, done.stderr.decode()
    assert (done.stdout, done.stderr) == (b"", b"")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 1_000_000
    assert "regulatory capture" in text_of(page, ".text")


def test_nothing_in_the_page_points_outside_it(analyzer: Analyzer) -> None:
    page = render([analyzer.analyze_file(EXAMPLES / "technology-analysis.md")])
    tree = lxml_html.fromstring(page)
    addresses = [value for _, _, value, _ in tree.iterlinks()]
    assert addresses
    assert all(address.startswith(("#", "data:")) for address in addresses), addresses
    assert not tree.cssselect("[style], [onclick], iframe, object, form, img, base")
    assert "@import" not in page and "url(http" not in page


def test_style_and_scripts_are_allowed_by_hash_and_nothing_else_is() -> None:
    policy = content_security_policy()
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert policy in lxml_html.fromstring(render([argued()])).cssselect("meta[http-equiv]")[0].get("content")


def test_markup_in_a_document_is_text() -> None:
    report = make_report(
        [sentence(HOSTILE, role="premise"), sentence("So it is.", type="inference", notes=[HOSTILE])],
        conclusions={1: 0.5},
        links={(0, 1): 0.9},
        fixes=[(0, 0.1)],
        title=HOSTILE,
        path=HOSTILE,
        notes=[HOSTILE],
    )
    page = render([report, report])
    tree = lxml_html.fromstring(page)
    assert len(tree.cssselect("script")) == 5  # words, layout, the program, and the data of two documents
    assert not tree.cssselect("img")
    assert page.count("</title>") == 1
    assert '<script>document.title = "owned"</script>' in tree.cssselect("#d0-s0 .t")[0].text_content()
    assert "{{ 7 * 7 }}" in tree.cssselect("#d0-s0 .t")[0].text_content()
    assert "\u202e" not in page


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_pieces_put_together_are_the_sentence_and_carry_its_marks(data: st.DataObject) -> None:
    text = data.draw(st.text(min_size=1, max_size=40))
    kinds = st.sampled_from(["loaded", "quoted_loaded", "source", "cue", "other"])
    places = data.draw(st.lists(st.tuples(kinds, st.integers(0, len(text)), st.integers(0, len(text))), max_size=5))
    marks = [Span(kind=k, start=min(a, b), end=max(a, b), text=text[min(a, b) : max(a, b)]) for k, a, b in places]
    pieces = pieces_of(make_report([sentence(text, spans=marks)]).sentences[0])
    assert "".join(piece.text for piece in pieces) == text
    marked = [mark for piece in pieces for mark in piece.text for mark in [piece.marks]]
    for place, shown in enumerate(marked):
        kinds_here = {s.kind for s in marks if s.start <= place < s.end}
        assert set(shown) == {"own-mark" if kind == "other" else kind for kind in kinds_here}


def test_labels_stand_in_the_page_as_text() -> None:
    page = render([argued()])
    assert "s1: factual claim, loaded framing, named source, premise for s3" in text_of(page, "#d0-l1")
    assert "s2: speculation? 52%, possibly loaded 50%, vague source? 55%, premise" in text_of(page, "#d0-l2")
    assert "s0: non-assertive, heading" in text_of(page, "#d0-l0")


def test_words_of_a_sentence_that_is_only_possibly_loaded_are_marked_apart() -> None:
    span = Span(kind="loaded", start=4, end=12, text="reckless")
    told = [
        sentence("The reckless plan.", loaded=True, probabilities={"loaded": p}, spans=[span] if p < 0.8 else [])
        for p in (0.3, 0.9)
    ]
    tree = lxml_html.fromstring(render([make_report(told)]))
    assert [e.text for e in tree.cssselect("#d0-s0.maybe-loaded .loaded")] == ["reckless"]
    assert not tree.cssselect("#d0-s1.maybe-loaded")


def test_the_structure_of_the_document_is_kept() -> None:
    tree = lxml_html.fromstring(render([argued()]))
    assert [e.tag for e in tree.cssselect(".text > *")] == ["h3", "p", "p", "p", "ul", "div", "ul", "p", "blockquote"]
    assert [cell.text_content().split("[")[0].strip() for cell in tree.cssselect(".text th")][1:] == ["Desks", "Empty"]
    assert len(tree.cssselect(".text td")) == 3


def test_links_to_paragraphs_and_sentences_lead_somewhere_without_a_script() -> None:
    tree = lxml_html.fromstring(render([argued()]))
    targets = [link.get("href") for link in tree.cssselect("a[href^='#']")]
    ids = [element.get("id") for element in tree.cssselect("[id]")]
    assert targets and len(set(ids)) == len(ids)
    assert {target[1:] for target in targets} <= set(ids)


def test_a_source_that_the_model_is_unsure_of_has_a_question_mark_in_the_text() -> None:
    doubtful = sentence("It rose.", sourcing="own", probabilities={"sourcing": {"own": 0.38, "named": 0.37}})
    sure_of_it = sentence("It fell.", sourcing="own", probabilities={"sourcing": {"own": 0.9, "named": 0.1}})
    markers = lxml_html.fromstring(render([make_report([doubtful, sure_of_it])])).cssselect("button.n")
    assert [marker.text_content() for marker in markers] == ["0F?", "1F"]


def test_a_document_without_conclusions_says_so() -> None:
    page = render([make_report([sentence("It rained.")])])
    assert "No conclusion of its own was found" in text_of(page, ".lead")
    assert "None found" in text_of(page, ".conclusions")


def test_several_documents_share_a_page_and_quietly_one_line_each() -> None:
    both = lxml_html.fromstring(render([argued(), make_report([sentence("It rained.")], title="Rain")]))
    assert [row.text_content().split("0")[0] for row in both.cssselect(".overview tbody tr")] == ["The Title", "Rain–"]
    assert [e.get("id") for e in both.cssselect(".document")] == ["d0", "d1"]
    ids = [e.get("id") for e in both.cssselect("[id]")]
    assert len(ids) == len(set(ids))
    quiet = lxml_html.fromstring(render([argued()], quiet=True))
    assert len(quiet.cssselect(".overview tbody tr")) == 1
    assert not quiet.cssselect(".document, script")


@pytest.mark.parametrize(("n", "quiet"), [(1, False), (2, False), (1, True), (2, True)])
def test_headings_nest_and_all_of_them_stand_in_the_main_part(n: int, quiet: bool) -> None:
    tree = lxml_html.fromstring(render([argued()] * n, quiet=quiet))
    headings = tree.cssselect("h1, h2, h3, h4, h5, h6")
    levels = [int(heading.tag[1]) for heading in headings]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
    assert len(tree.cssselect("main")) == 1
    assert len(tree.cssselect(":is(h1, h2, h3, h4)")) == len(tree.cssselect("main :is(h1, h2, h3, h4)"))
    for view in tree.cssselect(".document"):
        title, *parts = (int(heading.tag[1]) for heading in view.cssselect("h1, h2, h3, h4"))
        assert min(parts) == title + 1


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_every_encoding_can_write_the_page(encoding: str) -> None:
    report = make_report([sentence("Le “café” costs 東京 🎈 \ud800.")], title="東京", conclusions={0: 0.5})
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    FORMATS["html"]([report], stream, quiet=False)
    stream.flush()
    page = stream.buffer.getvalue()  # type: ignore[attr-defined]
    tree = lxml_html.fromstring(page.decode(encoding))
    assert "Le “café” costs 東京 🎈 \ufffd." in tree.cssselect("#d0-s0")[0].text_content()
    style, program = tree.cssselect("style")[0].text, tree.cssselect("script")[-1].text
    assert style.isascii() and program.isascii()


def test_other_formats_do_not_import_the_template_engine() -> None:
    code = (
        "import sys, analyzer.render as r; r.output([], format='json', quiet=True); sys.exit('jinja2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


def themes() -> dict[str, dict[str, tuple[float, float, float]]]:
    """The colours of both themes by name, as linear light."""
    css = (STYLE / "colours.css").read_text(encoding="utf-8")
    light, dark = (dict(re.findall(r"--([\w-]+): #(\w{6})", part)) for part in css.split("@media", 1))
    return {
        name: {
            key: tuple(_linear(int(value[k : k + 2], 16) / 255) for k in (0, 2, 4)) for key, value in colours.items()
        }
        for name, colours in (("light", light), ("dark", {**light, **dark}))
    }


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def contrast(first: tuple[float, float, float], second: tuple[float, float, float]) -> float:
    """The contrast ratio of WCAG 2."""
    lighter, darker = sorted((0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05 for r, g, b in (first, second)), reverse=True)
    return lighter / darker


TEXT = [
    ("ink", "paper"), ("ink", "raised"), ("muted", "paper"), ("muted", "raised"), ("paper", "ink"),
    ("ink", "fact-tint"), ("ink", "inference-tint"), ("ink", "speculation-tint"),
    ("fact", "fact-tint"), ("inference", "inference-tint"), ("speculation", "speculation-tint"),
    ("fact", "paper"), ("inference", "paper"), ("speculation", "paper"), ("named", "raised"), ("named", "paper"),
    ("loaded", "paper"), ("loaded", "fact-tint"), ("loaded", "inference-tint"), ("loaded", "speculation-tint"),
    ("on-bar", "named"), ("on-bar", "own"),
]  # fmt: skip
GRAPHICS = ["edge", "focus", "own", "vague", "none", "named", "loaded", *(
    f"bar-{name}" for name in ("named", "own", "vague", "unsourced-fact", "unsourced-inference",
    "unsourced-speculation", "circular", "fact", "inference", "speculation", "other")
)]  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_pass_wcag_aa(theme: str) -> None:
    colours = themes()[theme]
    assert {
        pair: contrast(colours[pair[0]], colours[pair[1]])
        for pair in TEXT
        if contrast(colours[pair[0]], colours[pair[1]]) < 4.5
    } == {}
    assert {name for name in GRAPHICS if contrast(colours[name], colours["paper"]) < 3} == set()


# Machado, Oliveira and Fernandes 2009, full deuteranopia and protanopia, on linear light.
CONFUSIONS = {
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
}


@pytest.mark.parametrize("confusion", CONFUSIONS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_kinds_and_sources_differ_for_the_colour_blind(theme: str, confusion: str) -> None:
    def seen(name: str) -> tuple[float, ...]:
        light = [
            min(1.0, max(0.0, sum(w * c for w, c in zip(row, themes()[theme][name], strict=True))))
            for row in CONFUSIONS[confusion]
        ]
        return _oklab(*light)

    kinds = ["bar-fact", "bar-inference", "bar-speculation", "bar-other"]
    grounds = ["bar-named", "bar-own", "bar-vague", "bar-unsourced-fact"]
    for group in (kinds, grounds, ["named", "own", "vague", "none"]):
        seen_as = {name: seen(name) for name in group}
        for first in group:
            for second in group:
                distance = sum((a - b) ** 2 for a, b in zip(seen_as[first], seen_as[second], strict=True)) ** 0.5
                assert first == second or distance > 0.05, (first, second, distance)


def _oklab(r: float, g: float, b: float) -> tuple[float, float, float]:
    long, medium, short = (
        (w1 * r + w2 * g + w3 * b) ** (1 / 3)
        for w1, w2, w3 in (
            (0.4122214708, 0.5363325363, 0.0514459929),
            (0.2119034982, 0.6806995451, 0.1073969566),
            (0.0883024619, 0.2817188376, 0.6299787005),
        )
    )
    return (
        0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short,
    )


def test_a_report_read_back_from_json_gives_the_same_page() -> None:
    report = argued()
    assert render([Report.model_validate_json(report.to_json())]) == render([report])
