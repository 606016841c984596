"""The page in a real Chromium: what it shows, what pointing and keys do, and that nothing leaves it."""

from __future__ import annotations

import base64
import time
from pathlib import Path

import pypdfium2
import pytest

from analyzer import Analyzer, Report
from tests.conftest import EXAMPLES
from tests.render.browser import Browser
from tests.render.pages import HOSTILE, argued, write_page
from tests.render.specs import make_report, sentence

TAB, ENTER, SPACE, ESCAPE = "\ue004", "\ue007", " ", "\ue00c"
LEFT, UP, RIGHT, DOWN, HOME, END = "\ue012", "\ue013", "\ue014", "\ue015", "\ue011", "\ue010"
FOCUSED = "return document.activeElement.closest('.s')?.id ?? document.activeElement.className"
# Contrast of every visible text with what is painted behind it; gives texts below the ratio of WCAG AA.
FAINT = """
const linear = (v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
const parse = (c) => { const [r, g, b, a = 1] = c.match(/[\\d.]+/g).map(Number); return c.startsWith('color(srgb') ? [r * 255, g * 255, b * 255, a] : [r, g, b, a]; };
const light = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
const over = (top, under) => top.slice(0, 3).map((v, k) => v * top[3] + under[k] * (1 - top[3]));
const behind = (e) => { const layers = []; for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); layers.push(c); if (c[3] === 1) break; }
  return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]); };
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), faint = [];
while (walker.nextNode()) {
  const e = walker.currentNode.parentElement, text = walker.currentNode.data.trim();
  if (!text || e.closest('script, style, svg, .vh, .labels') || !e.checkVisibility()) continue;
  const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))];
  const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  if (ratio < 4.5) faint.push([text.slice(0, 40), e.className, ratio]);
}
return faint;
"""
# Every pair of nodes of the open graph whose bodies overlap.
OVERLAPS = """
const boxes = [...document.querySelectorAll('.is-open .node .body')].map((body) => body.getBoundingClientRect());
return boxes.flatMap((a, k) => boxes.slice(k + 1).filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)).length;
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def example(folder: Path, analyzer: Analyzer) -> Path:
    return write_page(folder / "example.html", analyzer.analyze_file(EXAMPLES / "technology-analysis.md"))


@pytest.fixture(scope="module")
def page(folder: Path) -> Path:
    return write_page(folder / "argued.html", argued())


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 820, 1400])
def test_the_page_fits_and_reads_well_at_every_width(browser: Browser, example: Path, width: int, theme: str) -> None:
    browser.open(example, width=width, theme=theme)
    assert "The Drawbridge Bill" in browser.shown("h1")
    browser.open_argument()
    browser.js("document.querySelectorAll('.n')[12].click()")
    browser.js("document.querySelector('.fixes input').click()")
    for element in (
        ".verdict",
        ".gauge",
        ".rests .bar",
        ".kinds .bar",
        ".drawing",
        ".card",
        ".supposition",
        ".miniature",
    ):
        assert browser.find(element).is_displayed(), element
    assert browser.js("return document.documentElement.scrollWidth <= innerWidth")
    # Colours arrive after their transition.
    time.sleep(0.3)
    assert browser.js(FAINT) == []
    assert browser.console() == []
    assert browser.requests() == [example.as_uri()]


def test_long_tables_scroll_inside_their_box_on_a_phone(browser: Browser, example: Path) -> None:
    browser.open(example, width=390)
    boxes = "[...document.querySelectorAll('.text .scroll, .paragraphs .scroll')]"
    assert browser.js(f"return {boxes}.some((box) => box.scrollWidth > box.clientWidth)")
    assert browser.js(
        f"return {boxes}.every((box) => box.getBoundingClientRect().right <= innerWidth && box.tabIndex === 0)"
    )


def test_what_a_document_says_stays_text(browser: Browser, folder: Path) -> None:
    report = make_report(
        [
            sentence(HOSTILE, role="premise", notes=[HOSTILE]),
            sentence("So it is.", type="inference", probabilities={"<b>head</b>": {"<i>label</i>": 0.9}}),
        ],
        conclusions={1: 0.5},
        links={(0, 1): 0.9},
        fixes=[(0, 0.1)],
        title=HOSTILE,
        path=HOSTILE,
        notes=[HOSTILE],
    )
    path = write_page(folder / "hostile.html", report)
    browser.open(path)
    title = browser.driver.title
    browser.js("document.querySelector('.conclusion .toggle').click(); document.querySelector('#d0-s0 .n').click()")
    assert '<script>document.title = "owned"</script>' in browser.shown(".card")
    browser.js("document.querySelector('#d0-s1 .n').click()")
    assert "<b>head</b>" in browser.shown(".card")
    assert browser.driver.title == title
    assert browser.js("return document.querySelectorAll('img, b i, main script:not(.data)').length") == 0
    assert browser.console() == []
    assert browser.requests() == [path.as_uri()]


def test_pointing_at_a_sentence_shows_its_labels_probabilities_spans_and_why(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.point_at(browser.find("#d0-s1 .loaded"))
    browser.wait("!document.querySelector('.card').hidden")
    shown = browser.shown(".card").replace("\n", " ")
    for words in ("s1 · factual claim", "factual claim 90%", "inference 10%", "loaded framing 93%"):
        assert words in shown
    for words in ("disgraceful", "according to", "a report by Harbour University", "loaded, in a quotation butchered"):
        assert words in shown
    assert "supports s3 It must be stopped. 90%" in shown
    browser.point_at(browser.find("#d0-s2 .t"))
    browser.wait("document.querySelector('.card .which').textContent.startsWith('s2')")
    assert "s2 · speculation?" in browser.shown(".card")
    assert "less than 60% sure" in browser.shown(".card")


def test_tapping_keeps_a_sentence_open_until_it_is_closed(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.find("#d0-s2 .t").click()
    browser.point_at(browser.find("#d0-s4 .t"))
    time.sleep(0.2)
    assert "Critics say" in browser.shown(".card")
    browser.find(".card .close").click()
    assert not browser.find(".card").is_displayed()


def test_marks_do_not_rest_on_colour_alone(browser: Browser, page: Path) -> None:
    browser.open(page)

    def style(selector: str, name: str) -> str:
        return str(
            browser.js("return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]", selector, name)
        )

    assert style("#d0-s1 .loaded", "textDecorationLine") == "underline"
    assert style("#d0-s1 .loaded", "textDecorationStyle") == "solid"
    assert style(".legend .maybe-loaded .loaded", "textDecorationStyle") == "dashed"
    assert style("#d0-s1 .quoted_loaded", "textDecorationStyle") == "dotted"
    assert style("#d0-s1 .cue", "fontStyle") == "italic"
    assert int(style("#d0-s1 .source", "fontWeight")) >= 600
    assert style("#d0-s2", "borderTopStyle") == "dashed"
    # An uncertain type, a possibly loaded wording, and behind the shape of its source that this is uncertain, too.
    assert browser.shown("#d0-s2 .n").split() == ["2S?!??"]
    letters = [browser.shown(f"#d0-s{k} .n b") for k in (1, 2, 3)]
    assert letters == ["F", "S?", "I"]
    shapes = {
        tuple(style(f".shape-{source}", name) for name in ("clipPath", "borderTopStyle", "transform"))
        for source in ("named", "own", "vague", "none")
    }
    assert len(shapes) == 4


def test_arrow_keys_go_from_sentence_to_sentence_and_enter_opens_them(browser: Browser, page: Path) -> None:
    browser.open(page)
    for _ in range(12):
        browser.press(TAB)
        if browser.js(FOCUSED) == "d0-s0":
            break
    visited = []
    for key in (RIGHT, DOWN, END, HOME, DOWN):
        browser.press(key)
        visited.append(browser.js(FOCUSED))
    assert visited == ["d0-s1", "d0-s2", "d0-s9", "d0-s0", "d0-s1"]
    browser.press(ENTER)
    assert browser.shown(".card .which").startswith("s1 ")
    assert browser.find("#d0-s1 .n").get_attribute("aria-expanded") == "true"
    assert browser.js("return document.activeElement.className") == "card"
    browser.press(ESCAPE)
    assert not browser.find(".card").is_displayed()
    assert browser.js(FOCUSED) == "d0-s1"
    browser.press(SPACE)
    assert browser.find(".card").is_displayed()


def test_the_whole_text_is_one_stop_of_the_tab_key(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.js("return document.querySelectorAll('.text .n[tabindex=\"0\"]').length") == 1
    browser.js("document.querySelector('.text .n').focus()")
    browser.press(TAB)
    assert browser.js("return document.activeElement.closest('.n')") is None


def test_the_focus_can_be_seen(browser: Browser, page: Path) -> None:
    browser.open(page)
    for _ in range(16):
        browser.press(TAB)
        outline = browser.js(
            "const e = document.activeElement, h = e.querySelector('.halo, .hit') ?? e, s = getComputedStyle(e);"
            "return [e.outerHTML.slice(0, 80), s.outlineStyle !== 'none' && s.outlineWidth !== '0px' || getComputedStyle(h).fillOpacity === '0.5']"
        )
        assert outline[1], outline[0]


def test_screen_readers_hear_the_labels(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.driver.execute_cdp_cmd("Accessibility.enable", {})
    tree = browser.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    names = {node["name"]["value"] for node in tree if node.get("role", {}).get("value") == "button"}
    assert any("s1: factual claim, loaded framing, named source, premise for s3" in name for name in names)
    images = {node["name"]["value"] for node in tree if node.get("role", {}).get("value") == "image"}
    assert any(name.startswith("What its conclusions come to rest on: named fact 30%") for name in images)
    assert any(name.startswith("Dependence 0.71 on a scale") for name in images)


def test_choosing_a_conclusion_lights_its_premises_and_draws_its_graph(browser: Browser, page: Path) -> None:
    report = argued()
    premises = {3: [1, 2, 4], 8: [7, 3, 6, 1]}
    conclusions = [
        c.model_dump() | {"premises": [{"sentence": k, "weight": 0.4, "dependence": 0.5} for k in premises[c.sentence]]}
        for c in report.conclusions
    ]
    path = write_page(
        page.with_name("graph.html"), Report.model_validate({**report.model_dump(), "conclusions": conclusions})
    )
    browser.open(path)
    order = browser.js("return [...document.querySelectorAll('.conclusion')].map((item) => item.dataset.i)")
    assert order == ["8", "3"]
    browser.find(".conclusion[data-i='3'] .toggle").click()
    lit = "return [...document.querySelectorAll('.s.lit')].map((s) => Number(s.dataset.i))"
    assert browser.js(lit) == [1, 2, 4]
    assert "chosen" in browser.find("#d0-s3").get_attribute("class")
    bodies = "return [...document.querySelectorAll('.is-open .node')].map((n) => [Number(n.dataset.i), n.querySelector('.body').tagName])"
    assert sorted(browser.js(bodies)) == [[1, "ellipse"], [2, "path"], [3, "rect"], [4, "path"]]
    assert browser.shown(".is-open .node[data-i='2'] text") == "2?"
    edges = "return [...document.querySelectorAll('.is-open .edge')].map((e) => [e.dataset.from, e.dataset.toNode, e.classList.contains('perhaps')])"
    assert sorted(browser.js(edges)) == [["1", "3", False], ["2", "3", True], ["4", "3", False]]
    browser.find(".conclusion[data-i='8'] .toggle").click()
    assert browser.js(lit) == [1, 3, 6, 7]
    assert len(browser.all(".conclusion.is-open")) == 1
    browser.press(ESCAPE)
    assert browser.js(lit) == []
    assert browser.js("return document.activeElement.getAttribute('aria-controls')") == "d0-c8"


def test_the_graph_is_walked_with_arrow_keys(browser: Browser, example: Path) -> None:
    browser.open(example)
    browser.open_argument()
    root = browser.find(".node.root").get_attribute("data-i")
    browser.js("document.querySelector('.drawing [tabindex=\"0\"]').focus()")
    at = "return document.activeElement.dataset.i"
    assert browser.js(at) == root
    browser.press(RIGHT)
    reason = browser.js(at)
    assert reason != root
    browser.press(ENTER)
    assert browser.shown(".card .which").startswith(f"s{reason} ")
    browser.press(LEFT)
    assert browser.js(at) == root


def crowded(n: int) -> Report:
    """A conclusion with n premises in two layers, and cross-links."""
    premises = list(range(1, n + 1))
    report = make_report(
        [sentence("So it must be.", type="inference")]
        + [
            sentence(f"Reason {k} is given.", role="premise", sourcing=("named", "vague", "own", "none")[k % 4])
            for k in premises
        ],
        links={(k, 0 if k <= n // 2 else k - n // 2): 0.8 for k in premises}
        | {(k, k - n // 3): 0.3 for k in premises if k > n // 2 + n // 3},
        conclusions={0: 0.6},
    )
    drawn = report.conclusions[0].model_dump() | {
        "premises": [{"sentence": k, "weight": 1 / k, "dependence": 0.5} for k in premises]
    }
    return Report.model_validate({**report.model_dump(), "conclusions": [drawn]})


@pytest.mark.parametrize(
    ("n", "drawn", "more"), [(1, "1 sentence", ""), (41, "40 sentences", "and 1 less likely one, not drawn")]
)
def test_one_is_counted_in_the_singular(browser: Browser, folder: Path, n: int, drawn: str, more: str) -> None:
    browser.open(write_page(folder / "one.html", crowded(n)))
    browser.js("document.querySelector('.conclusion .toggle').click()")
    assert browser.find(".drawing").get_attribute("aria-label") == f"Support graph of s0: {drawn}"
    assert browser.shown(".more") == more


@pytest.mark.parametrize("width", [390, 1400])
def test_a_graph_of_thirty_nodes_is_legible(browser: Browser, folder: Path, width: int) -> None:
    browser.open(write_page(folder / "crowded.html", crowded(29)), width=width)
    browser.js("document.querySelector('.conclusion .toggle').click()")
    assert len(browser.all(".node")) == 30
    assert browser.js(OVERLAPS) == 0
    sizes = browser.js(
        "return [...document.querySelectorAll('.node')].map((n) => [n.querySelector('text').getBBox().width, n.querySelector('.body').getBBox().width, n.getScreenCTM().a * 11])"
    )
    assert all(text < body and size >= 11 for text, body, size in sizes)
    assert browser.js("const c = document.querySelector('.canvas'); return c.scrollWidth <= c.clientWidth")


def test_the_miniature_shows_where_the_weight_lies_and_leads_there(browser: Browser, example: Path) -> None:
    browser.open(example)
    rows = browser.js(
        "return [...document.querySelectorAll('.paragraphs tbody tr')].map((r) => [Number(r.dataset.p), Number(r.querySelector('data.contribution')?.value ?? 0)])"
    )
    heaviest = max(rows, key=lambda row: row[1])[0]
    widths = browser.js(
        "return [...document.querySelectorAll('.miniature a')].map((a) => [Number(a.dataset.block), Number(a.querySelector('.weight').getAttribute('width'))])"
    )
    assert max(widths, key=lambda width: width[1]) == [heaviest, 100]
    browser.js("document.querySelector('.miniature [tabindex=\"0\"]').focus()")
    browser.press(DOWN, DOWN, ENTER)
    browser.wait("document.activeElement.closest('.text [data-p]')?.dataset.p === '2'")


def test_links_to_a_paragraph_and_to_a_sentence_lead_there(browser: Browser, example: Path) -> None:
    browser.look(width=1400, motion="reduce")
    browser.driver.get(example.as_uri())
    assert browser.js("return getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    browser.js("document.querySelectorAll('.paragraphs tbody a')[30].click()")
    block = browser.js("return document.activeElement.closest('[data-p]').dataset.p")
    assert block == browser.js("return document.querySelectorAll('.paragraphs tbody a')[30].dataset.block")
    assert browser.js(
        "const r = document.activeElement.getBoundingClientRect(); return r.top > 0 && r.bottom < innerHeight"
    )


def test_printing_shows_all_labels_as_text(browser: Browser, page: Path) -> None:
    browser.open(page, theme="dark")
    assert not browser.find("#d0-l1").is_displayed()
    printed = browser.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
    document = pypdfium2.PdfDocument(base64.b64decode(printed))
    text = " ".join(" ".join(p.get_textpage().get_text_range().split()) for p in document)
    document.close()
    for words in ("s1: factual claim, loaded framing, named source, premise for s3", "s2: speculation? 52%"):
        assert words in text
    assert "Suppose these named their sources" in text
    browser.look(width=800, media="print", theme="dark")
    assert browser.js("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not browser.find(".miniature").is_displayed()


def test_a_page_without_script_still_holds_the_report(browser: Browser, page: Path) -> None:
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.open(page)
        assert "Harbour University" in browser.shown(".text")
        assert browser.shown(".verdict .dependence") == "0.71"
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_document_without_conclusions_opens_and_says_so(browser: Browser, folder: Path) -> None:
    browser.open(write_page(folder / "news.html", make_report([sentence("It rained."), sentence("It stopped.")])))
    assert "No conclusion of its own was found" in browser.shown(".verdict")
    browser.find("#d0-s1 .t").click()
    assert "Suppose" not in browser.shown(".card")
    assert browser.console() == []


def test_documents_of_one_page_do_not_touch_each_other(browser: Browser, folder: Path) -> None:
    browser.open(write_page(folder / "two.html", argued(), argued()))
    browser.js("document.querySelector('#d1 .conclusion .toggle').click()")
    browser.js("document.querySelector('#d1 .fixes input').click()")
    assert browser.shown("#d0 .verdict .dependence") == "0.71"
    assert browser.shown("#d1 .verdict .dependence") != "0.71"
    assert not browser.all("#d0 .lit")
    assert browser.console() == []


def point_at_and_click(browser: Browser, selector: str) -> None:
    element = browser.find(selector)
    browser.point_at(element)
    element.click()


def test_escape_closes_one_thing_of_the_document_that_the_reader_is_in(browser: Browser, folder: Path) -> None:
    browser.open(write_page(folder / "two.html", argued(), argued()))
    browser.js("document.querySelector('#d0 .conclusion .toggle').click()")
    point_at_and_click(browser, "#d1-s2 .t")
    browser.press(ESCAPE)
    assert not browser.find("#d1 .card").is_displayed()
    assert browser.all("#d0 .conclusion.is-open")
    browser.press(ESCAPE)
    assert browser.all("#d0 .conclusion.is-open")
    browser.js("document.querySelector('#d0 .toggle').focus()")
    browser.press(ESCAPE)
    assert not browser.all("#d0 .conclusion.is-open")


def test_pointing_in_one_document_leaves_a_card_open_that_is_kept_in_another(browser: Browser, folder: Path) -> None:
    browser.open(write_page(folder / "two.html", argued(), argued()))
    point_at_and_click(browser, "#d0-s2 .t")
    browser.point_at(browser.find("#d1-s1 .t"))
    time.sleep(0.2)
    assert browser.find("#d0 .card").is_displayed()
    assert not browser.find("#d1 .card").is_displayed()
    point_at_and_click(browser, "#d1-s1 .t")
    assert not browser.find("#d0 .card").is_displayed()
    assert browser.find("#d1 .card").is_displayed()


@pytest.mark.parametrize("several", [False, True])
def test_an_open_card_skips_no_level_of_heading(browser: Browser, folder: Path, several: bool) -> None:
    browser.open(write_page(folder / "levels.html", *[argued()] * (2 if several else 1)))
    browser.js("document.querySelector('#d0-s1 .n').click()")
    assert browser.find("#d0 .card .which").tag_name == ("h3" if several else "h2")


def test_ten_thousand_sentences_open_and_answer(browser: Browser, folder: Path) -> None:
    n = 10_000
    texts = [
        sentence(
            f"Sentence {k} of a very long document says a few plain words.", role="premise" if k % 3 else "background"
        )
        for k in range(n)
    ]
    links = {(k, k - 1 if k % 3 == 2 else k // 100 * 100 + 99): 0.7 for k in range(n) if k % 3 and k % 100 != 99}
    for k in range(99, n, 100):
        texts[k]["role"] = "conclusion"
    fixes = [(3 * k + 1, 0.5) for k in range(60)]
    path = write_page(
        folder / "long.html",
        make_report(texts, links=links, conclusions=dict.fromkeys(range(99, n, 100), 0.8), fixes=fixes),
    )
    start = time.monotonic()
    browser.open(path)
    assert len(browser.all(".conclusion")) == 100
    assert time.monotonic() - start < 60
    browser.js("document.querySelector('#d0-s9999 .n').click()")
    assert browser.shown(".card .which").startswith("s9999")
    start = time.monotonic()
    browser.js("document.querySelector('.fixes input').click()")
    assert browser.shown(".supposition").startswith("If s1 named its source")
    assert time.monotonic() - start < 10
    assert browser.console() == []
