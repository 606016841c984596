"""The score's definition, checked on random graphs against iteration, a simulated walk and the properties it must have."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from analyzer.dependence import (
    SupportGraph,
    dependence,
    grounds,
    opinion_share,
    sampled_dependence,
    suppose_sourced,
    visits,
)
from analyzer.grounds import GROUNDS
from tests.graphs import graphs

NAMED, VAGUE, OWN, NONE = np.eye(4)
FACT, INFERENCE, SPECULATION = np.eye(3)


def graph_of(
    sourcing: list[NDArray[np.float64]],
    links: dict[tuple[int, int], float],
    *,
    content: list[NDArray[np.float64]] | None = None,
    kind: list[NDArray[np.float64]] | None = None,
) -> SupportGraph:
    """A graph from sourcing rows and {(supporter, supported): probability}; all facts unless said."""
    pairs = list(links)
    facts = [FACT] * len(sourcing)
    return SupportGraph(
        sourcing=np.array(sourcing, dtype=float).reshape(-1, 4),
        content=np.array(content or facts, dtype=float).reshape(-1, 3),
        kind=np.array(kind or facts, dtype=float).reshape(-1, 3),
        supporter=np.array([i for i, _ in pairs], dtype=np.intp),
        supported=np.array([j for _, j in pairs], dtype=np.intp),
        probability=np.array(list(links.values()), dtype=float),
    )


def moves_and_stops(graph: SupportGraph) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A (n, n) and B (n, 7) written out from the definition, sentence by sentence."""
    n = graph.n_nodes
    moves, stops = np.zeros((n, n)), np.zeros((n, 7))
    for i in range(n):
        named, vague, own, none = graph.sourcing[i]
        edges = [e for e in range(len(graph.supported)) if graph.supported[e] == i]
        p = graph.probability[edges]
        some = 1.0 - np.prod(1.0 - p)
        for e in edges:
            if p.sum() > 0:
                moves[i, graph.supporter[e]] += (1 - named - own) * some * graph.probability[e] / p.sum()
        nothing = (1 - named - own) * (1 - some)
        share = vague / (vague + none) if vague + none > 0 else 0.0
        stops[i] = [
            named * graph.content[i, 0],
            named * (graph.content[i, 1] + graph.content[i, 2]),
            own,
            nothing * share,
            *(nothing * (1 - share) * graph.kind[i]),
        ]
    return moves, stops


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_solver_agrees_with_iterating_the_definition(graph: SupportGraph) -> None:
    moves, stops = moves_and_stops(graph)
    found = stops.copy()
    # Squaring sums 2^k steps at once, so that slowly leaking cycles converge too.
    power = moves.copy()
    for _ in range(60):
        found = found + power @ found
        power = power @ power
    expected = np.column_stack([found, 1.0 - found.sum(1)]) if graph.n_nodes else np.zeros((0, 8))
    assert grounds(graph) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_grounds_are_shares(graph: SupportGraph) -> None:
    found = grounds(graph)
    assert found.shape == (graph.n_nodes, len(GROUNDS))
    assert (found >= -1e-12).all()
    assert found.sum(1) == pytest.approx(np.ones(graph.n_nodes), abs=1e-9)
    assert ((dependence(found) >= 0) & (dependence(found) <= 1)).all()
    assert ((opinion_share(found) >= -1e-12) & (opinion_share(found) <= 1 + 1e-12)).all()


@settings(max_examples=300, deadline=None)
@given(graphs(least=1), st.integers(0, 8))
def test_sourcing_a_sentence_never_raises_any_dependence(graph: SupportGraph, pick: int) -> None:
    node = pick % graph.n_nodes
    sourcing = graph.sourcing.copy()
    sourcing[node] = NAMED
    before, after = dependence(grounds(graph)), dependence(grounds(replace(graph, sourcing=sourcing)))
    assert (after <= before + 1e-9).all()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.floats(0, 1), min_size=0, max_size=6),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_a_new_unsourced_supporter_never_lowers_d_of_a_fully_sourced_conclusion(
    supporters: list[float], new: float, named: float, vague: float
) -> None:
    conclusion = np.array([named, (1 - named) * vague, 0.0, (1 - named) * (1 - vague)])
    sourced = graph_of([conclusion, *[NAMED] * len(supporters)], {(k + 1, 0): p for k, p in enumerate(supporters)})
    widened = graph_of(
        [conclusion, *[NAMED] * len(supporters), NONE],
        {**{(k + 1, 0): p for k, p in enumerate(supporters)}, (len(supporters) + 1, 0): new},
    )
    assert dependence(grounds(widened))[0] >= dependence(grounds(sourced))[0] - 1e-9


