"""Benchmarks of support links: the figures, cross-validated from an encoder or measured on a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analyzer.errors import AnalyzerError
from analyzer.model.folder import ModelFolder
from analyzer.model.heads import DocumentHeads
from analyzer.model.predictions import Predictions
from analyzer.schema import STANDARD_SCHEMA, LabelSchema
from analyzer.training.benchmarks import BENCHMARKS
from analyzer.training.benchmarks.folds import NetworkJudge, folds_of, spread, train_fold
from analyzer.training.benchmarks.job import Benchmark, Job
from analyzer.training.calibration import fit_thresholds
from analyzer.training.data import LabelledDocument
from analyzer.training.evaluation import predict_documents
from analyzer.training.metrics import f1_row, head_metrics, link_counts
from analyzer.training.public import convert
from analyzer.training.resampling import draw, f1, interval

_ROLE = STANDARD_SCHEMA.head("role")
_SCHEMA = LabelSchema((_ROLE,), links=True)
# A part of the training documents of a fold that only chooses the threshold.
_HELD = 10
_WAYS = {"gold_roles": True, "end_to_end": False}


def benchmark_of(name: str, *, source: str) -> Benchmark:
    """The benchmark of a corpus, whose documents are called `source`."""
    return Benchmark(
        ("gold_roles.f1", "end_to_end.f1", "roles.macro_f1"),
        trains=lambda job, encoder: _cross_validate(job, encoder, documents_of(job, name, source)),
        measures=lambda job, folder: _measure(job, folder, documents_of(job, name, source)),
    )


def documents_of(job: Job, name: str, source: str) -> list[LabelledDocument]:
    """The documents of a corpus, by another source than in training on all corpora, so that their roles are learned."""
    file = BENCHMARKS[name].file
    return [replace(document, source=source) for document in convert(file, job.rows(file))]


def _cross_validate(job: Job, encoder: Path, documents: Sequence[LabelledDocument]) -> dict[str, Any]:
    """F1 of links given gold roles and end to end, and macro-F1 of roles, over folds."""
    figures: dict[str, list[float]] = {**{way: [] for way in _WAYS}, "roles": []}
    for fold in folds_of(documents, [0] * len(documents), job.folds, seed=job.training.seed):
        held, kept = fold.train[::_HELD], [d for k, d in enumerate(fold.train) if k % _HELD]
        judge = NetworkJudge(train_fold(job, encoder, replace(fold, train=kept), _SCHEMA), _SCHEMA)
        thresholds = fit_thresholds(held, judge.predict(held), judge.heads, _SCHEMA)
        predictions = judge.predict(fold.test)
        for way, counts in _counts(fold.test, predictions, judge.heads, thresholds).items():
            figures[way].append(f1_row(*counts.sum(0))["f1"])
        figures["roles"].append(_roles(fold.test, predictions)["macro_f1"])
    return {
        "documents": len(documents),
        "links": _links(documents),
        "folds": job.folds,
        "gold_roles": {"f1": spread(figures["gold_roles"])},
        "end_to_end": {"f1": spread(figures["end_to_end"])},
        "roles": {"macro_f1": spread(figures["roles"])},
    }


def _measure(job: Job, folder: ModelFolder, documents: Sequence[LabelledDocument]) -> dict[str, Any]:
    """The same of a model that was trained elsewhere, with intervals over the documents."""
    if not folder.schema.links or _ROLE not in folder.schema.heads:
        raise AnalyzerError(f"{folder.path}: scores no support links; give a model that does")
    predictions = predict_documents(
        folder, documents, progress=lambda done: job.progress("texts", done / len(documents))
    )
    thresholds, draws = folder.settings.thresholds, draw(len(documents))
    figures: dict[str, Any] = {"documents": len(documents), "links": _links(documents)}
    for way, counts in _counts(documents, predictions, DocumentHeads(folder), thresholds).items():
        figures[way] = {**f1_row(*counts.sum(0)), "interval": interval(f1(counts[:, None]), draws)}
    figures["roles"] = {"macro_f1": _roles(documents, predictions)["macro_f1"]}
    return figures


def _counts(
    documents: Sequence[LabelledDocument],
    predictions: Sequence[Predictions],
    heads: DocumentHeads,
    thresholds: Mapping[str, float],
) -> dict[str, NDArray[np.int64]]:
    return {
        way: link_counts(documents, predictions, heads, thresholds, use_gold_roles=gold) for way, gold in _WAYS.items()
    }


def _roles(documents: Sequence[LabelledDocument], predictions: Sequence[Predictions]) -> dict[str, Any]:
    gold = np.concatenate([document.labels["role"] for document in documents])
    return head_metrics(_ROLE, gold, np.concatenate([p.probabilities["role"] for p in predictions]), 0.5)


def _links(documents: Sequence[LabelledDocument]) -> int:
    return sum(len(document.supports or ()) for document in documents)
