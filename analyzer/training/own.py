"""From a user's labels to a model folder: divide, train, export, calibrate, measure, describe.

A part of the documents is held out and only measured. How many epochs are best is seen on folds of the rest: with few
documents on every fold in turn, whose predictions together also calibrate the model that is then trained on all of
them; with many on one fold, which trains a single time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.errors import AnalyzerError
from analyzer.model.folder import CARD, METRICS, ModelFolder, ModelSettings, open_folder
from analyzer.model.spans import span_threshold
from analyzer.model.torch_weights import layers_of
from analyzer.schema import HeadKind, LabelSchema
from analyzer.training.baselines import simple_f1
from analyzer.training.calibration import at_temperatures, fit_temperatures, fit_thresholds
from analyzer.training.course import MANY_FOLDS, Course, Found, Lesson, Watcher, where
from analyzer.training.curves import CURVES, draw_curves
from analyzer.training.data import LabelledDocument, label_counts
from analyzer.training.drift import measure_drift
from analyzer.training.encoder import int8_below, name_of
from analyzer.training.evaluation import evaluate_folder, predict_documents
from analyzer.training.export import write_settings, write_weights
from analyzer.training.gather import DEV
from analyzer.training.heads import joined
from analyzer.training.options import TrainingOptions
from analyzer.training.own_card import write_own_card
from analyzer.training.sources import text_hash
from analyzer.training.splits import hold_out_share
from analyzer.training.workplace import Workplace, run_of

_STEPS_AN_EPOCH, _LEAST_TOKENS, _MOST_TOKENS = 40, 256, 1500
# About four letters a token.
_LETTERS_A_TOKEN = 4
_NOBODY = Watcher()
# Of cuts, and of two readings each, the frozen outputs are kept: more of them cost more than they save. Tables of
# single sentences have hardly anything to cut: at most eight of them are read together.
_CUTS, _CUTS_OF_SENTENCES = 2, 1


def teach(
    lesson: Lesson,
    out: Path,
    *,
    name: str,
    version: str,
    options: TrainingOptions,
    about: Mapping[str, Any],
    resume: bool = False,
    watcher: Watcher = _NOBODY,
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
    if base is not None:
        options = replace(options, window=base.settings.window)
    run = run_of(
        lesson.documents, schema, lesson.start, options, join=lesson.join, held_out=lesson.held_out, folds=lesson.folds
    )
    with Workplace(out, run, resume=resume) as place:
        found = Course(lesson, schema, base, options, place, watcher).run(fit)
        watcher.say("writing the model")
        moved = max(0, len(layers_of(found.network.encoder)) - options.freeze)
        texts = [document.texts for document in fit]
        unmoved = int8_below(lesson.start, options) or (None if moved else base)
        write_weights(found.network, schema, place.model, documents=texts, encoder_of=unmoved)
        settings = ModelSettings(name=name, version=version, window=options.window, temperatures={}, thresholds={})
        folder = _calibrated(place.model, settings, own, base, found)
        watcher.say("measuring it")
        metrics = _measured(folder, lesson, base, {**asdict(options), "moved_layers": moved}, found, fit, dev, about)
        draw_curves(found.curves, place.model / CURVES, chosen=found.epochs)
        (place.model / METRICS).write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
        (place.model / CARD).write_text(write_own_card(metrics), encoding="utf-8")
        place.finish()
    return metrics


def _divide(lesson: Lesson, seed: int) -> tuple[list[LabelledDocument], list[LabelledDocument]]:
    """Documents to train on, and to measure: the file's own split, or a part of them."""
    documents = lesson.documents
    held = np.array([document.split == DEV for document in documents])
    if not held.any():
        held = hold_out_share(documents, lesson.own, lesson.held_out, seed=seed)
    fit, dev = where(documents, ~held), where(documents, held)
    if len(fit) < MANY_FOLDS or not dev:
        raise AnalyzerError(
            f"{len(fit)} documents to train on and {len(dev)} to measure, expected at least {MANY_FOLDS} and 1; "
            "give more, or another --held-out"
        )
    return fit, dev


def _fitted(options: TrainingOptions, documents: Sequence[LabelledDocument]) -> TrainingOptions:
    """Options for that many words: enough steps an epoch, however few they are."""
    letters = sum(len(text) for document in documents for text in document.texts)
    tokens = letters // _LETTERS_A_TOKEN // _STEPS_AN_EPOCH
    return replace(
        options,
        tokens_per_step=max(_LEAST_TOKENS, min(_MOST_TOKENS, tokens)),
        cuts=_CUTS if any(len(document.texts) > 1 for document in documents) else _CUTS_OF_SENTENCES,
        weigh_yes=True,
        together=True,
    )


def _calibrated(
    path: Path, settings: ModelSettings, own: LabelSchema, base: ModelFolder | None, found: Found
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
    found: Found,
    fit: Sequence[LabelledDocument],
    dev: Sequence[LabelledDocument],
    about: Mapping[str, Any],
) -> dict[str, Any]:
    keys = sorted({text_hash(text) for document in fit for text in document.texts})
    parts = {"fit": found.kept, "dev": dev}
    if len(found.kept) < len(fit):
        parts["watched"] = found.watched
    metrics: dict[str, Any] = {
        "model": {"name": folder.settings.name, "version": folder.settings.version},
        "training": {
            **options,
            "encoder": name_of(lesson.start),
            "join": lesson.join,
            "folds": len(found.curves) if found.predictions is not None else 1,
            "kept_epochs": found.epochs,
            "folds_macro_f1": found.score,
        },
        "heads": json.loads(lesson.own.to_json())["heads"],
        "data": {
            **about,
            **{use: _describe(documents, lesson.own) for use, documents in parts.items()},
            "trained_on": keys,
        },
        "calibration": {"temperatures": folder.settings.temperatures, "thresholds": folder.settings.thresholds},
        "dev": evaluate_folder(folder, dev),
        "baselines_dev": simple_f1(fit, dev, lesson.own),
    }
    if base is not None:
        metrics["drift"] = measure_drift(base, folder, dev)
    return metrics


def _describe(documents: Sequence[LabelledDocument], schema: LabelSchema) -> dict[str, Any]:
    """Documents, sentences, and how often each label is given."""
    counts = {head.name: label_counts(documents, head) for head in schema.heads}
    sentences = sum(len(document.texts) for document in documents)
    marks = [head.name for head in schema.heads if head.kind is HeadKind.SPAN]
    return {"documents": len(documents), "sentences": sentences, "labels": counts, "marks": marks}