@pytest.mark.parametrize("length", [2, 3, 7])
def test_a_cycle_without_sources_is_all_circular(length: int) -> None:
    cycle = graph_of([NONE] * length, {((k + 1) % length, k): 1.0 for k in range(length)})
    found = grounds(cycle)
    assert found[:, GROUNDS.index("circular")] == pytest.approx(np.ones(length))
    assert dependence(found) == pytest.approx(np.ones(length))


def test_a_cycle_that_leaks_to_a_source_comes_to_rest_there() -> None:
    graph = graph_of([NONE, NONE, NAMED], {(1, 0): 1.0, (0, 1): 1.0, (2, 1): 1.0})
    assert dependence(grounds(graph))[:2] == pytest.approx([0.0, 0.0])


@settings(max_examples=200, deadline=None)
@given(graphs(least=1), st.randoms(use_true_random=False))
def test_renumbering_sentences_changes_nothing(graph: SupportGraph, random) -> None:  # type: ignore[no-untyped-def]
    order = list(range(graph.n_nodes))
    random.shuffle(order)
    new_number = np.argsort(order)
    edges = list(range(len(graph.supported)))
    random.shuffle(edges)
    renumbered = SupportGraph(
        sourcing=graph.sourcing[order],
        content=graph.content[order],
        kind=graph.kind[order],
        supporter=new_number[graph.supporter[edges]].astype(np.intp),
        supported=new_number[graph.supported[edges]].astype(np.intp),
        probability=graph.probability[edges],
    )
    assert grounds(renumbered) == pytest.approx(grounds(graph)[order], abs=1e-9)


def test_a_bare_assertion_depends_wholly_and_a_sourced_one_not_at_all() -> None:
    found = grounds(graph_of([NONE, NAMED, OWN, VAGUE], {}, kind=[INFERENCE, FACT, FACT, FACT]))
    assert dependence(found).tolist() == pytest.approx([1.0, 0.0, 0.0, 0.75])
    assert found[0, GROUNDS.index("unsourced_inference")] == 1.0


def test_a_conclusion_all_of_whose_reasons_name_their_sources_has_no_dependence() -> None:
    graph = graph_of([NONE, NAMED, NAMED], {(1, 0): 1.0, (2, 0): 1.0}, content=[FACT, FACT, SPECULATION])
    found = grounds(graph)
    assert dependence(found)[0] == pytest.approx(0.0)
    assert found[0, GROUNDS.index("named_fact")] == pytest.approx(0.5)
    assert found[0, GROUNDS.index("named_opinion")] == opinion_share(found)[0] == pytest.approx(0.5)


@settings(max_examples=200, deadline=None)
@given(graphs(least=1))
def test_supposing_a_source_equals_giving_one(graph: SupportGraph) -> None:
    scenarios = suppose_sourced(graph, [[node] for node in range(graph.n_nodes)])
    for node in range(graph.n_nodes):
        sourcing = graph.sourcing.copy()
        sourcing[node] = NAMED
        given_source = dependence(grounds(replace(graph, sourcing=sourcing)))
        assert scenarios[node] == pytest.approx(given_source, abs=1e-9)


def test_a_visit_is_as_likely_as_the_way_there() -> None:
    graph = graph_of([NONE, NONE, NAMED, NONE], {(1, 0): 1.0, (3, 0): 1.0, (2, 1): 0.5})
    assert np.array([*visits(graph, [0, 1])]) == pytest.approx(np.array([[1.0, 0.5, 0.25, 0.5], [0.0, 1.0, 0.5, 0.0]]))


def test_a_closed_cycle_is_visited_all_over_and_never_left() -> None:
    graph = graph_of([NONE] * 5, {(1, 0): 1.0, (2, 1): 1.0, (3, 2): 1.0, (1, 3): 1.0, (4, 4): 0.0})
    assert np.array([*visits(graph, [0, 2, 4])]) == pytest.approx(
        np.array([[1.0, 1.0, 1.0, 1.0, 0.0], [0.0, 1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0]]), abs=1e-6
    )


