"""The whole way from labelled documents to a model folder: train, export, calibrate, measure, describe."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from analyzer.errors import AnalyzerError
from analyzer.model.folder import CARD, METRICS, SCHEMA, ModelFolder, ModelSettings, open_folder
from analyzer.model.heads import DocumentHeads
from analyzer.model.spans import span_threshold
from analyzer.schema import LabelSchema
from analyzer.training.baselines import baseline_f1
from analyzer.training.calibration import fit_temperatures, fit_thresholds
from analyzer.training.card import write_card
from analyzer.training.curves import CURVES, curve_of, draw_curves
from analyzer.training.data import LabelledDocument, count_by
from analyzer.training.encoder import fingerprint_of, int8_below, n_layers_of, name_of
from analyzer.training.evaluation import evaluate_folder, measure_spans, predict_documents
from analyzer.training.export import write_settings, write_weights
from analyzer.training.options import TrainingOptions
from analyzer.training.public import load_public, shares_text, with_auxiliary_heads
from analyzer.training.splits import hold_out
from analyzer.training.swaps import load_swaps
from analyzer.training.trainer import train_network
from analyzer.training.workplace import Workplace, run_of

CALIBRATION_SHARE = 0.1
_CALIBRATION_SEED = 0


@dataclass(frozen=True)
class Splits:
    """Documents by use: `fit` trains, `calibration` sets temperatures and thresholds, `dev` is only measured."""

    fit: list[LabelledDocument]
    calibration: list[LabelledDocument]
    dev: list[LabelledDocument]


def split_documents(documents: Sequence[LabelledDocument]) -> Splits:
    """Take the files' own splits; where they have none for calibration, a tenth of train, always the same, is it."""
    train, calibration, dev = (
        [document for document in documents if document.split == split] for split in ("train", "calibration", "dev")
    )
    if len(train) < 20 or not dev:
        raise AnalyzerError(
            f"{len(train)} training and {len(dev)} dev documents, expected at least 20 and 1; "
            'set "split" to "dev" in a tenth of the lines, and give 20 more of "train"'
        )
    _check_apart(train, [*calibration, *dev])
    if calibration:
        return Splits(train, calibration, dev)
    fit, calibration = hold_out(train, CALIBRATION_SHARE, seed=_CALIBRATION_SEED)
    if not calibration:
        raise AnalyzerError(
            "none of the training documents can be held out for calibration, since they share sentences with one "
            'another; set "split" to "calibration" in some lines'
        )
    return Splits(fit, calibration, dev)


def _check_apart(train: Sequence[LabelledDocument], others: Sequence[LabelledDocument]) -> None:
    """No document may be trained on and measured: neither by its name nor as a copy under another one."""
    named = {(document.source, document.id): document for document in train}
    written = {document.texts: document for document in train}
    for document in others:
        if same := named.get((document.source, document.id)) or written.get(document.texts):
            raise AnalyzerError(
                f"document {document.id!r} of split {document.split!r} is also in 'train' (as {same.id!r}); leave it "
                "out of one of them, or give them ids of their own"
            )


