"""All trainings that teach a user's labels once: how many epochs are best is seen on folds, then the model is trained.

With few documents every fold is held out in turn, the number of epochs that is best over all of them is chosen, and one
more network is trained on all documents. With many, one fold is held out and the best epoch on it is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.model.folder import ModelFolder
from analyzer.model.predictions import Predictions
from analyzer.model.spans import span_threshold
from analyzer.schema import Head, LabelSchema
from analyzer.training.curves import Curve, curve_of
from analyzer.training.data import LabelledDocument
from analyzer.training.metrics import head_metrics, span_metrics
from analyzer.training.network_predictions import unflat
from analyzer.training.options import TrainingOptions
from analyzer.training.run_state import Epoch, Held
from analyzer.training.splits import folds_of
from analyzer.training.trainer import TrainedNetwork, Training
from analyzer.training.workplace import Workplace

# Fewer sentences than this are worth training once a fold.
FEW_SENTENCES = 1000
MANY_FOLDS = 5
_ONE_FOLD_OF = 10
_LEAST_PATIENCE, _PATIENT_PART = 2, 4


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What is to be taught: labelled documents and their heads, from which folder, and whether beside its own heads."""

    documents: Sequence[LabelledDocument]
    heads: Sequence[Head]
    start: Path
    join: bool = False
    held_out: float = 0.2
    folds: int | None = None

    @property
    def own(self) -> LabelSchema:
        """The user's heads alone."""
        return LabelSchema(tuple(self.heads), links=False)


@dataclass(frozen=True)
class Watcher:
    """Whom a run tells how it goes: `step(stage, stages, step, steps, loss)`, lines of `say`, and, before each
    stage, of how many tokens frozen layers have read how many.
    """

    step: Callable[[int, int, int, int, float], None] = lambda *_: None
    say: Callable[[str], None] = lambda line: None
    read: Callable[[int, int], None] = lambda tokens, total: None


@dataclass(frozen=True)
class Found:
    """What a course of training came to: the network, the documents that it was trained on, the epochs it had, its
    curves, and on which documents how long to train was decided, with predictions on them where every fold had its own
    network.
    """

    network: TrainedNetwork
    kept: Sequence[LabelledDocument]
    epochs: int
    curves: list[Curve]
    watched: Sequence[LabelledDocument]
    predictions: list[Predictions] | None
    score: float


class Course:
    """All trainings of one lesson."""

    def __init__(
        self,
        lesson: Lesson,
        schema: LabelSchema,
        base: ModelFolder | None,
        options: TrainingOptions,
        place: Workplace,
        watcher: Watcher,
    ) -> None:
        self._lesson, self._schema, self._base = lesson, schema, base
        self._options, self._place, self._watcher = options, place, watcher

    def run(self, fit: Sequence[LabelledDocument]) -> Found:
        """Train on the documents, on folds and at last for good."""
        few = sum(len(document.texts) for document in fit) < FEW_SENTENCES
        folds = self._lesson.folds or (MANY_FOLDS if few else 1)
        return self._by_folds(fit, folds) if folds > 1 else self._by_one_fold(fit)

    def _by_one_fold(self, fit: Sequence[LabelledDocument]) -> Found:
        fold = folds_of(fit, self._lesson.own, _ONE_FOLD_OF, seed=self._options.seed) == 0
        kept, watched = [d for d, out in zip(fit, fold, strict=True) if not out], where(fit, fold)
        patience = max(_LEAST_PATIENCE, self._options.epochs // _PATIENT_PART)
        options = replace(self._options, patience=patience)
        network = self._train("training", kept, 0, 1, options, watched)
        score = network.epochs[network.best - 1].score or 0.0
        return Found(network, kept, network.best, [curve_of("training", network)], watched, None, score)

    def _by_folds(self, fit: Sequence[LabelledDocument], n_folds: int) -> Found:
        fold = folds_of(fit, self._lesson.own, n_folds, seed=self._options.seed)
        stages = int(fold.max()) + 1
        networks, watched = [], []
        for number in range(stages):
            held = where(fit, fold == number)
            kept = where(fit, fold != number)
            networks.append(self._train(f"fold {number + 1}", kept, number, stages + 1, self._options, held))
            watched += held
        by_epoch = [_together(networks, epoch) for epoch in range(self._options.epochs)]
        scores = [self._score(watched, predictions) for predictions in by_epoch]
        best = int(np.argmax(scores))
        self._watcher.say(f"best after {best + 1} epochs, macro-F1 {scores[best]:.3f} over the folds")
        final = self._train("all documents", fit, stages, stages + 1, self._options, [], until=best + 1)
        curves = [curve_of(f"fold {k}", network) for k, network in enumerate(networks, 1)]
        return Found(final, fit, best + 1, curves, watched, by_epoch[best], scores[best])

    def _train(
        self,
        stage: str,
        documents: Sequence[LabelledDocument],
        number: int,
        stages: int,
        options: TrainingOptions,
        held: Sequence[LabelledDocument],
        until: int | None = None,
    ) -> TrainedNetwork:
        training = Training(
            documents,
            self._schema,
            self._lesson.start,
            options,
            held=Held(held, self._score) if held else None,
            base=self._base.schema if self._base else None,
            until=until,
            on_read=self._watcher.read,
        )

        def on_epoch(epoch: Epoch) -> None:
            # Of the folds, only what came of each: their epochs would be hundreds of lines.
            if until is not None or stages == 1 or epoch.number == options.epochs:
                score = "" if epoch.score is None else f", held-out macro-F1 {epoch.score:.3f}"
                self._watcher.say(f"{stage}: epoch {epoch.number}, loss {epoch.loss:.3f}{score}")

        def progress(step: int, steps: int, loss: float) -> None:
            self._watcher.step(number, stages, step, steps, loss)

        checkpoint = self._place.checkpoint(stage.replace(" ", "-"))
        return training.run(checkpoint=checkpoint, progress=progress, on_epoch=on_epoch)

    def _score(self, documents: Sequence[LabelledDocument], predictions: Sequence[Predictions]) -> float:
        """The mean of what is measured of the user's heads, at a threshold of one half."""
        own = self._lesson.own
        scores = [_score_of(head, documents, predictions) for head in own.sentence_heads]
        if own.span_labels:
            halves = {span_threshold(label): 0.5 for label in self._schema.span_labels}
            spans = span_metrics(documents, predictions, self._schema, halves)
            scores += [spans[label]["words"]["f1"] for label in own.span_labels if label in spans]
        return float(np.mean(scores))


def _score_of(head: Head, documents: Sequence[LabelledDocument], predictions: Sequence[Predictions]) -> float:
    """Macro-F1 of a head at a threshold of one half; over yes and no where its labels hold or not."""
    gold = np.concatenate([document.labels[head.name] for document in documents])
    found = np.concatenate([prediction.probabilities[head.name] for prediction in predictions])
    measured = head_metrics(head, gold, found, 0.5)
    return float(measured.get("macro_f1_yes_no", measured["macro_f1"]))


def _together(networks: Sequence[TrainedNetwork], epoch: int) -> list[Predictions]:
    """What the networks of all folds said after an epoch, each of the documents held out from it."""
    return [found for network in networks for found in unflat(network.held[epoch], network.held_examples)]


def where(documents: Sequence[LabelledDocument], chosen: Any) -> list[LabelledDocument]:
    """The documents that are chosen."""
    return [document for document, is_chosen in zip(documents, chosen, strict=True) if is_chosen]
