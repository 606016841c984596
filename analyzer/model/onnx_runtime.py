"""The CPU runtime: the int8 ONNX encoder, run by ONNX Runtime without PyTorch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import onnxruntime

from analyzer.errors import AnalyzerError
from analyzer.model.encoder import Encoder
from analyzer.model.folder import ONNX_ENCODER, ModelFolder
from analyzer.model.predictions import Array
from analyzer.model.windows import Window


class OnnxEncoder(Encoder):
    """The encoder of a model folder, run by ONNX Runtime on the CPU."""

    def __init__(self, folder: ModelFolder, *, threads: int = 0) -> None:
        """`threads` a window is read with; 0 leaves it to ONNX Runtime. They change nothing in what is read."""
        super().__init__(folder)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False
        options.intra_op_num_threads = threads
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder.path / ONNX_ENCODER), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise AnalyzerError(f"{folder.path / ONNX_ENCODER}: cannot be loaded ({error}); restore it") from error

    def encode(self, windows: Sequence[Window]) -> Iterator[Array]:
        """Token vectors (tokens of the window, n_encoder) of every window, in their order.

        One window a pass. A dynamically quantised layer scales the activations of a whole pass by its largest, so
        that windows which share one would change each other's vectors; and a pass of 4 windows of like length takes
        9 % more processor time a window than one of a single window, which fills the caches and has no padding.
        """
        for window in windows:
            ids = np.array([window.token_ids], dtype=np.int64)
            yield self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
