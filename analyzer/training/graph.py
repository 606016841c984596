"""Builds the encoder as an ONNX graph from its weights, one window a pass, in the operators ONNX Runtime is fast with.

In go `EncoderWeights` and, for the int8 graph, what `analyzer.training.rounding` made of them; out comes a model with
one input, `input_ids` (1, length), and one output, `token_vectors` (1, length, n_encoder). Exporters that trace a
PyTorch module write attention and normalisation out in small steps, which no runtime puts together again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from analyzer.model.int8_weights import PREFIX, constants_of
from analyzer.model.weights import Dense, EncoderWeights, Norm

Array = NDArray[np.float32]

_OPSET, _IR_VERSION = 20, 9
# The operators beyond the standard that ONNX Runtime has for transformers.
_MICROSOFT = "com.microsoft"
# A GELU is never below -0.17: so many of 256 steps are for what is negative, the others for what is positive.
_NEGATIVE_STEPS, _LOWEST = 40, 0.17


@dataclass(frozen=True)
class FoldedLayer:
    """A layer that reads and writes normalised vectors: the norms' scales and shifts are part of its weights.

    `kept` and `attended_kept` (n_encoder,) are what the layer's input and its attended vectors are multiplied with
    where they are added to what was made of them; their shifts are in the biases.
    """

    query: Dense
    key: Dense
    value: Dense
    kept: Array
    attended: Dense
    widen: Dense
    attended_kept: Array
    narrow: Dense

    def reading(self) -> dict[str, tuple[tuple[str, Dense], ...]]:
        """The dense layers by what they read: `input`, `context`, `attended` or `wide`."""
        return {
            "input": (("query", self.query), ("key", self.key), ("value", self.value)),
            "context": (("attended", self.attended),),
            "attended": (("widen", self.widen),),
            "wide": (("narrow", self.narrow),),
        }


@dataclass(frozen=True)
class Int8Dense:
    """Weights (inputs, outputs) of seven bits and the scale (outputs,) that each column is to be multiplied with."""

    weight: NDArray[np.int8]
    scale: Array


@dataclass(frozen=True)
class Int8Layer:
    """A layer's dense layers by name, and what the vectors that they read are multiplied with first, by `reading`."""

    dense: Mapping[str, Int8Dense]
    smoothing: Mapping[str, Array]


def fold_norms(weights: EncoderWeights) -> list[FoldedLayer]:
    """Every layer with the scales and shifts of the norms before it folded into its weights.

    Scales make outliers of a few channels, which cost int8 its precision; the normalised vectors have fewer (gamma
    migration, Wei et al. 2022, arXiv:2209.13325).
    """
    folded = []
    before = weights.norm
    for layer in weights.layers:
        middle = layer.attended_norm
        folded.append(
            FoldedLayer(
                query=_after(before, layer.query),
                key=_after(before, layer.key),
                value=_after(before, layer.value),
                kept=before.scale,
                attended=replace(layer.attended, bias=layer.attended.bias + before.shift),
                widen=_after(middle, layer.widen),
                attended_kept=middle.scale,
                narrow=replace(layer.narrow, bias=layer.narrow.bias + middle.shift),
            )
        )
        before = layer.norm
    return folded


def _after(norm: Norm, dense: Dense) -> Dense:
    return Dense(norm.scale[:, None] * dense.weight, dense.bias + norm.shift @ dense.weight)


def read_int8_layers(path: Path, n_layers: int) -> list[Int8Layer]:
    """So many layers, the lowest ones, of the int8 graph at `path`, as they are there."""
    constants = constants_of(path)
    found = []
    for number in range(n_layers):
        dense = {
            name: Int8Dense(constants[f"{number}.{name}.weight"], constants[f"{number}.{name}.scale"])
            for name in ("query", "key", "value", "attended", "widen", "narrow")
        }
        smoothing = {read: constants[f"{number}.{read}.smoothing"] for read in ("input", "attended")}
        found.append(Int8Layer(dense, smoothing))
    return found


def lowest_layers(path: Path, n_layers: int) -> onnx.ModelProto:
    """The int8 graph at `path` without its layers above the `n_layers` lowest, of which there must be some: what comes
    out, (1, length, n_encoder), is what the first of those reads.
    """
    model = onnx.load(path)
    graph, kept = model.graph, f"{PREFIX}{n_layers}.kept"
    # The first thing that a layer adds to what it makes is what it reads, so scaled as its norm scaled it.
    read = next(node.output[0] for node in graph.node if kept in node.input)
    (n_encoder,) = next(array.dims for array in graph.initializer if array.name == kept)
    needed, nodes = {read}, []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            nodes.append(node)
    constants = [array for array in graph.initializer if array.name in needed]
    output = helper.make_tensor_value_info(read, TensorProto.FLOAT, [1, "length", n_encoder])
    lowest = helper.make_graph(nodes[::-1], graph.name, graph.input, [output], constants)
    return helper.make_model(lowest, opset_imports=model.opset_import, ir_version=model.ir_version)


