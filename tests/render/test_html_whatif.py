"""What-ifs in the page: for any graph and any fixes ticked, the browser's scores are Python's."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer import Analyzer
from analyzer.dependence import SupportGraph, dependence, grounds, suppose_sourced
from analyzer.grounds import GROUNDS, OPINIONS
from analyzer.render.html.page import asset
from analyzer.render.words import percent
from tests.conftest import EXAMPLES
from tests.graphs import graphs, report_of, support_graph
from tests.render.browser import Browser
from tests.render.pages import argued, write_page

TICK = """
for (const index of arguments[0]) document.querySelector(`.fixes input[data-i="${index}"]`).click();
const value = (root, selector) => { const found = root.querySelector(selector); return found && Number(found.value); };
return {
  document: value(document, ".verdict .dependence"),
  conclusions: [...document.querySelectorAll(".conclusion")].map((item) => [Number(item.dataset.i), value(item, ".toggle .dependence")]),
  grounds: [...document.querySelectorAll(".rests .bar rect")].map((rect) => parseFloat(rect.getAttribute("width")) / 100),
  opinion: parseInt(document.querySelector(".opinion").textContent),
  key: Object.fromEntries([...document.querySelectorAll(".rests .key li")].map((item) => [item.dataset.name, parseInt(item.querySelector("b").textContent)])),
  paragraphs: [...document.querySelectorAll(".paragraphs tbody tr")].map((row) => [value(row, ".dependence"), value(row, "data.contribution")]),
};
"""
# A page for every example under a name of its own: the browser waits until that address is what it shows.
NUMBERS = count()
PAGE = """return [document.body.innerText, document.querySelector('.gauge').getAttribute('aria-label'),
[...document.querySelectorAll('main .bar rect, main .point, .miniature a')].map((part) => part.outerHTML)]"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("page") / "report.html"


@st.composite
def cases(draw: st.DrawFn) -> tuple[SupportGraph, list[int], list[float], list[list[int]]]:
    """A graph with cycles, its conclusions and their weights, and sets of premises to tick one after another."""
    graph = draw(graphs(least=3))
    nodes = draw(st.permutations(range(graph.n_nodes)))
    n_conclusions = draw(st.integers(1, graph.n_nodes - 1))
    conclusions, premises = sorted(nodes[:n_conclusions]), sorted(nodes[n_conclusions:])
    weights = [draw(st.floats(0.34, 1.0)) for _ in conclusions]
    return graph, conclusions, weights, draw(st.lists(st.lists(st.sampled_from(premises), unique=True), max_size=3))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_ticked_fixes_give_the_scores_that_python_solves(
    browser: Browser, page: Path, case: tuple[SupportGraph, list[int], list[float], list[list[int]]]
) -> None:
    graph, conclusions, weights, ticks = case
    browser.open(write_page(page.with_name(f"{next(NUMBERS)}.html"), report_of(graph, conclusions, weights)))
    supposed: set[int] = set()
    for clicked in [*ticks, [k for k in range(graph.n_nodes) if k not in conclusions]]:
        supposed ^= set(clicked)
        shown = browser.js(TICK, clicked)
        found = suppose_sourced(graph, [sorted(supposed)])[0]
        expected = np.average(found[conclusions], weights=weights)
        assert shown["document"] == pytest.approx(expected, abs=1e-6)
        assert dict(shown["conclusions"]) == pytest.approx({k: found[k] for k in conclusions}, abs=1e-6)
        if not supposed:
            continue
        assert shown["opinion"] == sum(shown["key"][ground] for ground in OPINIONS)
        sourcing = graph.sourcing.copy()
        sourcing[sorted(supposed)] = [1.0, 0.0, 0.0, 0.0]
        rests = grounds(
            SupportGraph(sourcing, graph.content, graph.kind, graph.supporter, graph.supported, graph.probability)
        )
        mean = np.average(rests[conclusions], axis=0, weights=weights)
        assert shown["grounds"] == pytest.approx(mean.tolist(), abs=1e-6)
        for node, (score, contribution) in enumerate(shown["paragraphs"]):
            assert score == pytest.approx(found[node], abs=1e-6)
            if node in conclusions:
                continue
            fallen = suppose_sourced(graph, [sorted({*supposed, node})])[0]
            fall = expected - np.average(fallen[conclusions], weights=weights)
            assert contribution == pytest.approx(max(0.0, fall), abs=1e-6)
    assert browser.console() == []


def test_of_a_paragraph_only_premises_and_conclusions_have_a_dependence(
    analyzer: Analyzer, browser: Browser, page: Path
) -> None:
    report = analyzer.analyze_file(EXAMPLES / "technology-analysis.md")
    graph, sentences = support_graph(report.graph), [node.sentence for node in report.graph.nodes]
    assert any(report.sentences[k].role == "background" for k in sentences)
    fix = next(conclusion.fixes[0].sentence for conclusion in report.conclusions if conclusion.fixes)
    found = dict(zip(sentences, suppose_sourced(graph, [[sentences.index(fix)]])[0], strict=True))
    browser.open(write_page(page, report))
    shown = iter(browser.js(TICK, [fix])["paragraphs"])
    for paragraph in report.paragraphs:
        inside = [s for s in report.sentences if s.paragraph == paragraph.index]
        if not inside:
            continue
        scores = [found[s.index] for s in inside if s.dependence is not None]
        score, _ = next(shown)
        assert score == (pytest.approx(np.mean(scores), abs=1e-6) if scores else None)


