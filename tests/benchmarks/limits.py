"""What the machine can do at most: the rate of matrix products of the encoder's shapes, in billions of operations a second.

The shapes are those of the dense layers for a window of 256 tokens. As in the encoder, each thread has its own product,
and the rate is that of all shapes together, weighted as the encoder has them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

from analyzer.model.weights import EncoderWeights
from analyzer.model.windows import Window

TOKENS = 256


@dataclass(frozen=True)
class Shape:
    """A product (tokens, inputs) by (inputs, outputs), and how often a layer has it."""

    inputs: int
    outputs: int
    times: int

    @property
    def operations(self) -> float:
        """Multiplications and additions, for a window of `TOKENS`."""
        return 2.0 * TOKENS * self.inputs * self.outputs * self.times


def shapes_of(weights: EncoderWeights) -> list[Shape]:
    """The products of a layer of the encoder."""
    layer = weights.layers[0]
    square, wide = layer.query.weight.shape, layer.widen.weight.shape
    return [Shape(*square, 4), Shape(*wide, 1), Shape(*reversed(wide), 1)]


def operations_of(weights: EncoderWeights, windows: Sequence[Window]) -> float:
    """Multiplications and additions that the encoder takes to read windows: dense layers and attention."""
    width = weights.words.shape[1]
    dense = sum(shape.operations for shape in shapes_of(weights)) / TOKENS
    lengths = np.array([len(window.token_ids) for window in windows], dtype=np.float64)
    return float(len(weights.layers) * (dense * lengths + 4.0 * width * lengths**2).sum())


def int8_rate(weights: EncoderWeights, threads: int) -> float:
    """By ONNX Runtime, of unsigned by signed bytes, of which the latter have seven bits as the encoder's weights."""
    return _rate(weights, threads, lambda shape: _onnx_product(shape, "MatMulInteger"))


def single_rate(weights: EncoderWeights, threads: int) -> float:
    """By the faster of ONNX Runtime and PyTorch, in single precision."""
    in_onnx = _rate(weights, threads, lambda shape: _onnx_product(shape, "MatMul"))
    return max(in_onnx, _rate(weights, threads, lambda shape: _torch_product(shape, torch.float32)))


def bfloat16_rate(weights: EncoderWeights, threads: int) -> float:
    """By PyTorch, in bfloat16."""
    return _rate(weights, threads, lambda shape: _torch_product(shape, torch.bfloat16))


def gpu_rate(weights: EncoderWeights, *, tokens: int = 65_536, repeats: int = 20) -> float:
    """By PyTorch on a GPU, in half precision, for as many tokens as the encoder reads at once."""
    operations = seconds = 0.0
    for shape in shapes_of(weights):
        left = torch.randn(tokens, shape.inputs, dtype=torch.float16, device="cuda")
        right = torch.randn(shape.outputs, shape.inputs, dtype=torch.float16, device="cuda")
        torch.nn.functional.linear(left, right)
        torch.cuda.synchronize()
        begin = time.perf_counter()
        for _ in range(repeats):
            torch.nn.functional.linear(left, right)
        torch.cuda.synchronize()
        seconds += shape.times * (time.perf_counter() - begin) / repeats
        operations += shape.operations * tokens / TOKENS
    return operations / seconds / 1e9


def _rate(weights: EncoderWeights, threads: int, product: Callable[[Shape], Callable[[], object]]) -> float:
    """All threads repeat one shape after the other; the best of three tries each."""
    operations = seconds = 0.0
    for shape in shapes_of(weights):
        products = [product(shape) for _ in range(threads)]
        repeats = max(4, int(2e9 / (shape.operations / shape.times)))
        with ThreadPoolExecutor(threads) as pool:
            tries = [_seconds(pool, products, repeats) for _ in range(4)][1:]
        seconds += shape.times * min(tries) / repeats / threads
        operations += shape.operations
    return operations / seconds / 1e9


def _seconds(pool: ThreadPoolExecutor, products: Sequence[Callable[[], object]], repeats: int) -> float:
    def repeat(product: Callable[[], object]) -> None:
        for _ in range(repeats):
            product()

    begin = time.perf_counter()
    list(pool.map(repeat, products))
    return time.perf_counter() - begin


def _onnx_product(shape: Shape, operator: str) -> Callable[[], object]:
    rng = np.random.default_rng(0)
    if operator == "MatMul":
        kinds, left_dtype = (TensorProto.FLOAT, TensorProto.FLOAT), np.float32
        right = rng.standard_normal((shape.inputs, shape.outputs)).astype(np.float32)
        left = rng.standard_normal((TOKENS, shape.inputs)).astype(left_dtype)
    else:
        kinds = (TensorProto.UINT8, TensorProto.INT32)
        right = rng.integers(-63, 64, (shape.inputs, shape.outputs)).astype(np.int8)
        left = rng.integers(0, 256, (TOKENS, shape.inputs)).astype(np.uint8)
    graph = helper.make_graph(
        [helper.make_node(operator, ["left", "right"], ["product"])],
        "product",
        [helper.make_tensor_value_info("left", kinds[0], left.shape)],
        [helper.make_tensor_value_info("product", kinds[1], [TOKENS, shape.outputs])],
        [numpy_helper.from_array(right, "right")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"left": left})


def _torch_product(shape: Shape, precision: torch.dtype) -> Callable[[], object]:
    left = torch.randn(TOKENS, shape.inputs, dtype=precision)
    right = torch.randn(shape.outputs, shape.inputs, dtype=precision)

    def product() -> object:
        torch.set_num_threads(1)
        return torch.nn.functional.linear(left, right)

    return product
