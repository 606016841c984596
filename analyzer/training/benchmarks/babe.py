"""BABE (Spinde et al. 2021): sentences of news that experts call biased by their wording, 5-fold cross-validation.

As in the paper, macro-F1 over biased and not biased; the words that were marked as biased are learned beside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analyzer.schema import Head, HeadKind, LabelSchema, SpanLabel
from analyzer.training.benchmarks import BENCHMARKS
from analyzer.training.benchmarks.job import Benchmark, Job
from analyzer.training.benchmarks.yes_no import cross_validate
from analyzer.training.public import convert

_FILE = BENCHMARKS["babe"].file
_SCHEMA = LabelSchema(
    (Head("biased", HeadKind.MULTI, ("biased",)), Head("spans", HeadKind.SPAN, (SpanLabel.LOADED.value,))), links=False
)


def _train(job: Job, encoder: Path) -> dict[str, Any]:
    return cross_validate(job, encoder, convert(_FILE, job.rows(_FILE)), _SCHEMA)


BENCHMARK = Benchmark(
    ("macro_f1", "f1", "accuracy"),
    trains=_train,
)
