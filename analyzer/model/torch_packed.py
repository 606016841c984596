"""The encoder in PyTorch for windows that lie one after the other, without padding.

In go the token ids of several windows in one row, out come the vectors of all tokens. Every layer but attention works
on tokens, and needs not know where windows end; attention is told by their bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from analyzer.model.weights import Dense, EncoderWeights, Layer, Norm


@dataclass(frozen=True)
class Packed:
    """Windows in one row: window k has the tokens from `starts[k]` to `starts[k + 1]`.

    `ids` and `places` (tokens,) are token ids and places in their windows; `starts` (windows + 1,) is of 32-bit
    integers; `longest` is the number of tokens of the longest window.
    """

    ids: Tensor
    places: Tensor
    starts: Tensor
    longest: int


# Query, key and value (tokens, n_heads, n) and where windows are, to what each token reads (tokens, n_heads, n).
Attention = Callable[[Tensor, Tensor, Tensor, Packed], Tensor]


class PackedEncoder(nn.Module):
    """The encoder with the given weights, for inference."""

    def __init__(self, weights: EncoderWeights, attention: Attention) -> None:
        super().__init__()
        self._attention = attention
        self.words = _parameter(weights.words)
        self.positions = _parameter(weights.positions)
        self.norm = _Norm(weights.norm, weights.epsilon)
        self.layers = nn.ModuleList(_Layer(layer, weights.n_heads, weights.epsilon) for layer in weights.layers)

    def forward(self, windows: Packed) -> Tensor:
        """The vectors (tokens, n_encoder) of all tokens."""
        hidden: Tensor = self.norm(self.words[windows.ids] + self.positions[windows.places])
        for layer in self.layers:
            hidden = layer(hidden, windows, self._attention)
        return hidden


class _Layer(nn.Module):
    def __init__(self, layer: Layer, n_heads: int, epsilon: float) -> None:
        super().__init__()
        self._n_heads = n_heads
        reads = (layer.query, layer.key, layer.value)
        together = Dense(np.concatenate([r.weight for r in reads], axis=1), np.concatenate([r.bias for r in reads]))
        self.reads = _Dense(together)
        self.attended, self.widen, self.narrow = _Dense(layer.attended), _Dense(layer.widen), _Dense(layer.narrow)
        self.attended_norm, self.norm = _Norm(layer.attended_norm, epsilon), _Norm(layer.norm, epsilon)

    def forward(self, hidden: Tensor, windows: Packed, attention: Attention) -> Tensor:
        query, key, value = self.reads(hidden).unflatten(1, (3, self._n_heads, -1)).unbind(1)
        hidden = self.attended_norm(self.attended(attention(query, key, value, windows).flatten(1)) + hidden)
        return self.norm(self.narrow(F.gelu(self.widen(hidden))) + hidden)  # type: ignore[no-any-return]


class _Dense(nn.Module):
    def __init__(self, dense: Dense) -> None:
        super().__init__()
        self.weight, self.bias = _parameter(dense.weight.T), _parameter(dense.bias)

    def forward(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.weight, self.bias)


class _Norm(nn.Module):
    def __init__(self, norm: Norm, epsilon: float) -> None:
        super().__init__()
        self.scale, self.shift, self._epsilon = _parameter(norm.scale), _parameter(norm.shift), epsilon

    def forward(self, hidden: Tensor) -> Tensor:
        return F.layer_norm(hidden, self.scale.shape, self.scale, self.shift, self._epsilon)


def _parameter(array: NDArray[Any]) -> nn.Parameter:
    return nn.Parameter(torch.from_numpy(array.copy()), requires_grad=False)


def attend_packed(query: Tensor, key: Tensor, value: Tensor, windows: Packed) -> Tensor:
    """Attention inside each window by FlashAttention (Dao 2023, arXiv:2307.08691), which needs no padding."""
    from torch.nn.attention.varlen import varlen_attn

    longest, starts = windows.longest, windows.starts
    found = varlen_attn(query, key, value, starts, starts, longest, longest)
    assert isinstance(found, Tensor)
    return found


class PaddedAttention(nn.Module):
    """Attention inside each window, padded to the longest: for processors and encoders that `attend_packed` is not for.

    `distances` as in `EncoderWeights`.
    """

    def __init__(self, distances: NDArray[Any] | None) -> None:
        super().__init__()
        self.distances = None if distances is None else _parameter(distances)

    def forward(self, query: Tensor, key: Tensor, value: Tensor, windows: Packed) -> Tensor:
        """What each token reads (tokens, n_heads, n)."""
        places = torch.arange(windows.longest, device=query.device)
        lengths = windows.starts.diff()
        is_token = places < lengths[:, None]
        mask = is_token[:, None, None]
        if self.distances is not None:
            middle = self.distances.shape[1] // 2
            bias = self.distances[:, places - places[:, None] + middle]
            mask = bias.masked_fill(~mask, float("-inf"))

        def padded(tensor: Tensor) -> Tensor:
            room = tensor.new_zeros(*is_token.shape, *tensor.shape[1:])
            room[is_token] = tensor
            return room.transpose(1, 2)

        read = F.scaled_dot_product_attention(padded(query), padded(key), padded(value), attn_mask=mask)
        return read.transpose(1, 2)[is_token]
