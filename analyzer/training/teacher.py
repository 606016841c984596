"""Trained models whose judgements another learns beside the labels: knowledge distillation (Hinton et al. 2015,
arXiv:1503.02531), also on documents that nobody labelled.

Every document is read twice, its windows cut at different places: what both readings say together is right more often
than either, so that even a pupil as large as its teacher has something to learn. So it is with what several say.
A teacher that is there in int8 only reads once: that takes longer than all else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from analyzer.errors import AnalyzerError
from analyzer.model.folder import is_int8_only, open_folder
from analyzer.model.torch_network import DocumentHeads
from analyzer.model.torch_weights import load_encoder, load_heads
from analyzer.model.windows import Window
from analyzer.schema import LabelSchema
from analyzer.training.encoder import Int8Reader, Reader
from analyzer.training.losses import Outputs
from analyzer.training.network_predictions import network_outputs
from analyzer.training.reading import Example, example_of


@dataclass(frozen=True)
class Taught:
    """What teachers say of a document on average, and their sentence vectors: (n, n_encoder), the mean of those who
    have such as the pupil's, and (n, n_others), those of all others side by side; None where nobody has.
    """

    outputs: Outputs
    vectors: Tensor | None
    others: Tensor | None


class Teachers:
    """The networks of model folders, which say of each document once what they think.

    They may be of other sizes, with tokens of their own, or have nothing but their int8 encoder. Of marked words those
    say nothing whose tokens are not where the pupil's are.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        schema: LabelSchema,
        pupil: LabelSchema,
        tokenizer: Tokenizer,
        n_encoder: int,
        device: torch.device,
    ) -> None:
        """Load models of the labels `schema` for a pupil that learns them all, with this tokenizer and so many numbers
        a vector.

        Raises `AnalyzerError` where a model has other labels, or the pupil does not learn them.
        """
        self.schema = schema
        learned = {head.name for head in pupil.heads}
        for head in schema.heads:
            if head.name not in learned:
                raise AnalyzerError(f"a teacher has the head {head.name}, which is not to be trained; leave it out")
        self._teachers = [_Teacher(folder, schema, device) for folder in folders]
        self._alike = [t.n_encoder == n_encoder and t.has_tokens_of(tokenizer) for t in self._teachers]
        self._said: dict[int, Taught] = {}

    @property
    def n_others(self) -> int:
        """How many numbers the vectors have of teachers who have other ones than the pupil."""
        return sum(t.n_encoder for t, alike in zip(self._teachers, self._alike, strict=True) if not alike)

    def __call__(self, examples: Sequence[Example]) -> list[Taught]:
        """What they say of each; kept, so that examples must live as long as they do."""
        new = [example for example in examples if id(example) not in self._said]
        if new:
            said = [teacher(new) for teacher in self._teachers]
            for example, outputs in zip(new, zip(*said, strict=True), strict=True):
                vectors = [o.features[:, : t.n_encoder] for o, t in zip(outputs, self._teachers, strict=True)]
                alike = [v for v, is_alike in zip(vectors, self._alike, strict=True) if is_alike]
                others = [v for v, is_alike in zip(vectors, self._alike, strict=True) if not is_alike]
                self._said[id(example)] = Taught(
                    _mean_of(outputs, outputs[0].features),
                    _mean(alike) if alike else None,
                    torch.cat(others, 1) if others else None,
                )
        return [self._said[id(example)] for example in examples]


class _Teacher:
    def __init__(self, folder: Path, schema: LabelSchema, device: torch.device) -> None:
        model = open_folder(folder)
        if model.schema != schema:
            raise AnalyzerError(f"{folder}: has other labels than are taught here; give a model of the standard labels")
        self._schema = schema
        self._window = model.settings.window
        self._read: Callable[[Sequence[Window]], Tensor]
        self._limits = [self._window, self._window // 2]
        if is_int8_only(folder):
            int8 = Int8Reader(model, device)
            self._tokenizer, self._read, self.n_encoder = int8.tokenizer, int8, int8.n_encoder
            self._limits = [self._window]
        else:
            encoder, self._tokenizer = load_encoder(folder)
            self._read, self.n_encoder = Reader(encoder.to(device).eval()), encoder.config.hidden_size
        self._heads = DocumentHeads(schema, self.n_encoder)
        self._heads.load_state_dict(load_heads(folder))
        self._heads.to(device).eval()

    def has_tokens_of(self, tokenizer: Tokenizer) -> bool:
        return bool(self._tokenizer.get_vocab() == tokenizer.get_vocab())

    def __call__(self, examples: Sequence[Example]) -> list[Outputs]:
        own = [example_of(replace(e.document, spans={}), self._tokenizer, self._schema) for e in examples]
        readings = [
            network_outputs(self._read, self._heads, own, self._tokenizer, self._window, first_limit=limit)
            for limit in self._limits
        ]
        said = [_mean_of(both, _mean([o.features for o in both])) for both in zip(*readings, strict=True)]
        return [
            outputs if all(map(np.array_equal, read.offsets, example.offsets)) else replace(outputs, marks=None)
            for outputs, read, example in zip(said, own, examples, strict=True)
        ]


def _mean_of(outputs: Sequence[Outputs], features: Tensor) -> Outputs:
    """What they say on average, each thing over those who say something of it."""
    marks = [o.marks for o in outputs if o.marks is not None]
    support = [o.support for o in outputs if o.support is not None]
    return Outputs(
        features,
        {name: _mean([o.logits[name] for o in outputs]) for name in outputs[0].logits},
        _mean(marks) if marks else None,
        _mean(support) if support else None,
    )


def _mean(tensors: Sequence[Tensor]) -> Tensor:
    return torch.stack(list(tensors)).mean(0)
