"""How training reads documents: tokens and marks of each, batches of whole documents, and the encoder over them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F

from analyzer.model.tagging import BEGINS, INSIDE, OUTSIDE, neighbours
from analyzer.model.torch_network import sentence_vectors
from analyzer.model.windows import Window, pack_windows, special_tokens
from analyzer.schema import LabelSchema
from analyzer.training.data import LabelledDocument

UNKNOWN = -1
_MOST_TOGETHER = 8
_TOKENS_A_PASS = 1024


@dataclass(frozen=True)
class Example:
    """A document as training reads it: the tokens of each sentence, and their places (t, 2) in it.

    `marks` (tokens of all sentences, span labels) are tags (`analyzer.model.tagging`), or -1 for unknown. `original` is
    what it was before names were exchanged in it, if they were.
    """

    document: LabelledDocument
    tokens: tuple[tuple[int, ...], ...]
    offsets: tuple[NDArray[np.int64], ...]
    marks: NDArray[np.int64] | None
    original: Example | None = None


def example_of(document: LabelledDocument, tokenizer: Tokenizer, schema: LabelSchema) -> Example:
    """The document in tokens; tokens that lie in a gold span are marked."""
    encodings = tokenizer.encode_batch(list(document.texts), add_special_tokens=False)
    tokens = tuple(tuple(encoding.ids) for encoding in encodings)
    places = tuple(np.array(e.offsets, dtype=np.int64).reshape(-1, 2) for e in encodings)
    if not document.spans:
        return Example(document, tokens, places, None)
    offsets = np.array([(i, *place) for i, e in enumerate(encodings) for place in e.offsets]).reshape(-1, 3)
    marks = np.full((len(offsets), len(schema.span_labels)), UNKNOWN, dtype=np.int64)
    for column, label in enumerate(schema.span_labels):
        if label not in document.spans:
            continue
        marks[:, column] = OUTSIDE
        for sentence, start, end in sorted(document.spans[label]):
            inside = np.flatnonzero((offsets[:, 0] == sentence) & (offsets[:, 1] < end) & (offsets[:, 2] > start))
            # Of spans that overlap, what is in the first already does not begin another.
            new = inside[marks[inside, column] == OUTSIDE]
            marks[new, column] = INSIDE
            if len(new) == len(inside):
                marks[new[:1], column] = BEGINS
    return Example(document, tokens, places, marks)


def put_together(examples: Sequence[Example], order: random.Random) -> list[list[Example]]:
    """Two readings of the same documents, in which those of one sentence stand by themselves or among others.

    A report reads a sentence among its neighbours: a model that only ever saw single ones would take these for part
    of it. What is single in one reading is put together with others, by chance, in the other.
    """
    longer = [example for example in examples if len(example.tokens) > 1]
    single = [example for example in examples if len(example.tokens) == 1]
    order.shuffle(single)
    half = len(single) // 2
    parts = single[:half], single[half:]
    return [[*longer, *alone, *_joined(others, order)] for alone, others in (parts, parts[::-1])]


def _joined(examples: Sequence[Example], order: random.Random) -> list[Example]:
    joined, at = [], 0
    while at < len(examples):
        part = examples[at : at + order.randint(2, _MOST_TOGETHER)]
        at += len(part)
        documents = [example.document for example in part]
        first = documents[0]
        n_labels = next((example.marks.shape[1] for example in part if example.marks is not None), None)
        document = replace(
            first,
            texts=tuple(text for d in documents for text in d.texts),
            paragraphs=(0,) * len(part),
            labels={name: np.concatenate([d.labels[name] for d in documents]) for name in first.labels},
            spans={},
        )
        joined.append(
            Example(
                document,
                tuple(tokens for example in part for tokens in example.tokens),
                tuple(offsets for example in part for offsets in example.offsets),
                None
                if n_labels is None
                else np.concatenate([_marks_or_unknown(example, n_labels) for example in part]),
            )
        )
    return joined


def _marks_or_unknown(example: Example, n_labels: int) -> NDArray[np.int64]:
    return example.marks if example.marks is not None else np.full((len(example.tokens[0]), n_labels), UNKNOWN)


def batches_of(examples: Sequence[Example], tokens: int, order: random.Random) -> Iterator[list[Example]]:
    """Examples in random order, in batches of about so many tokens."""
    shuffled = list(examples)
    order.shuffle(shuffled)
    batch: list[Example] = []
    size = 0
    for example in shuffled:
        batch.append(example)
        size += sum(map(len, example.tokens))
        if size >= tokens:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


@dataclass(frozen=True)
class ReadDocument:
    """Sentence vectors (n, n_encoder) of a document, and the token vectors (t, n_encoder) of its sentences, of which so
    many belong to each (`lengths`).
    """

    vectors: Tensor
    tokens: Tensor
    lengths: tuple[int, ...]

    @property
    def around(self) -> Tensor:
        """The tokens around each in its sentence, (t, 5): `analyzer.model.tagging.neighbours`."""
        ends = list(accumulate(self.lengths, initial=0))
        return torch.from_numpy(neighbours(list(pairwise(ends)), ends[-1])).to(self.tokens.device)


def windows_of(
    tokens: Sequence[Sequence[int]], tokenizer: Tokenizer, limit: int, first_limit: int | None = None
) -> list[Window]:
    """The windows that a document is read in."""
    cls_id, sep_id = special_tokens(tokenizer)
    return pack_windows(tokens, cls_id=cls_id, sep_id=sep_id, limit=limit, first_limit=first_limit)


def read_documents(
    read: Callable[[Sequence[Window]], Tensor],
    documents: Sequence[Sequence[Sequence[int]]],
    tokenizer: Tokenizer,
    limit: int,
    *,
    first_limits: Sequence[int | None] | None = None,
) -> list[ReadDocument]:
    """Read several documents, given as token ids by sentence; windows of like length share a pass.

    `read` gives the token vectors (windows, longest window, n_encoder) of one pass. Tokens of a sentence that was cut
    to a window are followed by zeros, so that every token has a row.
    """
    limits = first_limits or [None] * len(documents)
    tagged = [(d, w) for d, tokens in enumerate(documents) for w in windows_of(tokens, tokenizer, limit, limits[d])]
    tagged.sort(key=lambda item: len(item[1].token_ids))
    vectors: dict[tuple[int, int], Tensor] = {}
    hidden: dict[tuple[int, int], Tensor] = {}
    for part in passes_of(tagged, _TOKENS_A_PASS):
        rows: list[Window] = []
        names = [(d, sentence) for d, window in part for sentence in window.sentences]
        count = 0
        for _, window in part:
            rows.append(Window(window.token_ids, tuple(range(count, count + len(window.sentences))), window.spans))
            count += len(window.sentences)
        token_vectors = read(rows)
        vectors |= dict(zip(names, sentence_vectors(token_vectors, rows, count), strict=True))
        spans = [token_vectors[w, start:end] for w, row in enumerate(rows) for start, end in row.spans]
        hidden |= dict(zip(names, spans, strict=True))
    found = []
    for d, tokens in enumerate(documents):
        rows_of = [_as_long_as(hidden[d, s], len(ids)) for s, ids in enumerate(tokens)]
        of_sentences = torch.stack([vectors[d, s] for s in range(len(tokens))])
        found.append(ReadDocument(of_sentences, torch.cat(rows_of), tuple(map(len, tokens))))
    return found


def passes_of(tagged: Sequence[tuple[int, Window]], tokens: int) -> Iterator[list[tuple[int, Window]]]:
    """Windows, each with a number, which come sorted by length, in passes of about so many tokens."""
    part: list[tuple[int, Window]] = []
    for item in tagged:
        if part and (len(part) + 1) * len(item[1].token_ids) > tokens:
            yield part
            part = []
        part.append(item)
    if part:
        yield part


def _as_long_as(vectors: Tensor, length: int) -> Tensor:
    return F.pad(vectors[:length], (0, 0, 0, max(0, length - len(vectors))))
