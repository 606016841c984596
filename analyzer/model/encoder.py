"""What both runtimes of the encoder share: sentences in, their vectors and token probabilities out.

A runtime is one method, `encode`, which takes the windows of any number of documents. Everything else, tokenising,
packing and putting together, is the same for all of them; tokenising goes on while windows are read.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from analyzer.errors import AnalyzerError
from analyzer.model.folder import TOKENIZER, ModelFolder
from analyzer.model.predictions import Array, EncodedDocument
from analyzer.model.spans import SentenceTokens
from analyzer.model.tagging import TokenMarker
from analyzer.model.windows import Window, pack_windows, special_tokens

# Sentences tokenised at once, which bounds what the tokens of very long or very many documents take.
_SENTENCES_A_PASS = 4096


@dataclass(frozen=True)
class EncodedWindow:
    """What a window's sentences are to the heads.

    `vectors` (sentences, n_encoder) are the means of their token vectors; `marks` (tokens of the window, labels, 3) the
    scores that a `TokenMarker` gives them.
    """

    vectors: Array
    marks: Array


@dataclass
class _Piece:
    """So many sentences of one document, and what has been read of them, by sentence."""

    document: int
    texts: Sequence[str]
    vectors: dict[int, Array] = field(default_factory=dict)
    offsets: dict[int, NDArray[np.int64]] = field(default_factory=dict)
    marks: dict[int, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class _PackedWindow:
    """A window, the piece whose sentences it holds, and their tokens."""

    piece: _Piece
    encodings: Sequence[Encoding]
    window: Window


class Encoder(ABC):
    """The encoder of a model folder with its tokenizer."""

    def __init__(self, folder: ModelFolder) -> None:
        """Load the tokenizer; raises `AnalyzerError` when it cannot be."""
        self._window = folder.settings.window
        try:
            self.tokenizer = Tokenizer.from_file(str(folder.path / TOKENIZER))
        except Exception as error:
            raise AnalyzerError(f"{folder.path / TOKENIZER}: not a tokenizer ({error}); restore the folder") from error
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self._cls, self._sep = special_tokens(self.tokenizer)

    @abstractmethod
    def encode(self, windows: Sequence[Window], mark: TokenMarker) -> Iterator[EncodedWindow]:
        """Read every window; in their order, which is from the longest to the shortest."""

    def reading(self) -> AbstractContextManager[None]:
        """What a runtime needs while documents are read."""
        return nullcontext()

    def read(
        self,
        texts: Sequence[str],
        mark: TokenMarker,
        *,
        progress: Callable[[int], None] = lambda done: None,
    ) -> EncodedDocument:
        """Read the sentences of one document, each in its window; see `read_many`."""
        return self.read_many([texts], mark, progress=progress)[0]

    def read_many(
        self,
        documents: Sequence[Sequence[str]],
        mark: TokenMarker,
        *,
        progress: Callable[[int], None] = lambda done: None,
    ) -> list[EncodedDocument]:
        """Read documents, given as the sentences of each (one at least); their windows go to `encode` together.

        `mark` turns token vectors into the scores of span labels at once, since keeping the vectors of a long
        document would fill the memory. `progress` is called with the number of sentences done since the last call.
        """
        vectors: list[list[Array]] = [[] for _ in documents]
        tokens: list[list[SentenceTokens]] = [[] for _ in documents]
        for pieces, windows in _ahead(map(self._tokenise, _passes(documents))):
            with self.reading():
                self._read(windows, mark, progress)
            places = [(piece, sentence) for piece in pieces for sentence in range(len(piece.texts))]
            probabilities = mark.probabilities([piece.marks[sentence] for piece, sentence in places])
            for (piece, sentence), inside in zip(places, probabilities, strict=True):
                vectors[piece.document].append(piece.vectors[sentence])
                tokens[piece.document].append(SentenceTokens(piece.offsets[sentence], inside))
        return [EncodedDocument(np.stack(v), tuple(t)) for v, t in zip(vectors, tokens, strict=True)]

    def _tokenise(self, pieces: list[_Piece]) -> tuple[list[_Piece], list[_PackedWindow]]:
        windows = []
        for piece in pieces:
            encodings = self.tokenizer.encode_batch(list(piece.texts), add_special_tokens=False)
            packed = pack_windows([e.ids for e in encodings], cls_id=self._cls, sep_id=self._sep, limit=self._window)
            windows += [_PackedWindow(piece, encodings, window) for window in packed]
        # Windows of like length beside each other, so that a batch of them is even, and the longest first, so that
        # threads that read one each end together.
        windows.sort(key=lambda packed: -len(packed.window.token_ids))
        return pieces, windows

    def _read(self, windows: Sequence[_PackedWindow], mark: TokenMarker, progress: Callable[[int], None]) -> None:
        found = self.encode([packed.window for packed in windows], mark)
        for packed, encoded in zip(windows, found, strict=True):
            window, piece = packed.window, packed.piece
            for row, (sentence, (start, end)) in enumerate(zip(window.sentences, window.spans, strict=True)):
                offsets = np.array(packed.encodings[sentence].offsets[: end - start], dtype=np.int64).reshape(-1, 2)
                piece.vectors[sentence] = encoded.vectors[row]
                piece.offsets[sentence] = offsets
                piece.marks[sentence] = encoded.marks[start : start + len(offsets)]
            progress(len(window.sentences))


_Item = TypeVar("_Item")


def _ahead(items: Iterator[_Item]) -> Iterator[_Item]:
    """The items, each made by another thread while the one before it is used."""
    first = next(items, None)
    if first is None:
        return
    with ThreadPoolExecutor(1) as thread:
        while first is not None:
            following = thread.submit(next, items, None)
            yield first
            first = following.result()


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
            pieces.append(_Piece(number, part))
            size += len(part)
    if pieces:
        yield pieces
