"""Where a conclusion comes to rest: grounds, dependence and what-ifs of a support graph. Pure NumPy, no model.

A walker on a sentence asks "says who, or why?". It stops where a source is named or the evidence is shown, else
steps to a supporter, else stops because there is nothing below. The chances of stopping in each of eight grounds
solve R = B + A·R, which is done exactly: strongly connected components in order, so that chains cost a
multiplication and only real cycles a linear system. `labeled/GUIDELINES.md` and the README define the words.

Every array may carry leading batch axes (samples, what-if scenarios), written (…, n) below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analyzer.grounds import GROUNDS, OPINIONS

Array = NDArray[np.float64]

DEFAULT_VAGUE_CREDIT = 0.25
# Below this chance of getting out, a cycle counts as closed: its linear system would be singular to rounding.
_CLOSED = 1e-12
_CLOSED_LEAK = 1e-10
# Numbers held at once when cycles are solved in a batch: 32 MB.
_BATCH_NUMBERS = 4_000_000


class Component(NamedTuple):
    """Nodes that can all be reached from each other, with the edges inside and those to supporters outside."""

    nodes: list[int]
    inner: list[int]
    outer: list[int]


@dataclass(frozen=True)
class SupportGraph:
    """Sentences as nodes, support as edges, all with probabilities.

    `sourcing` (…, n, 4): named, vague, own, none. `content` and `kind` (…, n, 3): factual claim, inference,
    speculation, of what is attributed and of the sentence itself. Edge e says that node `supporter[e]` supports
    node `supported[e]` with `probability` (…, e). Rows of the label arrays add up to 1.
    """

    sourcing: Array
    content: Array
    kind: Array
    supporter: NDArray[np.intp]
    supported: NDArray[np.intp]
    probability: Array

    @property
    def n_nodes(self) -> int:
        """Number of sentences in the graph."""
        return int(self.sourcing.shape[-2])

    @cached_property
    def edges_of(self) -> list[list[int]]:
        """The edges to the supporters of every node."""
        edges: list[list[int]] = [[] for _ in range(self.n_nodes)]
        for edge, node in enumerate(self.supported.tolist()):
            edges[node].append(edge)
        return edges

    @cached_property
    def components(self) -> list[Component]:
        """Strongly connected components, supporters before what they support."""
        return _components(self)


def grounds(graph: SupportGraph) -> Array:
    """The chances (…, n, 8) that a walk from each node stops in each of `GROUNDS`; rows add up to 1."""
    stops, moves = _stops_and_moves(graph)
    found = _solve(graph, stops, moves)
    circular = np.clip(1.0 - found.sum(-1, keepdims=True), 0.0, 1.0)
    return np.concatenate([found, circular], axis=-1)


def dependence(grounds: Array, vague_credit: float = DEFAULT_VAGUE_CREDIT) -> Array:
    """How much rests on unsourced premises: 0 (all sourced) to 1 (nothing is), (…) from grounds (…, 8)."""
    return np.clip(1.0 - grounds @ _credits(vague_credit, len(GROUNDS)), 0.0, 1.0)


def opinion_share(grounds: Array) -> Array:
    """How much rests on what somebody thinks, sourced or not: (…) from grounds (…, 8)."""
    opinions = [GROUNDS.index(ground) for ground in OPINIONS]
    return np.asarray(grounds[..., opinions].sum(-1), dtype=np.float64)


def sampled_dependence(
    graph: SupportGraph, *, n_samples: int, seed: int, vague_credit: float = DEFAULT_VAGUE_CREDIT
) -> Array:
    """Dependence (n_samples, n) with labels and links drawn from their probabilities: the basis of intervals."""
    rng = np.random.default_rng(seed)
    sample = replace(
        graph,
        sourcing=_draw_labels(graph.sourcing, n_samples, rng),
        content=_draw_labels(graph.content, n_samples, rng),
        kind=_draw_labels(graph.kind, n_samples, rng),
        probability=(rng.random((n_samples, len(graph.probability))) < graph.probability).astype(np.float64),
    )
    stops, moves = _stops_and_moves(sample)
    credit = (stops @ _credits(vague_credit, len(GROUNDS) - 1))[..., None]
    return np.clip(1.0 - _solve(graph, credit, moves)[..., 0], 0.0, 1.0)


def suppose_sourced(
    graph: SupportGraph, scenarios: Sequence[Sequence[int]], vague_credit: float = DEFAULT_VAGUE_CREDIT
) -> Array:
    """Dependence (scenarios, n) with the nodes of each scenario naming a source; scenarios are independent."""
    stops, moves = _stops_and_moves(graph)
    credit = stops @ _credits(vague_credit, len(GROUNDS) - 1)
    sourced = np.zeros((len(scenarios), graph.n_nodes), dtype=bool)
    for row, nodes in enumerate(scenarios):
        sourced[row, list(nodes)] = True
    scenario_credit = np.where(sourced, 1.0, credit)[..., None]
    scenario_moves = np.where(sourced[:, graph.supported], 0.0, moves)
    return np.clip(1.0 - _solve(graph, scenario_credit, scenario_moves)[..., 0], 0.0, 1.0)


def visits(graph: SupportGraph, starts: Sequence[int], *, at_once: int = 256) -> Iterator[Array]:
    """For each of the nodes `starts`, the chances (n,) that a walk from it ever comes to each node.

    If k named a source, the dependence of the start would fall by `chances[k]` times the dependence of k: until it
    comes to k, the walk is the same. Memory holds the chances of `at_once` starts.
    """
    _, moves = _stops_and_moves(graph)
    # How often a walk that is at a node of a cycle comes to each of them.
    rounds: dict[int, Array] = {}
    again = np.ones(graph.n_nodes)
    for number, component in enumerate(graph.components):
        if component.inner:
            # A step in so many is not taken, so that cycles which nothing leaves are left at last.
            stays = _matrix(graph, component, moves[None] * (1.0 - _CLOSED_LEAK))[0]
            rounds[number] = np.linalg.inv(np.eye(len(stays)) - stays)
            again[component.nodes] = np.diag(rounds[number])
    for at in range(0, len(starts), at_once):
        some = list(starts[at : at + at_once])
        # How often a walk comes to each node, (n, some), from what is supported down to what supports it.
        times = np.zeros((graph.n_nodes, len(some)))
        times[some, range(len(some))] = 1.0
        for number, component in reversed(list(enumerate(graph.components))):
            if number in rounds:
                times[component.nodes] = rounds[number].T @ times[component.nodes]
            for edge in component.outer:
                times[graph.supporter[edge]] += moves[edge] * times[graph.supported[edge]]
        yield from np.clip(times.T / again, 0.0, 1.0)


def _credits(vague_credit: float, n_grounds: int) -> Array:
    credits = np.zeros(n_grounds)
    credits[: GROUNDS.index("vague")] = 1.0
    credits[GROUNDS.index("vague")] = vague_credit
    return credits


def _draw_labels(probabilities: Array, n_samples: int, rng: np.random.Generator) -> Array:
    """One-hot draws (n_samples, n, labels) from rows of probabilities (n, labels)."""
    n, n_labels = probabilities.shape
    cumulative = probabilities.cumsum(-1)
    draws = rng.random((n_samples, n)) * cumulative[:, -1]
    chosen = (draws[..., None] >= cumulative[:, :-1]).sum(-1)
    return np.asarray(np.eye(n_labels)[chosen])


def _stops_and_moves(graph: SupportGraph) -> tuple[Array, Array]:
    """B (…, n, 7), the chances of stopping at once in each ground but `circular`, and A by edge (…, e)."""
    named, vague, own, none = np.moveaxis(graph.sourcing, -1, 0)
    grounded = named + own
    some_support, weight = _support(graph)
    bare = (1.0 - grounded) * (1.0 - some_support)
    unsourced = vague + none
    vague_share = np.divide(vague, unsourced, out=np.zeros_like(vague), where=unsourced > 0)
    nothing = (bare * (1.0 - vague_share))[..., None] * graph.kind
    stops = np.stack(
        [
            named * graph.content[..., 0],
            named * (graph.content[..., 1] + graph.content[..., 2]),
            own,
            bare * vague_share,
            *np.moveaxis(nothing, -1, 0),
        ],
        axis=-1,
    )
    moves = ((1.0 - grounded) * some_support)[..., graph.supported] * weight
    return stops, moves


def _support(graph: SupportGraph) -> tuple[Array, Array]:
    """s (…, n), the chance that a node has any support, and w (…, e), each edge's share of its node's support."""
    by_edge = np.moveaxis(graph.probability, -1, 0)
    shape = (graph.n_nodes, *by_edge.shape[1:])
    none_holds, total = np.ones(shape), np.zeros(shape)
    np.multiply.at(none_holds, graph.supported, 1.0 - by_edge)
    np.add.at(total, graph.supported, by_edge)
    none_holds, total = np.moveaxis(none_holds, 0, -1), np.moveaxis(total, 0, -1)
    edge_total = total[..., graph.supported]
    weight = np.divide(graph.probability, edge_total, out=np.zeros_like(edge_total), where=edge_total > 0)
    return 1.0 - none_holds, weight


def _solve(graph: SupportGraph, stops: Array, moves: Array) -> Array:
    """The least non-negative R (…, n, k) with R = stops + A·R; stops (…, n, k) and moves (…, e) share their batch."""
    batch = np.broadcast_shapes(stops.shape[:-2], moves.shape[:-1])
    k, n_edges = stops.shape[-1], moves.shape[-1]
    size = int(np.prod(batch, dtype=np.int64))
    result = np.ascontiguousarray(np.broadcast_to(stops, (*batch, graph.n_nodes, k))).reshape(size, graph.n_nodes, k)
    result = np.moveaxis(result, 1, 0).copy()
    edge_moves = np.moveaxis(np.broadcast_to(moves, (*batch, n_edges)).reshape(size, n_edges), 1, 0)
    for component in graph.components:
        for edge in component.outer:
            result[graph.supported[edge]] += edge_moves[edge][:, None] * result[graph.supporter[edge]]
        if component.inner:
            _solve_cycle(graph, component, edge_moves, result)
    return np.moveaxis(result, 0, 1).reshape(*batch, graph.n_nodes, k)


def _solve_cycle(graph: SupportGraph, component: Component, edge_moves: Array, result: Array) -> None:
    """Solve a component in place; `result[component.nodes]` holds what flows in from outside it."""
    nodes, size = component.nodes, result.shape[1]
    m = len(nodes)
    chunk = max(1, _BATCH_NUMBERS // (m * m))
    for at in range(0, size, chunk):
        part = slice(at, min(at + chunk, size))
        inflow = np.moveaxis(result[nodes, part], 0, 1)
        matrix = _matrix(graph, component, edge_moves[:, part].T)
        reaches = inflow.sum(-1) > _CLOSED
        while True:
            wider = reaches | ((matrix > 0) & reaches[:, None, :]).any(-1)
            if (wider == reaches).all():
                break
            reaches = wider
        matrix *= reaches[..., None]
        inflow = inflow * reaches[..., None]
        solved = np.linalg.solve(np.eye(m) - matrix, inflow)
        result[nodes, part] = np.moveaxis(np.clip(solved, 0.0, 1.0), 1, 0)


def _matrix(graph: SupportGraph, component: Component, moves: Array) -> Array:
    """The moves (batch, m, m) between the m nodes of a component, from moves by edge (batch, e)."""
    m = len(component.nodes)
    place = dict(zip(component.nodes, range(m), strict=True))
    rows = np.array([place[node] for node in graph.supported[component.inner].tolist()])
    columns = np.array([place[node] for node in graph.supporter[component.inner].tolist()])
    matrix = np.zeros((m, m, len(moves)))
    np.add.at(matrix, (rows, columns), moves[:, component.inner].T)
    return np.ascontiguousarray(np.moveaxis(matrix, -1, 0))


def _components(graph: SupportGraph) -> list[Component]:
    """Strongly connected components, supporters before what they support (Tarjan 1972, without recursion)."""
    supporter = graph.supporter.tolist()
    next_nodes = [[supporter[edge] for edge in edges] for edges in graph.edges_of]
    order = [-1] * graph.n_nodes
    low = [0] * graph.n_nodes
    on_stack = [False] * graph.n_nodes
    stack: list[int] = []
    components: list[Component] = []
    counter = 0
    for root in range(graph.n_nodes):
        if order[root] >= 0:
            continue
        work = [(root, 0)]
        while work:
            node, at = work.pop()
            if at == 0:
                order[node] = low[node] = counter
                counter += 1
                stack.append(node)
                on_stack[node] = True
            for place in range(at, len(next_nodes[node])):
                other = next_nodes[node][place]
                if order[other] < 0:
                    work.append((node, place + 1))
                    work.append((other, 0))
                    break
                if on_stack[other]:
                    low[node] = min(low[node], order[other])
            else:
                if low[node] == order[node]:
                    nodes: list[int] = []
                    while not nodes or nodes[-1] != node:
                        nodes.append(stack.pop())
                        on_stack[nodes[-1]] = False
                    members = set(nodes)
                    edges = [edge for member in nodes for edge in graph.edges_of[member]]
                    inner = [edge for edge in edges if supporter[edge] in members]
                    components.append(Component(nodes, inner, [e for e in edges if supporter[e] not in members]))
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
    return components
