"""Contrast sets: pairs of short texts that differ in one edit, which should move one label of one sentence.

In goes a file of pairs (JSON lines, described in labeled/README.md), out comes how often a model gets both sides of a
pair right, by kind of edit (contrast sets, Gardner et al. 2020, arXiv:2004.02709).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.errors import AnalyzerError
from analyzer.model.folder import ModelFolder
from analyzer.model.predictions import Predictions
from analyzer.schema import Head, HeadKind, LabelSchema
from analyzer.training.data import LabelledDocument
from analyzer.training.evaluation import Progress, predict_documents
from analyzer.training.resampling import share_interval

_YES, _NO = "yes", "no"


@dataclass(frozen=True)
class Side:
    """One text of a pair; `label` is what the head must say of sentence `target`."""

    document: LabelledDocument
    target: int
    label: str


@dataclass(frozen=True)
class Pair:
    """Two texts that differ in one edit, the label of `before` being changed by it into that of `after`."""

    id: str
    kind: str
    head: str
    before: Side
    after: Side


def load_contrast(path: Path, schema: LabelSchema) -> list[Pair]:
    """Read a file of pairs; `AnalyzerError` names file, line and value of the first thing that is wrong."""
    pairs = []
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    pairs.append(_pair(line, schema, f"{path}:{number}"))
    except (OSError, UnicodeDecodeError) as error:
        raise AnalyzerError(f"{path}: cannot be read ({error}); give a JSON-lines file of contrast pairs") from error
    if not pairs:
        raise AnalyzerError(f"{path}: no contrast pair in it; give a JSON-lines file with one pair a line")
    return pairs


def _pair(line: str, schema: LabelSchema, where: str) -> Pair:
    try:
        row: dict[str, Any] = json.loads(line)
        names = [head.name for head in schema.sentence_heads]
        if row["head"] not in names:
            raise ValueError(f"head is {row['head']!r}, expected one of {', '.join(names)}")
        head = schema.head(row["head"])
        sides = [_side(row, side, head, row[label]) for side, label in (("a", "from"), ("b", "to"))]
        return Pair(str(row["id"]), str(row["kind"]), head.name, *sides)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise AnalyzerError(f"{where}: not a contrast pair ({error}); see labeled/README.md") from error


def _side(row: dict[str, Any], side: str, head: Head, label: str) -> Side:
    labels = head.labels if head.kind is HeadKind.SINGLE or len(head.labels) > 1 else (_YES, _NO)
    if label not in labels:
        raise ValueError(f"label {label!r} of {head.name}, expected one of {', '.join(labels)}")
    part = row[side]
    texts = tuple(map(str, part["sentences"]))
    paragraphs = tuple(map(int, part["paragraphs"]))
    if len(paragraphs) != len(texts) or not 0 <= part["target"] < len(texts):
        raise ValueError(
            f"side {side} has {len(texts)} sentences, {len(paragraphs)} paragraph numbers and target {part['target']}"
        )
    document = LabelledDocument(f"{row['id']}-{side}", str(row["kind"]), "", texts, paragraphs, {}, None)
    return Side(document, int(part["target"]), label)


def measure_contrast(
    folder: ModelFolder, pairs: Sequence[Pair], *, progress: Progress = lambda done: None
) -> dict[str, Any]:
    """Shares of pairs, over all and by kind: both sides right, each right, and moved in the right direction.

    `progress` gets the number of texts done. Intervals are for a share of unrelated pairs.
    """
    documents = [side.document for pair in pairs for side in (pair.before, pair.after)]
    predictions = predict_documents(folder, documents, progress=progress)
    judged = [
        _judge(pair, before, after, folder)
        for pair, before, after in zip(pairs, predictions[::2], predictions[1::2], strict=True)
    ]
    kinds = list(dict.fromkeys(pair.kind for pair in pairs))
    return {
        "pairs": len(pairs),
        "all": _shares(judged),
        "kinds": {
            kind: {
                "head": next(pair.head for pair in pairs if pair.kind == kind),
                **_shares([found for pair, found in zip(pairs, judged, strict=True) if pair.kind == kind]),
            }
            for kind in kinds
        },
        "failed": [
            {"id": pair.id, "a": bool(found[1]), "b": bool(found[2])}
            for pair, found in zip(pairs, judged, strict=True)
            if not found[0]
        ],
    }


def _judge(pair: Pair, before: Predictions, after: Predictions, folder: ModelFolder) -> tuple[bool, bool, bool, bool]:
    """Whether both sides are right, a is, b is, and whether the label of b is likelier in b than in a."""
    a, b = (
        _probability(pair.after.label, pair, side, p, folder)
        for side, p in ((pair.before, before), (pair.after, after))
    )
    is_right = [_given(pair, side, p, folder) == side.label for side, p in ((pair.before, before), (pair.after, after))]
    return all(is_right), is_right[0], is_right[1], b > a


def _probability(label: str, pair: Pair, side: Side, predictions: Predictions, folder: ModelFolder) -> float:
    head = folder.schema.head(pair.head)
    row = predictions.probabilities[pair.head][side.target]
    if label in head.labels:
        return float(row[head.labels.index(label)])
    return float(row[0] if label == _YES else 1 - row[0])


def _given(pair: Pair, side: Side, predictions: Predictions, folder: ModelFolder) -> str:
    """The label that the head gives the target; of a multi head with several labels, the expected one if it has it."""
    head = folder.schema.head(pair.head)
    row = predictions.probabilities[pair.head][side.target]
    if head.kind is HeadKind.SINGLE:
        return head.labels[int(np.argmax(row))]
    threshold = folder.settings.thresholds.get(head.name, 0.5)
    if len(head.labels) == 1:
        return _YES if row[0] >= threshold else _NO
    return side.label if row[head.labels.index(side.label)] >= threshold else ""


def _shares(judged: Sequence[tuple[bool, bool, bool, bool]]) -> dict[str, Any]:
    found: dict[str, Any] = {"pairs": len(judged)}
    for column, name in enumerate(("both_right", "a_right", "b_right", "moved_right")):
        count = sum(row[column] for row in judged)
        found[name] = {"share": count / len(judged), "interval": share_interval(count, len(judged))}
    return found
