"""The CPU runtime: sentence vectors and token probabilities from the int8 ONNX encoder, without PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from analyzer.errors import AnalyzerError
from analyzer.model.folder import ONNX_ENCODER, TOKENIZER, ModelFolder
from analyzer.model.predictions import Array, EncodedDocument
from analyzer.model.spans import SentenceTokens
from analyzer.model.windows import Window, pack_windows, special_tokens

# Sentences tokenised at once, which bounds what the tokens of a very long document take.
_SENTENCES_A_PASS = 4096


class OnnxEncoder:
    """The encoder of a model folder, run by ONNX Runtime on the CPU."""

    def __init__(self, folder: ModelFolder) -> None:
        self._window = folder.settings.window
        try:
            self._tokenizer = Tokenizer.from_file(str(folder.path / TOKENIZER))
        except Exception as error:
            raise AnalyzerError(f"{folder.path / TOKENIZER}: not a tokenizer ({error}); restore the folder") from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._cls, self._sep = special_tokens(self._tokenizer)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder.path / ONNX_ENCODER), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise AnalyzerError(f"{folder.path / ONNX_ENCODER}: cannot be loaded ({error}); restore it") from error

    def read(
        self,
        texts: Sequence[str],
        mark: Callable[[Array], Array],
        *,
        progress: Callable[[int], None] = lambda done: None,
    ) -> EncodedDocument:
        """Read the sentences of one document, each in its window.

        `mark` turns token vectors (t, n_encoder) into probabilities (t, labels) at once, since keeping the vectors of
        a long document would fill the memory. `progress` is called with the number of sentences done since the last
        call.
        """
        pieces = [
            self._read(texts[at : at + _SENTENCES_A_PASS], mark, progress)
            for at in range(0, len(texts), _SENTENCES_A_PASS)
        ]
        vectors = np.concatenate([vectors for vectors, _ in pieces])
        return EncodedDocument(vectors, tuple(tokens for _, many in pieces for tokens in many))

    def _read(
        self, texts: Sequence[str], mark: Callable[[Array], Array], progress: Callable[[int], None]
    ) -> tuple[Array, list[SentenceTokens]]:
        encodings = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        windows = pack_windows([e.ids for e in encodings], cls_id=self._cls, sep_id=self._sep, limit=self._window)
        vectors: list[Array] = []
        tokens: list[SentenceTokens] = []
        # One window a pass: on two cores two are as fast, eight slower by a fifth and three times the memory.
        for window in windows:
            hidden = self._hidden(window)
            for sentence, (start, end) in zip(window.sentences, window.spans, strict=True):
                vectors.append(hidden[start:end].mean(axis=0))
                offsets = np.array(encodings[sentence].offsets[: end - start], dtype=np.int64).reshape(-1, 2)
                tokens.append(SentenceTokens(offsets, mark(hidden[start : start + len(offsets)])))
            progress(len(window.sentences))
        return np.stack(vectors), tokens

    def _hidden(self, window: Window) -> Array:
        """Token vectors (tokens, n_encoder)."""
        ids = np.array([window.token_ids], dtype=np.int64)
        hidden: Array = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
        return hidden
