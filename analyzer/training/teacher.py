"""A trained model whose judgements another learns beside the labels: knowledge distillation (Hinton et al. 2015,
arXiv:1503.02531), also on documents that nobody labelled.

Every document is read twice, its windows cut at different places: what both readings say together is right more often
than either, so that even a pupil as large as its teacher has something to learn.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from analyzer.errors import AnalyzerError
from analyzer.model.folder import open_folder
from analyzer.model.torch_network import DocumentHeads
from analyzer.model.torch_weights import load_encoder, load_heads
from analyzer.schema import LabelSchema
from analyzer.training.encoder import Reader
from analyzer.training.losses import Outputs
from analyzer.training.network_predictions import network_outputs
from analyzer.training.reading import Example


class Teacher:
    """The network of a model folder, which says of each document once what it thinks."""

    def __init__(self, folder: Path, tokenizer: Tokenizer, n_encoder: int, device: torch.device) -> None:
        """Load the model in `folder` for a pupil that has this tokenizer and so many numbers a vector.

        Raises `AnalyzerError` where they do not fit.
        """
        model = open_folder(folder)
        encoder, own = load_encoder(folder)
        self._n_encoder = encoder.config.hidden_size
        if own.get_vocab() != tokenizer.get_vocab() or self._n_encoder != n_encoder:
            raise AnalyzerError(
                f"{folder}: has other tokens or vectors than the encoder to train; give a teacher of the same kind"
            )
        self.schema: LabelSchema = model.schema
        self._tokenizer, self._window = own, model.settings.window
        self._heads = DocumentHeads(self.schema, n_encoder)
        self._heads.load_state_dict(load_heads(folder))
        self._heads.to(device).eval()
        self._read = Reader(encoder.to(device).eval())
        self._said: dict[int, Outputs] = {}

    def __call__(self, examples: Sequence[Example]) -> list[Outputs]:
        """What it says of each; kept, so that examples must live as long as it does."""
        new = [example for example in examples if id(example) not in self._said]
        if new:
            readings = [
                network_outputs(self._read, self._heads, new, self._tokenizer, self._window, first_limit=limit)
                for limit in (self._window, self._window // 2)
            ]
            for example, first, second in zip(new, *readings, strict=True):
                self._said[id(example)] = _mean(first, second)
        return [self._said[id(example)] for example in examples]

    def vectors_of(self, said: Outputs) -> Tensor:
        """The sentence vectors (n, n_encoder) under what it says."""
        return said.features[:, : self._n_encoder]


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
