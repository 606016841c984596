"""The CPU runtime: the int8 ONNX encoder, run by ONNX Runtime without PyTorch."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from threading import Lock

import numpy as np
import onnxruntime
from threadpoolctl import ThreadpoolController

from analyzer.errors import AnalyzerError
from analyzer.model.encoder import EncodedWindow, Encoder
from analyzer.model.folder import ONNX_ENCODER, ONNX_WEIGHTS, ModelFolder
from analyzer.model.predictions import Array
from analyzer.model.tagging import TokenMarker
from analyzer.model.windows import Window

# Windows that may wait for what comes before them, by thread: they hold their sentences' vectors.
_WINDOWS_AHEAD = 4
_LIMITING = Lock()


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class OnnxEncoder(Encoder):
    """The encoder of a model folder, run by ONNX Runtime on the CPU."""

    def __init__(self, folder: ModelFolder, *, threads: int | None = None, graph: bytes | None = None) -> None:
        """`threads` read one window each, one a processor when left out. They change nothing in what is read. `graph`
        is read with instead of the folder's own, such as its lowest layers.
        """
        self._threads = threads or processors()
        with ThreadPoolExecutor(1) as thread:
            session = thread.submit(_load, folder.path / ONNX_ENCODER, graph)
            super().__init__(folder)
        self._session = session.result()

    def reading(self) -> AbstractContextManager[None]:
        """No product of matrices uses several threads meanwhile."""
        return _one_thread_of_algebra()

    def encode(self, windows: Sequence[Window], mark: TokenMarker) -> Iterator[EncodedWindow]:
        """Read every window, in their order.

        One window a pass: nothing but its own window bears on a sentence, and the vectors of one fill the caches.
        """
        threads = min(self._threads, len(windows))
        if threads == 1:
            yield from (self._encode(mark, window) for window in windows)
            return
        waiting: deque[Future[EncodedWindow]] = deque()
        with ThreadPoolExecutor(threads) as pool:
            for window in windows:
                waiting.append(pool.submit(partial(self._encode, mark), window))
                if len(waiting) > _WINDOWS_AHEAD * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    @property
    def n_encoder(self) -> int:
        """How many numbers a vector has."""
        return int(self._session.get_outputs()[0].shape[-1])

    def token_vectors(self, window: Window) -> Array:
        """The vectors (tokens of the window, n_encoder) of one window; several threads may ask at once."""
        vectors: Array = self._session.run(None, {"input_ids": np.array([window.token_ids], dtype=np.int64)})[0][0]
        return vectors

    def _encode(self, mark: TokenMarker, window: Window) -> EncodedWindow:
        hidden = self.token_vectors(window)
        starts = [start for start, _ in window.spans]
        sums = np.add.reduceat(hidden[: window.spans[-1][1]], starts, axis=0)
        lengths = np.array([[end - start] for start, end in window.spans], dtype=np.float32)
        return EncodedWindow(np.asarray(sums / lengths, dtype=np.float32), mark(hidden, window.spans))


@contextmanager
def _one_thread_of_algebra() -> Iterator[None]:
    """No product of matrices uses several threads: they would wait for each other, and wait busily.

    That holds for the whole process, so that of readers at the same time the first one sees to it; when it ends, the
    others may be slower for it.
    """
    if not _LIMITING.acquire(blocking=False):
        yield
        return
    try:
        with ThreadpoolController().select(user_api="blas").limit(limits=1):
            yield
    finally:
        _LIMITING.release()


def _load(path: Path, graph: bytes | None) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False
    # A window is read by one thread: several would wait for each other at every operator, and wait busily.
    options.intra_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(graph or str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise AnalyzerError(f"{path}: cannot be loaded with its {ONNX_WEIGHTS} ({error}); restore them") from error
