"""The overview in a real Chromium: it fits, reads well, prints whole, and nothing in a corpus can act in it."""

from __future__ import annotations

import base64
import datetime
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from analyzer.overview import overview
from tests.overview.scored import Doc, write_scored
from tests.render.browser import Browser
from tests.render.pages import HOSTILE
from tests.render.test_html_browser import FAINT

# Text in drawings against the page behind it; gives what is below the ratio of WCAG AA.
FAINT_IN_CHARTS = """
const linear = (v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
const light = (c) => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number); return .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b); };
const behind = light(getComputedStyle(document.body).backgroundColor);
return [...document.querySelectorAll('.chart text')].filter((e) => e.checkVisibility() && e.textContent.trim()).map((e) => {
  const own = light(getComputedStyle(e).fill), [a, b] = [Math.max(own, behind), Math.min(own, behind)];
  return [e.textContent, (a + .05) / (b + .05)]; }).filter(([, ratio]) => ratio < 4.5);
"""


def news(n: int = 720) -> list[Doc]:
    rng = np.random.default_rng(3)
    outlets = [
        "The Harbour Gazette",
        "Herald",
        "A very long name of an outlet that goes on and on and on",
        "Small Post",
    ]
    return [
        Doc(
            id=f"d{k}",
            group=outlets[3 if k < 4 else k % 3],
            date=datetime.date(2023, 1, 1) + datetime.timedelta(days=int(rng.integers(0, 400))),
            title=f"Article {k} on the harbour and what became of it",
            conclusions=[
                (["The council must resign.", "The harbour plan has failed us all."][k % 2], float(rng.beta(3, 2))),
                (f"So plan {k} of the harbour board is a waste of money.", float(rng.beta(3, 2))),
                (f"Item {k}, {k * 7} boats and {k * 13} cranes later, it is over.", float(rng.beta(3, 2))),
            ][: int(rng.integers(0, 4))],
            loaded=float(rng.beta(2, 20)),
            claims=(int(rng.integers(2, 20)), 1, 2, int(rng.integers(1, 12))),
            stated={"regulatory capture": float(rng.random())} if k % 9 == 0 else {},
        )
        for k in range(n)
    ]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("overview")
    return write_page(folder, news(), failures=[("read", "not UTF-8")])


