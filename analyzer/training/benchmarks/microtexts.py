"""arg-microtexts (Peldszus & Stede 2015): short texts of about five segments with complete argument graphs."""

from __future__ import annotations

from analyzer.training.benchmarks.relations import benchmark_of

BENCHMARK = benchmark_of("microtexts", source="texts")
