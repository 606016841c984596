"""Teaching labels beside those that a model has: the layers of its own heads are taken over and kept as they are."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from analyzer.model.torch_network import DocumentHeads
from analyzer.schema import LabelSchema


def put_weights(heads: DocumentHeads, weights: dict[str, Tensor]) -> None:
    """Give heads the weights of a model whose own labels come first among theirs."""
    whole = {name: tensor for name, tensor in weights.items() if not name.startswith("spans.")}
    heads.load_state_dict(whole, strict=False)
    if heads.spans is not None and "spans.bias" in weights:
        with torch.no_grad():
            for name, parameter in heads.spans.named_parameters():
                parameter[: len(weights[f"spans.{name}"])] = weights[f"spans.{name}"]


def take_over(heads: DocumentHeads, weights: dict[str, Tensor], base: LabelSchema) -> None:
    """Give heads the weights of a model's own, and keep these from moving."""
    put_weights(heads, weights)
    kept = [heads.context, *list(heads.heads)[: len(base.sentence_heads)], heads.support]
    for module in kept:
        if module is not None:
            module.requires_grad_(False)
    if heads.spans is not None and len(heads.spans.bias) == len(base.span_labels):
        heads.spans.requires_grad_(False)


def restore_marks(heads: Any, before: Any, base: LabelSchema) -> None:
    """What marks words has the rows of a model's own labels first: they are put back after each step."""
    if heads.spans is None or len(heads.spans.bias) == len(base.span_labels):
        return
    n_labels = len(heads.spans.bias)
    with torch.no_grad():
        for now, then in zip(heads.spans.parameters(), before.spans.parameters(), strict=True):
            kept = len(now) // n_labels * len(base.span_labels)
            now[:kept] = then[:kept]
