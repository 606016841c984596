"""PolNeAR (Newell et al. 2018), dev articles: who is cited and with what word, by exact match of whole spans.

Exact match is the corpus's own: a span counts when its first and last character are right. Annotators kept some
quotation marks and full stops at the ends of spans that this project never marks, hence a second figure without them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analyzer.errors import AnalyzerError
from analyzer.model.folder import ModelFolder
from analyzer.model.spans import LEAST_PEAK, span_threshold
from analyzer.schema import SpanLabel
from analyzer.training.benchmarks import BENCHMARKS
from analyzer.training.benchmarks.job import Benchmark, Job
from analyzer.training.evaluation import predict_documents
from analyzer.training.metrics import f1_row, found_spans, span_counts
from analyzer.training.public import convert

_FILE = BENCHMARKS["polnear"].file
_LABELS = (SpanLabel.SOURCE.value, SpanLabel.CUE.value)


def _measure(job: Job, folder: ModelFolder) -> dict[str, Any]:
    missing = [label for label in _LABELS if label not in folder.schema.span_labels]
    if missing:
        raise AnalyzerError(f"{folder.path}: marks no {' and no '.join(missing)}; give a model that does")
    documents = convert(_FILE, job.rows(_FILE))
    predictions = predict_documents(
        folder, documents, progress=lambda done: job.progress("articles", done / len(documents))
    )
    counted = span_counts(documents, predictions, folder.schema, folder.settings.thresholds)
    figures: dict[str, Any] = {"articles": len(documents)}
    for label in _LABELS:
        column, threshold = folder.schema.span_labels.index(label), folder.settings.thresholds[span_threshold(label)]
        counts = np.zeros(3, dtype=np.int64)
        for document, prediction in zip(documents, predictions, strict=True):
            found = found_spans(document, prediction, column, threshold, LEAST_PEAK)[1]
            wanted = document.spans[label]
            counts += len(found & wanted), len(found), len(wanted)
        words, spans = counted[label]
        figures[label] = {
            "exact": f1_row(*counts),
            "without_punctuation": f1_row(*spans.sum(0)),
            "words": f1_row(*words.sum(0)),
        }
    return figures


BENCHMARK = Benchmark(
    ("source.exact.f1", "cue.exact.f1", "source.without_punctuation.f1", "cue.without_punctuation.f1"),
    measures=_measure,
)
