"""From a user's labels to a model folder: divide, train, export, calibrate, measure, describe.

A part of the documents is held out and only measured. How many epochs are best is seen on folds of the rest: with few
documents on every fold in turn, whose predictions together also calibrate the model that is then trained on all of
them; with many on one fold, which trains a single time.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.errors import AnalyzerError
from analyzer.model.folder import CARD, METRICS, ONNX_ENCODER, ModelFolder, ModelSettings, open_folder
from analyzer.model.predictions import Predictions
from analyzer.model.spans import span_threshold
from analyzer.schema import Head, LabelSchema
from analyzer.training.baselines import simple_f1
from analyzer.training.calibration import at_temperatures, fit_temperatures, fit_thresholds
from analyzer.training.curves import CURVES, Curve, curve_of, draw_curves
from analyzer.training.data import LabelledDocument
from analyzer.training.drift import measure_drift
from analyzer.training.encoder import layers_of
from analyzer.training.evaluation import evaluate_folder, predict_documents
from analyzer.training.export import write_settings, write_weights
from analyzer.training.gather import DEV
from analyzer.training.heads import joined
from analyzer.training.metrics import head_score, span_metrics
from analyzer.training.network_predictions import unflat
from analyzer.training.options import TrainingOptions
from analyzer.training.own_card import write_own_card
from analyzer.training.run_state import Epoch
from analyzer.training.splits import folds_of, hold_out_share, text_key
from analyzer.training.trainer import Held, TrainedNetwork, Training
from analyzer.training.workplace import Workplace, run_of

# Fewer sentences than this are worth training once a fold.
FEW_SENTENCES = 1000
MANY_FOLDS = 5
_ONE_FOLD_OF = 10
_PATIENCE = 2
_STEPS_AN_EPOCH, _LEAST_TOKENS, _MOST_TOKENS = 40, 256, 1500
# About four letters a token.
_LETTERS_A_TOKEN = 4
_CUTS = 4


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
    """Whom a run tells how it goes: `step(stage, stages, step, steps, loss)`, and lines of `say`."""

    step: Callable[[int, int, int, int, float], None] = lambda *_: None
    say: Callable[[str], None] = lambda line: None


def teach(
    lesson: Lesson,
    out: Path,
    *,
    name: str,
    version: str,
    options: TrainingOptions,
    about: Mapping[str, Any],
    resume: bool = False,
    watcher: Watcher = Watcher(),
) -> dict[str, Any]:
    """Train and write a complete model folder to `out`; returns what stands in its `metrics.json`.

    `about` says for the card where the data came from. The folder appears only when it is complete; a run that was
    killed goes on with `resume`.
    """
    own = lesson.own
    base = open_folder(lesson.start) if lesson.join else None
    schema = joined(base.schema, lesson.heads, origin=str(lesson.start)) if base else own
    fit, dev = _divide(lesson, options.seed)
    options = _fitted(options, fit)
    run = run_of(
        lesson.documents, schema, lesson.start, options, join=lesson.join, held_out=lesson.held_out, folds=lesson.folds
    )
    place = Workplace(out, run, resume=resume)
    try:
        found = _Course(lesson, schema, base, options, place, watcher).run(fit)
        watcher.say("writing the model")
        write_weights(found.network, schema, place.model)
        if base is not None and options.freeze >= len(layers_of(found.network.encoder)):
            # Nothing in the encoder moved: its very bytes keep the standard labels what they were.
            shutil.copyfile(base.path / ONNX_ENCODER, place.model / ONNX_ENCODER)
        settings = ModelSettings(name=name, version=version, window=options.window, temperatures={}, thresholds={})
        folder = _calibrated(place.model, settings, own, base, found)
        watcher.say("measuring it")
        moved = max(0, len(layers_of(found.network.encoder)) - options.freeze)
        metrics = _measured(folder, lesson, base, {**asdict(options), "moved_layers": moved}, found, fit, dev, about)
        draw_curves(found.curves, place.model / CURVES, chosen=found.epochs)
        (place.model / METRICS).write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
        (place.model / CARD).write_text(write_own_card(metrics), encoding="utf-8")
        place.finish()
    except AnalyzerError:
        place.abandon()
        raise
    return metrics


@dataclass(frozen=True)
class _Found:
    """What a course of training came to: the network, the epochs it had, its curves, and on which documents how long to
    train was decided, with predictions on them where every fold had its own network.
    """

    network: TrainedNetwork
    epochs: int
    curves: list[Curve]
    watched: Sequence[LabelledDocument]
    predictions: list[Predictions] | None
    score: float


class _Course:
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

    def run(self, fit: Sequence[LabelledDocument]) -> _Found:
        few = sum(len(document.texts) for document in fit) < FEW_SENTENCES
        folds = self._lesson.folds or (MANY_FOLDS if few else 1)
        return self._by_folds(fit, folds) if folds > 1 else self._by_one_fold(fit)

    def _by_one_fold(self, fit: Sequence[LabelledDocument]) -> _Found:
        fold = folds_of(fit, self._lesson.own, _ONE_FOLD_OF, seed=self._options.seed) == 0
        kept, watched = [d for d, out in zip(fit, fold, strict=True) if not out], _where(fit, fold)
        options = replace(self._options, patience=_PATIENCE)
        network = self._train("training", kept, 0, 1, options, watched)
        score = network.epochs[network.best - 1].score or 0.0
        return _Found(network, network.best, [curve_of("training", network)], watched, None, score)

    def _by_folds(self, fit: Sequence[LabelledDocument], n_folds: int) -> _Found:
        fold = folds_of(fit, self._lesson.own, n_folds, seed=self._options.seed)
        stages = int(fold.max()) + 1
        networks, watched = [], []
        for number in range(stages):
            held = _where(fit, fold == number)
            kept = _where(fit, fold != number)
            networks.append(self._train(f"fold {number + 1}", kept, number, stages + 1, self._options, held))
            watched += held
        by_epoch = [_together(networks, epoch) for epoch in range(self._options.epochs)]
        scores = [self._score(watched, predictions) for predictions in by_epoch]
        best = int(np.argmax(scores))
        self._watcher.say(f"best after {best + 1} epochs, macro-F1 {scores[best]:.3f} over the folds")
        final = self._train("all documents", fit, stages, stages + 1, self._options, [], until=best + 1)
        curves = [curve_of(f"fold {k}", network) for k, network in enumerate(networks, 1)]
        return _Found(final, best + 1, curves, watched, by_epoch[best], scores[best])

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
        )

        def on_epoch(epoch: Epoch) -> None:
            score = "" if epoch.score is None else f", held-out macro-F1 {epoch.score:.3f}"
            self._watcher.say(f"{stage}: epoch {epoch.number}, loss {epoch.loss:.3f}{score}")

        def progress(step: int, steps: int, loss: float) -> None:
            self._watcher.step(number, stages, step, steps, loss)

        checkpoint = self._place.checkpoint(stage.replace(" ", "-"))
        return training.run(checkpoint=checkpoint, progress=progress, on_epoch=on_epoch)

    def _score(self, documents: Sequence[LabelledDocument], predictions: Sequence[Predictions]) -> float:
        """The mean of what is measured of the user's heads, at a threshold of one half."""
        own = self._lesson.own
        scores = [head_score(head, documents, predictions) for head in own.sentence_heads]
        if own.span_labels:
            halves = {span_threshold(label): 0.5 for label in own.span_labels}
            spans = span_metrics(documents, predictions, self._schema, halves)
            scores += [spans[label]["words"]["f1"] for label in own.span_labels if label in spans]
        return float(np.mean(scores))


