"""Argument Annotated Essays v2 (Stab & Gurevych 2017): which sentence supports which, within an essay.

The corpus links components, this project sentences: a link is between the sentences that hold the two components, and
attacks are left out, so that the figures are near to the corpus's own but not the same.
"""

from __future__ import annotations

from dataclasses import replace

from analyzer.training.benchmarks import BENCHMARKS
from analyzer.training.benchmarks.job import Benchmark, Job
from analyzer.training.benchmarks.relations import cross_validate, measure
from analyzer.training.data import LabelledDocument
from analyzer.training.public import convert

_FILE = BENCHMARKS["essays"].file


def _documents(job: Job) -> list[LabelledDocument]:
    """Essays whose roles are learned too, which training on all corpora does not do."""
    return [replace(document, source="essays") for document in convert(_FILE, job.rows(_FILE))]


BENCHMARK = Benchmark(
    ("gold_roles.f1", "end_to_end.f1", "roles.macro_f1"),
    trains=lambda job, encoder: cross_validate(job, encoder, _documents(job)),
    measures=lambda job, folder: measure(job, folder, _documents(job)),
)