def write_page(folder: Path, documents: list[Doc], **options: object) -> Path:
    write_scored(folder / "scored", documents, **options)  # type: ignore[arg-type]
    path = folder / "overview.html"
    path.write_text(overview(folder / "scored", beside=folder), encoding="utf-8")
    return path


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 820, 1400])
def test_the_page_fits_and_reads_well_at_every_width(browser: Browser, page: Path, width: int, theme: str) -> None:
    browser.open(page, width=width, theme=theme)
    assert browser.shown("h1") == "720 documents"
    browser.js("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    assert browser.js("return document.documentElement.scrollWidth <= innerWidth")
    charts = [chart for chart in browser.all(".chart") if chart.is_displayed()]
    assert len(charts) == 3
    shown = "narrow" if width == 390 else "wide"
    assert all(shown in chart.get_attribute("class") for chart in charts)
    assert browser.js(FAINT) == []
    assert browser.js(FAINT_IN_CHARTS) == []
    assert browser.console() == []
    assert browser.requests() == [page.as_uri()]


def test_text_in_charts_is_large_enough_to_read(browser: Browser, page: Path) -> None:
    """Charts are scaled to their room; so is the text in them."""
    for width in (360, 390, 720, 820, 1400):
        browser.open(page, width=width)
        smallest = browser.js(
            "return Math.min(...[...document.querySelectorAll('.chart text')].filter((e) => e.checkVisibility())"
            ".map((e) => parseFloat(e.getAttribute('font-size')) * e.ownerSVGElement.getScreenCTM().a))"
        )
        assert smallest >= 9.5, width


def test_labels_of_charts_do_not_run_out_of_them_or_into_each_other(browser: Browser, page: Path) -> None:
    outside = """
    return [...document.querySelectorAll('.chart')].filter((c) => c.checkVisibility()).flatMap((chart) => {
      const room = chart.getBoundingClientRect();
      return [...chart.querySelectorAll('text')].map((e) => [e.textContent, e.getBoundingClientRect()])
        .filter(([, box]) => box.width && (box.left < room.left - 2 || box.right > room.right + 2)).map(([text]) => text); });"""
    overlapping = """
    return [...document.querySelectorAll('.chart .role-axis-label')].filter((c) => c.checkVisibility()).flatMap((axis) => {
      const boxes = [...axis.querySelectorAll('text')].filter((e) => e.textContent && e.getAttribute('opacity') !== '0').map((e) => e.getBoundingClientRect());
      return boxes.flatMap((a, k) => boxes.slice(k + 1).filter((b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1).map((b) => [a.left, b.left])); });"""
    for width in (390, 1400):
        browser.open(page, width=width)
        assert browser.js(outside) == []
        assert browser.js(overlapping) == []


def test_every_chart_has_a_text_alternative_and_a_table(browser: Browser, page: Path) -> None:
    browser.open(page)
    charts = [chart for chart in browser.all(".chart") if chart.is_displayed()]
    assert all(chart.get_attribute("role") == "img" for chart in charts)
    described = charts[0].get_attribute("aria-label")
    assert "by group; mean dependence from 0." in described and "Small Post" not in described
    browser.js("document.querySelector('details summary').click()")
    rows = [row.text for row in browser.all("details[open] tbody tr")]
    assert len(rows) == 4 and any(row.startswith("Small Post") for row in rows)


def test_small_groups_are_warned_of(browser: Browser, page: Path) -> None:
    browser.open(page)
    warning = browser.shown(".warning")
    assert "Too small to compare" in warning and "Small Post (" in warning and "Herald (" not in warning


@pytest.mark.parametrize("width", [390, 1400])
def test_what_a_corpus_says_stays_text(browser: Browser, tmp_path: Path, width: int) -> None:
    long = "W" * 400
    documents = [
        Doc(
            f"{HOSTILE}{k}",
            [HOSTILE, HOSTILE + "\u200b", "</svg><script>document.title = 'owned'</script>", long][k % 4],
            datetime.date(2024, 1 + k % 3, 1),
            title=HOSTILE if k % 2 else long,
            conclusions=[(HOSTILE, 0.9), (f"{HOSTILE} and {long}", 0.4), ("</script><b>fails", 0.1)],
            stated={HOSTILE: 0.5},
        )
        for k in range(48)
    ]
    columns = [{"text": "text", "group": HOSTILE}]
    options = {"corpus": [HOSTILE, "a/<b>.jsonl"], "columns": columns, "conclusions": [HOSTILE], "vague_credit": 0.25}
    model = {"name": HOSTILE, "version": HOSTILE, "sha256": "0"}
    page = write_page(tmp_path, documents, failures=[(HOSTILE, HOSTILE)], run={"options": options, "model": model})
    browser.open(page, width=width)
    title = browser.driver.title
    assert title == "48 documents · how they argue"
    assert browser.all("img, script, iframe, object, [onerror], [onmouseover], [style]") == []
    about = browser.shown(".about")
    assert "<script>" in about and "{{ 7 * 7 }} {% raw %}" in about
    assert browser.js("return document.documentElement.scrollWidth <= innerWidth")
    assert browser.console() == []
    assert browser.requests() == [page.as_uri()]


def test_the_policy_stops_what_escaping_would_let_through(browser: Browser, page: Path, tmp_path: Path) -> None:
    attacked = tmp_path / "attacked.html"
    attack = '<img src="x.png"><script>document.title = "owned"</script><p style="color: red" onclick="1">x</p></main>'
    attacked.write_text(page.read_text(encoding="utf-8").replace("</main>", attack), encoding="utf-8")
    browser.open(attacked)
    assert browser.driver.title == "720 documents · how they argue"
    refused = " ".join(browser.console())
    for directive in ("img-src", "script-src", "style-src"):
        assert directive in refused, directive


def test_it_prints_whole_with_its_tables_open(browser: Browser, page: Path) -> None:
    browser.open(page)
    options = {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True, "printBackground": True}
    data = browser.driver.execute_cdp_cmd("Page.printToPDF", options)["data"]
    document = pypdfium2.PdfDocument(base64.b64decode(data))
    text = " ".join(document[k].get_textpage().get_text_bounded() for k in range(len(document)))
    for words in ("Small Post", "Claims by source", "Highest dependence", "Over time", "Too small to compare"):
        assert words in text, words
    for k in range(len(document)):
        assert document[k].get_size() == pytest.approx((595, 842), abs=3)
