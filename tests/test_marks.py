"""Marked words are whole words of their sentence, and a speaker's are not the author's."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.marks import mark_words
from analyzer.model.spans import SentenceTokens, marked_words, span_threshold, words_of
from analyzer.readers import read_text
from analyzer.report import Span
from analyzer.segment import segment

THRESHOLDS = {span_threshold(label): 0.5 for label in ("loaded", "source", "cue")}


def tokens_of(text: str, marked: dict[int, list[str]]) -> SentenceTokens:
    """One token a word; the words of `marked[column]` are certain."""
    words = words_of(text)
    probabilities = np.zeros((len(words), 3), dtype=np.float32)
    for column, wanted in marked.items():
        for row, (start, end) in enumerate(words):
            probabilities[row, column] = float(text[start:end] in wanted)
    return SentenceTokens(np.array(words, dtype=np.int64).reshape(-1, 2), probabilities)


def spans_of(text: str, marked: dict[int, list[str]], *, loaded: bool, sourcing: str = "named") -> list[list[Span]]:
    document = read_text(text)
    sentences = segment(document)
    texts = [document.text[s.start : s.end] for s in sentences]
    n = len(sentences)
    spans = mark_words(
        document,
        sentences,
        [tokens_of(sentence, marked) for sentence in texts],
        loaded=[loaded] * n,
        sourcing=[sourcing] * n,
        thresholds=THRESHOLDS,
    )
    assert all(document.text[span.start : span.end] == span.text for found in spans for span in found)
    return spans


def found(spans: list[Span]) -> list[tuple[str, str]]:
    return [(span.kind, span.text) for span in spans]


def test_the_authors_loaded_words_are_told_from_the_speakers() -> None:
    text = "The crooked council, Holt said, ran “a crooked shop”."
    assert found(spans_of(text, {0: ["crooked"]}, loaded=True)[0]) == [
        ("loaded", "crooked"),
        ("quoted_loaded", "crooked"),
    ]
    assert found(spans_of(text, {0: ["crooked"]}, loaded=False)[0]) == [("quoted_loaded", "crooked")]


def test_a_source_is_marked_only_where_the_sentence_has_one() -> None:
    text = "Rates rose, the mayor of Holt said."
    marked = {1: ["the", "mayor", "of", "Holt"], 2: ["said"]}
    assert found(spans_of(text, marked, loaded=False)[0]) == [("source", "the mayor of Holt"), ("cue", "said")]
    assert spans_of(text, marked, loaded=False, sourcing="none") == [[]]


def test_a_run_keeps_inner_punctuation_and_loses_it_at_its_ends() -> None:
    text = "The far-right, so-called “reform” failed."
    words = words_of(text)
    p = np.array([text[a:b] not in ("The", "failed", ".") for a, b in words], dtype=np.float32)
    assert [text[run.start : run.end] for run in marked_words(text, words, p, 0.5)] == ["far-right, so-called “reform”"]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Sen. Bernie Sanders (I-Vt.), who", "Sen. Bernie Sanders (I-Vt.)"),
        ("“Broad City” and [its] “creator,” though", "“Broad City” and [its] “creator,”"),
        ('(the "Board" of the U.S.),', 'the "Board" of the U.S.'),
        ("“Broad City”", "Broad City"),
        ("the council (or what is left of it,", "the council (or what is left of it"),
        ("a rise of 1.5.", "a rise of 1.5"),
        ("the U.S.A. and the D.C.-based", "the U.S.A. and the D.C.-based"),
        ("a _shameful_ regime _", "a _shameful_ regime"),
        ("_shameful_", "shameful"),
        ("snake_case and passe\u0301, nai\u0308ve.", "snake_case and passe\u0301, nai\u0308ve"),
    ],
)
def test_brackets_and_quotations_inside_a_run_are_closed(text: str, marked: str) -> None:
    words = words_of(text)
    p = np.array([text[a:b] not in ("who", "though") for a, b in words], dtype=np.float32)
    assert [text[run.start : run.end] for run in marked_words(text, words, p, 0.5)] == [marked]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("in Dominion's own 2023 IRP (p. 47), it says", "Dominion's own 2023 IRP (p. 47)"),
        ("the so-called “reform” of it", "so-called “reform”"),
        ('the so-called "reform" of it', 'so-called "reform"'),
        ("the officials (who spoke to us) of it", "officials (who"),
    ],
)
def test_a_run_takes_in_what_closes_a_pair_right_behind_it(text: str, marked: str) -> None:
    words = words_of(text)
    start, end = text.index(marked.rstrip(')”"')), text.index(marked) + len(marked.rstrip(')”"'))
    p = np.array([float(a >= start and b <= end) for a, b in words], dtype=np.float32)
    assert [text[run.start : run.end] for run in marked_words(text, words, p, 0.5)] == [marked]


def test_a_letter_with_an_accent_of_its_own_is_within_its_word() -> None:
    text = "fac\u0327ade of a cliche\u0301-ridden plan"
    assert [text[a:b] for a, b in words_of(text)] == ["fac\u0327ade", "of", "a", "cliche\u0301-ridden", "plan"]


@given(st.text(max_size=60), st.data())
def test_runs_are_whole_words_in_order(text: str, data: st.DataObject) -> None:
    words = words_of(text)
    p = np.array(data.draw(st.lists(st.floats(0, 1), min_size=len(words), max_size=len(words))), dtype=np.float32)
    runs = marked_words(text, words, p, 0.5)
    starts, ends = {a for a, _ in words}, {b for _, b in words}
    assert all(run.start in starts and run.end in ends and run.start < run.end for run in runs)
    assert all(a.end <= b.start for a, b in pairwise(runs))
    assert all(any(map(str.isalnum, text[run.start : run.end])) for run in runs)


def test_names_that_end_in_an_abbreviation_or_begin_with_a_sign_are_marked_whole() -> None:
    for text, name in (("Robert F. Kennedy Jr. said so.", "Kennedy Jr."), ("@jane tweeted it.", "@jane")):
        words = words_of(text)
        start, end = text.index(name), text.index(name) + len(name)
        p = np.array([float(a >= start and b <= end) for a, b in words], dtype=np.float32)
        [run] = marked_words(text, words, p, 0.5)
        assert text[run.start : run.end] == name
