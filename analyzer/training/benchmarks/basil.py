"""BASIL (Fan et al. 2019), lexical bias: whether sentences with such a span are called loaded. Out of domain.

Its annotators marked words that sway a reader for or against the main figure of a story, which is narrower than loaded
framing. What stands in a quotation is not the author's wording: sentences with such spans only are counted apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analyzer.errors import AnalyzerError
from analyzer.model.folder import ModelFolder
from analyzer.training.benchmarks import BENCHMARKS
from analyzer.training.benchmarks.job import Benchmark, Job
from analyzer.training.benchmarks.yes_no import yes_no_figures
from analyzer.training.evaluation import predict_documents
from analyzer.training.public import convert
from analyzer.training.resampling import share_interval

_FILE = BENCHMARKS["basil"].file
_HEAD = "loaded"


def _measure(job: Job, folder: ModelFolder) -> dict[str, Any]:
    if all(head.name != _HEAD for head in folder.schema.sentence_heads):
        raise AnalyzerError(f"{folder.path}: has no head {_HEAD!r}; give a model that has one")
    documents = convert(_FILE, job.rows(_FILE))
    predictions = predict_documents(
        folder, documents, progress=lambda done: job.progress("articles", done / len(documents))
    )
    lexical, in_quotation = np.concatenate([document.labels["lexical"] for document in documents]).T.astype(bool)
    found = np.concatenate([p.probabilities[_HEAD][:, 0] for p in predictions])
    threshold = folder.settings.thresholds.get(_HEAD, 0.5)
    quoted = in_quotation & ~lexical
    in_quotes = int((found[quoted] >= threshold).sum())
    return {
        "articles": len(documents),
        "sentences": len(lexical),
        **yes_no_figures(lexical[~quoted].astype(np.int64), found[~quoted], threshold),
        "quoted": {
            "sentences": int(quoted.sum()),
            "called_loaded": in_quotes / max(int(quoted.sum()), 1),
            "interval": share_interval(in_quotes, int(quoted.sum())),
        },
    }


BENCHMARK = Benchmark(
    ("f1", "precision", "recall", "quoted.called_loaded"),
    measures=_measure,
)
