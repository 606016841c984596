"""Graphs for tests: the published graph of a report as the solver takes it."""

from __future__ import annotations

import numpy as np

from analyzer.dependence import SupportGraph
from analyzer.report import ArgumentGraph


def support_graph(graph: ArgumentGraph) -> SupportGraph:
    """The graph that the scores of a report were solved from; node k is `graph.nodes[k]`."""
    place = {node.sentence: k for k, node in enumerate(graph.nodes)}
    assertions = ("factual_claim", "inference", "speculation")
    return SupportGraph(
        sourcing=np.array([[n.sourcing[label] for label in ("named", "vague", "own", "none")] for n in graph.nodes]),
        content=np.array([[n.content[label] for label in assertions] for n in graph.nodes]),
        kind=np.array([[n.type[label] for label in assertions] for n in graph.nodes]),
        supporter=np.array([place[link.supporter] for link in graph.links], dtype=np.intp),
        supported=np.array([place[link.supported] for link in graph.links], dtype=np.intp),
        probability=np.array([link.probability for link in graph.links]),
    )
