"""What a step minimises: the losses of the labels that a batch has, and how far the network is from its teachers and
from what it said before.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor

from analyzer.schema import LabelSchema
from analyzer.training.data import LabelledDocument
from analyzer.training.losses import Outputs, drift_loss, label_loss, link_losses, mark_loss, vector_loss
from analyzer.training.reading import Example, ReadDocument
from analyzer.training.teacher import Taught, Teachers

# The share of documents whose paragraphs are forgotten.
_FORGOTTEN = 0.1


@dataclass(frozen=True)
class Objective:
    """The loss of `network` (its heads, and the layer from their vectors to those of other teachers) on documents that
    were read.

    `weights` are those of the labels by head. `before` has what the model of the labels `base` said of examples, by
    their `id`; empty where nothing holds it to that. Chances are drawn from `order`.
    """

    network: Any
    schema: LabelSchema
    weights: Mapping[str, Tensor]
    order: random.Random
    marks_only: bool
    teachers: Teachers | None
    before: Mapping[int, Outputs]
    base: LabelSchema | None

    def __call__(self, read: Sequence[ReadDocument], batch: Sequence[Example]) -> Tensor:
        """The loss on a batch."""
        heads = self.network["heads"]
        marks = mark_loss(heads, read, batch, self.schema)
        if self.marks_only:
            return marks
        outputs = heads([document.vectors for document in read], [self._paragraphs(e.document) for e in batch])
        loss = label_loss(outputs, batch, self.schema, self.weights) + marks
        if heads.support is not None:
            rows = [
                link_losses(
                    heads, features, logits["role"], e.document, self.schema, use_gold=self.order.random() < 0.5
                )
                for (features, logits), e in zip(outputs, batch, strict=True)
                if e.document.supports is not None
            ]
            losses = torch.cat(rows) if rows else torch.zeros(0)
            if len(losses):
                loss = loss + losses.mean()
        if not self.before and self.teachers is None:
            return loss
        now = [self._outputs(document, *found) for document, found in zip(read, outputs, strict=True)]
        if self.before:
            for new, example in zip(now, batch, strict=True):
                before = self.before[id(example.original or example)]
                loss = loss + drift_loss(new, before, self.base or self.schema) / len(batch)
        if self.teachers is not None:
            said = self.teachers([example.original or example for example in batch])
            for new, document, taught, example in zip(now, read, said, batch, strict=True):
                for part in self._distances(new, document, taught, example, self.teachers.schema):
                    loss = loss + part / len(batch)
        return loss

    def _distances(
        self, new: Outputs, document: ReadDocument, taught: Taught, example: Example, labels: LabelSchema
    ) -> list[Tensor]:
        """How far a document is from what teachers of these labels say of it."""
        # The tokens of other names are others.
        target = replace(taught.outputs, marks=None) if example.original else taught.outputs
        found = [drift_loss(new, target, labels)]
        if taught.vectors is not None:
            found.append(vector_loss(document.vectors, taught.vectors))
        if taught.others is not None:
            found.append(vector_loss(self.network["regressor"](document.vectors), taught.others))
        return found

    def _outputs(self, document: ReadDocument, features: Tensor, logits: dict[str, Tensor]) -> Outputs:
        heads = self.network["heads"]
        marks = heads.spans(document.tokens, document.around) if heads.spans is not None else None
        support = heads.support(features, logits["role"].softmax(-1)) if heads.support is not None else None
        return Outputs(features, logits, marks, support)

    def _paragraphs(self, document: LabelledDocument) -> Sequence[int]:
        """Those of the document; now and then none, since some texts come without, or, where it has none, chance ones,
        since most texts have some.
        """
        numbers = document.paragraphs
        if len(set(numbers)) > 1:
            return numbers if self.order.random() > _FORGOTTEN else [0] * len(numbers)
        share = self.order.choice((0.0, 0.0, 0.3, 1.0))
        return list(accumulate(int(self.order.random() < share) for _ in numbers))
