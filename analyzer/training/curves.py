"""Draws how a training run went: the loss by step, and the score on held-out documents by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analyzer.training.trainer import TrainedNetwork

CURVES = "curves.png"
_SMOOTHED_PART = 20


@dataclass(frozen=True)
class Curve:
    """One run by name: the loss of every step, and (step, score) at the ends of epochs that were measured."""

    name: str
    losses: Sequence[float]
    scores: Sequence[tuple[int, float]]


def curve_of(name: str, network: TrainedNetwork) -> Curve:
    """The curve of a run."""
    scores = [(epoch.steps, epoch.score) for epoch in network.epochs if epoch.score is not None]
    return Curve(name, network.losses, scores)


def draw_curves(curves: Sequence[Curve], path: Path, *, chosen: int | None = None) -> None:
    """Write a PNG; `chosen` is the epoch that was kept, counted from 1."""
    # The figure alone, without pyplot: nothing global, and no display is looked for.
    from matplotlib.figure import Figure

    measured = any(curve.scores for curve in curves)
    figure = Figure(figsize=(9 if measured else 5, 3.6), dpi=120, layout="constrained")
    axes = figure.subplots(1, 2 if measured else 1, squeeze=False)[0]
    for curve in curves:
        width = max(1, len(curve.losses) // _SMOOTHED_PART)
        smooth = np.convolve(curve.losses, np.full(width, 1 / width), mode="valid")
        axes[0].plot(np.arange(len(smooth)) + width, smooth, label=curve.name, linewidth=1.4)
    axes[0].set(xlabel="step", ylabel="loss (moving mean)", title="Training loss")
    if measured:
        for curve in curves:
            epochs = range(1, len(curve.scores) + 1)
            axes[1].plot(epochs, [score for _, score in curve.scores], marker="o", label=curve.name, linewidth=1.4)
        if chosen is not None:
            axes[1].axvline(chosen, color="0.6", linestyle="--", linewidth=1)
            axes[1].annotate("kept", (chosen, axes[1].get_ylim()[0]), (-4, 4), textcoords="offset points", ha="right")
        axes[1].set(xlabel="epoch", ylabel="score (macro-F1)", title="Held-out documents")
        axes[1].xaxis.get_major_locator().set_params(integer=True)
    for axis in axes:
        axis.grid(alpha=0.25)
        if len(curves) > 1:
            axis.legend(fontsize="small")
    # No date or version in the file: the same run draws the same bytes.
    figure.savefig(path, metadata={"Software": None})
