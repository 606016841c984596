"""What training minimises: what each head loses on a batch of documents, and how far it is from another network.

Outputs of the network and the gold labels of documents go in, one number comes out. A document counts for the heads
that it has labels for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from analyzer.argument import MOST_BACKGROUND
from analyzer.model.torch_network import DocumentHeads
from analyzer.schema import STANDARD_SCHEMA, HeadKind, LabelSchema
from analyzer.training.chains import chain_loss
from analyzer.training.data import LabelledDocument
from analyzer.training.public import ARGUED
from analyzer.training.reading import Example, ReadDocument

# How much a sentence without such words counts where loaded words, sources and cues are learned. A report marks them in
# sentences that are loaded, or have a source, where the question is which words they are; those without only say what
# the label of the sentence says better.
_WITHOUT_SUCH_WORDS = 0.15


@dataclass(frozen=True)
class Outputs:
    """What the network says of one document: features and logits (n, labels) by head, of marked words (t, labels, 3)
    and of support (n, n + 1); the last two are None where it has no such heads.
    """

    features: Tensor
    logits: dict[str, Tensor]
    marks: Tensor | None
    support: Tensor | None


def class_weights(
    documents: Sequence[LabelledDocument], schema: LabelSchema, power: float, *, weigh_yes: bool
) -> dict[str, Tensor]:
    """Weights (labels,) by head: of a single head's labels, whose mean over the sentences is 1, and, where `weigh_yes`,
    of a multi head's labels against their absence.
    """
    weights = {}
    for head in schema.sentence_heads:
        given = [document.labels[head.name] for document in documents if head.name in document.labels]
        if not given or (head.kind is HeadKind.MULTI and not weigh_yes):
            continue
        labels = np.concatenate(given)
        if head.kind is HeadKind.SINGLE:
            share = np.maximum(np.bincount(labels, minlength=len(head.labels)), 1) / len(labels)
            weight = share**-power
            weight = weight / (weight * share).sum()
        else:
            yes = np.maximum(labels.sum(0), 1)
            weight = (np.maximum(len(labels) - yes, 1) / yes) ** power
        weights[head.name] = torch.tensor(weight, dtype=torch.float32)
    return weights


def label_loss(
    outputs: Sequence[tuple[Tensor, dict[str, Tensor]]],
    batch: Sequence[Example],
    schema: LabelSchema,
    weights: Mapping[str, Tensor],
) -> Tensor:
    """The sum of the mean losses of all sentence heads that the batch has labels for."""
    loss = outputs[0][0].new_zeros(())
    for head in schema.sentence_heads:
        labelled = [
            (logits[head.name], example.document.labels[head.name])
            for (_, logits), example in zip(outputs, batch, strict=True)
            if head.name in example.document.labels and example.document.source not in ARGUED
        ]
        if not labelled:
            continue
        logits = torch.cat([rows for rows, _ in labelled])
        gold = torch.from_numpy(np.concatenate([labels for _, labels in labelled])).to(logits.device)
        weight = weights[head.name].to(logits.device) if head.name in weights else None
        if head.kind is HeadKind.SINGLE:
            loss = loss + F.cross_entropy(logits, gold, weight=weight)
        else:
            loss = loss + F.binary_cross_entropy_with_logits(logits, gold.float(), pos_weight=weight)
    return loss


def mark_loss(
    heads: DocumentHeads, read: Sequence[ReadDocument], batch: Sequence[Example], schema: LabelSchema
) -> Tensor:
    """The loss of marked words on the documents of the batch in which any were looked for."""
    loss = read[0].vectors.new_zeros(())
    marked = [(r, e.marks) for r, e in zip(read, batch, strict=True) if e.marks is not None]
    if heads.spans is None or not marked:
        return loss
    scores = torch.cat([heads.spans(r.tokens, r.around) for r, _ in marked])
    tags = torch.from_numpy(np.concatenate([marks for _, marks in marked])).to(scores.device)
    lengths = [n for r, _ in marked for n in r.lengths]
    return loss + chain_loss(scores, tags, lengths, heads.spans, _weights_of_marks(tags, lengths, schema))


def _weights_of_marks(tags: Tensor, lengths: Sequence[int], schema: LabelSchema) -> Tensor:
    """How much each sentence counts for each span label (sentences, labels), by its tags (t, labels)."""
    weights = torch.ones(len(lengths), len(schema.span_labels))
    standard = STANDARD_SCHEMA.span_labels
    if schema.span_labels[: len(standard)] == standard:
        of_sentences = tags[:, : len(standard)].cpu().split(list(lengths))
        has_any = torch.stack([(rows > 0).any(0) for rows in of_sentences])
        weights[:, : len(standard)] = torch.where(has_any, 1.0, _WITHOUT_SUCH_WORDS)
    return weights


def drift_loss(student: Outputs, teacher: Outputs, schema: LabelSchema) -> Tensor:
    """How far a document's labels, marks and links are from what a teacher, or the model itself before, says: the
    divergence that knowledge distillation minimises (Hinton et al. 2015, arXiv:1503.02531), at temperature 1. `schema`
    is that of the teacher.
    """
    loss = student.features.new_zeros(())
    for head in schema.sentence_heads:
        new, old = student.logits[head.name], teacher.logits[head.name].to(loss.device)
        loss = loss + (_divergence(new, old) if head.kind is HeadKind.SINGLE else _divergence_of_yes(new, old))
    if teacher.marks is not None and student.marks is not None and teacher.marks.numel():
        new, old = (marks[:, : len(schema.span_labels)].flatten(0, 1) for marks in (student.marks, teacher.marks))
        loss = loss + _divergence(new, old.to(loss.device))
    if teacher.support is not None and student.support is not None and len(teacher.features) > 1:
        loss = loss + _divergence(student.support, teacher.support.to(loss.device))
    return loss


def vector_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """How far sentence vectors (n, n_encoder) are from a teacher's: the mean squared difference as a share of the
    variance of these (FitNets, Romero et al. 2015, arXiv:1412.6550, who also map a student's vectors to those of a
    larger teacher by a layer that is learned meanwhile).
    """
    teacher = teacher.to(student.device)
    return F.mse_loss(student, teacher) / teacher.var(correction=0)


def _divergence(new: Tensor, old: Tensor) -> Tensor:
    # A sentence never supports itself: both say so with -inf, which has no gradient.
    possible = torch.isfinite(old)
    logs = new.masked_fill(~possible, -1e9).log_softmax(-1), old.masked_fill(~possible, -1e9).log_softmax(-1)
    return F.kl_div(*logs, log_target=True, reduction="batchmean")


def _divergence_of_yes(new: Tensor, old: Tensor) -> Tensor:
    p = old.sigmoid()
    return F.binary_cross_entropy_with_logits(new, p) - F.binary_cross_entropy_with_logits(old, p)


def link_losses(
    heads: DocumentHeads,
    features: Tensor,
    role_logits: Tensor,
    document: LabelledDocument,
    schema: LabelSchema,
    *,
    use_gold: bool,
) -> Tensor:
    """Cross-entropy of each argumentative sentence's support target, shape (argumentative sentences,).

    The scorer sees gold roles where `use_gold`, and for documents that are all argument, else the predicted ones: with
    either by turns, it works with both. A sentence with several targets spreads its gold probability evenly over them.
    """
    assert heads.support is not None
    labels = schema.head("role").labels
    gold_roles = torch.from_numpy(document.labels["role"]).to(features.device)
    background = labels.index("background")
    nodes = torch.nonzero(gold_roles != background).flatten()
    if len(nodes) < 2:
        return features.new_zeros(0)
    one_hot = F.one_hot(gold_roles, len(labels)).float()
    use_gold = use_gold or document.source in ARGUED
    roles = one_hot if use_gold else role_logits.softmax(-1).detach()
    logits = heads.support(features, roles)
    target = gold_link_targets(document, len(features))
    candidates = (
        (gold_roles != background)
        if use_gold
        else (roles[:, background] <= MOST_BACKGROUND) | (gold_roles != background)
    )
    closed = torch.cat([~candidates, torch.zeros(1, dtype=torch.bool, device=features.device)])
    log_probabilities = logits.masked_fill(closed, float("-inf"))[nodes].log_softmax(-1)
    # A link to background breaks the guidelines, and teaches nothing.
    gold = torch.from_numpy(target).to(features.device)[nodes].masked_fill(closed, 0.0)
    return -(gold * log_probabilities.masked_fill(gold == 0, 0.0)).sum(-1)


def gold_link_targets(document: LabelledDocument, n: int) -> NDArray[np.float32]:
    """Gold target distribution of every sentence: shape (n, n + 1), last column "supports nothing"."""
    target = np.zeros((n, n + 1), dtype=np.float32)
    for i, j in document.supports or ():
        target[i, j] = 1.0
    target[:, n] = target.sum(1) == 0
    return target / target.sum(1, keepdims=True)
