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

# Windows a pass: 8 of 256 tokens keep the working set in cache and memory flat; 16 was no faster on two cores.
_WINDOWS_A_PASS = 8
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
        windows.sort(key=lambda window: len(window.token_ids))
        vectors: dict[int, Array] = {}
        tokens: dict[int, SentenceTokens] = {}
        for at in range(0, len(windows), _WINDOWS_A_PASS):
            batch = windows[at : at + _WINDOWS_A_PASS]
            for window, hidden in zip(batch, self._hidden(batch), strict=True):
                for sentence, (start, end) in zip(window.sentences, window.spans, strict=True):
                    vectors[sentence] = hidden[start:end].mean(axis=0)
                    offsets = np.array(encodings[sentence].offsets[: end - start], dtype=np.int64).reshape(-1, 2)
                    tokens[sentence] = SentenceTokens(offsets, mark(hidden[start : start + len(offsets)]))
            progress(sum(len(window.sentences) for window in batch))
        order = range(len(texts))
        return np.stack([vectors[k] for k in order]), [tokens[k] for k in order]

    def _hidden(self, windows: Sequence[Window]) -> Array:
        """Token vectors (windows, longest window, n_encoder)."""
        length = max(len(window.token_ids) for window in windows)
        ids = np.zeros((len(windows), length), dtype=np.int64)
        mask = np.zeros((len(windows), length), dtype=np.int64)
        for row, window in enumerate(windows):
            ids[row, : len(window.token_ids)] = window.token_ids
            mask[row, : len(window.token_ids)] = 1
        hidden: Array = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return hidden