@settings(max_examples=200, deadline=None)
@given(graphs(least=1), st.integers(1, 10))
def test_visits_are_the_same_however_many_are_worked_out_at_once(graph: SupportGraph, at_once: int) -> None:
    nodes = [*range(graph.n_nodes), 0]
    together, apart = visits(graph, nodes, at_once=len(nodes)), visits(graph, nodes, at_once=at_once)
    assert np.array([*apart]) == pytest.approx(np.array([*together]), abs=1e-12)


@settings(max_examples=300, deadline=None)
@given(graphs(least=1))
def test_what_a_source_changes_is_the_chance_to_come_there_times_what_it_rests_on(graph: SupportGraph) -> None:
    nodes = range(graph.n_nodes)
    now, chances = dependence(grounds(graph)), np.array([*visits(graph, nodes)])
    supposed = suppose_sourced(graph, [[node] for node in nodes])
    assert supposed == pytest.approx((now[:, None] - chances * now).T, abs=1e-6)
    assert np.diag(chances) == pytest.approx(np.ones(graph.n_nodes))


def test_thousands_of_sentences_are_traced_in_a_moment() -> None:
    """With more links a sentence than documents have."""
    rng = np.random.default_rng(0)
    n = 1500
    links = {}
    for i in range(n):
        for j in rng.integers(max(0, i - 40), min(n, i + 40), 3):
            if i != j:
                links[i, int(j)] = float(rng.random())
    graph = graph_of(
        list(rng.dirichlet([1, 1, 0.5, 3], n)), {pair: p for pair, p in links.items() if pair[0] > pair[1]}
    )
    conclusions = list(range(0, n, 10))
    begin = time.process_time()
    chances = np.array([*visits(graph, conclusions)])
    sampled_dependence(graph, n_samples=200, seed=0)
    assert time.process_time() - begin < 20
    now = dependence(grounds(graph))
    some = [17, 500, 1499]
    supposed = suppose_sourced(graph, [[node] for node in some])[:, conclusions]
    assert supposed == pytest.approx((now[conclusions, None] - chances[:, some] * now[some]).T, abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_solver_agrees_with_a_simulated_walk(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 7
    links = {(i, j): float(rng.random()) for i in range(n) for j in range(n) if i != j and rng.random() < 0.4}
    graph = graph_of(
        list(rng.dirichlet([1, 1, 0.5, 3], n)),
        links,
        content=list(rng.dirichlet([1, 1, 1], n)),
        kind=list(rng.dirichlet([1, 1, 1], n)),
    )
    moves, stops = moves_and_stops(graph)
    walks, ended = 20_000, np.zeros(7)
    ways = np.hstack([moves, stops]).cumsum(1)
    for _ in range(walks):
        at = 0
        while at < n:
            at = int(np.searchsorted(ways[at], rng.random() * ways[at, -1], side="right"))
        ended[at - n] += 1
    error = 5 * np.sqrt(0.25 / walks)
    assert grounds(graph)[0, :7] == pytest.approx(ended / walks, abs=error)


@settings(max_examples=50, deadline=None)
@given(graphs(least=1, cycles=False))
def test_samples_of_certain_labels_do_not_vary(graph: SupportGraph) -> None:
    certain = SupportGraph(
        sourcing=np.eye(4)[graph.sourcing.argmax(1)],
        content=np.eye(3)[graph.content.argmax(1)],
        kind=np.eye(3)[graph.kind.argmax(1)],
        supporter=graph.supporter,
        supported=graph.supported,
        probability=np.ones_like(graph.probability),
    )
    samples = sampled_dependence(certain, n_samples=5, seed=3)
    assert samples == pytest.approx(np.tile(dependence(grounds(certain)), (5, 1)))


def test_samples_spread_around_what_is_uncertain() -> None:
    half = np.array([0.5, 0.0, 0.0, 0.5])
    samples = sampled_dependence(graph_of([half], {}), n_samples=2000, seed=0)
    assert set(np.unique(samples)) == {0.0, 1.0}
    assert samples.mean() == pytest.approx(0.5, abs=0.05)


def test_an_empty_graph_has_no_grounds() -> None:
    empty = graph_of([], {})
    assert grounds(empty).shape == (0, len(GROUNDS))
    assert sampled_dependence(empty, n_samples=3, seed=0).shape == (3, 0)
    assert suppose_sourced(empty, []).shape == (0, 0)
    assert list(visits(empty, [])) == []
