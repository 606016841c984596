"""The marked words of every sentence: loaded ones, who is cited, and with what word.

Token probabilities of the model go in, `Span`s of the report come out. Loaded words inside quotation marks belong to
the speaker, and are told from the author's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from analyzer.document import Document, Sentence
from analyzer.model.spans import (
    LEAST_PEAK,
    Array,
    MarkedWords,
    SentenceTokens,
    marked_words,
    span_threshold,
    word_probabilities,
    words_of,
)
from analyzer.quotations import quoted_ranges
from analyzer.report import Span
from analyzer.schema import ATTRIBUTED, QUOTED_LOADED, STANDARD_SCHEMA, SpanLabel

_LABELS = STANDARD_SCHEMA.span_labels


def mark_words(
    document: Document,
    sentences: Sequence[Sentence],
    tokens: Sequence[SentenceTokens],
    *,
    loaded: Sequence[bool],
    sourcing: Sequence[str],
    thresholds: Mapping[str, float],
) -> list[list[Span]]:
    """The spans of every sentence, ascending; `loaded` and `sourcing` are the labels that the sentences have.

    Words are marked as `loaded` only in a sentence that is, a source or cue only in one that has a source: a mark
    explains a label. Loaded words of a speaker are marked in any sentence.
    """
    quoted = np.array(quoted_ranges(document), dtype=np.int64).reshape(-1, 2)
    marked = []
    for sentence, of_sentence, is_loaded, source in zip(sentences, tokens, loaded, sourcing, strict=True):
        text = document.text[sentence.start : sentence.end]
        words = words_of(text)
        probabilities = word_probabilities(words, of_sentence)[:, : len(_LABELS)]
        found = dict(zip(_LABELS, probabilities.T, strict=True))
        spans = _loaded_spans(text, words, found[SpanLabel.LOADED.value], sentence, quoted, is_loaded, thresholds)
        if source in ATTRIBUTED:
            for label in (SpanLabel.SOURCE.value, SpanLabel.CUE.value):
                for run in marked_words(text, words, found[label], thresholds[span_threshold(label)]):
                    spans.append(_span(label, text, run, sentence))
        marked.append(sorted(spans, key=lambda span: (span.start, span.end)))
    return marked


def mark_own_words(
    document: Document,
    sentences: Sequence[Sentence],
    tokens: Sequence[SentenceTokens],
    columns: Mapping[str, int],
    thresholds: Mapping[str, float],
) -> list[list[Span]]:
    """The spans of every sentence by labels of a model's own, whose columns of the probabilities are `columns`."""
    marked = []
    for sentence, of_sentence in zip(sentences, tokens, strict=True):
        text = document.text[sentence.start : sentence.end]
        words = words_of(text)
        found = word_probabilities(words, of_sentence)
        marked.append(
            [
                _span(label, text, run, sentence)
                for label, column in columns.items()
                for run in marked_words(text, words, found[:, column], thresholds[span_threshold(label)])
            ]
        )
    return marked


def _loaded_spans(
    text: str,
    words: Sequence[tuple[int, int]],
    probabilities: Array,
    sentence: Sentence,
    quoted: NDArray[np.int64],
    is_loaded: bool,
    thresholds: Mapping[str, float],
) -> list[Span]:
    """Loaded words, the author's and the speaker's apart: a run never crosses a quotation mark."""
    in_quotes = _inside(np.array(words, dtype=np.int64).reshape(-1, 2) + sentence.start, quoted)
    spans = []
    threshold = thresholds[span_threshold(SpanLabel.LOADED.value)]
    for kind, inside in ((SpanLabel.LOADED.value, False), (QUOTED_LOADED, True)):
        if inside or is_loaded:
            kept = np.where(in_quotes == inside, probabilities, 0.0)
            # That the sentence is loaded is known already: its words need no peak to say so.
            peak = threshold if is_loaded else LEAST_PEAK
            spans += [_span(kind, text, run, sentence) for run in marked_words(text, words, kept, threshold, peak)]
    return spans


def _inside(words: NDArray[np.int64], ranges: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which words (w, 2) lie in one of the ascending ranges (r, 2)."""
    if not len(ranges):
        return np.zeros(len(words), dtype=bool)
    nearest = np.maximum(np.searchsorted(ranges[:, 0], words[:, 0], side="right") - 1, 0)
    return np.asarray((ranges[nearest, 0] <= words[:, 0]) & (words[:, 1] <= ranges[nearest, 1]))


def _span(kind: str, text: str, run: MarkedWords, sentence: Sentence) -> Span:
    return Span(
        kind=kind, start=sentence.start + run.start, end=sentence.start + run.end, text=text[run.start : run.end]
    )
