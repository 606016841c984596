"""Cross-validation with this project's training code: every document is predicted by a network that has not seen it.

In go documents, a schema and an encoder, out come folds whose texts have nothing in common and predictions by fold.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save_file
from sklearn.model_selection import StratifiedGroupKFold

from analyzer.errors import AnalyzerError
from analyzer.model.folder import HEADS, ModelFolder, ModelSettings
from analyzer.model.heads import DocumentHeads
from analyzer.model.predictions import EncodedDocument, Predictions
from analyzer.model.spans import SentenceTokens
from analyzer.schema import LabelSchema
from analyzer.training.benchmarks.job import Job
from analyzer.training.data import LabelledDocument
from analyzer.training.encoder import Reader
from analyzer.training.reading import read_documents
from analyzer.training.splits import groups_of
from analyzer.training.trainer import TrainedNetwork, train_network


@dataclass(frozen=True)
class Fold:
    """One part of a cross-validation: documents to train on and to measure on."""

    number: int
    train: list[LabelledDocument]
    test: list[LabelledDocument]


def folds_of(documents: Sequence[LabelledDocument], strata: Sequence[int], folds: int, *, seed: int) -> Iterator[Fold]:
    """Folds with about the same share of every stratum; documents that share a text are in the same one."""
    groups = groups_of(documents)
    if len(set(groups.tolist())) < folds:
        raise AnalyzerError(f"{len(documents)} different documents, too few for {folds} folds; raise --limit")
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    parts = splitter.split(np.zeros(len(documents)), np.asarray(strata), groups)
    for number, (train, test) in enumerate(parts):
        yield Fold(number, [documents[k] for k in train], [documents[k] for k in test])


def train_fold(job: Job, encoder: Path, fold: Fold, schema: LabelSchema, *, of: int | None = None) -> TrainedNetwork:
    """The network trained on the documents of a fold, one of so many."""
    folds = of or job.folds
    what = f"fold {fold.number + 1} of {folds}" if folds > 1 else "training"

    def tell(step: int, total: int, loss: float) -> None:
        job.progress(what, (fold.number + step / total) / folds)

    return train_network(fold.train, schema, encoder, job.training, progress=tell)


class NetworkJudge:
    """Predicts with a trained network in fp32, without the whole way to a model folder."""

    def __init__(self, network: TrainedNetwork, schema: LabelSchema) -> None:
        self._network = network
        ones = {**{head.name: 1.0 for head in schema.sentence_heads}, "links": 1.0}
        settings = ModelSettings(name="", version="", window=network.options.window, temperatures=ones, thresholds={})
        with tempfile.TemporaryDirectory() as scratch:
            folder = ModelFolder(Path(scratch), settings, schema)
            save_file({n: np.asarray(w.numpy()) for n, w in network.heads.state_dict().items()}, folder.path / HEADS)
            self.heads = DocumentHeads(folder)

    def predict(self, documents: Sequence[LabelledDocument]) -> list[Predictions]:
        """Uncalibrated probabilities of every document."""
        network, predictions = self._network, []
        for document in documents:
            encodings = network.tokenizer.encode_batch(list(document.texts), add_special_tokens=False)
            tokens = [encoding.ids for encoding in encodings]
            with torch.no_grad():
                [read] = read_documents(Reader(network.encoder), [tokens], network.tokenizer, network.options.window)
            ends = np.cumsum([0, *map(len, tokens)])
            scores = self.heads.mark_tokens(read.tokens.numpy(), list(pairwise(ends.tolist())))
            rows = self.heads.mark_tokens.probabilities(np.split(scores, ends[1:-1]))
            offsets = [np.array(e.offsets, dtype=np.int64).reshape(-1, 2) for e in encodings]
            marked = tuple(SentenceTokens(o, m) for o, m in zip(offsets, rows, strict=True))
            predictions.append(self.heads.predict(EncodedDocument(read.vectors.numpy(), marked), document.paragraphs))
        return predictions


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Mean and standard deviation of a figure over folds, and the figures themselves."""
    return {
        "mean": float(np.mean(values)),
        "sd": float(np.std(values, ddof=1)) if len(values) > 1 else None,
        "folds": [float(value) for value in values],
    }