def build_graph(weights: EncoderWeights, int8: Sequence[Int8Layer] = (), *, show_read: bool = False) -> onnx.ModelProto:
    """The encoder with its lowest layers in int8, as many as `int8` has, and those above in single precision.

    With `show_read`, what the dense layers of those above read are outputs too, named after the layer: `0.input` …
    """
    return _Builder(weights, int8, show_read).build()


class _Builder:
    def __init__(self, weights: EncoderWeights, int8: Sequence[Int8Layer], show_read: bool) -> None:
        self._weights = weights
        self._int8 = int8
        self._show_read = show_read
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._shown: list[str] = []

    def build(self) -> onnx.ModelProto:
        weights = self._weights
        length = self._add("Shape", "input_ids", start=1, end=2)
        self._ones = self._filled(length, 1.0, TensorProto.FLOAT)
        self._zeros = self._filled(length, 0.0, TensorProto.FLOAT)
        self._zero_points = self._filled(length, _NEGATIVE_STEPS, TensorProto.UINT8)
        vectors = self._normalise(self._embed(length))
        bias = self._distance_bias(length)
        for number, layer in enumerate(fold_norms(weights)):
            vectors = self._layer(number, layer, vectors, bias)
        last = weights.layers[-1].norm
        scaled = self._add("Mul", vectors, self._constant("last.scale", last.scale))
        self._add("Add", scaled, self._constant("last.shift", last.shift), outputs=["token_vectors"])
        n_encoder = weights.words.shape[1]
        graph = helper.make_graph(
            self._nodes,
            "encoder",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "length"])],
            [
                helper.make_tensor_value_info("token_vectors", TensorProto.FLOAT, [1, "length", n_encoder]),
                *(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in self._shown),
            ],
            list(self._constants.values()),
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)

    def _embed(self, length: str) -> str:
        words = self._weights.words
        if not self._int8:
            found = self._add("Gather", self._constant("words", words), "input_ids")
        else:
            scale = np.maximum(np.abs(words).max(axis=1, keepdims=True) / 127, np.finfo(np.float32).tiny)
            steps = self._constant("words", np.rint(words / scale).astype(np.int8))
            found = self._add("Cast", self._add("Gather", steps, "input_ids"), to=TensorProto.FLOAT)
            scales = self._constant("words.scale", scale.astype(np.float32))
            found = self._add("Mul", found, self._add("Gather", scales, "input_ids"))
        first, axis = self._constant("first", np.array([0])), self._constant("axis", np.array([0]))
        positions = self._add("Slice", self._constant("positions", self._weights.positions), first, length, axis)
        return self._add("Add", found, positions)

    def _distance_bias(self, length: str) -> str:
        """What is added to the attention (1, n_heads, length, length); empty where there is nothing."""
        distances = self._weights.distances
        if distances is None:
            return ""
        scalar = self._add("Squeeze", length)
        zero, one = self._constant("zero", np.array(0)), self._constant("one", np.array(1))
        places = self._add("Range", zero, scalar, one)
        rows, columns = self._constant("rows", np.array([1])), self._constant("columns", np.array([0]))
        later = self._add("Sub", self._add("Unsqueeze", places, columns), self._add("Unsqueeze", places, rows))
        column = self._add("Add", later, self._constant("middle", np.array(distances.shape[1] // 2)))
        bias = self._add("Gather", self._constant("distances", distances), column, axis=1)
        return self._add("Unsqueeze", bias, columns)

    def _layer(self, number: int, layer: FoldedLayer, vectors: str, bias: str) -> str:
        heads = self._weights.n_heads
        query, key, value = self._dense(number, layer, "input", vectors)
        inputs = [query, key, value, *(("", "", bias) if bias else ())]
        context = self._add("MultiHeadAttention", *inputs, domain=_MICROSOFT, num_heads=heads)
        (attended,) = self._dense(number, layer, "context", context)
        kept = self._add("Mul", vectors, self._constant(f"{number}.kept", layer.kept))
        vectors = self._normalise(self._add("Add", attended, kept))
        (wide,) = self._dense(number, layer, "attended", vectors)
        # Beside int8, GELU's approximation by tanh will do: it is off by 0.0005 at most, a tenth of a step, and takes
        # two thirds of the time.
        wide = self._add("FastGelu", wide, domain=_MICROSOFT) if number < len(self._int8) else self._add("Gelu", wide)
        (narrow,) = self._dense(number, layer, "wide", wide)
        kept = self._add("Mul", vectors, self._constant(f"{number}.attended_kept", layer.attended_kept))
        return self._normalise(self._add("Add", narrow, kept))

    def _normalise(self, vectors: str) -> str:
        """Mean 0 and variance 1 for every token.

        As an instance normalisation of one channel a token, for which ONNX Runtime has vector code: with the scale
        and the sum before it, it takes a third of the time of its layer normalisation.
        """
        return self._add("InstanceNormalization", vectors, self._ones, self._zeros, epsilon=self._weights.epsilon)

    def _dense(self, number: int, layer: FoldedLayer, read: str, vectors: str) -> list[str]:
        """What each dense layer that reads the same vectors makes of them."""
        reading = layer.reading()[read]
        if number >= len(self._int8):
            if self._show_read:
                self._add("Identity", vectors, outputs=[f"{number}.{read}"])
                self._shown.append(f"{number}.{read}")
            return [self._single(f"{number}.{name}", dense, vectors) for name, dense in reading]
        int8 = self._int8[number]
        if read in int8.smoothing:
            smoothing = self._constant(f"{number}.{read}.smoothing", int8.smoothing[read])
            vectors = self._add("Mul", vectors, smoothing)
        product = self._by_row if read == "wide" else self._by_window
        return product(number, [(name, int8.dense[name], dense.bias) for name, dense in reading], vectors)

    def _single(self, name: str, dense: Dense, vectors: str) -> str:
        product = self._add("MatMul", vectors, self._constant(f"{name}.weight", dense.weight))
        return self._add("Add", product, self._constant(f"{name}.bias", dense.bias))

    def _by_window(self, number: int, reading: Sequence[tuple[str, Int8Dense, Array]], vectors: str) -> list[str]:
        """Dense layers that read vectors in 256 steps between the least and the largest number of the window."""
        steps, scale, zero = self._add("DynamicQuantizeLinear", vectors, outputs=3)
        return [
            self._product(f"{number}.{name}", dense, steps, scale, zero, self._constant(f"{number}.{name}.bias", bias))
            for name, dense, bias in reading
        ]

    def _by_row(self, number: int, reading: Sequence[tuple[str, Int8Dense, Array]], vectors: str) -> list[str]:
        """Dense layers that read GELUs in steps of each token's own size.

        A few tokens, the separators above all, have activations ten times those of the others.
        """
        last = self._constant("last", np.array([-1]))
        largest = self._add("ReduceMax", vectors, last, keepdims=1)
        step = self._constant("step", np.array(1 / (255 - _NEGATIVE_STEPS), dtype=np.float32))
        least = self._constant("least", np.array(_LOWEST / _NEGATIVE_STEPS, dtype=np.float32))
        scale = self._add("Max", self._add("Mul", largest, step), least)
        steps = self._add("QuantizeLinear", vectors, self._add("Reshape", scale, last), self._zero_points, axis=1)
        unit = self._constant("unit", np.array(1, dtype=np.float32))
        zero = self._constant("zero_point", np.array(_NEGATIVE_STEPS, dtype=np.uint8))
        made = []
        for name, dense, bias in reading:
            product = self._add("Mul", self._product(f"{number}.{name}", dense, steps, unit, zero, ""), scale)
            made.append(self._add("Add", product, self._constant(f"{number}.{name}.bias", bias)))
        return made

    def _product(self, name: str, dense: Int8Dense, steps: str, scale: str, zero: str, bias: str) -> str:
        weight, scales = self._constant(f"{name}.weight", dense.weight), self._constant(f"{name}.scale", dense.scale)
        return self._add("MatMulIntegerToFloat", steps, weight, scale, scales, zero, "", bias, domain=_MICROSOFT)

    def _filled(self, length: str, value: float, kind: int) -> str:
        return self._add("ConstantOfShape", length, value=helper.make_tensor("value", kind, [1], [value]))

    def _constant(self, name: str, array: NDArray[Any]) -> str:
        name = f"{PREFIX}{name}"
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def _add(
        self, operator: str, *inputs: str, outputs: int | list[str] = 1, domain: str = "", **attributes: Any
    ) -> Any:
        name = f"{operator}_{len(self._nodes)}"
        names = [f"{name}_{k}" for k in range(outputs)] if isinstance(outputs, int) else outputs
        self._nodes.append(helper.make_node(operator, inputs, names, name=name, domain=domain, **attributes))
        return names[0] if len(names) == 1 else names
