"""What the model says about the sentences of one document, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Predictions:
    """Calibrated probabilities for `n` sentences.

    `probabilities[head]` has shape (n, labels of the head): rows add up to 1 for a single head. `features`
    (n, features) are the sentence vectors in document context that the support scorer reads.
    """

    probabilities: dict[str, Array]
    features: Array
