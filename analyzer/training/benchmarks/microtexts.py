"""arg-microtexts (Peldszus & Stede 2015): short texts of about five segments with complete argument graphs.

A segment takes the place of a sentence. Supporting and exemplifying edges are support links, and so is what an `add`
edge joins to them; attacks are left out, and a segment that only attacks is background.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analyzer.schema import STANDARD_SCHEMA, Role
from analyzer.training.benchmarks import BENCHMARKS
from analyzer.training.benchmarks.job import Benchmark, Job
from analyzer.training.benchmarks.relations import cross_validate, measure
from analyzer.training.data import LabelledDocument

_FILE = BENCHMARKS["microtexts"].file
_SUPPORT = ("sup", "exa")


def _documents(job: Job) -> list[LabelledDocument]:
    return [document_of(row) for row in job.rows(_FILE)]


def document_of(row: dict[str, Any]) -> LabelledDocument:
    """A text of the corpus; its segments in the order of their numbers."""
    edges = {edge["id"]: edge for edge in row["edges"]}
    segments = {edge["trg"]: edge["src"] for edge in edges.values() if edge["type"] == "seg"}
    order = sorted(segments, key=lambda adu: int(segments[adu][1:]))
    place = {adu: number for number, adu in enumerate(order)}
    links = set()
    for edge in edges.values():
        supported = edges[edge["trg"]] if edge["type"] == "add" and edge["trg"] in edges else edge
        if supported["type"] in _SUPPORT and supported["trg"] in place:
            links.add((place[edge["src"]], place[supported["trg"]]))
    attacking = {edge["src"] for edge in edges.values() if edge["type"] in ("reb", "und")}
    labels = STANDARD_SCHEMA.head("role").labels
    roles = [labels.index(_role(place[adu], adu in attacking, links).value) for adu in order]
    texts = tuple(row["edus"][segments[adu]] for adu in order)
    return LabelledDocument(
        row["id"], "microtexts", "", texts, (0,) * len(texts), {"role": np.array(roles)}, frozenset(links)
    )


def _role(place: int, attacks: bool, links: set[tuple[int, int]]) -> Role:
    if any(supporter == place for supporter, _ in links):
        return Role.PREMISE
    if attacks and all(supported != place for _, supported in links):
        return Role.BACKGROUND
    return Role.CONCLUSION


BENCHMARK = Benchmark(
    ("gold_roles.f1", "end_to_end.f1", "roles.macro_f1"),
    trains=lambda job, encoder: cross_validate(job, encoder, _documents(job)),
    measures=lambda job, folder: measure(job, folder, _documents(job)),
)
