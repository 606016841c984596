"""CheckThat! 2025 task 1 in English: subjective or objective sentences of news, on the task's own dev_test part.

Trained on its train part; the threshold is chosen on its dev part. The task's figure is macro-F1.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from analyzer.errors import AnalyzerError
from analyzer.schema import Head, HeadKind, LabelSchema
from analyzer.training.benchmarks import BENCHMARKS
from analyzer.training.benchmarks.folds import Fold, NetworkJudge, train_fold
from analyzer.training.benchmarks.job import Benchmark, Job
from analyzer.training.benchmarks.yes_no import gold_of, probabilities_of, yes_no_figures
from analyzer.training.data import LabelledDocument

_FILE = BENCHMARKS["checkthat"].file
_HEAD = Head("subjective", HeadKind.MULTI, ("subjective",))
_PARTS = ("train", "dev", "dev_test")
_THRESHOLDS = np.round(np.arange(0.1, 0.91, 0.02), 2)


def _train(job: Job, encoder: Path) -> dict[str, Any]:
    documents = [_document(row) for row in job.rows(_FILE)]
    train, dev, test = ([d for d in documents if d.split == part] for part in _PARTS)
    if not (train and dev and test):
        raise AnalyzerError(f"{job.data / _FILE}: needs sentences of the splits {', '.join(_PARTS)}; raise --limit")
    schema = LabelSchema((_HEAD,), links=False)
    judge = NetworkJudge(train_fold(job, encoder, Fold(0, train, test), schema, of=1), schema)
    gold, found = gold_of(dev, _HEAD), probabilities_of(judge, dev, _HEAD)
    threshold = max(_THRESHOLDS, key=lambda t: yes_no_figures(gold, found, t)["macro_f1"])
    return {
        "trained_on": len(train),
        "sentences": len(test),
        "threshold": float(threshold),
        **yes_no_figures(gold_of(test, _HEAD), probabilities_of(judge, test, _HEAD), threshold),
    }


def _document(row: dict[str, Any]) -> LabelledDocument:
    label = np.array([[row["label"] == "SUBJ"]], dtype=np.int64)
    return LabelledDocument(row["id"], "checkthat", row["split"], (row["text"],), (0,), {_HEAD.name: label}, None)


BENCHMARK = Benchmark(
    ("macro_f1", "f1", "accuracy"),
    trains=_train,
)
