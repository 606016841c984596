"""What a training run is made of: the numbers that decide how it goes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """What a training run is made of; the defaults are those of `analyzer train`.

    `auxiliary_share` is the part of the auxiliary documents, another one each time, that an epoch reads. A label of a
    single head weighs by its frequency to the power of -`class_balance`: 0 leaves rare labels as rare as they are;
    with `weigh_yes` so do the labels of multi heads. The first window of a document is cut at a random place, or, with
    `cuts`, at one of so many, so that what frozen layers make of it can be kept. With `patience`, a run stops when so
    many epochs in a row were not better on the held-out documents, and keeps the best. With `together`, documents of
    one sentence are read among others half of the time, as a report reads them. The encoder keeps only so many of its
    `layers`, evenly spaced, or all. A run ends with its epochs, or after so many `steps`, by which its learning rate is
    zero. With `marks_only`, nothing moves but what marks words, above the int8 encoder of a model.
    """

    seed: int = 0
    epochs: int = 5
    window: int = 256
    tokens_per_step: int = 1500
    encoder_rate: float = 2e-4
    head_rate: float = 1e-3
    layers: int | None = None
    steps: int | None = None
    freeze: int = 2
    average_decay: float = 0.995
    auxiliary_share: float = 0.25
    class_balance: float = 0.3
    weigh_yes: bool = False
    cuts: int = 0
    patience: int | None = None
    together: bool = False
    marks_only: bool = False
