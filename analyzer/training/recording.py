"""Puts results into the `metrics.json` of a model folder and writes its card from all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analyzer.errors import AnalyzerError
from analyzer.model.folder import CARD, METRICS, open_folder
from analyzer.training.card import ERRORS, write_card
from analyzer.training.results import LIMIT, SEEDS, merged, over_seeds, read_result


def record(model: Path, results: Sequence[Path], seeds: Sequence[Path]) -> list[Path]:
    """Merge result files, and the spread over those of `seeds`, into a model folder; returns the files written.

    Raises `AnalyzerError` when a result is of another model, of other documents than it was measured on or of a few of
    them, or when the folder is not one that `analyzer train` described.
    """
    folder = open_folder(model)
    path = model / METRICS
    metrics = read_result(path)
    name = metrics.get("model")
    for other in results:
        result = _read_whole(other)
        if result.get("model", name) != name:
            raise AnalyzerError(f"{other}: measured on the model {result['model']}, not on {name}; measure it again")
        metrics = merged(metrics, _of_same_documents(result, metrics.get("data", {}), other))
    if seeds:
        metrics[SEEDS] = over_seeds([_read_whole(other) for other in seeds])
    try:
        if "columns" in metrics["data"]:
            raise AnalyzerError(
                f"{model}: has labels of its own, and its card from their training; measure it by itself"
            )
        card = write_card(metrics, errors=(model / ERRORS).is_file())
    except KeyError as error:
        raise AnalyzerError(f"{path}: has no {error}, which the card tells; train the model again") from error
    path.write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    (folder.path / CARD).write_text(card, encoding="utf-8")
    return [path, folder.path / CARD]


def _of_same_documents(result: Mapping[str, Any], data: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The result without what it has of marked words where the model's own are of public documents as well."""
    kept = dict(result)
    for split in result.keys() & data.keys():
        counts = [{key: part.get(key) for key in ("documents", "sentences")} for part in (result[split], data[split])]
        if counts[0] != counts[1]:
            raise AnalyzerError(
                f"{path}: {split} is {_told(counts[0])}, but that of the model {_told(counts[1])}; measure it on those"
            )
        if data.get(f"{split}, public corpora", {}).get("documents"):
            kept[split] = {key: value for key, value in result[split].items() if key != "spans"}
    return kept


def _told(counts: Mapping[str, Any]) -> str:
    return f"{counts['documents']} documents of {counts['sentences']} sentences"


def _read_whole(path: Path) -> dict[str, Any]:
    """A result, unless it is of a few documents only."""
    result = read_result(path)
    if LIMIT in result:
        raise AnalyzerError(f"{path}: measured with --limit {result[LIMIT]}, to try it out; measure it again without")
    return result
