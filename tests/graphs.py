"""Graphs for tests: random ones, reports made from them, and the published graph of a report as the solver takes it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from analyzer.dependence import SupportGraph, dependence, grounds
from analyzer.grounds import GROUNDS
from analyzer.report import ArgumentGraph, Conclusion, Fix, GraphLink, GraphNode, Grounds, Premise, Report
from tests.render.specs import make_report, sentence

_ASSERTIONS = ("factual_claim", "inference", "speculation")
_SOURCES = ("named", "vague", "own", "none")


def support_graph(graph: ArgumentGraph) -> SupportGraph:
    """The graph that the scores of a report were solved from; node k is `graph.nodes[k]`."""
    place = {node.sentence: k for k, node in enumerate(graph.nodes)}
    return SupportGraph(
        sourcing=np.array([[n.sourcing[label] for label in _SOURCES] for n in graph.nodes]),
        content=np.array([[n.content[label] for label in _ASSERTIONS] for n in graph.nodes]),
        kind=np.array([[n.type[label] for label in _ASSERTIONS] for n in graph.nodes]),
        supporter=np.array([place[link.supporter] for link in graph.links], dtype=np.intp),
        supported=np.array([place[link.supported] for link in graph.links], dtype=np.intp),
        probability=np.array([link.probability for link in graph.links]),
    )


def published(graph: SupportGraph, conclusions: Sequence[int], weights: Sequence[float]) -> ArgumentGraph:
    """The published form of a graph whose node k is sentence k."""
    weight = dict(zip(conclusions, weights, strict=True))

    def named(labels: Sequence[str], row: NDArray[np.float64]) -> dict[str, float]:
        return dict(zip(labels, row.tolist(), strict=True))

    return ArgumentGraph(
        vague_credit=0.25,
        nodes=[
            GraphNode(
                sentence=k,
                sourcing=named(_SOURCES, graph.sourcing[k]),
                content=named(_ASSERTIONS, graph.content[k]),
                type=named(_ASSERTIONS, graph.kind[k]),
                conclusion_weight=weight.get(k),
            )
            for k in range(graph.n_nodes)
        ],
        links=[
            GraphLink(supporter=i, supported=j, probability=p)
            for i, j, p in zip(
                graph.supporter.tolist(), graph.supported.tolist(), graph.probability.tolist(), strict=True
            )
        ],
    )


def report_of(graph: SupportGraph, conclusions: Sequence[int], weights: Sequence[float]) -> Report:
    """A report of a document whose sentence k is node k of the graph, with every premise among the fixes."""
    rests = grounds(graph)
    scores = dependence(rests)
    labels = [_SOURCES[k] for k in graph.sourcing.argmax(1)]
    base = make_report(
        [
            sentence(
                f"Sentence number {k} says something.",
                sourcing=label,
                role="conclusion" if k in conclusions else "premise",
                dependence=float(scores[k]),
            )
            for k, label in enumerate(labels)
        ],
        links={
            (i, j): round(p, 4)
            for i, j, p in zip(
                graph.supporter.tolist(), graph.supported.tolist(), graph.probability.tolist(), strict=True
            )
        },
        conclusions={k: float(scores[k]) for k in conclusions},
        dependence=float(np.average(scores[list(conclusions)], weights=weights)),
    )
    others = [k for k in range(graph.n_nodes) if k not in conclusions]
    drawn = [
        Conclusion(
            sentence=k,
            text=f"Sentence number {k} says something.",
            dependence=float(scores[k]),
            interval=(0.0, 1.0),
            opinion_share=0.35,
            grounds=Grounds(**dict(zip(GROUNDS, np.clip(rests[k], 0, 1).tolist(), strict=True))),
            premises=[Premise(sentence=j, weight=0.5, dependence=float(scores[j])) for j in others],
            fixes=[Fix(sentence=j, dependence_if_sourced=float(scores[k])) for j in others],
        )
        for k in conclusions
    ]
    paragraphs = [p.model_copy(update={"dependence": float(scores[p.index])}) for p in base.paragraphs]
    return base.model_copy(
        update={"conclusions": drawn, "paragraphs": paragraphs, "graph": published(graph, conclusions, weights)}
    )


@st.composite
def graphs(draw: st.DrawFn, *, least: int = 0, cycles: bool = True) -> SupportGraph:
    """Graphs of 0 to 9 nodes with hard and soft labels, certain, likely and impossible links, cycles and none."""
    n = draw(st.integers(least, 9))
    seed = draw(st.integers(0, 2**32 - 1))
    hard = draw(st.booleans())
    density = draw(st.sampled_from([0.0, 0.15, 0.5, 1.0]))
    rng = np.random.default_rng(seed)

    def labels(count: int) -> NDArray[np.float64]:
        soft = rng.dirichlet(np.full(count, 0.6), size=n)
        return np.eye(count)[soft.argmax(1)] if hard else np.round(soft, 3) / np.round(soft, 3).sum(1, keepdims=True)

    pairs = [(i, j) for i in range(n) for j in range(n) if i != j and (cycles or i > j) and rng.random() < density]
    probability = np.where(rng.random(len(pairs)) < 0.3, 1.0, np.round(rng.random(len(pairs)), 3))
    return SupportGraph(
        sourcing=labels(4).reshape(n, 4),
        content=labels(3).reshape(n, 3),
        kind=labels(3).reshape(n, 3),
        supporter=np.array([i for i, _ in pairs], dtype=np.intp),
        supported=np.array([j for _, j in pairs], dtype=np.intp),
        probability=probability,
    )
