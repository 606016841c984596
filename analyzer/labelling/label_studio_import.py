"""Reads what people made of Label Studio tasks: its JSON export, back into labelled documents.

Sentences are the regions that people left, so one that was split, joined or moved comes back so. A task that is not
finished is not guessed at: it is left out, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from analyzer.errors import AnalyzerError
from analyzer.labelling.documents import AnnotatedDocument, document_of
from analyzer.labelling.form import problems_of_form
from analyzer.labelling.label_studio import SENTENCES, SPANS, SUPPORTS, TEXT
from analyzer.schema import HeadKind, LabelSchema

_EXPORT = "in Label Studio, export the project as JSON"


@dataclass(frozen=True)
class Imported:
    """The documents of an export, and one line for every task that could not become one."""

    documents: tuple[AnnotatedDocument, ...]
    left_out: tuple[str, ...]


class _Unfinished(Exception):
    """Why a task cannot become a document."""


def from_label_studio(text: str, schema: LabelSchema, *, name: str, annotator: str | None = None) -> Imported:
    """The documents of an export.

    Of several annotations of a task, the one that was changed last is taken; with `annotator` (a number or e-mail
    address), the last one by that person. Raises `AnalyzerError` when the text is no export.
    """
    try:
        exported = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AnalyzerError(f"{name}: not JSON ({error}); {_EXPORT}") from error
    if not isinstance(exported, list) or not all(isinstance(t, dict) and "data" in t for t in exported):
        raise AnalyzerError(f"{name}: not a list of tasks; {_EXPORT}, not as JSON-MIN")
    documents, left_out = [], []
    for number, task in enumerate(exported):
        try:
            documents.append(_document(task, schema, annotator))
        except _Unfinished as reason:
            left_out.append(f"{name}: task {_called(task, number)}: {reason}")
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            left_out.append(f"{name}: task {_called(task, number)}: not made by `analyzer labels export` ({error!r})")
    return Imported(tuple(documents), tuple(left_out))


def _called(task: dict[str, Any], number: int) -> str:
    data = task["data"]
    return repr(data["id"]) if isinstance(data, dict) and "id" in data else str(number)


def _document(task: dict[str, Any], schema: LabelSchema, annotator: str | None) -> AnnotatedDocument:
    data = task["data"]
    sentences = _sentences(_annotation(task, annotator)["result"], data, schema)
    # Who marks words of a document without marks had all kinds to choose from. Where some kinds were looked for, a mark
    # of another does not say that the rest of that kind was: it stays, unlisted, and so teaches nothing about the rest.
    marked = data["span_labels"] or (list(schema.span_labels) if any(s["spans"] for s in sentences) else [])
    row = {
        "id": data["id"],
        "source": data["source"],
        "split": data["split"],
        **data["details"],
        **({"span_labels": marked} if marked else {}),
        "sentences": sentences,
    }
    for problem in problems_of_form(row, schema):
        if problem.is_error:
            raise _Unfinished(str(problem))
    return document_of(row, schema)


def _annotation(task: dict[str, Any], annotator: str | None) -> dict[str, Any]:
    done: list[dict[str, Any]] = [a for a in task.get("annotations", ()) if not a.get("was_cancelled")]
    if not done:
        raise _Unfinished("nobody has annotated it; submit it in Label Studio")
    if annotator is not None:
        done = [a for a in done if annotator in _people(a.get("completed_by"))]
        if not done:
            raise _Unfinished(f"no annotation by {annotator!r}; look who completed it")
    return max(done, key=lambda a: str(a.get("updated_at") or a.get("created_at") or ""))


def _people(completed_by: Any) -> tuple[str, ...]:
    """What the one who completed an annotation can be called by."""
    if isinstance(completed_by, dict):
        return str(completed_by.get("id")), str(completed_by.get("email"))
    return (str(completed_by),)


def _sentences(result: Sequence[dict[str, Any]], data: dict[str, Any], schema: LabelSchema) -> list[dict[str, Any]]:
    text = data[TEXT]
    regions = {r["id"]: r["value"] for r in result if r.get("from_name") == SENTENCES}
    order = sorted(regions, key=lambda id: (int(regions[id]["start"]), int(regions[id]["end"])))
    places = [(int(regions[id]["start"]), int(regions[id]["end"])) for id in order]
    for index, (start, end) in enumerate(places):
        if not 0 <= start < end <= len(text):
            raise _Unfinished(f"the region of sentence {index} runs from {start} to {end}, outside the text")
    for index, ((_, end), (start, _)) in enumerate(pairwise(places)):
        if start < end:
            raise _Unfinished(f"the regions of sentences {index} and {index + 1} overlap; end the first before")
    sentences: list[dict[str, Any]] = [
        {"paragraph": _paragraph(start, data), "text": text[start:end], "supports": [], "spans": []}
        for start, end in places
    ]
    of_region = dict(zip(order, sentences, strict=True))
    for head in schema.sentence_heads:
        chosen = {r["id"]: r["value"]["choices"] for r in result if r.get("from_name") == head.name}
        for index, (id, sentence) in enumerate(of_region.items()):
            labels = chosen.get(id, [])
            if head.kind is not HeadKind.SINGLE:
                sentence[head.name] = labels if len(head.labels) > 1 else bool(labels)
            elif len(labels) != 1:
                raise _Unfinished(f"sentence {index} has {len(labels) or 'no'} {head.name}; choose one")
            else:
                sentence[head.name] = labels[0]
    for place, span in _spans(result, places):
        sentences[place]["spans"].append(span)
    numbers = {id: number for number, id in enumerate(order)}
    for supporter, supported in _links(result, numbers):
        sentences[supporter]["supports"].append(supported)
    for sentence in sentences:
        sentence["spans"].sort(key=lambda span: (span["start"], span["end"], span["kind"]))
        sentence["supports"].sort()
    return sentences


def _paragraph(start: int, data: dict[str, Any]) -> int:
    """The number of the paragraph that a place in the text lies in."""
    numbers = [int(p["number"]) for p in data["paragraphs"] if p["start"] <= start]
    return numbers[-1] if numbers else 0


def _spans(result: Sequence[dict[str, Any]], places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Which sentence marked words lie in, and their place in it."""
    for region in result:
        if region.get("from_name") != SPANS:
            continue
        start, end = int(region["value"]["start"]), int(region["value"]["end"])
        inside = [i for i, (begin, stop) in enumerate(places) if begin <= start and end <= stop]
        for kind in region["value"]["labels"]:
            if not inside:
                raise _Unfinished(f"the {kind} words at {start}–{end} lie in no one sentence; end them with it")
            begin = places[inside[0]][0]
            yield inside[0], {"kind": kind, "start": start - begin, "end": end - begin}


def _links(result: Sequence[dict[str, Any]], numbers: dict[str, int]) -> Iterator[tuple[int, int]]:
    """Pairs (premise, supported sentence)."""
    for relation in result:
        if relation.get("type") != "relation" or relation.get("labels") not in (None, [], [SUPPORTS]):
            continue
        ends = [numbers.get(relation["from_id"]), numbers.get(relation["to_id"])]
        if None in ends:
            raise _Unfinished("a relation begins or ends at marked words; relate sentences")
        pairs = {"right": [(0, 1)], "left": [(1, 0)], "bi": [(0, 1), (1, 0)]}[relation["direction"]]
        yield from ((int(ends[a] or 0), int(ends[b] or 0)) for a, b in pairs)
