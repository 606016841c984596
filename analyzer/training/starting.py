"""What a training starts from: the encoder and the heads that a folder and the options ask for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from analyzer.errors import AnalyzerError
from analyzer.model.torch_network import DocumentHeads
from analyzer.model.torch_weights import load_encoder, load_heads
from analyzer.schema import LabelSchema
from analyzer.training.encoder import Int8Encoder, Int8Reader, freeze, int8_below, keep_layers, n_layers_of
from analyzer.training.joining import put_weights, take_over
from analyzer.training.options import TrainingOptions


@dataclass(frozen=True)
class Start:
    """An encoder with its frozen layers, heads of which some may be as they were, and the tokenizer; `int8` reads the
    layers that stay what they are in int8, None where none do.
    """

    encoder: Any
    heads: DocumentHeads
    tokenizer: Tokenizer
    int8: Int8Reader | None


def start_from(
    folder: Path, schema: LabelSchema, options: TrainingOptions, device: torch.device, *, base: LabelSchema | None
) -> Start:
    """Load what to start from; with `base`, the schema of the model in `folder`, its heads are kept as they are.

    Raises `AnalyzerError` where the folder holds no encoder, or its labels are others than only marks are trained of.
    """
    below = int8_below(folder, options)
    int8 = Int8Reader(below, device, options.freeze) if below else None
    if int8 is not None and options.freeze >= n_layers_of(folder):
        encoder, tokenizer = Int8Encoder(folder), int8.tokenizer
    else:
        encoder, tokenizer = load_encoder(folder)
    if options.layers is not None:
        keep_layers(encoder, options.layers)
    freeze(encoder, options.freeze)
    heads = DocumentHeads(schema, encoder.config.hidden_size)
    if base is not None:
        take_over(heads, load_heads(folder), base)
    elif options.marks_only and below is not None and below.schema != schema:
        raise AnalyzerError(f"{folder}: has other labels than are trained; give a model of the standard labels")
    elif below is not None and _goes_on(below.schema, schema):
        put_weights(heads, load_heads(folder))
    if options.marks_only:
        _keep_all_but_marks(heads)
    return Start(encoder, heads, tokenizer, int8)


def _keep_all_but_marks(heads: DocumentHeads) -> None:
    if heads.spans is None:
        raise AnalyzerError("only what marks words is to be trained, but the model marks none; give one that does")
    heads.requires_grad_(False)
    heads.spans.requires_grad_(True)


def _goes_on(before: LabelSchema, schema: LabelSchema) -> bool:
    """Whether the heads of a model are the first ones of those that are trained."""
    heads = schema.sentence_heads[: len(before.sentence_heads)]
    marks = schema.span_labels[: len(before.span_labels)]
    return (heads, marks, schema.links) == (before.sentence_heads, before.span_labels, before.links)
