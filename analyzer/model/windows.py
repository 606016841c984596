"""Packs whole sentences into windows, so that a sentence is judged in its context and little goes to padding.

In go the token ids of each sentence; out come `Window`s that the encoder reads one pass each. The pooling of
token vectors into sentence vectors, which every runtime shares, is defined by `Window.spans`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise

from tokenizers import Tokenizer

from analyzer.errors import AnalyzerError


@dataclass(frozen=True, slots=True)
class Window:
    """Token ids `[CLS] sentence … sentence [SEP]`; `spans[k]` is the token range of sentence `sentences[k]`."""

    token_ids: tuple[int, ...]
    sentences: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


def pack_windows(
    sentence_tokens: Sequence[Sequence[int]],
    *,
    cls_id: int,
    sep_id: int,
    limit: int,
    first_limit: int | None = None,
) -> list[Window]:
    """Pack consecutive sentences into as few windows of at most `limit` tokens, special tokens included, as they need.

    The longest window is as short as that many windows allow, so that no sentence at the end of a document is left
    with little context. A sentence never spans two windows; one that alone exceeds the limit is cut to it. A sentence
    without tokens gets `sep_id` as its only token so that every sentence has a vector. `first_limit` shortens the first
    window and fills the others instead (training uses it to vary where the cuts fall).
    """
    kept = [list(ids[: limit - 2]) or [sep_id] for ids in sentence_tokens]
    lengths = [len(ids) for ids in kept]
    if first_limit is None:
        starts = _starts(lengths, _even_limit(lengths, limit))
    else:
        starts = _starts(lengths, limit, first_limit)
    windows = []
    for start, end in pairwise([*starts, len(kept)]):
        ends = list(accumulate(lengths[start:end], initial=1))
        tokens = (cls_id, *chain.from_iterable(kept[start:end]), sep_id)
        windows.append(Window(tokens, tuple(range(start, end)), tuple(pairwise(ends))))
    return windows


def _starts(lengths: Sequence[int], limit: int, first_limit: int | None = None) -> list[int]:
    """The first sentences of windows that are filled one after the other, for sentences of these lengths."""
    starts: list[int] = []
    room = (first_limit or limit) - 2
    for index, length in enumerate(lengths):
        full = length > room
        if full:
            room = limit - 2
        if full or not starts:
            starts.append(index)
        room -= length
    return starts


def _even_limit(lengths: Sequence[int], limit: int) -> int:
    """The least limit under which sentences of these lengths fill no more windows than under `limit`."""
    most = len(_starts(lengths, limit))
    least = max(lengths, default=0) + 2
    return bisect_left(range(limit), True, lo=least, key=lambda limit: len(_starts(lengths, limit)) <= most)


def special_tokens(tokenizer: Tokenizer) -> tuple[int, int]:
    """The ids of the tokens that open and close a window, by BERT's names or RoBERTa's and MPNet's."""
    for opening, closing in (("[CLS]", "[SEP]"), ("<s>", "</s>")):
        ids = tokenizer.token_to_id(opening), tokenizer.token_to_id(closing)
        if ids[0] is not None and ids[1] is not None:
            return ids[0], ids[1]
    raise AnalyzerError("the tokenizer knows neither [CLS] and [SEP] nor <s> and </s>; use a BERT-like encoder")
