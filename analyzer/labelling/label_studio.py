"""Documents as tasks of Label Studio, an annotation tool, and its labelling configuration.

A task is a document: its text, a region for every sentence with a choice for every head, regions for marked words,
and relations for support links. Labels that people gave become an annotation, those of the model a prediction.
`label_studio_import` reads what people made of it. Offsets are code points, as Label Studio counts them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from analyzer.errors import AnalyzerError
from analyzer.labelling.documents import AnnotatedDocument, Layout, lay_out
from analyzer.labelling.exchange import Item
from analyzer.labelling.form import span_kinds
from analyzer.schema import QUOTED_LOADED, HeadKind, LabelSchema

TEXT, SENTENCES, SENTENCE, SPANS, SUPPORTS = "text", "sentences", "sentence", "spans", "supports"
_COLOURS = {"loaded": "#c0392b", QUOTED_LOADED: "#e59866", "source": "#2471a3", "cue": "#1e8449"}
# Choices are seen while a sentence is selected.
_SHOWN = {"visibleWhen": "region-selected", "whenTagName": SENTENCES, "whenLabelValue": SENTENCE}
_HINT = (
    "Select a sentence (grey) to see and change its labels. Mark words inside a sentence with the coloured labels. "
    "Link a premise to what it is a reason for: select it, press Alt+R, and click the other sentence."
)


def config(schema: LabelSchema) -> str:
    """The labelling configuration, to paste into the project's settings before tasks are imported."""
    taken = {TEXT, SENTENCES, SPANS} & {head.name for head in schema.sentence_heads}
    if taken:
        raise AnalyzerError(f"a head is named {', '.join(sorted(taken))}, as a part of every task is; rename the head")
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Header", value=_HINT, size="5")
    sentences = ElementTree.SubElement(view, "Labels", name=SENTENCES, toName=TEXT, choice="single")
    ElementTree.SubElement(sentences, "Label", value=SENTENCE, background="#bdc3c7")
    if kinds := span_kinds(schema):
        spans = ElementTree.SubElement(view, "Labels", name=SPANS, toName=TEXT, choice="single")
        for kind in kinds:
            ElementTree.SubElement(spans, "Label", value=kind, background=_COLOURS.get(kind, "#7d3c98"))
    ElementTree.SubElement(view, "Text", name=TEXT, value=f"${TEXT}", granularity="word")
    labels = ElementTree.SubElement(view, "View", _SHOWN)
    for head in schema.sentence_heads:
        many = "multiple" if head.kind is HeadKind.MULTI else "single"
        ElementTree.SubElement(labels, "Header", value=head.name, size="5")
        choices = ElementTree.SubElement(
            labels, "Choices", name=head.name, toName=TEXT, choice=many, perRegion="true", showInLine="true"
        )
        for label in head.labels:
            ElementTree.SubElement(choices, "Choice", value=label)
    if schema.links:
        ElementTree.SubElement(ElementTree.SubElement(view, "Relations"), "Relation", value=SUPPORTS)
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def tasks(items: Sequence[Item]) -> list[dict[str, Any]]:
    """One task a document, ready to be imported into a project with `config`."""
    return [_task(item) for item in items]


def _task(item: Item) -> dict[str, Any]:
    layout = lay_out(item.shown)
    task: dict[str, Any] = {"data": _data(item.shown, layout, item.part.details)}
    if item.document is not None:
        task["annotations"] = [{"result": list(_regions(item.document, layout, item.wanted))}]
    if item.predicted is not None:
        scores = item.predicted.scores
        shown = [score for index in item.wanted for score in scores[index].values()]
        regions = list(_regions(item.predicted.document, layout, item.wanted))
        for region in regions:
            _add_score(region, scores, item.predicted.link_scores)
        task["predictions"] = [
            {"model_version": item.predicted.model, "score": round(sum(shown) / len(shown), 4), "result": regions}
        ]
    return task


def _data(document: AnnotatedDocument, layout: Layout, details: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": document.id,
        "source": document.source,
        "split": document.split,
        TEXT: layout.text,
        "paragraphs": [{"number": n, "start": start, "end": end} for n, start, end in layout.paragraphs],
        "span_labels": list(document.span_labels),
        "details": details,
    }


def _regions(document: AnnotatedDocument, layout: Layout, wanted: Sequence[int]) -> Iterator[dict[str, Any]]:
    for index in wanted:
        sentence, (start, end) = document.sentences[index], layout.places[index]
        place = {"start": start, "end": end, "text": sentence.text}
        yield _region(_id(index), SENTENCES, "labels", {**place, "labels": [SENTENCE]})
        for head, value in sentence.labels.items():
            chosen = [head] if value is True else [value] if isinstance(value, str) else list(value or ())
            if chosen:
                yield _region(_id(index), head, "choices", {**place, "choices": chosen})
        for number, mark in enumerate(sentence.marks):
            words = {"start": start + mark.start, "end": start + mark.end, "text": sentence.text[mark.start : mark.end]}
            yield _region(f"{_id(index)}-{number}", SPANS, "labels", {**words, "labels": [mark.kind]})
    kept = set(wanted)
    for index in wanted:
        for target in document.sentences[index].supports:
            if target in kept:
                yield {
                    "type": "relation",
                    "from_id": _id(index),
                    "to_id": _id(target),
                    "direction": "right",
                    "labels": [SUPPORTS],
                }


def _region(id: str, name: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"id": id, "from_name": name, "to_name": TEXT, "type": kind, "value": value}


def _id(index: int) -> str:
    return f"sentence-{index}"


def _index(id: str) -> int:
    return int(id.split("-")[1])


def _add_score(region: dict[str, Any], scores: Sequence[dict[str, float]], links: dict[tuple[int, int], float]) -> None:
    if region["type"] == "relation":
        region["score"] = round(links[_index(region["from_id"]), _index(region["to_id"])], 4)
    elif region["type"] == "choices":
        region["score"] = round(scores[_index(region["id"])][region["from_name"]], 4)
