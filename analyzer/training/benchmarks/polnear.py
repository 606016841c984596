"""PolNeAR (Newell et al. 2018), dev articles: who is cited and with what word, by exact match of whole spans.

Exact match is the corpus's own: a span counts when its first and last character are right. Annotators kept some
quotation marks and full stops at the ends of spans that this project never marks, hence a second figure without them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.errors import AnalyzerError
from analyzer.model.folder import ModelFolder
from analyzer.model.predictions import Predictions
from analyzer.schema import Head, HeadKind, LabelSchema, SpanLabel
from analyzer.training.benchmarks import BENCHMARKS
from analyzer.training.benchmarks.folds import Fold, NetworkJudge, train_fold
from analyzer.training.benchmarks.job import Benchmark, Job
from analyzer.training.calibration import fit_thresholds
from analyzer.training.data import LabelledDocument
from analyzer.training.evaluation import predict_documents
from analyzer.training.metrics import f1_row, found_spans, span_counts
from analyzer.training.public import convert

_FILE = BENCHMARKS["polnear"].file
_TRAIN_FILE = "polnear_train.jsonl"
_LABELS = (SpanLabel.SOURCE.value, SpanLabel.CUE.value)
_SCHEMA = LabelSchema((Head("spans", HeadKind.SPAN, _LABELS),), links=False)
# Every tenth article of the train part chooses the thresholds.
_HELD = 10


def _measure(job: Job, folder: ModelFolder) -> dict[str, Any]:
    missing = [label for label in _LABELS if label not in folder.schema.span_labels]
    if missing:
        raise AnalyzerError(f"{folder.path}: marks no {' and no '.join(missing)}; give a model that does")
    documents = convert(_FILE, job.rows(_FILE))
    predictions = predict_documents(
        folder, documents, progress=lambda done: job.progress("articles", done / len(documents))
    )
    return _figures(documents, predictions, folder.schema, folder.settings.thresholds)


def _train(job: Job, encoder: Path) -> dict[str, Any]:
    """Trained on the corpus's train part alone, but for a tenth of it that chooses the thresholds."""
    articles = convert(_TRAIN_FILE, job.rows(_TRAIN_FILE))
    held, kept = articles[::_HELD], [article for k, article in enumerate(articles) if k % _HELD]
    documents = convert(_FILE, job.rows(_FILE))
    judge = NetworkJudge(train_fold(job, encoder, Fold(0, kept, documents), _SCHEMA, of=1), _SCHEMA)
    thresholds = fit_thresholds(held, judge.predict(held), judge.heads, _SCHEMA)
    return {"trained_on": len(kept), **_figures(documents, judge.predict(documents), _SCHEMA, thresholds)}


def _figures(
    documents: Sequence[LabelledDocument],
    predictions: Sequence[Predictions],
    schema: LabelSchema,
    thresholds: Mapping[str, float],
) -> dict[str, Any]:
    counted = span_counts(documents, predictions, schema, thresholds)
    pairs = zip(documents, predictions, strict=True)
    found = [found_spans(document, prediction, schema, thresholds) for document, prediction in pairs]
    figures: dict[str, Any] = {"articles": len(documents)}
    for label in _LABELS:
        counts = np.zeros(3, dtype=np.int64)
        for document, of_document in zip(documents, found, strict=True):
            marked, wanted = of_document[label], document.spans[label]
            counts += len(marked & wanted), len(marked), len(wanted)
        words, spans = counted[label]
        figures[label] = {
            "exact": f1_row(*counts),
            "without_punctuation": f1_row(*spans.sum(0)),
            "words": f1_row(*words.sum(0)),
        }
    return figures


BENCHMARK = Benchmark(
    ("source.exact.f1", "cue.exact.f1", "source.without_punctuation.f1", "cue.without_punctuation.f1"),
    trains=_train,
    measures=_measure,
)
