"""The form of a labelled document: what a row of a file must hold before anyone can ask what the labels say.

A row as JSON gives it goes in, every `Problem` of its form comes out, each with what would mend it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard

from analyzer.schema import QUOTED_LOADED, Head, HeadKind, LabelSchema, SpanLabel
from analyzer.shared_text import SPLITS

DOCUMENT_KEYS = ("id", "source", "split", "span_labels", "sentences")
SENTENCE_KEYS = ("index", "paragraph", "text", "supports", "spans", "predicted")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a document, or with one sentence of it, and what would mend it.

    Warnings are what the guidelines leave to judgement; errors are not.
    """

    what: str
    fix: str
    sentence: int | None = None
    is_error: bool = True

    def __str__(self) -> str:
        """The problem on one line, with the sentence it is in."""
        place = "" if self.sentence is None else f"sentence {self.sentence}: "
        return f"{place}{'' if self.is_error else 'warning: '}{self.what}; {self.fix}"


def span_kinds(schema: LabelSchema) -> tuple[str, ...]:
    """The kinds of words that may be marked."""
    quoted = (QUOTED_LOADED,) if SpanLabel.LOADED.value in schema.span_labels else ()
    return (*schema.span_labels, *quoted)


def problems_of_form(row: Any, schema: LabelSchema) -> Iterator[Problem]:
    """Every problem of a row's form, in the order of the sentences; none: `documents.document_of` can read it."""
    if isinstance(row, ValueError):
        yield Problem(f"not JSON ({row})", "write one document a line")
        return
    if not isinstance(row, dict):
        yield Problem(f"a line holds {_name(row)}", "write an object with id and sentences on each line")
        return
    yield from _problems_of_head(row, schema)
    sentences = row.get("sentences")
    if not isinstance(sentences, list) or not sentences:
        yield Problem(f"sentences is {_name(sentences)}", "give a list of one sentence or more")
        return
    for index, sentence in enumerate(sentences):
        if not isinstance(sentence, dict):
            yield Problem(f"it is {_name(sentence)}", "give an object with text and labels", index)
            continue
        found = _problems_of_sentence(sentence, index, len(sentences), row.get("span_labels"), schema)
        yield from (Problem(p.what, p.fix, index, p.is_error) for p in found)


def _problems_of_head(row: dict[str, Any], schema: LabelSchema) -> Iterator[Problem]:
    if not isinstance(row.get("id"), str) or not row["id"].strip():
        yield Problem(f"id is {_name(row.get('id'))}", "give every document a name of its own")
    if not isinstance(row.get("source", ""), str):
        yield Problem(f"source is {_name(row['source'])}", "name where the text comes from")
    if row.get("split", "train") not in SPLITS:
        yield Problem(f"split is {_shown(row['split'])}", f"write one of {', '.join(SPLITS)}")
    for key, value in row.items():
        if key != "sentences" and _has_half(json.dumps(value, ensure_ascii=False)):
            yield Problem(f"{_shown(key)} holds half a character (a lone surrogate)", "write the character whole")
    kinds = row.get("span_labels", [])
    if not isinstance(kinds, list) or any(kind not in span_kinds(schema) for kind in kinds):
        yield Problem(f"span_labels is {_shown(kinds)}", f"list some of {', '.join(span_kinds(schema))}")


def _problems_of_sentence(
    sentence: dict[str, Any], index: int, count: int, marked: Any, schema: LabelSchema
) -> Iterator[Problem]:
    text = sentence.get("text")
    if not isinstance(text, str) or not text.strip():
        yield Problem(f"text is {_name(text)}", "give the words of the sentence, or take the sentence out")
        return
    if _has_half(text):
        yield Problem("the text holds half a character (a lone surrogate)", "write the character whole")
    if text != text.strip():
        yield Problem("white space at an end of the text", "cut it off, and move the spans with it", is_error=False)
    if sentence.get("index", index) != index:
        yield Problem(f"index is {_shown(sentence['index'])}", f"write {index}, its place in the document")
    paragraph = sentence.get("paragraph", 0)
    if not _is_count(paragraph):
        yield Problem(f"paragraph is {_shown(paragraph)}", "write the number of its paragraph, from 0")
    for head in schema.sentence_heads:
        yield from _problems_of_label(sentence, head)
    yield from _problems_of_links(sentence.get("supports", []), index, count)
    yield from _problems_of_spans(sentence.get("spans", []), text, marked, schema)
    known = {*SENTENCE_KEYS, *(head.name for head in schema.sentence_heads)}
    for key in sorted(set(sentence) - known):
        yield Problem(f"unknown key {_shown(key)}", f"write one of {', '.join(sorted(known))}", is_error=False)


