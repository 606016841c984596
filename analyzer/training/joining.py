"""Teaching labels beside those that a model has: the layers of its own heads are taken over and kept as they are."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from analyzer.model.torch_network import DocumentHeads
from analyzer.schema import LabelSchema


def take_over(heads: DocumentHeads, weights: dict[str, Tensor], base: LabelSchema) -> None:
    """Give heads the weights of a model's own, and keep these from moving."""
    whole = {name: tensor for name, tensor in weights.items() if not name.startswith("spans.")}
    heads.load_state_dict(whole, strict=False)
    kept = [heads.context, *list(heads.heads)[: len(base.sentence_heads)], heads.support]
    for module in kept:
        if module is not None:
            module.requires_grad_(False)
    if heads.spans is not None and base.span_labels:
        with torch.no_grad():
            heads.spans.weight[: len(base.span_labels)] = weights["spans.weight"]
            heads.spans.bias[: len(base.span_labels)] = weights["spans.bias"]
        if len(heads.spans.weight) == len(base.span_labels):
            heads.spans.requires_grad_(False)


def restore_marks(heads: Any, before: Any, base: LabelSchema) -> None:
    """The rows of a model's own marked words share a matrix with the new ones, and are put back after each step."""
    kept = len(base.span_labels)
    if heads.spans is not None and kept < len(heads.spans.weight):
        with torch.no_grad():
            heads.spans.weight[:kept] = before.spans.weight[:kept]
            heads.spans.bias[:kept] = before.spans.bias[:kept]
