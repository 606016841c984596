"""Argument Annotated Essays v2 (Stab & Gurevych 2017): which sentence supports which, within an essay.

The corpus links components, this project sentences: a link is between the sentences that hold the two components, and
attacks are left out, so that the figures are near to the corpus's own but not the same.
"""

from __future__ import annotations

from analyzer.training.benchmarks.relations import benchmark_of

BENCHMARK = benchmark_of("essays", source="essays")
