"""What the encoder reads and the model says of the sentences of one document, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyzer.model.spans import SentenceTokens

Array = NDArray[np.float32]


@dataclass(frozen=True)
class EncodedDocument:
    """What the encoder read of a document's n sentences.

    `vectors` (n, n_encoder) are means of token vectors; `tokens` (n) hold the probabilities of the span labels.
    """

    vectors: Array
    tokens: tuple[SentenceTokens, ...]


@dataclass(frozen=True)
class Predictions:
    """Probabilities for `n` sentences: calibrated as a model folder gives them, at temperature 1 while it is trained.

    `probabilities[head]` has shape (n, labels of the head): rows add up to 1 for a single head. `features`
    (n, features) are the sentence vectors in document context that the support scorer reads. `tokens` (n) hold the
    probabilities of the span labels; empty where the model has none.
    """

    probabilities: dict[str, Array]
    features: Array
    tokens: tuple[SentenceTokens, ...] = ()
