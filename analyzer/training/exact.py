"""The encoder of a model folder in single precision, from the weights that training starts from.

It stands beside the int8 encoder that ships, to measure what quantisation costs.
"""

from __future__ import annotations

import numpy as np
import torch

from analyzer.errors import AnalyzerError
from analyzer.model.folder import TORCH_WEIGHTS, ModelFolder
from analyzer.model.onnx_runtime import OnnxEncoder
from analyzer.model.predictions import Array
from analyzer.model.torch_weights import load_encoder
from analyzer.model.windows import Window


class ExactEncoder(OnnxEncoder):
    """Reads as the int8 encoder does, windows and all, with PyTorch in fp32."""

    def __init__(self, folder: ModelFolder) -> None:
        super().__init__(folder)
        if not (folder.path / TORCH_WEIGHTS).is_file():
            raise AnalyzerError(
                f"{folder.path}: has no {TORCH_WEIGHTS} to compare the int8 model with; leave out --exact"
            )
        self._encoder = load_encoder(folder.path)[0].eval()

    def _hidden(self, window: Window) -> Array:
        ids = torch.tensor([window.token_ids])
        with torch.no_grad():
            hidden = self._encoder(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state[0]
        return np.asarray(hidden.numpy(), dtype=np.float32)
