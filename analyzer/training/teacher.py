"""Trained models whose judgements another learns beside the labels: knowledge distillation (Hinton et al. 2015,
arXiv:1503.02531), also on documents that nobody labelled.

Every document is read twice, its windows cut at different places: what both readings say together is right more often
than either, so that even a pupil as large as its teacher has something to learn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from analyzer.errors import AnalyzerError
from analyzer.model.folder import open_folder
from analyzer.model.torch_network import DocumentHeads
from analyzer.model.torch_weights import load_encoder, load_heads
from analyzer.schema import LabelSchema
from analyzer.training.encoder import Reader
from analyzer.training.losses import Outputs
from analyzer.training.network_predictions import network_outputs
from analyzer.training.reading import Example, example_of


class Teacher:
    """The network of a model folder, which says of each document once what it thinks.

    Of marked words it says nothing where its tokens are others than the pupil's.
    """

    def __init__(self, folder: Path, pupil: LabelSchema, device: torch.device) -> None:
        """Load the model in `folder` for a pupil that learns the labels `pupil`.

        It may be of another size, with tokens of its own. Raises `AnalyzerError` where the pupil lacks a head of it.
        """
        model = open_folder(folder)
        self.schema: LabelSchema = model.schema
        for head in self.schema.sentence_heads:
            if head not in pupil.sentence_heads:
                raise AnalyzerError(
                    f"{folder}: has the head {head.name} ({', '.join(head.labels)}), which is not to be trained; "
                    "give a teacher of the standard labels"
                )
        encoder, self._tokenizer = load_encoder(folder)
        self._n_encoder, self._window = encoder.config.hidden_size, model.settings.window
        self._heads = DocumentHeads(self.schema, self._n_encoder)
        self._heads.load_state_dict(load_heads(folder))
        self._heads.to(device).eval()
        self._read = Reader(encoder.to(device).eval())
        self._said: dict[int, Outputs] = {}

    def __call__(self, examples: Sequence[Example]) -> list[Outputs]:
        """What it says of each; kept, so that examples must live as long as it does."""
        new = [example for example in examples if id(example) not in self._said]
        if new:
            read = [example_of(example.document, self._tokenizer, self.schema) for example in new]
            readings = [
                network_outputs(self._read, self._heads, read, self._tokenizer, self._window, first_limit=limit)
                for limit in (self._window, self._window // 2)
            ]
            for example, own, first, second in zip(new, read, *readings, strict=True):
                said = _mean(first, second)
                same = all(map(np.array_equal, own.offsets, example.offsets))
                self._said[id(example)] = said if same else replace(said, marks=None)
        return [self._said[id(example)] for example in examples]

    def vectors_of(self, said: Outputs, n_encoder: int) -> Tensor | None:
        """The sentence vectors (n, n_encoder) under what it says; None where the pupil's have another size."""
        return said.features[:, :n_encoder] if self._n_encoder == n_encoder else None


def _mean(first: Outputs, second: Outputs) -> Outputs:
    def mean(a: Tensor | None, b: Tensor | None) -> Tensor | None:
        return None if a is None or b is None else (a + b) / 2

    logits = {name: (rows + second.logits[name]) / 2 for name, rows in first.logits.items()}
    return Outputs(
        (first.features + second.features) / 2,
        logits,
        mean(first.marks, second.marks),
        mean(first.support, second.support),
    )