def _together(networks: Sequence[TrainedNetwork], epoch: int) -> list[Predictions]:
    """What the networks of all folds said after an epoch, each of the documents held out from it."""
    return [found for network in networks for found in unflat(network.held[epoch], network.held_examples)]


def _divide(lesson: Lesson, seed: int) -> tuple[list[LabelledDocument], list[LabelledDocument]]:
    """Documents to train on, and to measure: the file's own split, or a part of them."""
    documents = lesson.documents
    held = np.array([document.split == DEV for document in documents])
    if not held.any():
        held = hold_out_share(documents, lesson.own, lesson.held_out, seed=seed)
    fit, dev = _where(documents, ~held), _where(documents, held)
    if len(fit) < MANY_FOLDS or not dev:
        raise AnalyzerError(
            f"{len(fit)} documents to train on and {len(dev)} to measure, expected at least {MANY_FOLDS} and 1; "
            "give more, or another --held-out"
        )
    return fit, dev


def _where(documents: Sequence[LabelledDocument], chosen: Any) -> list[LabelledDocument]:
    return [document for document, is_chosen in zip(documents, chosen, strict=True) if is_chosen]


def _fitted(options: TrainingOptions, documents: Sequence[LabelledDocument]) -> TrainingOptions:
    """Options for that many words: enough steps an epoch, however few they are."""
    letters = sum(len(text) for document in documents for text in document.texts)
    tokens = letters // _LETTERS_A_TOKEN // _STEPS_AN_EPOCH
    return replace(
        options,
        tokens_per_step=max(_LEAST_TOKENS, min(_MOST_TOKENS, tokens)),
        cuts=_CUTS,
        weigh_yes=True,
        together=True,
    )


