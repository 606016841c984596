"""What the network in PyTorch says of documents, in the same form as the CPU runtime's predictions.

Training measures held-out documents with it after every epoch, long before there is a model folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from analyzer.model.predictions import Array, Predictions
from analyzer.model.spans import SentenceTokens
from analyzer.model.torch_network import DocumentHeads
from analyzer.model.windows import Window
from analyzer.schema import HeadKind
from analyzer.training.losses import Outputs
from analyzer.training.reading import Example, read_documents

_DOCUMENTS_A_PASS = 32
_MARKS = "marks of words"


def network_outputs(
    read: Callable[[Sequence[Window]], Tensor],
    heads: DocumentHeads,
    examples: Sequence[Example],
    tokenizer: Tokenizer,
    window: int,
    *,
    first_limit: int | None = None,
) -> list[Outputs]:
    """Everything that the network, in evaluation mode, says of each document; on the CPU, without gradients.

    `first_limit` shortens the first window of each, which moves all cuts.
    """
    outputs = []
    with torch.no_grad():
        for at in range(0, len(examples), _DOCUMENTS_A_PASS):
            part = examples[at : at + _DOCUMENTS_A_PASS]
            limits = [first_limit] * len(part)
            documents = read_documents(read, [e.tokens for e in part], tokenizer, window, first_limits=limits)
            found = heads([d.vectors for d in documents], [e.document.paragraphs for e in part])
            for document, (features, logits) in zip(documents, found, strict=True):
                marks = None
                if heads.spans is not None:
                    marks = heads.spans(document.tokens, document.around).cpu()
                support = None
                if heads.support is not None:
                    support = heads.support(features, logits["role"].softmax(-1)).cpu()
                of_head = {name: rows.cpu() for name, rows in logits.items()}
                outputs.append(Outputs(features.cpu(), of_head, marks, support))
    return outputs


def predictions_of(outputs: Outputs, example: Example, heads: DocumentHeads) -> Predictions:
    """The probabilities, at temperature 1, that the outputs of a document mean."""
    probabilities = {
        head.name: _array(
            outputs.logits[head.name].softmax(-1)
            if head.kind is HeadKind.SINGLE
            else outputs.logits[head.name].sigmoid()
        )
        for head in heads.schema.sentence_heads
    }
    marks = np.zeros((sum(map(len, example.tokens)), 0), dtype=np.float32)
    if outputs.marks is not None and heads.spans is not None:
        scores = np.split(_array(outputs.marks), _ends_of(example))
        marks = np.concatenate(heads.spans.twin().probabilities(scores))
    return Predictions(probabilities, _array(outputs.features), _by_sentence(marks, example))


def flat(predictions: Sequence[Predictions]) -> dict[str, Array]:
    """The probabilities of several documents in one array a head, to be kept; `unflat` takes them apart again."""
    arrays = {
        name: np.concatenate([p.probabilities[name] for p in predictions]) for name in predictions[0].probabilities
    }
    marks = [tokens.probabilities for p in predictions for tokens in p.tokens]
    return {**arrays, _MARKS: np.concatenate(marks)}


def unflat(arrays: Mapping[str, NDArray[np.float32]], examples: Sequence[Example]) -> list[Predictions]:
    """The predictions that `flat` put together, without features, which only support links need."""
    found, sentence, token = [], 0, 0
    for example in examples:
        sentences, tokens = len(example.tokens), sum(map(len, example.tokens))
        rows = {name: a[sentence : sentence + sentences] for name, a in arrays.items() if name != _MARKS}
        marks = _by_sentence(arrays[_MARKS][token : token + tokens], example)
        found.append(Predictions(rows, np.zeros((sentences, 0), dtype=np.float32), marks))
        sentence, token = sentence + sentences, token + tokens
    return found


def _by_sentence(marks: Array, example: Example) -> tuple[SentenceTokens, ...]:
    rows = np.split(marks, _ends_of(example))
    return tuple(SentenceTokens(o, of_sentence) for o, of_sentence in zip(example.offsets, rows, strict=True))


def _ends_of(example: Example) -> NDArray[np.int64]:
    """Where the tokens of every sentence but the last end."""
    return np.cumsum([len(tokens) for tokens in example.tokens])[:-1]


def _array(tensor: Tensor) -> Array:
    return np.asarray(tensor.numpy(), dtype=np.float32)
