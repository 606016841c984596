"""The support graph: which links it allows, and tables as evidence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from analyzer.argument import build_argument, graph_links, roles_of
from analyzer.dependence import dependence, grounds
from analyzer.grounds import GROUNDS
from analyzer.model.predictions import Predictions
from analyzer.scores import document_grounds
from analyzer.table_readings import TableReading

CONCLUSION, PREMISE, BACKGROUND = np.eye(3, dtype=np.float32)
NAMED, VAGUE, OWN, NONE = np.eye(4, dtype=np.float32)


class FixedLinks:
    """Stands in for the learned scorer only: link probabilities by sentence pair, so that the graph rules show."""

    def __init__(self, links: dict[tuple[int, int], float]) -> None:
        self._links = links

    def supports(
        self, features: NDArray[np.float32], roles: NDArray[np.float32], positions: NDArray[np.int64], rows: slice
    ) -> NDArray[np.float32]:
        chosen = positions[rows]
        table = np.zeros((len(chosen), len(positions) + 1), dtype=np.float32)
        for a, i in enumerate(chosen):
            for b, j in enumerate(positions):
                table[a, b] = self._links.get((int(i), int(j)), 0.001 if i != j else 0.0)
        return table


def predictions_of(roles: list[NDArray[np.float32]], sourcing: list[NDArray[np.float32]]) -> Predictions:
    facts = np.tile(np.eye(4, dtype=np.float32)[0], (len(roles), 1))
    probabilities = {"type": facts, "content": facts, "sourcing": np.array(sourcing), "role": np.array(roles)}
    return Predictions(probabilities, np.zeros((len(roles), 1), dtype=np.float32))


def test_of_two_sentences_that_support_each_other_the_likelier_link_stays() -> None:
    predictions = predictions_of([PREMISE, PREMISE, CONCLUSION], [NONE] * 3)
    links = graph_links(predictions, FixedLinks({(0, 1): 0.6, (1, 0): 0.5, (1, 2): 0.4}), roles_of(predictions))
    assert links == pytest.approx({(0, 1): 0.6, (1, 2): 0.4})


def test_a_conclusion_supports_only_conclusions() -> None:
    predictions = predictions_of([CONCLUSION, PREMISE, CONCLUSION], [NONE] * 3)
    links = graph_links(predictions, FixedLinks({(0, 1): 0.9, (0, 2): 0.3, (1, 2): 0.8}), roles_of(predictions))
    assert set(links) == {(0, 2), (1, 2)}


def test_a_premise_always_supports_something() -> None:
    predictions = predictions_of([PREMISE, CONCLUSION, CONCLUSION], [NONE] * 3)
    links = graph_links(predictions, FixedLinks({(0, 1): 0.02, (0, 2): 0.04}), roles_of(predictions))
    assert links == pytest.approx({(0, 2): 0.04})


def test_background_is_no_part_of_the_argument() -> None:
    predictions = predictions_of([BACKGROUND, PREMISE, CONCLUSION], [NAMED, NAMED, NONE])
    argument = build_argument(predictions, FixedLinks({(1, 2): 1.0}), roles=roles_of(predictions))
    assert argument.sentences.tolist() == [1, 2]
    assert [argument.sentences[k] for k in argument.conclusions] == [2]
    assert dependence(grounds(argument.graph))[argument.conclusions[0]] == pytest.approx(0.0)


def test_what_may_be_a_premise_counts_by_how_likely_it_is_one() -> None:
    maybe = np.array([0.0, 0.4, 0.6], dtype=np.float32)
    predictions = predictions_of([maybe, CONCLUSION], [NAMED, NONE])
    argument = build_argument(predictions, FixedLinks({(0, 1): 0.5}), roles=roles_of(predictions))
    assert argument.sentences.tolist() == [0, 1]
    assert argument.premises == ()
    assert argument.graph.probability == pytest.approx([0.2])
    assert dependence(grounds(argument.graph))[1] == pytest.approx(0.8)


def test_what_is_background_with_more_than_four_fifths_is_left_out() -> None:
    out, within = np.array([[0.0, 0.19, 0.81], [0.0, 0.21, 0.79]], dtype=np.float32)
    predictions = predictions_of([out, within, CONCLUSION], [NAMED, NAMED, NONE])
    links = graph_links(predictions, FixedLinks({(0, 2): 1.0, (1, 2): 1.0}), roles_of(predictions))
    assert links == pytest.approx({(1, 2): 0.21})


def test_an_unlikely_link_of_a_premise_leads_to_the_argument_and_not_to_background() -> None:
    maybe = np.array([0.0, 0.4, 0.6], dtype=np.float32)
    predictions = predictions_of([PREMISE, maybe, CONCLUSION], [NONE] * 3)
    links = graph_links(predictions, FixedLinks({(0, 1): 0.04, (0, 2): 0.02}), roles_of(predictions))
    assert links == pytest.approx({(0, 2): 0.02})


def test_a_premise_with_nothing_but_background_to_support_supports_nothing() -> None:
    maybe = np.array([0.0, 0.4, 0.6], dtype=np.float32)
    predictions = predictions_of([maybe, maybe, PREMISE], [NONE] * 3)
    assert graph_links(predictions, FixedLinks({(2, 0): 0.01, (2, 1): 0.01}), roles_of(predictions)) == {}


def test_a_forced_conclusion_is_one() -> None:
    predictions = predictions_of([BACKGROUND, BACKGROUND], [NONE, NONE])
    argument = build_argument(predictions, FixedLinks({}), roles=roles_of(predictions, forced=[1]))
    assert [argument.sentences[k] for k in argument.conclusions] == [1]
    assert argument.conclusion_weights == (1.0,)


@pytest.mark.parametrize("p_background", [0.0, 0.45, 0.55])
def test_a_table_without_source_sources_no_reading_however_likely_a_premise_that_is(p_background: float) -> None:
    reader = np.array([0.0, 1 - p_background, p_background], dtype=np.float32)
    predictions = predictions_of([BACKGROUND, reader, CONCLUSION], [NONE, OWN, NONE])
    reading = TableReading(sentence=1, rows=(0,), table_is_sourced=False)
    argument = build_argument(predictions, FixedLinks({(1, 2): 1.0}), roles=roles_of(predictions), readings=[reading])
    assert dependence(grounds(argument.graph)) == pytest.approx(1.0)
    assert len(argument.premises) == (2 if p_background < 0.5 else 0)


@pytest.mark.parametrize(("sourced", "ground", "expected"), [(False, "unsourced_fact", 1.0), (True, "named_fact", 0.0)])
def test_a_reading_is_only_as_well_sourced_as_its_table(sourced: bool, ground: str, expected: float) -> None:
    predictions = predictions_of([BACKGROUND, PREMISE, CONCLUSION], [NONE, OWN, NONE])
    reading = TableReading(sentence=1, rows=(0,), table_is_sourced=sourced)
    argument = build_argument(predictions, FixedLinks({(1, 2): 1.0}), roles=roles_of(predictions), readings=[reading])
    found = grounds(argument.graph)[argument.conclusions[0]]
    assert found[GROUNDS.index(ground)] == pytest.approx(1.0)
    assert dependence(found) == pytest.approx(expected)


def test_the_mean_of_conclusions_that_rest_on_one_ground_alone_is_that_ground() -> None:
    predictions = predictions_of([CONCLUSION] * 16, [NONE] * 16)
    argument = build_argument(predictions, FixedLinks({}), roles=roles_of(predictions))
    circular = np.eye(len(GROUNDS))[[GROUNDS.index("circular")] * 16]
    mean = document_grounds(replace(argument, conclusion_weights=(0.9,) * 16), circular)
    assert mean is not None and mean.max() == 1.0


def test_a_document_without_argument_has_an_empty_graph() -> None:
    predictions = predictions_of([BACKGROUND], [NONE])
    argument = build_argument(predictions, FixedLinks({}), roles=roles_of(predictions))
    assert argument.graph.n_nodes == 0
    assert argument.conclusions == ()
