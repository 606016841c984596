"""arg-microtexts (Peldszus & Stede 2015): short texts of about five segments with complete argument graphs."""

from __future__ import annotations

from dataclasses import replace

from analyzer.training.benchmarks import BENCHMARKS
from analyzer.training.benchmarks.job import Benchmark, Job
from analyzer.training.benchmarks.relations import cross_validate, measure
from analyzer.training.data import LabelledDocument
from analyzer.training.public import convert

_FILE = BENCHMARKS["microtexts"].file


def _documents(job: Job) -> list[LabelledDocument]:
    """Texts whose roles are learned too, which training on all corpora does not do."""
    return [replace(document, source="texts") for document in convert(_FILE, job.rows(_FILE))]


BENCHMARK = Benchmark(
    ("gold_roles.f1", "end_to_end.f1", "roles.macro_f1"),
    trains=lambda job, encoder: cross_validate(job, encoder, _documents(job)),
    measures=lambda job, folder: measure(job, folder, _documents(job)),
)
