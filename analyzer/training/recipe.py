"""The whole way from labelled documents to a model folder: train, export, calibrate, measure, describe."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from analyzer.errors import AnalyzerError
from analyzer.model.folder import CARD, METRICS, ModelFolder, ModelSettings, open_folder
from analyzer.model.heads import DocumentHeads
from analyzer.schema import LabelSchema
from analyzer.training.baselines import baseline_f1
from analyzer.training.calibration import fit_temperatures, fit_thresholds
from analyzer.training.card import write_card
from analyzer.training.data import LabelledDocument, count_by, hold_out
from analyzer.training.evaluation import evaluate_folder, predict_documents
from analyzer.training.export import write_settings, write_weights
from analyzer.training.trainer import TrainedNetwork, TrainingOptions, train_network

CALIBRATION_SHARE = 0.1
_CALIBRATION_SEED = 0


@dataclass(frozen=True)
class Splits:
    """Documents by use: `fit` trains, `calibration` sets temperatures and thresholds, `dev` is only measured."""

    fit: list[LabelledDocument]
    calibration: list[LabelledDocument]
    dev: list[LabelledDocument]


def split_documents(documents: Sequence[LabelledDocument]) -> Splits:
    """Take the files' own dev split, and a tenth of the rest, always the same, for calibration."""
    train = [document for document in documents if document.split == "train"]
    dev = [document for document in documents if document.split == "dev"]
    if len(train) < 20 or not dev:
        raise AnalyzerError(
            f"{len(train)} training and {len(dev)} dev documents, expected at least 20 and 1; "
            'set "split" to "train" or "dev" in each line'
        )
    fit, calibration = hold_out(train, CALIBRATION_SHARE, seed=_CALIBRATION_SEED)
    return Splits(fit, calibration, dev)


def train_model(
    documents: Sequence[LabelledDocument],
    schema: LabelSchema,
    encoder: Path,
    out: Path,
    *,
    name: str,
    version: str,
    options: TrainingOptions,
    progress: Callable[[int, int, float], None] = lambda step, total, loss: None,
) -> dict[str, Any]:
    """Train and write a complete model folder to `out`; returns what stands in its `metrics.json`.

    The folder appears only when it is complete: an interrupted run leaves none.
    """
    splits = split_documents(documents)
    network = train_network(splits.fit, schema, encoder, options, progress=progress)
    scratch = out.with_name(out.name + ".unfinished")
    shutil.rmtree(scratch, ignore_errors=True)
    settings = ModelSettings(
        name=name,
        version=version,
        window=options.window,
        temperatures={**{head.name: 1.0 for head in schema.heads}, "links": 1.0},
        thresholds={"links": 0.5},
    )
    write_weights(network, schema, scratch)
    folder = _calibrate(network, settings, splits.calibration, scratch)
    metrics = {
        "model": {"name": name, "version": version},
        "training": {**asdict(options), "encoder": encoder.name, "final_loss": _mean(network.losses[-50:])},
        "data": {use: _describe(getattr(splits, use)) for use in ("fit", "calibration", "dev")},
        "calibration": {"temperatures": folder.settings.temperatures, "thresholds": folder.settings.thresholds},
        "dev": evaluate_folder(folder, splits.dev),
        "baselines_dev": baseline_f1([*splits.fit, *splits.calibration], splits.dev, schema),
    }
    (scratch / METRICS).write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    (scratch / CARD).write_text(write_card(metrics), encoding="utf-8")
    shutil.rmtree(out, ignore_errors=True)
    scratch.rename(out)
    return metrics


def _calibrate(
    network: TrainedNetwork, settings: ModelSettings, documents: Sequence[LabelledDocument], path: Path
) -> ModelFolder:
    """Fit temperatures, then thresholds, on the exported model and write them into the folder."""
    write_settings(network, settings, path)
    folder = open_folder(path)
    heads, schema = DocumentHeads(folder), folder.schema
    temperatures = fit_temperatures(documents, predict_documents(folder, documents), heads, schema)
    write_settings(network, replace(settings, temperatures=temperatures), path)
    folder = open_folder(path)
    thresholds = fit_thresholds(documents, predict_documents(folder, documents), DocumentHeads(folder), schema)
    write_settings(network, replace(settings, temperatures=temperatures, thresholds=thresholds), path)
    return open_folder(path)


def _describe(documents: Sequence[LabelledDocument]) -> dict[str, Any]:
    return {
        "documents": len(documents),
        "sentences": sum(len(document.texts) for document in documents),
        "sources": count_by(document.source for document in documents),
    }


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(len(values), 1)
