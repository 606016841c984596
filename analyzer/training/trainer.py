"""Trains the network on labelled documents: whole documents in, a `TrainedNetwork` out.

A step reads a few whole documents, so that the document context and every support link are seen in full. Weights
are averaged over the steps (an exponential moving average), which is what is kept.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import AutoConfig, AutoModel

from analyzer.errors import AnalyzerError
from analyzer.model.folder import TORCH_WEIGHTS
from analyzer.model.torch_network import DocumentHeads, sentence_vectors
from analyzer.model.windows import Window, pack_windows, special_tokens
from analyzer.schema import HeadKind, LabelSchema
from analyzer.training.data import LabelledDocument


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """What a training run is made of; the defaults are what the shipped model was trained with."""

    seed: int = 0
    epochs: int = 5
    window: int = 256
    tokens_per_step: int = 1500
    encoder_rate: float = 3e-4
    head_rate: float = 1e-3
    freeze: int = 2
    average_decay: float = 0.995


@dataclass(frozen=True)
class TrainedNetwork:
    """The averaged encoder and heads, in evaluation mode, with what they were made with."""

    encoder: Any
    heads: DocumentHeads
    tokenizer: Tokenizer
    options: TrainingOptions
    losses: tuple[float, ...]


@dataclass(frozen=True)
class _Example:
    document: LabelledDocument
    tokens: tuple[tuple[int, ...], ...]


def train_network(
    documents: Sequence[LabelledDocument],
    schema: LabelSchema,
    encoder_folder: Path,
    options: TrainingOptions,
    *,
    progress: Callable[[int, int, float], None] = lambda step, total, loss: None,
) -> TrainedNetwork:
    """Train on `documents`, starting from a Hugging Face encoder folder.

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
    examples = [_Example(d, tuple(tuple(e.ids) for e in _encode(tokenizer, d.texts))) for d in documents]
    steps_an_epoch = len(list(_batches(examples, options.tokens_per_step, random.Random(0))))
    total = steps_an_epoch * options.epochs
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
    network.train()
    losses: list[float] = []
    step = 0
    for _ in range(options.epochs):
        for batch in _batches(examples, options.tokens_per_step, order):
            if step >= total:
                break
            loss = _step_loss(encoder, heads, batch, schema, tokenizer, options.window, order)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            average.update_parameters(network)
            step += 1
            losses.append(loss.item())
            progress(step, total, losses[-1])
    averaged: Any = average.module.eval()
    return TrainedNetwork(averaged["encoder"], averaged["heads"], tokenizer, options, tuple(losses))


def load_encoder(folder: Path) -> tuple[Any, Tokenizer]:
    """The encoder and the tokenizer of a Hugging Face folder, or of a model folder, from local safetensors only."""
    try:
        # No dropout on attention: it keeps PyTorch from its fast attention, which halves the speed on a CPU.
        config = AutoConfig.from_pretrained(folder, local_files_only=True, attention_probs_dropout_prob=0.0)
        if hasattr(config, "analyzer"):
            encoder = AutoModel.from_config(config)
            encoder.load_state_dict(_encoder_weights(folder / TORCH_WEIGHTS), strict=False)
        else:
            encoder = AutoModel.from_pretrained(folder, config=config, local_files_only=True, use_safetensors=True)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:
        message = f"{folder}: no encoder can be loaded from here ({error}); give a folder with config.json, "
        raise AnalyzerError(message + "tokenizer.json and model.safetensors") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return encoder, tokenizer


def _encoder_weights(path: Path) -> dict[str, Tensor]:
    prefix = "encoder."
    return {name[len(prefix) :]: w.float() for name, w in load_file(path).items() if name.startswith(prefix)}


def _encode(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Any]:
    return tokenizer.encode_batch(list(texts), add_special_tokens=False)


def _freeze(encoder: Any, layers: int) -> None:
    """Leave the embeddings and the lowest layers as they are: less to fit, and less to compute."""
    for module in (encoder.embeddings, *encoder.encoder.layer[:layers]):
        module.requires_grad_(False)


def _batches(examples: Sequence[_Example], tokens: int, order: random.Random) -> Iterator[list[_Example]]:
    shuffled = list(examples)
    order.shuffle(shuffled)
    batch: list[_Example] = []
    size = 0
    for example in shuffled:
        batch.append(example)
        size += sum(map(len, example.tokens))
        if size >= tokens:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def encode_documents(
    encoder: nn.Module,
    documents: Sequence[Sequence[Sequence[int]]],
    tokenizer: Tokenizer,
    limit: int,
    *,
    first_limits: Sequence[int | None] | None = None,
    windows_a_pass: int = 4,
) -> list[Tensor]:
    """Sentence vectors of several documents, given as token ids by sentence; windows of like length share a pass."""
    cls_id, sep_id = special_tokens(tokenizer)
    limits = first_limits or [None] * len(documents)
    tagged = [
        (d, window)
        for d, tokens in enumerate(documents)
        for window in pack_windows(tokens, cls_id=cls_id, sep_id=sep_id, limit=limit, first_limit=limits[d])
    ]
    tagged.sort(key=lambda item: len(item[1].token_ids))
    pieces: list[Tensor] = []
    place: dict[tuple[int, int], int] = {}
    for at in range(0, len(tagged), windows_a_pass):
        rows: list[Window] = []
        count = 0
        for d, window in tagged[at : at + windows_a_pass]:
            rows.append(Window(window.token_ids, tuple(range(count, count + len(window.sentences))), window.spans))
            for sentence in window.sentences:
                place[d, sentence] = len(place)
            count += len(window.sentences)
        pieces.append(sentence_vectors(encoder, rows, count))
    vectors = torch.cat(pieces)
    return [vectors[[place[d, s] for s in range(len(tokens))]] for d, tokens in enumerate(documents)]


def _step_loss(
    encoder: nn.Module,
    heads: DocumentHeads,
    batch: Sequence[_Example],
    schema: LabelSchema,
    tokenizer: Tokenizer,
    window: int,
    order: random.Random,
) -> Tensor:
    cuts = [order.randint(window // 4, window) for _ in batch]
    vectors = encode_documents(encoder, [e.tokens for e in batch], tokenizer, window, first_limits=cuts)
    outputs = heads(vectors)
    loss = torch.zeros(())
    for head in schema.heads:
        logits = torch.cat([document_logits[head.name] for _, document_logits in outputs])
        gold = torch.from_numpy(np.concatenate([e.document.labels[head.name] for e in batch]))
        if head.kind is HeadKind.SINGLE:
            loss = loss + F.cross_entropy(logits, gold)
        else:
            loss = loss + F.binary_cross_entropy_with_logits(logits, gold.float())
    if heads.support is not None:
        rows = [
            _link_losses(heads, features, logits["role"], example.document, schema, use_gold=order.random() < 0.5)
            for (features, logits), example in zip(outputs, batch, strict=True)
        ]
        losses = torch.cat(rows)
        if len(losses):
            loss = loss + losses.mean()
    return loss


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
    for i, j in document.supports:
        target[i, j] = 1.0
    target[:, n] = target.sum(1) == 0
    return target / target.sum(1, keepdims=True)
