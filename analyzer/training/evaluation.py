"""Runs a model folder, as shipped or read in another way, over labelled documents, measures it and compares it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from analyzer.model.encoder import Encoder
from analyzer.model.folder import ModelFolder
from analyzer.model.heads import DocumentHeads
from analyzer.model.onnx_runtime import OnnxEncoder
from analyzer.model.predictions import Predictions
from analyzer.schema import LabelSchema
from analyzer.training.data import LabelledDocument
from analyzer.training.measures import measures_of
from analyzer.training.metrics import all_metrics, span_metrics
from analyzer.training.resampling import Measure, difference, draw, interval, value

Progress = Callable[[int], None]


def _ignore(done: int) -> None:
    """What is told to nobody."""


def predict_documents(
    folder: ModelFolder,
    documents: Sequence[LabelledDocument],
    *,
    encoder: Callable[[ModelFolder], Encoder] = OnnxEncoder,
    neighbours: int | None = None,
    progress: Progress = _ignore,
) -> list[Predictions]:
    """Predictions for every document, by the int8 CPU runtime unless `encoder` makes another one.

    With `neighbours`, each sentence is judged as if the document held only it and so many sentences before and after
    it. `progress` gets the number of documents done.
    """
    reader, heads = encoder(folder), DocumentHeads(folder)

    def predict(texts: Sequence[str], paragraphs: Sequence[int]) -> Predictions:
        return heads.predict(reader.read(texts, heads.mark_tokens), paragraphs)

    predictions = []
    for done, document in enumerate(documents, 1):
        whole = document.texts, document.paragraphs
        predictions.append(predict(*whole) if neighbours is None else _in_parts(*whole, neighbours, predict))
        progress(done)
    return predictions


def _in_parts(
    texts: Sequence[str],
    paragraphs: Sequence[int],
    neighbours: int,
    predict: Callable[[Sequence[str], Sequence[int]], Predictions],
) -> Predictions:
    rows = []
    for place in range(len(texts)):
        first = max(0, place - neighbours)
        around = slice(first, place + neighbours + 1)
        part = predict(texts[around], paragraphs[around])
        row = slice(place - first, place - first + 1)
        rows.append(
            Predictions({n: p[row] for n, p in part.probabilities.items()}, part.features[row], part.tokens[row])
        )
    return Predictions(
        {name: np.concatenate([row.probabilities[name] for row in rows]) for name in rows[0].probabilities},
        np.concatenate([row.features for row in rows]),
        tuple(tokens for row in rows for tokens in row.tokens),
    )


def measure_spans(folder: ModelFolder, documents: Sequence[LabelledDocument]) -> dict[str, Any]:
    """F1 of marked words and spans on documents that have gold ones."""
    marked = [document for document in documents if document.spans]
    return span_metrics(marked, predict_documents(folder, marked), folder.schema, folder.settings.thresholds)


@dataclass(frozen=True)
class Judged:
    """What a model said of documents, with what is needed to measure it."""

    folder: ModelFolder
    predictions: list[Predictions]

    @cached_property
    def heads(self) -> DocumentHeads:
        """The layers above the encoder."""
        return DocumentHeads(self.folder)

    def measures(self, documents: Sequence[LabelledDocument]) -> dict[str, Measure]:
        """The measures of all heads."""
        return measures_of(
            documents,
            self.predictions,
            self.heads,
            self.folder.schema,
            self.folder.settings.thresholds,
        )


def measure(judged: Judged, documents: Sequence[LabelledDocument]) -> dict[str, Any]:
    """All metrics, with 95 % intervals by the name of the figure, and all metrics by source where there are several."""
    measured = _metrics(judged, documents, range(len(documents)))
    draws = draw(len(documents))
    intervals = {name: interval(found, draws) for name, found in judged.measures(documents).items()}
    measured["intervals"] = {name: list(found) for name, found in intervals.items() if found is not None}
    sources = sorted({document.source for document in documents})
    if len(sources) > 1:
        places = {name: [k for k, document in enumerate(documents) if document.source == name] for name in sources}
        measured["sources"] = {name: _metrics(judged, documents, rows) for name, rows in places.items()}
    return measured


def _metrics(judged: Judged, documents: Sequence[LabelledDocument], rows: Sequence[int]) -> dict[str, Any]:
    return all_metrics(
        [documents[k] for k in rows],
        [judged.predictions[k] for k in rows],
        judged.heads,
        judged.folder.schema,
        judged.folder.settings.thresholds,
    )


def evaluate_folder(folder: ModelFolder, documents: Sequence[LabelledDocument]) -> dict[str, Any]:
    """All metrics of a model folder on labelled documents."""
    return measure(Judged(folder, predict_documents(folder, documents)), documents)


def compare(judged: Judged, other: Judged, documents: Sequence[LabelledDocument]) -> dict[str, dict[str, Any]]:
    """By name of the figure: of the one, of the other, the one minus the other, and its 95 % interval.

    The interval is that of a paired bootstrap over the documents. Heads that differ are left out.
    """
    theirs = other.folder.schema
    shared = tuple(head for head in judged.folder.schema.heads if head in theirs.heads)
    schema = LabelSchema(shared, judged.folder.schema.links and theirs.links)
    # Labels of heads that differ are places among other labels.
    of_both = [_only(document, schema) for document in documents]
    one, two = judged.measures(of_both), other.measures(of_both)
    draws = draw(len(documents))
    compared = {}
    for name in one.keys() & two.keys():
        values = value(one[name], len(documents)), value(two[name], len(documents))
        between = difference(one[name], two[name], draws)
        if between is not None and not np.isnan(values).any():
            compared[name] = {
                "figure": values[0],
                "other": values[1],
                "difference": values[0] - values[1],
                "interval": list(between),
            }
    return {name: compared[name] for name in one if name in compared}


def _only(document: LabelledDocument, schema: LabelSchema) -> LabelledDocument:
    """The document with the labels and marks of the schema alone."""
    labels = {head.name: document.labels[head.name] for head in schema.sentence_heads if head.name in document.labels}
    spans = {label: places for label, places in document.spans.items() if label in schema.span_labels}
    return replace(document, labels=labels, spans=spans)


def with_window(folder: ModelFolder, tokens: int) -> ModelFolder:
    """The same model, reading windows of so many tokens."""
    return replace(folder, settings=replace(folder.settings, window=tokens))


def uncalibrated(folder: ModelFolder) -> ModelFolder:
    """The same model without its temperatures: what it says before calibration."""
    ones = dict.fromkeys(folder.settings.temperatures, 1.0)
    return replace(folder, settings=replace(folder.settings, temperatures=ones))