def _problems_of_label(sentence: dict[str, Any], head: Head) -> Iterator[Problem]:
    if head.name not in sentence:
        yield Problem(f"no {head.name}", f"give it {_choices(head)}")
        return
    value = sentence[head.name]
    if head.kind is HeadKind.SINGLE:
        fits = value in head.labels
    elif len(head.labels) == 1:
        fits = value in (0, 1) and isinstance(value, int)
    else:
        fits = isinstance(value, list) and all(label in head.labels for label in value)
    if not fits:
        yield Problem(f"{head.name} is {_shown(value)}", f"give it {_choices(head)}")


def _choices(head: Head) -> str:
    if head.kind is HeadKind.SINGLE:
        return f"one of {', '.join(head.labels)}"
    return "true or false" if len(head.labels) == 1 else f"a list of some of {', '.join(head.labels)}"


def _problems_of_links(supports: Any, index: int, count: int) -> Iterator[Problem]:
    if not isinstance(supports, list):
        yield Problem(f"supports is {_name(supports)}", "give a list of positions of sentences, [] for none")
        return
    for target in supports:
        if not _is_count(target) or target >= count:
            yield Problem(f"supports {_shown(target)}", f"there are sentences 0 to {count - 1}; name one of them")
        elif target == index:
            yield Problem("supports itself", "name the sentence that it is a reason for, or none")
    if len(supports) != len({str(target) for target in supports}):
        yield Problem(f"supports names a sentence twice: {_shown(supports)}", "name it once")


def _problems_of_spans(spans: Any, text: str, marked: Any, schema: LabelSchema) -> Iterator[Problem]:
    if not isinstance(spans, list):
        yield Problem(f"spans is {_name(spans)}", "give a list of {kind, start, end}, [] for none")
        return
    kinds = span_kinds(schema)
    looked_for = {*marked} if isinstance(marked, list) and all(isinstance(kind, str) for kind in marked) else set()
    if SpanLabel.LOADED.value in looked_for:
        looked_for.add(QUOTED_LOADED)
    for span in spans:
        if not isinstance(span, dict) or span.get("kind") not in kinds:
            yield Problem(f"a span is {_shown(span)}", f"give it a kind of {', '.join(kinds)}, a start and an end")
            continue
        start, end, kind = span.get("start"), span.get("end"), span["kind"]
        if not (_is_count(start) and _is_count(end) and start < end <= len(text)):
            yield Problem(
                f"a {kind} span from {_shown(start)} to {_shown(end)}",
                f"give offsets into the sentence, which has {len(text)} characters, the start before the end",
            )
        elif kind not in looked_for:
            yield Problem(
                f"a {kind} span, but span_labels does not list {kind}",
                "training does not see it; look for all of them in the document, then list it there",
                is_error=False,
            )
        elif text[start:end] != text[start:end].strip():
            yield Problem(f"white space at an end of the {kind} span {start}–{end}", "cut it off", is_error=False)


def _has_half(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _name(value: Any) -> str:
    """What a value is, for a message: missing, empty, or its kind."""
    if value is None:
        return "missing"
    if value in ("", [], {}) or (isinstance(value, str) and not value.strip()):
        return "empty"
    return {dict: "an object", list: "a list", str: "a string", bool: "true or false"}.get(type(value), "a number")


def _shown(value: Any) -> str:
    """A value on one line, cut short, with nothing in it that acts on a terminal."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
