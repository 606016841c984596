"""Benchmarks of single sentences that are labelled yes or no: the figures, and 5-fold cross-validation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, precision_recall_fscore_support

from analyzer.schema import Head, LabelSchema
from analyzer.training.benchmarks.folds import NetworkJudge, folds_of, spread, train_fold
from analyzer.training.benchmarks.job import Job
from analyzer.training.data import LabelledDocument

Array = NDArray[np.float32]


def yes_no_figures(gold: NDArray[np.int64], probabilities: Array, threshold: float = 0.5) -> dict[str, float]:
    """Macro-F1 of yes and no, precision, recall and F1 of yes, and accuracy, of (sentences,)."""
    found = (probabilities >= threshold).astype(np.int64)
    precision, recall, f1, support = (
        values[0] for values in precision_recall_fscore_support(gold, found, labels=[1], zero_division=0.0)
    )
    return {
        "macro_f1": float(f1_score(gold, found, labels=[0, 1], average="macro", zero_division=0.0)),
        "precision": float(precision),
        "recall": float(recall),
        "f1": float(f1),
        "accuracy": float((gold == found).mean()),
        "support": int(support),
    }


def cross_validate(
    job: Job, encoder: Path, documents: Sequence[LabelledDocument], schema: LabelSchema
) -> dict[str, Any]:
    """Figures of the one yes-or-no head of the schema, over folds: mean, spread, and each."""
    head: Head = schema.sentence_heads[0]
    strata = [int(document.labels[head.name][0, 0]) for document in documents]
    figures, sizes = [], []
    for fold in folds_of(documents, strata, job.folds, seed=job.training.seed):
        judge = NetworkJudge(train_fold(job, encoder, fold, schema), schema)
        figures.append(yes_no_figures(gold_of(fold.test, head), probabilities_of(judge, fold.test, head)))
        sizes.append(len(fold.test))
    return {
        "sentences": len(documents),
        "folds": job.folds,
        "fold_sentences": sizes,
        **{
            name: spread([row[name] for row in figures])
            for name in ("macro_f1", "f1", "precision", "recall", "accuracy")
        },
    }


def gold_of(documents: Sequence[LabelledDocument], head: Head) -> NDArray[np.int64]:
    """Gold labels (sentences,)."""
    return np.concatenate([document.labels[head.name][:, 0] for document in documents])


def probabilities_of(judge: NetworkJudge, documents: Sequence[LabelledDocument], head: Head) -> Array:
    """P(yes) of every sentence (sentences,)."""
    return np.concatenate([p.probabilities[head.name][:, 0] for p in judge.predict(documents)])
