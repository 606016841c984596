"""What an edit changed, as text and as a page: scores, edits, conclusions, and inert text of documents."""

from __future__ import annotations

import io
import re

import lxml.html

from analyzer.alignment import Step
from analyzer.baseline import Baseline
from analyzer.comparison import Comparison, Edit
from analyzer.findings import Policy, Thresholds, find
from analyzer.render import DIFF_FORMATS
from analyzer.report import Report
from tests.render.specs import make_report, sentence, sure

HOSTILE = "</del><script>alert(1)</script> & \x1b[2J {{ 7*7 }} \u202e"


def reviewed(report: Report) -> Report:
    return report.model_copy(update={"findings": find(report, Policy(thresholds=Thresholds(matters=0)))})


def comparison(words: str = "Prices rose.") -> Comparison:
    old = make_report(
        [sentence("So it failed.", type="inference"), sentence(words), sentence("It rained.")],
        conclusions={0: 0.8},
        path=f"old{words}.md",
    )
    new = make_report(
        [
            sentence("So it failed.", type="inference"),
            sentence(f"{words} Said she.", sourcing="named"),
            sentence("Hence it must go.", type="inference"),
            sentence("It rained."),
        ],
        conclusions={0: 0.4, 2: 0.6},
        path=f"new{words}.md",
    )
    known = Baseline([reviewed(old)])
    steps = (Step(0, 0, False), Step(1, 1, True), Step(None, 2, True), Step(2, None, True), Step(None, 3, True))
    edits = (
        Edit((steps[1],), -0.36),
        Edit((steps[2],), 0.002),
        Edit((steps[3], steps[4]), 0.041),
    )
    return Comparison(reviewed(old), known.mark(reviewed(new)), steps, edits, 0.02, known.left())


def text_of(compared: Comparison, *, quiet: bool = False) -> str:
    stream = io.StringIO()
    DIFF_FORMATS["terminal"](compared, stream, quiet=quiet)
    return stream.getvalue()


def page_of(compared: Comparison, *, quiet: bool = False) -> str:
    stream = io.StringIO()
    DIFF_FORMATS["html"](compared, stream, quiet=quiet)
    return stream.getvalue()


def test_text_has_scores_edits_by_effect_conclusions_and_findings() -> None:
    text = text_of(comparison())
    assert text.startswith("oldPrices rose..md → newPrices rose..md\n")
    assert re.search(r"Dependence +0\.80 \(0\.70–0\.90\) → 0\.50 \(0\.40–0\.60\) +−0\.30", text)
    assert re.search(r"Sentences +3 → 4 +\+1", text)
    first, second, third = text.index("1. −0.36"), text.index("2. +0.04"), text.index("3. ±0.00")
    assert first < second < third
    assert (
        "  reworded: no source → named source\n  - s1 Prices rose.\n  + s1 Prices rose. Said she.\n"
        in text[first:second]
    )
    assert "moved away" in text[second:third] and "moved here" in text[second:third]
    assert "  added: inference, no source, not loaded, conclusion\n  + s2 Hence it must go." in text[third:]
    assert re.search(r"0\.80 → 0\.40 −0\.40 +So it failed\.", text)
    assert re.search(r"– → 0\.60 new +Hence it must go\.", text)
    assert "+0.02 belongs to no sentence" in text
    assert "neighbouring ones are taken together" in text
    assert "0 new findings, 2 gone" in text


def test_labels_that_the_model_is_unsure_of_are_not_asserted() -> None:
    unsure = {"sourcing": sure("named", 0.55, "none"), "loaded": 0.41}
    old = make_report([sentence("Prices rose.", loaded=True, probabilities={"loaded": 0.9})])
    new = make_report([sentence("Prices rose, said she.", sourcing="named", loaded=True, probabilities=unsure)])
    step = Step(0, 0, True)
    text = text_of(Comparison(old, new, (step,), (Edit((step,), None),), None, 0))
    assert "reworded: no source → named source? 55%, loaded → possibly loaded" in text


def test_a_share_that_changes_by_one_changes_by_one_point() -> None:
    old, new = (make_report([sentence("It rained.")], loaded_share=share) for share in (0.1, 0.11))
    assert re.search(r"Loaded.* \+1 point\n", text_of(Comparison(old, new, (Step(0, 0, False),), (), None, 0)))


