"""The CoNLL-2010 Wikipedia sample (Farkas et al. 2010): sentences with weasel words are uncertain, cross-validated.

The shared task's figure is the F1 of the uncertain sentences.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analyzer.schema import Head, HeadKind, LabelSchema
from analyzer.training.benchmarks import BENCHMARKS
from analyzer.training.benchmarks.job import Benchmark, Job
from analyzer.training.benchmarks.yes_no import cross_validate
from analyzer.training.public import convert

_FILE = BENCHMARKS["weasel"].file
_SCHEMA = LabelSchema((Head("uncertain", HeadKind.MULTI, ("uncertain",)),), links=False)


def _train(job: Job, encoder: Path) -> dict[str, Any]:
    return cross_validate(job, encoder, convert(_FILE, job.rows(_FILE)), _SCHEMA)


BENCHMARK = Benchmark(
    ("f1", "macro_f1", "accuracy"),
    trains=_train,
)
