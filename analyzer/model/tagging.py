"""Which tokens are in a marked span: from token vectors to a probability for every token and span label, in NumPy.

To a span label a token is outside any span, begins one, or is inside one. A layer that sees a token and those around
it scores the three; a linear-chain conditional random field (Lafferty et al. 2001) over the tokens of a sentence, one
for every label, weighs whole sequences. `analyzer.model.torch_network.TokenMarker` is the twin that is trained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

OUTSIDE, BEGINS, INSIDE = range(3)
N_TAGS = 3
# Tokens that are seen on each side, and the numbers that are made of what is seen, for every label.
REACH = 2
N_HIDDEN = 32
# What the weights of a marker are called in a model folder, after "spans.", in the order of its fields.
WEIGHTS = ("own.weight", "own.bias", "around.weight", "bias", "read", "transitions", "starts")
# The score of what cannot be: inside a span without a beginning.
NEVER = -1e4
# Sentences whose sequences are weighed together; they are of like length.
_SENTENCES_TOGETHER = 256
_TINY = np.finfo(np.float64).tiny
_HALF, _BELOW_HALF = np.float32(0.5), np.nextafter(np.float32(0.5), np.float32(0.0))


@dataclass(frozen=True)
class TokenMarker:
    """The layer that scores tokens, and the chains. The first numbers of every array are of the first label.

    `own` (labels · 3, n_encoder) reads a token, `around` (labels · 5 · 32, n_encoder) it and its neighbours, whose sums
    and `bias` (labels, 32) `read` (labels, 32, 3) scores where they are above 0. `transitions` (labels, 3, 3) and
    `starts` (labels, 3) are the scores of a tag after another and of the first one.
    """

    own: Array
    own_bias: Array
    around: Array
    bias: Array
    read: Array
    transitions: Array
    starts: Array

    @classmethod
    def of(cls, weights: Mapping[str, Array], n_encoder: int) -> TokenMarker:
        """The marker among the weights of the heads; one without labels where there is none."""
        if "spans.own.weight" not in weights:
            none = np.zeros((0, n_encoder), dtype=np.float32)
            empty = np.zeros(0, dtype=np.float32)
            bias, read = empty.reshape(0, N_HIDDEN), empty.reshape(0, N_HIDDEN, N_TAGS)
            return cls(none, empty, none, bias, read, empty.reshape(0, 3, 3), empty.reshape(0, 3))
        return cls(*(weights[f"spans.{name}"] for name in WEIGHTS))

    @property
    def n_labels(self) -> int:
        """The number of span labels."""
        return len(self.read)

    def __call__(self, hidden: Array, sentences: Sequence[tuple[int, int]]) -> Array:
        """Scores (t, labels, 3) of token vectors (t, n_encoder), of which `sentences` are the first and the end."""
        scores = (hidden @ self.own.T + self.own_bias).reshape(len(hidden), self.n_labels, N_TAGS)
        if not self.n_labels:
            return scores
        seen = (hidden @ self.around.T).reshape(len(hidden), self.n_labels, 2 * REACH + 1, -1)
        seen = np.concatenate([seen, np.zeros_like(seen[:1])])
        total = np.broadcast_to(self.bias, seen[:-1, :, 0].shape).copy()
        for place, rows in enumerate(neighbours(sentences, len(hidden)).T):
            total += seen[rows, :, place]
        read = np.matmul(np.maximum(total, 0.0).transpose(1, 0, 2), self.read).transpose(1, 0, 2)
        return np.asarray(scores + read, dtype=np.float32)

    def probabilities(self, scores: Sequence[Array]) -> list[Array]:
        """That tokens are in a span, (t, labels), from the scores (t, labels, 3) of each sentence.

        Half and more exactly where the likeliest sequence of tags (Viterbi 1967) has them in one.
        """
        if not self.n_labels:
            return [np.zeros((len(of_sentence), 0), dtype=np.float32) for of_sentence in scores]
        order = sorted(range(len(scores)), key=lambda k: -len(scores[k]))
        found: list[Array] = [np.zeros((0, self.n_labels), dtype=np.float32)] * len(scores)
        for at in range(0, len(order), _SENTENCES_TOGETHER):
            part = order[at : at + _SENTENCES_TOGETHER]
            inside = self._inside([scores[k] for k in part])
            for row, k in enumerate(part):
                found[k] = inside[: len(scores[k]), row]
        return found

    def _inside(self, scores: Sequence[Array]) -> Array:
        """Probabilities (longest, sentences, labels); the longest sentence comes first, its like after it."""
        lengths = np.array([len(of_sentence) for of_sentence in scores])
        padded = np.zeros((lengths[0], len(scores), self.n_labels, N_TAGS), dtype=np.float32)
        for row, of_sentence in enumerate(scores):
            padded[: len(of_sentence), row] = of_sentence
        running = [int((lengths > t).sum()) for t in range(len(padded))]
        inside = 1.0 - self._shares(padded, running)[..., OUTSIDE]
        likely = self._likeliest(padded, running) != OUTSIDE
        return np.asarray(
            np.where(likely, np.maximum(inside, _HALF), np.minimum(inside, _BELOW_HALF)), dtype=np.float32
        )

    def _shares(self, scores: Array, running: Sequence[int]) -> NDArray[np.float64]:
        """The probability of every tag (longest, sentences, labels, 3), by forward and backward sums."""
        # In double precision: in single, what is a hundred below the best would be nothing.
        powers = np.exp((scores - scores.max(-1, keepdims=True)).astype(np.float64))
        step, first = np.exp(self.transitions.astype(np.float64)), np.exp(self.starts.astype(np.float64))
        forward, backward = np.ones_like(powers), np.ones_like(powers)
        if len(powers):
            forward[0] = _scaled(first * powers[0])
        for t, n in enumerate(running[1:], 1):
            reached = (forward[t - 1, :n, :, :, None] * step).sum(-2)
            forward[t, :n] = _scaled(reached * powers[t, :n])
        for t in range(len(running) - 1, 0, -1):
            n = running[t]
            following = (powers[t, :n] * backward[t, :n])[..., None, :]
            backward[t - 1, :n] = _scaled((step * following).sum(-1))
        return _scaled(forward * backward)

    def _likeliest(self, scores: Array, running: Sequence[int]) -> NDArray[np.int64]:
        """The likeliest tags (longest, sentences, labels); what they are after the end of a sentence means nothing."""
        came_from = np.zeros(scores.shape, dtype=np.int64)
        best = scores.copy()
        if len(scores):
            best[0] += self.starts
        for t, n in enumerate(running[1:], 1):
            ways = best[t - 1, :n, :, :, None] + self.transitions
            came_from[t, :n] = ways.argmax(-2)
            best[t, :n] += ways.max(-2)
        tags = best.argmax(-1)
        for t in range(len(running) - 1, 0, -1):
            n = running[t]
            tags[t - 1, :n] = np.take_along_axis(came_from[t, :n], tags[t, :n, :, None], -1)[..., 0]
        return np.asarray(tags, dtype=np.int64)


def neighbours(sentences: Sequence[tuple[int, int]], n_tokens: int) -> NDArray[np.int64]:
    """The tokens around each (n_tokens, 5), itself in the middle; `n_tokens` where its sentence has none there.

    Tokens of no sentence have none around, not even themselves.
    """
    first, last = np.full(n_tokens, n_tokens), np.full(n_tokens, -1)
    for start, end in sentences:
        first[start:end], last[start:end] = start, end - 1
    places = np.arange(n_tokens)[:, None] + np.arange(-REACH, REACH + 1)
    return np.where((places >= first[:, None]) & (places <= last[:, None]), places, n_tokens)


def _scaled(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    shares = shares + _TINY
    return np.asarray(shares / shares.sum(-1, keepdims=True), dtype=np.float64)
