"""Which CPU runtime reads the encoder fastest: ONNX Runtime, OpenVINO and CTranslate2, on the same weights and windows.

    python tests/benchmarks/runtimes.py annotated.jsonl

The file holds labelled documents, whose dev split is read, one window a pass and one thread, interleaved and repeated.
Beside its time every runtime has its error: 1 - cosine of its sentence vectors to those in single precision. What is
not installed (`pip install openvino ctranslate2`) is left out and named. Needs the extra train.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer
from torch import nn

from analyzer.model.folder import (
    CONFIG,
    ONNX_ENCODER,
    TOKENIZER,
    TORCH_WEIGHTS,
    ModelFolder,
    default_folder,
    open_folder,
)
from analyzer.model.torch_weights import load_encoder
from analyzer.model.weights import read_weights
from analyzer.model.windows import Window
from analyzer.schema import STANDARD_SCHEMA
from analyzer.training.data import load_labelled
from analyzer.training.export import calibration_windows
from analyzer.training.graph import build_graph

Vectors = NDArray[np.float32]
# From token ids (1, length) to token vectors (length, n_encoder).
Runtime = Callable[[NDArray[np.int64]], Vectors]
EXACT = "ONNX Runtime, fp32, our graph"
SHIPPED = "ONNX Runtime, int8, our graph (shipped)"


def main() -> None:
    """Measure every runtime that is installed, and print a line for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="labelled documents, JSON lines")
    parser.add_argument("--windows", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    torch.set_num_threads(1)
    folder = open_folder(default_folder())
    texts = {
        use: [d.texts for d in load_labelled(given.data, STANDARD_SCHEMA) if d.split == use] for use in ("train", "dev")
    }
    windows = windows_of(folder, texts["dev"], given.windows)
    with tempfile.TemporaryDirectory() as scratch:
        runtimes = load(folder, windows_of(folder, texts["train"], 20), Path(scratch))
        measure(runtimes, windows, given.rounds)


def windows_of(folder: ModelFolder, documents: Sequence[Sequence[str]], count: int) -> list[Window]:
    tokenizer = Tokenizer.from_file(str(folder.path / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return calibration_windows(documents, tokenizer, folder.settings.window, n_windows=count)


def load(folder: ModelFolder, calibration: Sequence[Window], scratch: Path) -> dict[str, Runtime]:
    config = json.loads((folder.path / CONFIG).read_text(encoding="utf-8"))
    tensors = {n[8:]: t for n, t in load_file(folder.path / TORCH_WEIGHTS).items() if n.startswith("encoder.")}
    plain, int8 = scratch / "plain.onnx", scratch / "int8.onnx"
    export_plain(folder, plain)
    quantise(plain, int8, calibration)
    found = {
        EXACT: in_onnx_runtime(build_graph(read_weights(config, tensors)).SerializeToString()),
        SHIPPED: in_onnx_runtime(str(folder.path / ONNX_ENCODER)),
        "ONNX Runtime, fp32, as PyTorch exports it": in_onnx_runtime(str(plain)),
        "ONNX Runtime, static int8 of the same": in_onnx_runtime(str(int8)),
    }
    for name, loader in {
        "OpenVINO": lambda: {
            "OpenVINO, fp32": in_openvino(plain),
            "OpenVINO, static int8": in_openvino(int8),
        },
        "CTranslate2": lambda: in_ctranslate2(config, tensors, folder, scratch),
    }.items():
        try:
            found |= loader()
        except ImportError as error:
            print(f"{name} left out: {error}")
    return found


def export_plain(folder: ModelFolder, path: Path) -> None:
    """The encoder as PyTorch's exporter writes it."""
    encoder, _ = load_encoder(folder.path)

    class TokenVectors(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder.eval()

        def forward(self, input_ids: torch.Tensor) -> Any:
            return self.encoder(input_ids=input_ids).last_hidden_state

    torch.onnx.export(
        TokenVectors().eval(),
        (torch.ones(1, 64, dtype=torch.int64),),
        str(path),
        input_names=["input_ids"],
        output_names=["token_vectors"],
        dynamic_shapes=({1: torch.export.Dim("length", max=512)},),
        dynamo=True,
        external_data=False,
        verbose=False,
    )


def quantise(plain: Path, path: Path, windows: Sequence[Window]) -> None:
    """Weights and activations in int8 with fixed scales, as both runtimes read them."""

    class Texts(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._left = iter(windows)

        def get_next(self) -> dict[str, NDArray[np.int64]] | None:
            window = next(self._left, None)
            return None if window is None else {"input_ids": np.array([window.token_ids], dtype=np.int64)}

    prepared = path.with_name("prepared.onnx")
    quant_pre_process(str(plain), str(prepared), skip_symbolic_shape=True)
    quantize_static(
        str(prepared),
        str(path),
        Texts(),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        activation_type=QuantType.QUInt8,
        op_types_to_quantize=["MatMul", "Gemm"],
        extra_options={"MatMulConstBOnly": True},
    )


def in_onnx_runtime(model: str | bytes) -> Runtime:
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 3, 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return lambda ids: np.asarray(session.run(None, {"input_ids": ids})[0][0])


def in_openvino(path: Path) -> Runtime:
    import openvino

    core = openvino.Core()
    core.set_property("CPU", {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"})
    request = core.compile_model(core.read_model(path), "CPU", {"PERFORMANCE_HINT": "LATENCY"}).create_infer_request()
    return lambda ids: np.asarray(request.infer({0: ids})[0][0])


def in_ctranslate2(
    config: dict[str, Any], tensors: dict[str, NDArray[Any]], folder: ModelFolder, scratch: Path
) -> dict[str, Runtime]:
    import ctranslate2
    from ctranslate2.converters import TransformersConverter

    source = scratch / "source"
    source.mkdir()
    plain = {name: value for name, value in config.items() if name != "analyzer"} | {"architectures": ["BertModel"]}
    (source / "config.json").write_text(json.dumps(plain), encoding="utf-8")
    (source / "tokenizer.json").write_bytes((folder.path / TOKENIZER).read_bytes())
    names = {f"{name}_token": f"[{name.upper()}]" for name in ("unk", "cls", "sep", "pad", "mask")}
    (source / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer", **names}))
    single = {name: tensor.astype(np.float32) for name, tensor in tensors.items()}
    save_file(single, source / "model.safetensors", metadata={"format": "pt"})

    def loaded(kind: str) -> Runtime:
        TransformersConverter(str(source)).convert(str(scratch / kind), quantization=kind)
        encoder = ctranslate2.Encoder(str(scratch / kind), compute_type=kind, intra_threads=1, inter_threads=1)
        return lambda ids: np.array(encoder.forward_batch(ids.tolist()).last_hidden_state)[0]

    return {"CTranslate2, fp32": loaded("float32"), "CTranslate2, int8": loaded("int8")}


def measure(runtimes: dict[str, Runtime], windows: Sequence[Window], rounds: int) -> None:
    ids = [np.array([window.token_ids], dtype=np.int64) for window in windows]
    n_tokens = sum(found.shape[1] for found in ids)
    vectors = {name: [run(found) for found in ids] for name, run in runtimes.items()}
    rates: dict[str, list[float]] = {name: [] for name in runtimes}
    for _ in range(rounds):
        for name, run in runtimes.items():
            begin = time.perf_counter()
            for found in ids:
                run(found)
            rates[name].append(n_tokens / (time.perf_counter() - begin))
    shipped = statistics.median(rates[SHIPPED])
    print(f"{n_tokens} tokens in {len(windows)} windows, one thread")
    print(f"{'':42}{'tokens/s':>9}{'range':>18}{'to shipped':>12}{'error':>10}")
    for name, found in rates.items():
        spread = f"{min(found):,.0f} to {max(found):,.0f}"
        error = sentence_error(vectors[name], vectors[EXACT], windows)
        median = statistics.median(found)
        print(f"{name:42}{median:9,.0f}{spread:>18}{median / shipped:11.2f}x{error:10.5f}")


def sentence_error(found: Sequence[Vectors], exact: Sequence[Vectors], windows: Sequence[Window]) -> float:
    """Mean of 1 - cosine over the sentence vectors of all windows."""
    errors = []
    for here, there, window in zip(found, exact, windows, strict=True):
        for start, end in window.spans:
            a, b = here[start:end].mean(0), there[start:end].mean(0)
            errors.append(1 - float(a @ b) / float(np.linalg.norm(a) * np.linalg.norm(b)))
    return statistics.mean(errors)


if __name__ == "__main__":
    main()
