"""Labelled documents for the tests: one written by hand, and any that hypothesis can think of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from analyzer.labelling.documents import AnnotatedDocument, AnnotatedSentence, Mark, lines_of, row_of
from analyzer.labelling.form import span_kinds
from analyzer.schema import STANDARD_SCHEMA, Head, HeadKind, LabelSchema

FEARS = LabelSchema(
    heads=(
        Head("stance", HeadKind.SINGLE, ("for", "against", "neither")),
        Head("fears", HeadKind.MULTI, ("loss", "change", "strangers")),
        Head("ironic", HeadKind.MULTI, ("ironic",)),
    ),
    links=True,
)
SCHEMAS = [STANDARD_SCHEMA, FEARS]
# For tests over whole documents, which take a while to think of.
PATIENT = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def column() -> dict[str, Any]:
    """A short column that breaks no rule, as a row of a labelled file."""

    def sentence(text: str, paragraph: int, **labels: Any) -> dict[str, Any]:
        base = {"type": "factual_claim", "loaded": False, "sourcing": "none", "role": "background", "supports": []}
        row = {"text": text, "paragraph": paragraph, **base, "spans": [], **labels}
        return {"content": row["type"], **row}

    return {
        "id": "w-1",
        "source": "written",
        "split": "train",
        "title": "The bridge that nobody wanted",
        "genre": "column",
        "span_labels": ["loaded", "source", "cue"],
        "sentences": [
            sentence("The bridge that nobody wanted", 0, type="non_assertive"),
            sentence(
                'Ada Finch, the engineer, called it "a death trap".',
                1,
                content="inference",
                sourcing="named",
                role="premise",
                supports=[3],
                spans=[
                    {"kind": "source", "start": 0, "end": 23},
                    {"kind": "cue", "start": 25, "end": 31},
                    {"kind": "quoted_loaded", "start": 36, "end": 47},
                ],
            ),
            sentence("It has carried lorries since 1931.", 1, role="premise", supports=[3]),
            sentence(
                "The council's dithering must end.",
                2,
                type="inference",
                loaded=True,
                role="conclusion",
                spans=[{"kind": "loaded", "start": 14, "end": 23}],
            ),
        ],
    }


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_documents(path: Path, documents: Sequence[AnnotatedDocument]) -> Path:
    path.write_text(lines_of(map(row_of, documents)), encoding="utf-8")
    return path


_WORDS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=30)
_TEXTS = st.one_of(
    _WORDS, st.sampled_from(["=1+1", "'=x", "-- no", "👩‍👩‍👧 said “so”.", 'a,"b";c\r\nd', "two  spaces"])
)


def _values(head: Head) -> st.SearchStrategy[Any]:
    if head.kind is HeadKind.SINGLE:
        return st.sampled_from(head.labels)
    if len(head.labels) == 1:
        return st.booleans()
    return st.lists(st.sampled_from(head.labels), unique=True).map(tuple)


@st.composite
def documents(draw: st.DrawFn, schema: LabelSchema, *, stripped: bool = False) -> AnnotatedDocument:
    """Any document of the right form, whether it follows the guidelines or not."""
    texts = _TEXTS.map(str.strip) if stripped else _TEXTS
    count = draw(st.integers(1, 6))
    kinds = span_kinds(schema)
    paragraph = 0
    sentences = []
    for index in range(count):
        text = draw(texts.filter(str.strip))
        others = [other for other in range(count) if other != index]
        supports = draw(st.lists(st.sampled_from(others), unique=True)) if others else []
        marks: set[Mark] = set()
        for _ in range(draw(st.integers(0, 3)) if kinds else 0):
            start = draw(st.integers(0, len(text) - 1))
            marks.add(Mark(start, draw(st.integers(start + 1, len(text))), draw(st.sampled_from(kinds))))
        labels = {head.name: draw(_values(head)) for head in schema.sentence_heads}
        paragraph += draw(st.integers(0, 2))
        sentences.append(AnnotatedSentence(text, paragraph, labels, tuple(sorted(supports)), tuple(sorted(marks))))
    return AnnotatedDocument(
        id=draw(_WORDS.filter(str.strip)),
        source=draw(st.sampled_from(["written", "basil", ""])),
        split=draw(st.sampled_from(["train", "dev"])),
        sentences=tuple(sentences),
        span_labels=tuple(schema.span_labels),
        details=draw(st.dictionaries(st.sampled_from(["title", "genre", "topic"]), _WORDS)),
    )


def files(schema: LabelSchema) -> st.SearchStrategy[list[AnnotatedDocument]]:
    """Documents of one file: no id twice."""
    return st.lists(documents(schema), min_size=1, max_size=3, unique_by=lambda document: document.id)
