"""Marked words as sequences: sums and best paths over all taggings, against counting every one of them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.model.tagging import BEGINS, INSIDE, N_HIDDEN, NEVER, OUTSIDE, TokenMarker, neighbours


def marker_of(n_labels: int, seed: int, *, n_encoder: int = 6) -> TokenMarker:
    numbers = np.random.default_rng(seed)

    def some(*shape: int) -> np.ndarray:
        return numbers.normal(size=shape).astype(np.float32)

    transitions = some(n_labels, 3, 3)
    transitions[:, OUTSIDE, INSIDE] = NEVER
    starts = some(n_labels, 3)
    starts[:, INSIDE] = NEVER
    around = some(n_labels * 5 * N_HIDDEN, n_encoder)
    own, bias, read = some(n_labels * 3, n_encoder), some(n_labels, N_HIDDEN), some(n_labels, N_HIDDEN, 3)
    return TokenMarker(own, some(n_labels * 3), around, bias, read, transitions, starts)


def scores_of(lengths: list[int], n_labels: int, seed: int) -> list[np.ndarray]:
    numbers = np.random.default_rng(seed)
    return [numbers.normal(scale=2, size=(n, n_labels, 3)).astype(np.float32) for n in lengths]


def possible_tags(tags: np.ndarray) -> np.ndarray:
    """Tags in which nothing is inside a span that did not begin."""
    for t, row in enumerate(tags):
        before = tags[t - 1] if t else np.full(len(row), OUTSIDE)
        row[(row == INSIDE) & (before == OUTSIDE)] = BEGINS
    return tags


def all_taggings(n: int) -> np.ndarray:
    return np.array(list(product(range(3), repeat=n)))


def totals(marker: TokenMarker, scores: np.ndarray, label: int, taggings: np.ndarray) -> np.ndarray:
    """The score of every tagging (taggings, tokens) of a sentence."""
    starts, transitions = marker.starts[label].astype(np.float64), marker.transitions[label].astype(np.float64)
    total = starts[taggings[:, 0]] + scores[np.arange(len(scores)), label, taggings].sum(1)
    for t in range(1, len(scores)):
        total += transitions[taggings[:, t - 1], taggings[:, t]]
    return total


def counted(marker: TokenMarker, scores: np.ndarray, label: int) -> tuple[np.ndarray, np.ndarray]:
    """P(in a span) of every token and whether the best tagging has it in one, from all taggings there are."""
    taggings = all_taggings(len(scores))
    total = totals(marker, scores, label, taggings)
    shares = np.exp(total - total.max())
    inside = taggings != OUTSIDE
    return (shares[:, None] * inside).sum(0) / shares.sum(), inside[total.argmax()]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 6), max_size=5), st.integers(1, 3), st.integers(0, 10_000))
def test_probabilities_are_those_of_all_sequences(lengths: list[int], n_labels: int, seed: int) -> None:
    marker, scores = marker_of(n_labels, seed), scores_of(lengths, n_labels, seed + 1)
    found = marker.probabilities(scores)
    assert [p.shape for p in found] == [(n, n_labels) for n in lengths]
    for of_sentence, p in zip(scores, found, strict=True):
        for label in range(n_labels if len(of_sentence) else 0):
            inside, likely = counted(marker, of_sentence, label)
            assert ((p[:, label] >= 0.5) == likely).all()
            expected = np.where(likely, np.maximum(inside, 0.5), np.minimum(inside, 0.5))
            assert p[:, label] == pytest.approx(expected, abs=1e-4)


def test_a_sentence_is_tagged_alike_alone_and_among_others() -> None:
    marker, scores = marker_of(2, 0), scores_of([3, 90, 1, 0, 17, 300, 40], 2, 1)
    for alone, together in zip(scores, marker.probabilities(scores), strict=True):
        assert (marker.probabilities([alone])[0] == together).all()
    many = scores_of([5] * 600, 2, 2)
    assert all(
        (marker.probabilities([one])[0] == p).all() for one, p in zip(many, marker.probabilities(many), strict=True)
    )


def test_scores_far_from_nothing_overflow_nothing() -> None:
    marker = marker_of(1, 0)
    scores = [np.full((200, 1, 3), 1e4, dtype=np.float32), -np.full((200, 1, 3), 1e4, dtype=np.float32)]
    assert all(np.isfinite(p).all() for p in marker.probabilities(scores))
    # What is certain of each token alone, but cannot come first.
    impossible = np.full((3, 1, 3), -120.0, dtype=np.float32)
    impossible[..., INSIDE] = 0.0
    [found] = marker.probabilities([impossible])
    inside, _ = counted(marker, impossible, 0)
    assert found[:, 0] == pytest.approx(inside, abs=1e-4)


def test_a_token_is_read_with_those_of_its_sentence_alone() -> None:
    marker = marker_of(2, 3)
    hidden = np.random.default_rng(0).normal(size=(12, 6)).astype(np.float32)
    both = marker(hidden, [(1, 5), (5, 11)])
    alone = marker(hidden[5:11], [(0, 6)])
    assert both[5:11] == pytest.approx(alone, abs=1e-5)
    moved = hidden.copy()
    moved[4] += 1.0
    assert (marker(moved, [(1, 5), (5, 11)])[5:11] == both[5:11]).all()
    assert not (marker(moved, [(1, 5), (5, 11)])[2] == both[2]).all()


def test_neighbours_end_where_the_sentence_does() -> None:
    assert neighbours([(1, 3), (3, 4)], 5).tolist() == [
        [5, 5, 5, 5, 5],
        [5, 5, 1, 2, 5],
        [5, 1, 2, 5, 5],
        [5, 5, 3, 5, 5],
        [5, 5, 5, 5, 5],
    ]


def test_a_model_without_span_labels_marks_nothing() -> None:
    marker = TokenMarker.of({}, 6)
    scores = marker(np.ones((4, 6), dtype=np.float32), [(0, 4)])
    assert scores.shape == (4, 0, 3)
    assert marker.probabilities([scores])[0].shape == (4, 0)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.integers(1, 2), st.integers(0, 10_000))
def test_the_loss_is_the_likelihood_of_the_tags_among_all(lengths: list[int], n_labels: int, seed: int) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")
    from analyzer.model.torch_network import TokenMarker as TorchMarker
    from analyzer.training.chains import chain_loss

    marker, scores = marker_of(n_labels, seed), scores_of(lengths, n_labels, seed + 1)
    numbers = np.random.default_rng(seed)
    tags = [possible_tags(numbers.integers(0, 3, (n, n_labels))) for n in lengths]
    weights = numbers.random((len(lengths), n_labels)).astype(np.float32)
    loss = chain_loss(
        torch.from_numpy(np.concatenate(scores)),
        torch.from_numpy(np.concatenate(tags)),
        lengths,
        TorchMarker.twin_of(marker),
        torch.from_numpy(weights),
    )
    expected = 0.0
    for label in range(n_labels):
        total = 0.0
        for of_sentence, gold, weight in zip(scores, tags, weights[:, label], strict=True):
            if len(of_sentence):
                among = totals(marker, of_sentence, label, all_taggings(len(of_sentence)))
                unlikely = np.logaddexp.reduce(among) - totals(marker, of_sentence, label, gold[None, :, label])[0]
                total += weight * unlikely
        expected += total / max(float(weights[:, label] @ lengths), 1)
    assert float(loss.detach()) == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_labels_that_nobody_looked_for_cost_nothing() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")
    from analyzer.model.torch_network import TokenMarker as TorchMarker
    from analyzer.training.chains import chain_loss

    marker = TorchMarker.twin_of(marker_of(2, 0))
    scores = torch.from_numpy(np.concatenate(scores_of([4, 3], 2, 1))).requires_grad_()
    tags = torch.zeros(7, 2, dtype=torch.long)
    tags[:, 1] = -1
    chain_loss(scores, tags, [4, 3], marker).backward()
    assert (scores.grad[:, 1] == 0).all() and (scores.grad[:, 0] != 0).any()
    assert float(chain_loss(scores[:0], tags[:0], [0], marker).detach()) == 0.0
