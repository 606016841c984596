"""Runs a model folder, as shipped, over labelled documents and measures it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from analyzer.model.folder import ModelFolder
from analyzer.model.heads import DocumentHeads
from analyzer.model.onnx_runtime import OnnxEncoder
from analyzer.model.predictions import Predictions
from analyzer.training.data import LabelledDocument
from analyzer.training.metrics import all_metrics, span_metrics


def predict_documents(
    folder: ModelFolder,
    documents: Sequence[LabelledDocument],
    *,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Predictions]:
    """Predictions of the int8 CPU runtime for every document; `progress` gets the number of documents done."""
    encoder, heads = OnnxEncoder(folder), DocumentHeads(folder)
    predictions = []
    for done, document in enumerate(documents, 1):
        predictions.append(heads.predict(encoder.read(document.texts, heads.mark_tokens)))
        progress(done)
    return predictions


def measure_spans(folder: ModelFolder, documents: Sequence[LabelledDocument]) -> dict[str, Any]:
    """F1 of marked words and spans on documents that have gold ones."""
    marked = [document for document in documents if document.spans]
    return span_metrics(marked, predict_documents(folder, marked), folder.schema, folder.settings.thresholds)


def evaluate_folder(
    folder: ModelFolder,
    documents: Sequence[LabelledDocument],
    *,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    """All metrics of a model folder on labelled documents."""
    predictions = predict_documents(folder, documents, progress=progress)
    return all_metrics(documents, predictions, DocumentHeads(folder), folder.schema, folder.settings.thresholds)
