"""Trains the network on labelled documents: whole documents in, a `TrainedNetwork` out.

A step reads a few whole documents, so that the document context and every support link are seen in full. Weights
are averaged over the steps (an exponential moving average), which is what is kept.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from analyzer.model.torch_encoder import load_encoder
from analyzer.model.torch_network import DocumentHeads
from analyzer.schema import HeadKind, LabelSchema
from analyzer.training.data import LabelledDocument
from analyzer.training.public import ESSAYS
from analyzer.training.reading import Example, batches_of, example_of, read_documents


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """What a training run is made of; the defaults are what the shipped model was trained with.

    `auxiliary_share` is the part of the auxiliary documents, another one each time, that an epoch reads. A label of a
    single head weighs by its frequency to the power of -`class_balance`: 0 leaves rare labels as rare as they are.
    """

    seed: int = 0
    epochs: int = 5
    window: int = 256
    tokens_per_step: int = 1500
    encoder_rate: float = 2e-4
    head_rate: float = 1e-3
    freeze: int = 2
    average_decay: float = 0.995
    auxiliary_share: float = 0.25
    class_balance: float = 0.3


@dataclass(frozen=True)
class TrainedNetwork:
    """The averaged encoder and heads, in evaluation mode, with what they were made with."""

    encoder: Any
    heads: DocumentHeads
    tokenizer: Tokenizer
    options: TrainingOptions
    losses: tuple[float, ...]


def train_network(
    documents: Sequence[LabelledDocument],
    schema: LabelSchema,
    encoder_folder: Path,
    options: TrainingOptions,
    *,
    auxiliary: Sequence[LabelledDocument] = (),
    progress: Callable[[int, int, float], None] = lambda step, total, loss: None,
) -> TrainedNetwork:
    """Train on `documents`, starting from a Hugging Face encoder folder; `auxiliary` documents teach some heads too.

    `progress(step, total_steps, loss)` is called after every step. Identical options give identical weights on one
    machine. Raises `AnalyzerError` when the folder holds no encoder.
    """
    torch.manual_seed(options.seed)
    order = random.Random(options.seed)
    encoder, tokenizer = load_encoder(encoder_folder)
    _freeze(encoder, options.freeze)
    heads = DocumentHeads(schema, encoder.config.hidden_size)
    network = nn.ModuleDict({"encoder": encoder, "heads": heads})
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(options.average_decay)
    )
    examples = [example_of(document, tokenizer, schema) for document in documents]
    others = [example_of(document, tokenizer, schema) for document in auxiliary]
    epochs = [[*examples, *_part(others, options.auxiliary_share, order)] for _ in range(options.epochs)]
    batches = [batch for epoch in epochs for batch in batches_of(epoch, options.tokens_per_step, order)]
    total = len(batches)
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in encoder.parameters() if p.requires_grad], "lr": options.encoder_rate},
            {"params": heads.parameters(), "lr": options.head_rate},
        ],
        weight_decay=0.01,
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / (0.08 * total), (total - s) / total)
    )
    weights = _class_weights(documents, schema, options.class_balance)
    network.train()
    losses: list[float] = []
    for step, batch in enumerate(batches, 1):
        loss = _step_loss(encoder, heads, batch, schema, tokenizer, options.window, order, weights)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        average.update_parameters(network)
        losses.append(loss.item())
        progress(step, total, losses[-1])
    averaged: Any = average.module.eval()
    return TrainedNetwork(averaged["encoder"], averaged["heads"], tokenizer, options, tuple(losses))


def _class_weights(documents: Sequence[LabelledDocument], schema: LabelSchema, power: float) -> dict[str, Tensor]:
    """Weights (labels,) by single head, whose mean over the sentences is 1."""
    weights = {}
    for head in schema.sentence_heads:
        if head.kind is HeadKind.SINGLE:
            labels = np.concatenate([document.labels[head.name] for document in documents])
            share = np.maximum(np.bincount(labels, minlength=len(head.labels)), 1) / len(labels)
            weight = share**-power
            weights[head.name] = torch.tensor(weight / (weight * share).sum(), dtype=torch.float32)
    return weights


def _part(examples: Sequence[Example], share: float, order: random.Random) -> list[Example]:
    return order.sample(list(examples), round(share * len(examples)))


def _freeze(encoder: Any, layers: int) -> None:
    """Leave the embeddings and the lowest layers as they are: less to fit, and less to compute."""
    for module in (encoder.embeddings, *encoder.encoder.layer[:layers]):
        module.requires_grad_(False)


def _step_loss(
    encoder: nn.Module,
    heads: DocumentHeads,
    batch: Sequence[Example],
    schema: LabelSchema,
    tokenizer: Tokenizer,
    window: int,
    order: random.Random,
    weights: Mapping[str, Tensor],
) -> Tensor:
    """The sum of what every head loses on the documents of the batch that have labels for it."""
    cuts = [order.randint(window // 4, window) for _ in batch]
    read = read_documents(encoder, [e.tokens for e in batch], tokenizer, window, first_limits=cuts)
    outputs = heads([document.vectors for document in read])
    loss = torch.zeros(())
    for head in schema.sentence_heads:
        labelled = [
            (logits[head.name], example.document.labels[head.name])
            for (_, logits), example in zip(outputs, batch, strict=True)
            if head.name in example.document.labels and example.document.source != ESSAYS
        ]
        if not labelled:
            continue
        logits = torch.cat([rows for rows, _ in labelled])
        gold = torch.from_numpy(np.concatenate([labels for _, labels in labelled]))
        if head.kind is HeadKind.SINGLE:
            loss = loss + F.cross_entropy(logits, gold, weight=weights[head.name])
        else:
            loss = loss + F.binary_cross_entropy_with_logits(logits, gold.float())
    marked = [(r.tokens, e.marks) for r, e in zip(read, batch, strict=True) if e.marks is not None]
    if heads.spans is not None and marked:
        loss = loss + _span_loss(heads.spans(torch.cat([t for t, _ in marked])), [m for _, m in marked])
    if heads.support is not None:
        rows = [
            _link_losses(heads, features, logits["role"], example.document, schema, use_gold=order.random() < 0.5)
            for (features, logits), example in zip(outputs, batch, strict=True)
            if example.document.supports is not None
        ]
        losses = torch.cat(rows) if rows else torch.zeros(0)
        if len(losses):
            loss = loss + losses.mean()
    return loss


def _span_loss(logits: Tensor, marks: Sequence[NDArray[np.float32]]) -> Tensor:
    """Binary cross-entropy over the tokens of every label that was looked for."""
    gold = torch.from_numpy(np.concatenate(marks))
    losses = F.binary_cross_entropy_with_logits(logits, gold.clamp(min=0.0), reduction="none")
    known = gold >= 0
    return (losses * known).sum(0).div(known.sum(0).clamp(min=1)).sum()


def _link_losses(
    heads: DocumentHeads,
    features: Tensor,
    role_logits: Tensor,
    document: LabelledDocument,
    schema: LabelSchema,
    *,
    use_gold: bool,
) -> Tensor:
    """Cross-entropy of each argumentative sentence's support target, shape (argumentative sentences,).

    Half of the documents see gold roles, half the predicted ones, so that the scorer works with either. A sentence
    with several targets spreads its gold probability evenly over them.
    """
    assert heads.support is not None
    labels = schema.head("role").labels
    gold_roles = torch.from_numpy(document.labels["role"])
    background = labels.index("background")
    nodes = torch.nonzero(gold_roles != background).flatten()
    if len(nodes) < 2:
        return features.new_zeros(0)
    one_hot = F.one_hot(gold_roles, len(labels)).float()
    use_gold = use_gold or document.source == ESSAYS
    roles = one_hot if use_gold else role_logits.softmax(-1).detach()
    logits = heads.support(features, roles)
    target = gold_link_targets(document, len(features))
    candidates = (gold_roles != background) if use_gold else (roles[:, background] < 0.8) | (gold_roles != background)
    closed = torch.cat([~candidates, torch.zeros(1, dtype=torch.bool)])
    log_probabilities = logits.masked_fill(closed, float("-inf"))[nodes].log_softmax(-1)
    gold = torch.from_numpy(target)[nodes]
    return -(gold * log_probabilities.masked_fill(gold == 0, 0.0)).sum(-1)


def gold_link_targets(document: LabelledDocument, n: int) -> NDArray[np.float32]:
    """Gold target distribution of every sentence: shape (n, n + 1), last column "supports nothing"."""
    target = np.zeros((n, n + 1), dtype=np.float32)
    for i, j in document.supports or ():
        target[i, j] = 1.0
    target[:, n] = target.sum(1) == 0
    return target / target.sum(1, keepdims=True)