def test_a_closed_cycle_is_circular_until_a_fix_opens_it(browser: Browser, page: Path) -> None:
    none, fact = np.array([[0.0, 0.0, 0.0, 1.0]] * 3), np.array([[1.0, 0.0, 0.0]] * 3)
    graph = SupportGraph(none, fact, fact, np.array([1, 2, 1]), np.array([0, 1, 2]), np.ones(3))
    assert dependence(grounds(graph))[0] == 1.0
    browser.open(write_page(page, report_of(graph, [0], [1.0])))
    circular = "li[data-name=circular]"
    browser.js("document.querySelector('.conclusion .toggle').click()")
    assert browser.shown(f".conclusion {circular}") == f"{GROUNDS[-1]} 100%"
    assert browser.js(TICK, [2])["document"] == 0.0
    assert browser.shown(".conclusion li[data-name=named_fact]") == "named fact 100%"
    assert not browser.find(f".conclusion {circular}").is_displayed()


def test_taking_a_supposition_back_restores_the_page(browser: Browser, page: Path) -> None:
    browser.open(write_page(page, argued()))
    browser.js("document.querySelector('.conclusion .toggle').click()")
    before = browser.js(PAGE)
    box = browser.find(".conclusion.is-open .fixes input")
    box.click()
    assert browser.js(PAGE) != before
    assert "If s7 named its source: 0.71 →" in browser.shown(".supposition")
    assert "was 0.81" in browser.shown(".conclusion.is-open .figure")
    box.click()
    assert browser.js(PAGE) == before
    box.click()
    browser.find(".supposition button").click()
    assert browser.js(PAGE) == before
    # Undo goes with what it undid: the keyboard goes on at a fix that can be seen.
    assert browser.js("return document.activeElement.closest('.conclusion.is-open .fixes') !== null")


def test_the_gauge_and_the_miniature_say_what_holds_under_a_supposition(browser: Browser, page: Path) -> None:
    none, fact = np.array([[0.0, 0.0, 0.0, 1.0]] * 3), np.array([[1.0, 0.0, 0.0]] * 3)
    graph = SupportGraph(none, fact, fact, np.array([1, 2]), np.array([0, 0]), np.ones(2))
    browser.open(write_page(page, report_of(graph, [0], [1.0])))
    label = "return document.querySelector(arguments[0]).getAttribute('aria-label')"
    likely = browser.find(".gauge .likely")
    assert likely.is_displayed()
    assert browser.js(label, ".miniature [data-block='2']") == "paragraph 2, contributes 0.12"
    browser.js("document.querySelector('.fixes input[data-i=\"1\"]').click()")
    scale = "on a scale from 0, all sourced, to 1, nothing sourced"
    assert browser.js(label, ".gauge") == f"Dependence 0.50 {scale}; 1.00 without the supposition"
    assert browser.js(label, ".miniature [data-block='2']") == "paragraph 2, contributes 0.50"
    assert not likely.is_displayed()


def test_fixes_follow_a_supposition_where_their_conclusion_is_open_or_printed(browser: Browser, page: Path) -> None:
    report = argued()
    nodes = [node.sentence for node in report.graph.nodes]
    both = suppose_sourced(support_graph(report.graph), [[nodes.index(7), nodes.index(2)]])[0]
    browser.open(write_page(page, report))
    figure = "return Number(document.querySelector(`.conclusion[data-i='${arguments[0]}'] .fixes li:has([data-i='2']) .if-sourced`).value)"
    for conclusion in (8, 3):
        browser.js(f"document.querySelector('.conclusion[data-i=\"{conclusion}\"] .toggle').click()")
        if conclusion == 8:
            browser.js("document.querySelector('.fixes input[data-i=\"7\"]').click()")
        assert browser.js(figure, conclusion) == pytest.approx(both[nodes.index(conclusion)], abs=1e-6)
    browser.find(".supposition button").click()
    assert [browser.js(figure, conclusion) for conclusion in (8, 3)] == [0.55, 0.55]
    browser.js("document.querySelector('.fixes input[data-i=\"7\"]').click(); dispatchEvent(new Event('beforeprint'))")
    for conclusion in (8, 3):
        assert browser.js(figure, conclusion) == pytest.approx(both[nodes.index(conclusion)], abs=1e-6)


def test_numbers_are_rounded_as_python_rounds_them(browser: Browser, page: Path) -> None:
    browser.open(write_page(page, argued()))
    shares = [k / 1000 for k in range(1001)] + [k / 64 for k in range(65)]
    script = asset("script", "words.js") + "return arguments[0].map((share) => [percent(share), decimal(share)])"
    assert browser.js(script, shares) == [[percent(share), f"{share:.2f}"] for share in shares]


def test_a_supposition_holds_for_every_conclusion_and_place_that_names_it(browser: Browser, page: Path) -> None:
    browser.open(write_page(page, argued()))
    browser.js("document.querySelectorAll('.text .n')[7].click()")
    browser.find(".card .suppose input").click()
    boxes = browser.js("return [...document.querySelectorAll('input[data-i=\"7\"]')].map((box) => box.checked)")
    assert len(boxes) == 3 and all(boxes)
    assert "supposed" in browser.find("#d0-s7").get_attribute("class")
    assert browser.find(".supposition").get_attribute("aria-live") == "polite"


def test_an_open_card_follows_what_is_supposed_in_it(browser: Browser, page: Path) -> None:
    browser.open(write_page(page, argued()))
    changed = 0
    for number in range(len(browser.all(".text .n"))):
        browser.js("document.querySelectorAll('.text .n')[arguments[0]].click()", number)
        if not (browser.all(".card .score-of") and browser.all(".card .suppose input")):
            continue
        before = browser.shown(".card .score-of")
        browser.find(".card .suppose input").click()
        changed += browser.shown(".card .score-of") != before
        browser.find(".card .suppose input").click()
        assert browser.shown(".card .score-of") == before
    assert changed
