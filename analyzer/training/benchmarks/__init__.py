"""Public benchmarks: each trains with this project's training code, or measures a model, on a public corpus.

In goes a folder of corpora, out comes a dictionary of figures. A benchmark is one file, and one entry in `BENCHMARKS`,
which imports nothing, so that the command line can list them without PyTorch.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analyzer.training.benchmarks.job import Benchmark


@dataclass(frozen=True)
class Entry:
    """The file of the data folder that it reads, what it measures, and from what: an encoder, a model, or either.

    `source` is what documents of the corpus are called in the metrics of a model that was trained on them.
    """

    file: str
    summary: str
    source: str = ""
    from_encoder: bool = False
    from_model: bool = False


BENCHMARKS = {
    "babe": Entry("babe.jsonl", "BABE: sentences of biased wording, cross-validated", from_encoder=True),
    "checkthat": Entry("checkthat_en.jsonl", "CheckThat! 2025: subjective sentences, on dev_test", from_encoder=True),
    "weasel": Entry("weasel.jsonl", "CoNLL-2010 Wikipedia: uncertain sentences, cross-validated", from_encoder=True),
    "polnear": Entry(
        "polnear_dev.jsonl", "PolNeAR dev: sources and cues by exact match", from_encoder=True, from_model=True
    ),
    "basil": Entry("basil.jsonl", "BASIL: sentences of lexical bias, not our loaded", "basil", from_model=True),
    "essays": Entry(
        "aae_train.jsonl", "Argument Annotated Essays: support links", "aae", from_encoder=True, from_model=True
    ),
    "microtexts": Entry(
        "microtexts.jsonl", "arg-microtexts: support links", "microtexts", from_encoder=True, from_model=True
    ),
}


def benchmark(name: str) -> Benchmark:
    """The benchmark of that name, loaded; needs the extra `train`."""
    found: Benchmark = import_module(f"{__name__}.{name}").BENCHMARK
    return found