def train_model(
    documents: Sequence[LabelledDocument],
    schema: LabelSchema,
    encoder: Path,
    out: Path,
    *,
    name: str,
    version: str,
    options: TrainingOptions,
    public: Path | None = None,
    teachers: Sequence[Path] = (),
    swaps: Path | None = None,
    resume: bool = False,
    progress: Callable[[int, int, float], None] = lambda step, total, loss: None,
    on_read: Callable[[int, int], None] = lambda tokens, total: None,
    say: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Train and write a complete model folder to `out`; returns what stands in its `metrics.json`.

    Where layers are frozen of a model that has only its int8 encoder, these stay as they are in int8, and what is above
    them is trained from where it is.
    `public` is a folder of public corpora (`analyzer.training.public`) that are trained on beside `documents`;
    `teachers` model folders, what they say of any of them is learned as well; `swaps` a swap list, whose names are
    exchanged in them (`analyzer.training.augmentation`).
    The folder appears only when it is complete: an interrupted run leaves checkpoints, which `resume` goes on from.
    `say` gets a line after every epoch.
    """
    splits = split_documents(documents)
    int8 = int8_below(encoder, options)
    corpora = divide_public([] if public is None else load_public(public), splits)
    trained_schema = with_auxiliary_heads(schema) if corpora.fit and not options.marks_only else schema
    swap_list = None if swaps is None else load_swaps(swaps)
    taught_by = [fingerprint_of(teacher) for teacher in teachers]
    exchanged = None if swaps is None else hashlib.sha256(swaps.read_bytes()).hexdigest()
    run = run_of([*documents, *corpora.fit], trained_schema, encoder, options, teachers=taught_by, exchanged=exchanged)
    with Workplace(out, run, resume=resume) as place:
        network = train_network(
            splits.fit,
            trained_schema,
            encoder,
            options,
            auxiliary=corpora.fit,
            teachers=teachers,
            swaps=swap_list,
            checkpoint=place.checkpoint("training"),
            progress=progress,
            on_read=on_read,
            on_epoch=lambda epoch: say(f"epoch {epoch.number} of {options.epochs}, loss {epoch.loss:.2f}"),
        )
        write_weights(network, schema, place.model, documents=[d.texts for d in splits.fit], encoder_of=int8)
        draw_curves([curve_of("training", network)], place.model / CURVES)
        settings = ModelSettings(name=name, version=version, window=options.window, temperatures={}, thresholds={})
        if int8 is not None and options.marks_only:
            before = int8.settings
            settings = replace(settings, temperatures=before.temperatures, thresholds=before.thresholds)
        fitted = _describe(splits.fit)
        training = {
            **asdict(options),
            "encoder": name_of(encoder),
            "from_int8": int8 is not None,
            "above_int8": int8 is not None and options.freeze >= n_layers_of(encoder),
            "teachers": [teacher.name for teacher in teachers],
            "public": public is not None,
            "swaps": None if swaps is None else swaps.name,
            "before": _metrics_of(encoder).get("training"),
            "begun_elsewhere": _metrics_of(encoder).get("data", {}).get("fit", fitted) != fitted,
            "final_loss": _mean(network.losses[-50:]),
        }
        metrics = calibrate_and_measure(place.model, settings, splits, corpora, training)
        place.finish()
    return metrics


def calibrate_and_measure(
    path: Path, settings: ModelSettings, splits: Splits, corpora: Splits, training: Mapping[str, Any]
) -> dict[str, Any]:
    """Fit temperatures and thresholds of a folder that has its weights, measure it, write metrics and card."""
    folder = _calibrate(path, settings, [*splits.calibration, *corpora.calibration])
    metrics = {
        "model": {"name": settings.name, "version": settings.version},
        "training": dict(training),
        "data": {
            **{use: _describe(getattr(splits, use)) for use in ("fit", "calibration", "dev")},
            **{f"{use}, public corpora": _describe(getattr(corpora, use)) for use in ("fit", "calibration", "dev")},
        },
        "calibration": {"temperatures": folder.settings.temperatures, "thresholds": folder.settings.thresholds},
        "dev": {
            **evaluate_folder(folder, splits.dev),
            "spans": measure_spans(folder, [*splits.dev, *corpora.dev]),
        },
        "baselines_dev": baseline_f1([*splits.fit, *splits.calibration], splits.dev, folder.schema),
    }
    (path / METRICS).write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    (path / CARD).write_text(write_card(metrics), encoding="utf-8")
    return metrics


def divide_public(documents: Sequence[LabelledDocument], splits: Splits) -> Splits:
    """Public documents by use: what shares text with a calibration or dev document is never trained on, but measured
    or calibrated with, unless its own labels, or text of it, are trained on; what shares text with such a public
    document is not trained on either.
    """
    in_calibration = shares_text(documents, splits.calibration)
    in_dev = shares_text(documents, splits.dev)
    learned = {(document.source, document.id) for document in splits.fit}
    parts = Splits([], [], [])
    for document, of_calibration, of_dev in zip(documents, in_calibration, in_dev, strict=True):
        if not (of_dev or of_calibration or document.split == "dev"):
            parts.fit.append(document)
        elif (document.source, document.id) not in learned:
            (parts.dev if of_dev or document.split == "dev" else parts.calibration).append(document)
    calibration, dev = (_without_shared(part, splits.fit) for part in (parts.calibration, parts.dev))
    return Splits(_without_shared(parts.fit, [*calibration, *dev]), calibration, dev)


def _without_shared(
    documents: Sequence[LabelledDocument], others: Sequence[LabelledDocument]
) -> list[LabelledDocument]:
    pairs = zip(documents, shares_text(documents, others), strict=True)
    return [document for document, is_shared in pairs if not is_shared]


def _calibrate(path: Path, settings: ModelSettings, documents: Sequence[LabelledDocument]) -> ModelFolder:
    """Fit temperatures, then thresholds, on the exported model and write them into the folder. Settings that have
    temperatures already keep them, and all thresholds but those of marked words.
    """
    schema = LabelSchema.from_json((path / SCHEMA).read_text(encoding="utf-8"), origin=str(path / SCHEMA))
    ones = {**{head.name: 1.0 for head in schema.sentence_heads}, "links": 1.0}
    temperatures = settings.temperatures
    if not temperatures:
        write_settings(replace(settings, temperatures=ones), path)
        folder = open_folder(path)
        temperatures = fit_temperatures(documents, predict_documents(folder, documents), DocumentHeads(folder), schema)
    write_settings(replace(settings, temperatures=temperatures), path)
    folder = open_folder(path)
    thresholds = fit_thresholds(documents, predict_documents(folder, documents), DocumentHeads(folder), schema)
    of_marks = set(map(span_threshold, schema.span_labels))
    kept = {name: value for name, value in settings.thresholds.items() if name not in of_marks}
    write_settings(replace(settings, temperatures=temperatures, thresholds={**thresholds, **kept}), path)
    return open_folder(path)


def _describe(documents: Sequence[LabelledDocument]) -> dict[str, Any]:
    return {
        "documents": len(documents),
        "sentences": sum(len(document.texts) for document in documents),
        "sources": count_by(document.source for document in documents),
    }


def _metrics_of(encoder: Path) -> dict[str, Any]:
    """How the model in a folder was trained, and on what; nothing for an encoder that is no model."""
    path = encoder / METRICS
    try:
        metrics = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    parts = metrics if isinstance(metrics, dict) else {}
    return {name: part for name in ("training", "data") if isinstance(part := parts.get(name), dict)}


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(len(values), 1)