def test_a_sentence_that_is_said_once_more_has_not_moved() -> None:
    old = make_report([sentence("Rents doubled."), sentence("So it failed.")])
    new = make_report([sentence("Rents doubled."), sentence("So it failed."), sentence("Rents doubled.")])
    steps = (Step(0, 0, False), Step(1, 1, False), Step(None, 2, True))
    text = text_of(Comparison(old, new, steps, (Edit(steps[2:], None),), None, 0))
    assert "added" in text and "moved" not in text


def test_a_sentence_that_stays_may_be_a_conclusion_no_longer() -> None:
    old = make_report([sentence("It failed."), sentence("It rained.")], conclusions={0: 0.5})
    new = make_report([sentence("It failed."), sentence("It rained.")], conclusions={1: 0.5})
    text = text_of(Comparison(old, new, (Step(0, 0, False), Step(1, 1, False)), (), None, 0))
    assert re.search(r"no longer a conclusion +It failed", text) and re.search(r"now a conclusion +It rained", text)


def test_changes_are_those_of_the_scores_as_shown() -> None:
    old = make_report([sentence("So it failed.")], conclusions={0: 0.9851})
    new = make_report([sentence("So it failed.")], conclusions={0: 0.8849})
    text = text_of(Comparison(old, new, (Step(0, 0, False),), (), None, 0))
    assert re.search(r"0\.99 → 0\.88 −0\.11 +So it failed", text)


def test_overlapping_ranges_are_called_that() -> None:
    assert "ranges before and after overlap" not in text_of(comparison())
    compared = comparison()
    near = Comparison(compared.new, compared.new, (), (Edit((), 0.0),), 0.0, 0)
    assert "ranges before and after overlap" in text_of(near)


def test_nothing_to_show_is_said() -> None:
    report = make_report([sentence("It rained.")])
    same = Comparison(report, report, (Step(0, 0, False),), (), None, 0)
    assert "No sentence differs." in text_of(same)
    assert "no conclusion → no conclusion" in re.sub(r"  +", " ", text_of(same))
    lacking = Comparison(report, comparison().new, (Step(0, 0, True),), (Edit((Step(0, 0, True),), None),), None, 0)
    assert "1. no score" in text_of(lacking)


def test_quietly_only_the_scores_are_shown() -> None:
    assert len(text_of(comparison(), quiet=True).splitlines()) == 7
    assert "Prices rose. Said she" not in page_of(comparison(), quiet=True)


def test_the_page_holds_what_the_text_holds_and_needs_nothing() -> None:
    page = page_of(comparison())
    tree = lxml.html.document_fromstring(page)
    cells = [" ".join(cell.text_content().split()) for cell in tree.iter("td")]
    assert {"0.80 (0.70–0.90)", "0.50 (0.40–0.60)", "−0.30", "So it failed."} <= set(cells)
    assert [e.text_content() for e in tree.find_class("effect")] == ["−0.36", "+0.04", "±0.00"]
    assert [e.text_content() for e in tree.iter("del")] == ["Prices rose.", "It rained."]
    assert not list(tree.iter("script", "img", "link", "a", "iframe"))
    assert "default-src 'none'" in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_page_reads_the_same_from_a_stream_that_is_not_in_utf_8() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    DIFF_FORMATS["html"](comparison("“Café” 東."), stream, quiet=False)
    stream.flush()
    written = stream.buffer.getvalue()  # type: ignore[attr-defined]
    assert written.isascii()
    style = re.search(rb"<style>.*?</style>", written, re.DOTALL)
    assert style is not None and b"&#" not in style[0]
    tree = lxml.html.document_fromstring(written)
    assert tree.xpath("//del")[0].text_content() == "“Café” 東."


def test_hostile_text_is_only_text() -> None:
    page = page_of(comparison(HOSTILE))
    assert "<script" not in page and "\x1b" not in page and "\u202e" not in page
    tree = lxml.html.document_fromstring(page)
    assert tree.xpath("//del")[0].text_content() == "</del><script>alert(1)</script> & {{ 7*7 }} "
    text = text_of(comparison(HOSTILE))
    assert not set(text) & {"\x1b", "\u202e"}