def _calibrated(
    path: Path, settings: ModelSettings, own: LabelSchema, base: ModelFolder | None, found: _Found
) -> ModelFolder:
    """Give the model the temperatures and thresholds of the user's heads; those of a joined model's stay."""
    before = base.settings if base else replace(settings, temperatures={}, thresholds={})
    predictions = found.predictions
    if predictions is None:
        ones = {**before.temperatures, **{head.name: 1.0 for head in own.sentence_heads}}
        write_settings(replace(settings, temperatures=ones, thresholds=before.thresholds), path)
        predictions = predict_documents(open_folder(path), found.watched)
    temperatures = fit_temperatures(found.watched, predictions, None, own)
    schema = LabelSchema((*(base.schema.heads if base else ()), *own.heads), links=False)
    fitted = fit_thresholds(found.watched, at_temperatures(predictions, temperatures, own), None, schema)
    shown = {*(head.name for head in own.heads), *map(span_threshold, own.span_labels)}
    thresholds = {name: threshold for name, threshold in fitted.items() if name in shown}
    settings = replace(
        settings,
        temperatures={**before.temperatures, **temperatures},
        thresholds={**before.thresholds, **thresholds},
    )
    write_settings(settings, path)
    return open_folder(path)


def _measured(
    folder: ModelFolder,
    lesson: Lesson,
    base: ModelFolder | None,
    options: Mapping[str, Any],
    found: _Found,
    fit: Sequence[LabelledDocument],
    dev: Sequence[LabelledDocument],
    about: Mapping[str, Any],
) -> dict[str, Any]:
    keys = sorted({text_hash(text) for document in fit for text in document.texts})
    metrics: dict[str, Any] = {
        "model": {"name": folder.settings.name, "version": folder.settings.version},
        "training": {
            **options,
            "encoder": lesson.start.name,
            "join": lesson.join,
            "folds": len(found.curves) if found.predictions is not None else 1,
            "kept_epochs": found.epochs,
            "folds_macro_f1": found.score,
        },
        "heads": json.loads(lesson.own.to_json())["heads"],
        "data": {**about, "fit": _describe(fit, lesson.own), "dev": _describe(dev, lesson.own), "trained_on": keys},
        "calibration": {"temperatures": folder.settings.temperatures, "thresholds": folder.settings.thresholds},
        "dev": evaluate_folder(folder, dev),
        "baselines_dev": simple_f1(fit, dev, lesson.own),
    }
    if base is not None:
        metrics["drift"] = measure_drift(base, folder, dev)
    return metrics


def text_hash(text: str) -> str:
    """What a model remembers of a text that it was trained on."""
    return hashlib.sha256(text_key(text).encode()).hexdigest()[:16]


def _describe(documents: Sequence[LabelledDocument], schema: LabelSchema) -> dict[str, Any]:
    """Documents, sentences, and how often each label is given."""
    counts: dict[str, dict[str, int]] = {}
    for head in schema.heads:
        if head.name in documents[0].labels:
            rows = np.concatenate([document.labels[head.name] for document in documents])
            totals = np.bincount(rows, minlength=len(head.labels)) if rows.ndim == 1 else rows.sum(0)
        else:
            totals = [sum(len(document.spans.get(label, ())) for document in documents) for label in head.labels]
        counts[head.name] = {label: int(total) for label, total in zip(head.labels, totals, strict=True)}
    sentences = sum(len(document.texts) for document in documents)
    return {"documents": len(documents), "sentences": sentences, "labels": counts}
