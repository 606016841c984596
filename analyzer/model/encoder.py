"""What both runtimes of the encoder share: sentences in, their vectors and token probabilities out.

A runtime is one method, `encode`, which takes the windows of any number of documents. Everything else, tokenising,
packing and pooling, is the same for all of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Encoding, Tokenizer

from analyzer.errors import AnalyzerError
from analyzer.model.folder import TOKENIZER, ModelFolder
from analyzer.model.predictions import Array, EncodedDocument
from analyzer.model.spans import SentenceTokens
from analyzer.model.windows import Window, pack_windows, special_tokens

# Sentences tokenised at once, which bounds what the tokens of very long or very many documents take.
_SENTENCES_A_PASS = 4096


@dataclass
class _Piece:
    """So many sentences of one document, and what has been read of them."""

    document: int
    texts: Sequence[str]
    vectors: list[Array | None]
    tokens: list[SentenceTokens | None]


class Encoder(ABC):
    """The encoder of a model folder with its tokenizer."""

    def __init__(self, folder: ModelFolder) -> None:
        """Load the tokenizer; raises `AnalyzerError` when it cannot be."""
        self._window = folder.settings.window
        try:
            self._tokenizer = Tokenizer.from_file(str(folder.path / TOKENIZER))
        except Exception as error:
            raise AnalyzerError(f"{folder.path / TOKENIZER}: not a tokenizer ({error}); restore the folder") from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._cls, self._sep = special_tokens(self._tokenizer)

    @abstractmethod
    def encode(self, windows: Sequence[Window]) -> Iterator[Array]:
        """Token vectors (tokens of the window, n_encoder) of every window, in their order."""

    def read(
        self,
        texts: Sequence[str],
        mark: Callable[[Array], Array],
        *,
        progress: Callable[[int], None] = lambda done: None,
    ) -> EncodedDocument:
        """Read the sentences of one document, each in its window; see `read_many`."""
        return self.read_many([texts], mark, progress=progress)[0]

    def read_many(
        self,
        documents: Sequence[Sequence[str]],
        mark: Callable[[Array], Array],
        *,
        progress: Callable[[int], None] = lambda done: None,
    ) -> list[EncodedDocument]:
        """Read documents, given as the sentences of each (one at least); their windows go to `encode` together.

        `mark` turns token vectors (t, n_encoder) into probabilities (t, labels) at once, since keeping the vectors of
        a long document would fill the memory. `progress` is called with the number of sentences done since the last
        call.
        """
        vectors: list[list[Array]] = [[] for _ in documents]
        tokens: list[list[SentenceTokens]] = [[] for _ in documents]
        for pieces in _passes(documents):
            self._read(pieces, mark, progress)
            for piece in pieces:
                vectors[piece.document] += [vector for vector in piece.vectors if vector is not None]
                tokens[piece.document] += [found for found in piece.tokens if found is not None]
        return [EncodedDocument(np.stack(v), tuple(t)) for v, t in zip(vectors, tokens, strict=True)]

    def _read(self, pieces: Sequence[_Piece], mark: Callable[[Array], Array], progress: Callable[[int], None]) -> None:
        windows: list[tuple[_Piece, list[Encoding], Window]] = []
        for piece in pieces:
            encodings = self._tokenizer.encode_batch(list(piece.texts), add_special_tokens=False)
            packed = pack_windows([e.ids for e in encodings], cls_id=self._cls, sep_id=self._sep, limit=self._window)
            windows += [(piece, encodings, window) for window in packed]
        # Windows of like length beside each other: a runtime that batches them pads little.
        windows.sort(key=lambda found: len(found[2].token_ids))
        hidden_of = self.encode([window for _, _, window in windows])
        for (piece, encodings, window), hidden in zip(windows, hidden_of, strict=True):
            for sentence, (start, end) in zip(window.sentences, window.spans, strict=True):
                offsets = np.array(encodings[sentence].offsets[: end - start], dtype=np.int64).reshape(-1, 2)
                piece.vectors[sentence] = hidden[start:end].mean(axis=0)
                piece.tokens[sentence] = SentenceTokens(offsets, mark(hidden[start : start + len(offsets)]))
            progress(len(window.sentences))


def _passes(documents: Sequence[Sequence[str]]) -> Iterator[list[_Piece]]:
    """Documents in passes of about `_SENTENCES_A_PASS` sentences; a longer document is cut into pieces."""
    pieces: list[_Piece] = []
    size = 0
    for number, texts in enumerate(documents):
        for at in range(0, len(texts), _SENTENCES_A_PASS):
            part = texts[at : at + _SENTENCES_A_PASS]
            if pieces and size + len(part) > _SENTENCES_A_PASS:
                yield pieces
                pieces, size = [], 0
            pieces.append(_Piece(number, part, [None] * len(part), [None] * len(part)))
            size += len(part)
    if pieces:
        yield pieces
