"""Reports of a model with labels of a user's own: what is shown, what is not, and that labels stay text."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from analyzer.render import FORMATS
from analyzer.report import Report, json_schema
from tests.render.browser import Browser
from tests.render.pages import HOSTILE, argued, own_labels, write_page
from tests.render.specs import drawn, flat


def written(report: Report, form: str, *, quiet: bool = False) -> str:
    stream = io.StringIO()
    FORMATS[form]([report], stream, quiet=quiet)
    return stream.getvalue()


def test_the_terminal_shows_labels_marks_and_counts_and_no_dependence() -> None:
    shown = flat(drawn(own_labels(), 120))
    for words in (
        "no dependence is scored",
        "alarm 50% of the sentences",
        "calm 50% · fear appeal 50%",
        "fear appeal 1 time",
        "alarm 83%",
        "tone: fear appeal? 55%",
        "topics: crime 70%, roads 64%",
    ):
        assert words in shown, words
    for words in ("draws no conclusion", "loaded framing", "unsourced", "named source", "None"):
        assert words not in shown, words


def test_its_json_is_valid_and_says_what_the_model_lacks() -> None:
    report = json.loads(written(own_labels(), "json"))
    Draft202012Validator(json_schema()).validate(report)
    assert report["sentences"][0]["type"] is None
    assert report["sentences"][0]["labels"]["topics"] == ["crime", "roads"]
    assert [head["name"] for head in report["model"]["heads"]] == ["alarm", "tone", "topics", "marks"]


def test_one_line_a_document_names_the_labels() -> None:
    line = written(own_labels(), "concise", quiet=True)
    assert "alarm: 50% of the sentences; tone: calm 50%, fear appeal 50%" in line


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in ("terminal", "json")])
@pytest.mark.parametrize("quiet", [False, True])
def test_every_format_writes_it(form: str, quiet: bool) -> None:
    assert "None" not in written(own_labels(), form, quiet=quiet)


def test_a_label_cannot_become_markdown_or_html() -> None:
    assert "<script>" not in written(own_labels(HOSTILE), "markdown")
    assert "<script>document.title" not in written(own_labels(HOSTILE), "html")
    assert "\u202e" not in drawn(own_labels(HOSTILE))


def test_the_page_shows_labels_marks_and_the_card(browser: Browser, tmp_path: Path) -> None:
    browser.open(write_page(tmp_path / "own.html", own_labels()))
    assert "no dependence is scored" in browser.shown(".verdict")
    assert browser.shown("#d0-s0 .own-label") == "alarm 83%"
    assert browser.shown("#d0-s0 .own-mark") == "burn"
    assert browser.js("return document.querySelector('#d0-s0').className") == "s k-own"
    assert browser.js("return document.querySelector('#d0-s1').className") == "s k-unlabelled"
    assert "Dependence" not in browser.shown(".paragraphs")
    assert "alarm 1" in browser.shown(".paragraphs")
    browser.js("document.querySelectorAll('.n')[0].click()")
    card = browser.shown(".card")
    for words in ("alarm, fear appeal, crime, roads", "83%", "55%", "burn"):
        assert words in card, words
    chosen = "return [...document.querySelectorAll('.card .chance.shown span:first-child')].map((e) => e.textContent)"
    assert browser.js(chosen) == ["alarm", "fear appeal", "crime", "roads"]
    assert browser.console() == []


def test_on_the_page_a_label_stays_text(browser: Browser, tmp_path: Path) -> None:
    browser.open(write_page(tmp_path / "hostile.html", own_labels(HOSTILE)))
    browser.js("document.querySelectorAll('.n')[0].click()")
    assert browser.js("return document.title") != "owned"
    assert browser.js("return document.querySelectorAll('img').length") == 0
    assert browser.console() == []


def test_own_labels_stand_beside_the_standard_ones(browser: Browser, tmp_path: Path) -> None:
    report, own = argued(), own_labels()
    sentences = [
        s.model_copy(
            update={"labels": {"alarm": ["alarm"]}, "probabilities": {**s.probabilities, "alarm": 0.83}}
            if s.index == 1
            else {}
        )
        for s in report.sentences
    ]
    heads = own.model.heads[:1]
    document = report.document.model_copy(update={"label_counts": {"alarm": {"alarm": 1}}})
    model = report.model.model_copy(update={"heads": heads})
    joined = report.model_copy(update={"sentences": sentences, "model": model, "document": document})
    shown = flat(drawn(joined, 120))
    assert "alarm 83%" in shown and "alarm 10% of the sentences" in shown and "Dependence" in shown
    browser.open(write_page(tmp_path / "joined.html", joined))
    assert browser.shown("#d0-s1 .own-label") == "alarm 83%"
    assert browser.find(".gauge").is_displayed()
    assert "Own labels" in browser.shown(".paragraphs")
