"""The loss of marked words: how unlikely a linear-chain conditional random field (Lafferty et al. 2001) holds the tags
that they have.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor

from analyzer.model.torch_network import TokenMarker


def chain_loss(
    scores: Tensor, tags: Tensor, lengths: Sequence[int], marker: TokenMarker, weights: Tensor | None = None
) -> Tensor:
    """The negative log-likelihood of tags (t, labels) a token, summed over labels, from scores (t, labels, 3).

    `lengths` are the tokens of each sentence. Labels whose tags are -1, for a whole sentence, were not looked for.
    `weights` (sentences, labels) say how much each sentence counts, all of them 1 if left out.
    """
    starts = [start for start, n in zip(accumulate(lengths, initial=0), lengths, strict=False) if n]
    counts = torch.tensor([n for n in lengths if n], device=scores.device)
    if not len(counts):
        return scores.sum()
    places = torch.arange(int(counts.max()), device=scores.device)[:, None]
    is_token = places < counts
    rows = torch.where(is_token, torch.tensor(starts, device=scores.device) + places, 0)
    tagged, scored = tags[rows].clamp(min=0), scores[rows]
    counted = (tags[rows[0]] >= 0).float()
    if weights is not None:
        counted = counted * weights[torch.tensor([n > 0 for n in lengths])].to(scores.device)
    unlikely = _log_of_all(scored, is_token, marker) - _log_of_one(scored, tagged, is_token, marker)
    tokens = (counted * counts[:, None]).sum(0).clamp(min=1)
    return ((unlikely * counted).sum(0) / tokens).sum()


def _log_of_one(scores: Tensor, tags: Tensor, is_token: Tensor, marker: TokenMarker) -> Tensor:
    """The score of one sequence (sentences, labels): of tags (longest, sentences, labels)."""
    labels = torch.arange(tags.shape[-1], device=tags.device)
    given = scores.gather(-1, tags[..., None])[..., 0] * is_token[..., None]
    steps = marker.transitions[labels, tags[:-1], tags[1:]] * is_token[1:, :, None]
    return marker.starts[labels, tags[0]] + given.sum(0) + steps.sum(0)


def _log_of_all(scores: Tensor, is_token: Tensor, marker: TokenMarker) -> Tensor:
    """The logarithm of the sum over all sequences (sentences, labels)."""
    reached = marker.starts + scores[0]
    for now, goes_on in zip(scores[1:], is_token[1:], strict=True):
        following = (reached[..., :, None] + marker.transitions).logsumexp(-2) + now
        reached = torch.where(goes_on[:, None, None], following, reached)
    return reached.logsumexp(-1)
