"""Terms of a field that do not count as loaded: "regime" in a chemistry journal, "terrorist" in a court's own words.

In go a report and the terms, out comes the report with the sentences whose only loaded words are such terms no longer
loaded. Where a report marks no words, it does not say which ones are loaded: then a sentence that holds a term is not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from analyzer.counts import loaded_share
from analyzer.report import Report, SentenceReport, by_paragraph

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_NOTE = "not loaded: {} as a term that does not count as loaded here"


def without_terms(report: Report, terms: Sequence[str]) -> Report:
    """The report with `terms` (whole words, in any case) not counted as loaded, its loaded shares worked out anew."""
    patterns = {term: _pattern(term) for term in terms if _WORD.search(term)}
    marks = any(span.kind == "loaded" for sentence in report.sentences for span in sentence.spans)
    sentences = [_judged(sentence, patterns, marks=marks) for sentence in report.sentences]
    if sentences == report.sentences:
        return report
    inside = by_paragraph(sentences)
    paragraphs = [
        paragraph.model_copy(update={"loaded_share": loaded_share(inside.get(paragraph.index, []))})
        for paragraph in report.paragraphs
    ]
    document = report.document.model_copy(update={"loaded_share": loaded_share(sentences)})
    return report.model_copy(update={"document": document, "paragraphs": paragraphs, "sentences": sentences})


def _judged(sentence: SentenceReport, patterns: dict[str, re.Pattern[str]], *, marks: bool) -> SentenceReport:
    if not sentence.loaded:
        return sentence
    loaded = [span for span in sentence.spans if span.kind == "loaded"]
    searched = [span.text for span in loaded] if marks else [sentence.text]
    found = [term for term, pattern in patterns.items() if any(pattern.search(text) for text in searched)]
    if not found:
        return sentence
    left = [span for span in loaded if not _only_terms(span.text, [patterns[term] for term in found])]
    spans = [span for span in sentence.spans if span.kind != "loaded" or span in left]
    if left:
        return sentence.model_copy(update={"spans": spans})
    notes = [*sentence.notes, _NOTE.format(", ".join(repr(term) for term in found))]
    probabilities = {**sentence.probabilities, "loaded": 0.0}
    return sentence.model_copy(update={"loaded": False, "spans": spans, "notes": notes, "probabilities": probabilities})


def _only_terms(words: str, patterns: Sequence[re.Pattern[str]]) -> bool:
    """Whether every word of it is of some term; terms may overlap, as "moat" does "moat is draining"."""
    covered = [match.span() for pattern in patterns for match in pattern.finditer(words)]
    return all(any(a <= word.start() and word.end() <= b for a, b in covered) for word in _WORD.finditer(words))


def _pattern(term: str) -> re.Pattern[str]:
    words = r"[\W_]+".join(map(re.escape, _WORD.findall(term)))
    return re.compile(rf"(?<!\w){words}(?:['’]s)?(?!\w)", re.IGNORECASE)
