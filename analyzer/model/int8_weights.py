"""Encoder weights out of an int8 graph, for what cannot compute in int8: training, and a GPU. Needs the extra `train`.

What the graph has folded together (`analyzer.training.graph`) is taken apart again, so that norms only scale: what they
added is part of biases. That is another set of weights than the graph was made from, which computes the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analyzer.model.folder import ONNX_ENCODER
from analyzer.model.weights import Dense, EncoderWeights, Layer, Norm

# Of the names that arrays have in the graph.
PREFIX = "constant."


def read_int8(folder: Path, config: Mapping[str, Any]) -> EncoderWeights:
    """The weights of the int8 encoder in a model folder of this configuration, as near to those it was made from as
    int8 is. Raises `OSError`, `ValueError` or `KeyError` where they cannot be read.
    """
    return _Reader(constants_of(folder / ONNX_ENCODER), config).weights()


def constants_of(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of an int8 graph by name, such as `0.query.weight`. Raises `OSError` or `ValueError` where it cannot
    be read.
    """
    import onnx
    from onnx import numpy_helper

    return {t.name.removeprefix(PREFIX): numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}


class _Reader:
    def __init__(self, constants: Mapping[str, NDArray[Any]], config: Mapping[str, Any]) -> None:
        self._constants, self._config = constants, config
        self._n_layers = int(config["num_hidden_layers"])

    def weights(self) -> EncoderWeights:
        constants = self._constants
        return EncoderWeights(
            words=constants["words"].astype(np.float32) * constants["words.scale"],
            positions=constants["positions"],
            norm=self._scaling("0.kept"),
            layers=tuple(self._layer(number) for number in range(self._n_layers)),
            distances=constants.get("distances"),
            n_heads=int(self._config["num_attention_heads"]),
            epsilon=float(self._config["layer_norm_eps"]),
        )

    def _layer(self, number: int) -> Layer:
        before, middle = self._scaling(f"{number}.kept"), self._scaling(f"{number}.attended_kept")
        if number + 1 < self._n_layers:
            after = self._scaling(f"{number + 1}.kept")
        else:
            after = Norm(self._constants["last.scale"], self._constants["last.shift"])
        return Layer(
            query=self._after(before, number, "input", "query"),
            key=self._after(before, number, "input", "key"),
            value=self._after(before, number, "input", "value"),
            attended=self._dense(number, "attended"),
            attended_norm=middle,
            widen=self._after(middle, number, "attended", "widen"),
            narrow=self._dense(number, "narrow"),
            norm=after,
        )

    def _dense(self, number: int, name: str) -> Dense:
        steps, scale, bias = (self._constants[f"{number}.{name}.{part}"] for part in ("weight", "scale", "bias"))
        return Dense(steps.astype(np.float32) * scale, bias)

    def _after(self, norm: Norm, number: int, read: str, name: str) -> Dense:
        """A dense layer that reads `read`, without the smoothing of its input and the scale of the norm before it."""
        dense = self._dense(number, name)
        factors = self._constants[f"{number}.{read}.smoothing"]
        # What a norm scales to nothing bears on nothing, whatever its weights.
        factors = np.divide(factors, norm.scale, out=np.zeros_like(factors), where=norm.scale != 0)
        return Dense(dense.weight * factors[:, None], dense.bias)

    def _scaling(self, name: str) -> Norm:
        scale = self._constants[name]
        return Norm(scale, np.zeros_like(scale))
