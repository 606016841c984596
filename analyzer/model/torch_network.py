"""The multi-head network in PyTorch: what training optimises; of it, the GPU runs the `TokenMarker`.

An encoder reads windows of whole sentences; a sentence's vector is the mean of its token vectors; a bidirectional
GRU over the sentence vectors of one document, and over where each stands in it, adds what came before and after
(hierarchical sequential sentence classification, Jin & Szolovits 2018, arXiv:1808.06161); linear heads label each
sentence, a biaffine pointer (Dozat & Manning 2017, arXiv:1611.01734) says which sentence it supports, and a
`TokenMarker` scores tokens as parts of marked words.
`analyzer.model.heads` is the NumPy twin of everything above the encoder and must compute the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import torch
from torch import Tensor, nn

from analyzer.model import tagging
from analyzer.model.features import DISTANCE_BUCKETS, PLACE_FEATURES, distance_buckets, place_features
from analyzer.model.tagging import INSIDE, N_HIDDEN, N_TAGS, NEVER, OUTSIDE, REACH
from analyzer.model.windows import Window
from analyzer.schema import LabelSchema

# Of the support scorer's layers; the part of the inputs of the layers above the encoder that training drops.
_N_HIDDEN = 128
_DROPOUT = 0.1


class SupportScorer(nn.Module):
    """Scores, for every sentence, which other sentence it supports, or none.

    The softmax over a row's targets is the probability that sentence i supports sentence j.
    """

    def __init__(self, n_features: int, n_roles: int) -> None:
        super().__init__()
        self.supporter = nn.Linear(n_features + n_roles, _N_HIDDEN)
        self.supported = nn.Linear(n_features + n_roles, _N_HIDDEN)
        self.bilinear = nn.Parameter(torch.empty(_N_HIDDEN, _N_HIDDEN))
        nn.init.normal_(self.bilinear, std=0.02)
        self.target = nn.Linear(_N_HIDDEN, 1)
        self.none = nn.Linear(_N_HIDDEN, 1)
        self.distance = nn.Embedding(DISTANCE_BUCKETS, 1)
        nn.init.zeros_(self.distance.weight)
        self.distance_gate = nn.Linear(_N_HIDDEN, DISTANCE_BUCKETS)

    def forward(self, features: Tensor, roles: Tensor) -> Tensor:
        """Logits of shape (n, n + 1) from features (n, n_features) and role probabilities (n, n_roles).

        Column j < n: row i supports sentence j (the diagonal is -inf); column n: it supports nothing.
        """
        n = features.shape[0]
        inputs = torch.cat([features, roles], dim=1)
        supporter = torch.tanh(self.supporter(inputs))
        supported = torch.tanh(self.supported(inputs))
        places = np.arange(n)
        buckets = torch.from_numpy(distance_buckets(places, places)).to(features.device)
        logits = supporter @ self.bilinear @ supported.T + self.target(supported).T
        logits = logits + self.distance(buckets).squeeze(-1)
        logits = logits + torch.gather(self.distance_gate(supporter), 1, buckets)
        logits = logits.masked_fill(torch.eye(n, dtype=torch.bool, device=features.device), float("-inf"))
        return torch.cat([logits, self.none(supporter)], dim=1)


class TokenMarker(nn.Module):
    """Scores, for every token and span label, that it is outside a span, begins one or is inside one.

    `analyzer.model.tagging.TokenMarker` is its twin, and says what the layers are. Those around a token are read by
    layers that begin at nothing, so that what a token is by itself is learned first.
    """

    def __init__(self, n_encoder: int, n_labels: int) -> None:
        super().__init__()
        self.own = nn.Linear(n_encoder, n_labels * N_TAGS)
        self.around = nn.Linear(n_encoder, n_labels * (2 * REACH + 1) * N_HIDDEN, bias=False)
        self.bias = nn.Parameter(torch.zeros(n_labels, N_HIDDEN))
        self.read = nn.Parameter(torch.zeros(n_labels, N_HIDDEN, N_TAGS))
        possible = torch.zeros(n_labels, N_TAGS, N_TAGS)
        possible[:, OUTSIDE, INSIDE] = NEVER
        self.transitions = nn.Parameter(possible)
        self.starts = nn.Parameter(possible[:, OUTSIDE].clone())

    @classmethod
    def twin_of(cls, marker: tagging.TokenMarker) -> TokenMarker:
        """The same layers and weights as those of a marker in NumPy."""
        # Without weights of its own, which would be drawn from the chance of whoever reads a text.
        with torch.device("meta"):
            twin = cls(marker.own.shape[1], marker.n_labels)
        named = {field.name: getattr(marker, field.name) for field in fields(marker)}
        names = {"own": "own.weight", "own_bias": "own.bias", "around": "around.weight"}
        twin.load_state_dict({names.get(n, n): torch.from_numpy(np.array(a)) for n, a in named.items()}, assign=True)
        return twin

    def twin(self) -> tagging.TokenMarker:
        """The marker in NumPy that has its weights."""
        weights = {f"spans.{name}": np.asarray(tensor.cpu().numpy()) for name, tensor in self.state_dict().items()}
        return tagging.TokenMarker.of(weights, self.own.in_features)

    def forward(self, tokens: Tensor, around: Tensor) -> Tensor:
        """Scores (t, n_labels, 3) of token vectors (t, n_encoder); `around` (t, 5) are `tagging.neighbours` of each."""
        n_labels = len(self.bias)
        seen = self.around(tokens).reshape(len(tokens), n_labels, 2 * REACH + 1, N_HIDDEN)
        seen = torch.cat([seen, torch.zeros_like(seen[:1])])
        total = self.bias + sum(seen[rows, :, place] for place, rows in enumerate(around.unbind(1)))
        scores = self.own(tokens).reshape(len(tokens), n_labels, N_TAGS)
        return scores + torch.einsum("tlh,lhc->tlc", total.relu(), self.read)


class DocumentHeads(nn.Module):
    """Everything above the encoder: context over the document, one linear layer a head, the support scorer."""

    def __init__(self, schema: LabelSchema, n_encoder: int, *, n_context: int = 128) -> None:
        super().__init__()
        self.schema = schema
        self.context = nn.GRU(n_encoder + PLACE_FEATURES, n_context, batch_first=True, bidirectional=True)
        n_features = n_encoder + 2 * n_context
        self.dropout = nn.Dropout(_DROPOUT)
        self.heads = nn.ModuleList(nn.Linear(n_features, len(head.labels)) for head in schema.sentence_heads)
        self.spans = TokenMarker(n_encoder, len(schema.span_labels)) if schema.span_labels else None
        self.support = SupportScorer(n_features, len(schema.head("role").labels)) if schema.links else None

    def forward(
        self, vectors: Sequence[Tensor], paragraphs: Sequence[Sequence[int]]
    ) -> list[tuple[Tensor, dict[str, Tensor]]]:
        """For each document's sentence vectors (n, n_encoder) and the numbers (n) of their paragraphs: its features and
        the logits (n, labels) by head.
        """
        read = [
            torch.cat([self.dropout(v), torch.from_numpy(place_features(p)).to(v.device)], dim=1)
            for v, p in zip(vectors, paragraphs, strict=True)
        ]
        packed = nn.utils.rnn.pack_sequence(read, enforce_sorted=False)
        context, lengths = nn.utils.rnn.pad_packed_sequence(self.context(packed)[0], batch_first=True)
        outputs = []
        for vector, document_context, length in zip(vectors, context, lengths.tolist(), strict=True):
            features = self.dropout(torch.cat([vector, document_context[:length]], dim=1))
            named = zip(self.schema.sentence_heads, self.heads, strict=True)
            outputs.append((features, {head.name: layer(features) for head, layer in named}))
        return outputs


def padded(windows: Sequence[Window]) -> tuple[Tensor, Tensor]:
    """Token ids and attention mask of windows, both (windows, longest window)."""
    length = max(len(window.token_ids) for window in windows)
    ids = torch.zeros(len(windows), length, dtype=torch.long)
    mask = torch.zeros(len(windows), length, dtype=torch.long)
    for w, window in enumerate(windows):
        ids[w, : len(window.token_ids)] = torch.tensor(window.token_ids)
        mask[w, : len(window.token_ids)] = 1
    return ids, mask


def sentence_vectors(hidden: Tensor, windows: Sequence[Window], n_sentences: int) -> Tensor:
    """Sentence vectors (n_sentences, n_encoder): means of token vectors (windows, longest window, n_encoder).

    `Window.sentences` index the rows of the result.
    """
    rows = torch.full(hidden.shape[:2], n_sentences, dtype=torch.long)
    for w, window in enumerate(windows):
        for sentence, (start, end) in zip(window.sentences, window.spans, strict=True):
            rows[w, start:end] = sentence
    flat_rows = rows.flatten().to(hidden.device)
    sums = hidden.new_zeros(n_sentences + 1, hidden.shape[-1]).index_add(0, flat_rows, hidden.flatten(0, 1))
    counts = torch.bincount(flat_rows, minlength=n_sentences + 1).clamp(min=1).unsqueeze(1)
    return (sums / counts)[:n_sentences]
