"""The graph that the CPU runs computes what the encoder computes in PyTorch, for every architecture, and in int8 nearly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from analyzer.errors import AnalyzerError
from analyzer.model.weights import EncoderWeights, read_weights
from analyzer.model.windows import Window

torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")
pytest.importorskip("transformers", reason="transformers is not installed (extra train)")
pytest.importorskip("onnx", reason="onnx is not installed (extra train)")

SIZES = {
    "vocab_size": 99,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "attention_probs_dropout_prob": 0.0,
}


def bert() -> Any:
    from transformers import BertConfig, BertModel

    return BertModel(BertConfig(**SIZES, max_position_embeddings=300))


def roberta() -> Any:
    from transformers import RobertaConfig, RobertaModel

    return RobertaModel(RobertaConfig(**SIZES, max_position_embeddings=300, type_vocab_size=1, pad_token_id=1))


def electra() -> Any:
    from transformers import ElectraConfig, ElectraModel

    return ElectraModel(ElectraConfig(**SIZES, max_position_embeddings=300, embedding_size=32))


def mpnet() -> Any:
    from transformers import MPNetConfig, MPNetModel

    return MPNetModel(MPNetConfig(**SIZES, max_position_embeddings=300, pad_token_id=1))


ENCODERS = {"bert": bert, "roberta": roberta, "electra": electra, "mpnet": mpnet}


def encoder(architecture: str) -> tuple[Any, EncoderWeights]:
    """A random encoder whose norms and biases matter, and its weights."""
    torch.manual_seed(0)
    model = ENCODERS[architecture]().eval()
    for name, parameter in model.named_parameters():
        if "LayerNorm.weight" in name:
            torch.nn.init.uniform_(parameter, 0.5, 2.0)
        elif name.endswith(("bias", "relative_attention_bias.weight")):
            torch.nn.init.normal_(parameter, std=0.5)
        elif "embeddings" not in name:
            torch.nn.init.normal_(parameter, std=0.2)
    tensors = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    return model, read_weights(model.config.to_dict(), tensors)


def token_ids(length: int) -> NDArray[np.int64]:
    return np.random.default_rng(length).integers(5, 99, (1, length))


def in_pytorch(model: Any, ids: NDArray[np.int64]) -> NDArray[np.float32]:
    with torch.no_grad():
        found: NDArray[np.float32] = model(input_ids=torch.from_numpy(ids)).last_hidden_state[0].numpy()
    return found


def in_onnx(graph: Any, ids: NDArray[np.int64]) -> NDArray[np.float32]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])
    found: NDArray[np.float32] = session.run(None, {"input_ids": ids})[0][0]
    return found


@pytest.mark.parametrize("architecture", ENCODERS)
@pytest.mark.parametrize("length", [1, 2, 7, 290])
def test_the_graph_computes_what_pytorch_computes(architecture: str, length: int) -> None:
    from analyzer.training.graph import build_graph

    model, weights = encoder(architecture)
    ids = token_ids(length)
    assert in_onnx(build_graph(weights), ids) == pytest.approx(in_pytorch(model, ids), abs=2e-4)


@pytest.mark.parametrize("architecture", ENCODERS)
def test_packed_windows_are_read_as_each_alone(architecture: str) -> None:
    from analyzer.model.torch_packed import Packed, PackedEncoder, PaddedAttention

    model, weights = encoder(architecture)
    lengths = [9, 1, 5, 200]
    windows = [token_ids(length) for length in lengths]
    packed = Packed(
        ids=torch.from_numpy(np.concatenate([ids[0] for ids in windows])),
        places=torch.cat([torch.arange(length) for length in lengths]),
        starts=torch.tensor([0, *np.cumsum(lengths)], dtype=torch.int32),
        longest=max(lengths),
    )
    with torch.inference_mode():
        found = PackedEncoder(weights, PaddedAttention(weights.distances))(packed).numpy()
    expected = np.concatenate([in_pytorch(model, ids) for ids in windows])
    assert found == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize("architecture", ENCODERS)
def test_int8_computes_nearly_the_same(architecture: str) -> None:
    from analyzer.training.graph import build_graph
    from analyzer.training.rounding import round_weights

    model, weights = encoder(architecture)
    calibration = [Window(tuple(token_ids(length)[0].tolist()), (), ()) for length in range(50, 70)]
    graph = build_graph(weights, round_weights(weights, calibration))
    ids = token_ids(40)
    exact, found = in_pytorch(model, ids), in_onnx(graph, ids)
    cosines = (exact * found).sum(1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(found, axis=1)
    assert cosines.min() > 0.98
    assert cosines.mean() > 0.995


@pytest.mark.parametrize("architecture", ["bert", "roberta", "mpnet"])
def test_tensors_and_weights_are_the_same_either_way(architecture: str) -> None:
    from analyzer.model.weights import write_tensors

    model, weights = encoder(architecture)
    config = model.config.to_dict()
    again = {name: torch.from_numpy(array.copy()) for name, array in write_tensors(config, weights).items()}
    assert not model.load_state_dict(again, strict=False).unexpected_keys
    ids = token_ids(250)
    assert in_pytorch(model, ids) == pytest.approx(in_pytorch(encoder(architecture)[0], ids), abs=2e-4)


@pytest.mark.parametrize("architecture", ["bert", "mpnet"])
def test_weights_out_of_int8_compute_nearly_the_same(architecture: str, tmp_path: Path) -> None:
    from analyzer.model.folder import ONNX_ENCODER
    from analyzer.model.int8_weights import read_int8
    from analyzer.model.weights import write_tensors
    from analyzer.training.export import write_onnx

    model, weights = encoder(architecture)
    calibration = [Window(tuple(token_ids(length)[0].tolist()), (), ()) for length in range(50, 70)]
    write_onnx(weights, calibration, tmp_path / ONNX_ENCODER)
    config = model.config.to_dict()
    tensors = write_tensors(config, read_int8(tmp_path, config))
    exact = in_pytorch(model, token_ids(40))
    model.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in tensors.items()}, strict=False)
    found = in_pytorch(model, token_ids(40))
    cosines = (exact * found).sum(1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(found, axis=1)
    assert cosines.min() > 0.98
    assert cosines.mean() > 0.995


@pytest.mark.parametrize("architecture", ["bert", "mpnet"])
def test_frozen_layers_stay_what_they_are_in_int8(architecture: str, tmp_path: Path) -> None:
    import onnx

    from analyzer.model.int8_weights import constants_of, read_int8
    from analyzer.training.export import write_onnx
    from analyzer.training.graph import lowest_layers, read_int8_layers

    model, weights = encoder(architecture)
    calibration = [Window(tuple(token_ids(length)[0].tolist()), (), ()) for length in range(50, 70)]
    before, after = tmp_path / "model.int8.onnx", tmp_path / "trained" / "model.int8.onnx"
    write_onnx(weights, calibration, before)
    again = read_int8(tmp_path, model.config.to_dict())
    top = again.layers[-1]
    narrow = replace(top.narrow, bias=top.narrow.bias[::-1])
    trained = replace(again, layers=(*again.layers[:-1], replace(top, narrow=narrow)))
    after.parent.mkdir()
    n_kept = len(again.layers) - 1
    write_onnx(trained, calibration, after, read_int8_layers(before, n_kept))

    old, new = constants_of(before), constants_of(after)
    below = [name for name in old if name.split(".")[0] in map(str, range(n_kept)) or name == "words"]
    assert below and all(np.array_equal(old[name], new[name]) for name in below)
    ids = token_ids(40)
    lowest = [in_onnx(lowest_layers(path, n_kept), ids) for path in (before, after)]
    assert np.array_equal(*lowest)
    with torch.no_grad():
        exact = model(input_ids=torch.from_numpy(ids), output_hidden_states=True).hidden_states[n_kept][0].numpy()
    # The same but for what the norm adds, which is part of the layer above here.
    shift = model.encoder.layer[n_kept - 1].output.LayerNorm.bias.detach().numpy()
    found, exact = lowest[0], exact - shift
    cosines = (exact * found).sum(1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(found, axis=1)
    assert cosines.min() > 0.98
    assert not np.allclose(*(in_onnx(onnx.load(path), ids) for path in (before, after)), atol=0.1)


def test_weights_come_in_files_that_are_not_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from analyzer.model.folder import onnx_files
    from analyzer.training import export

    _, weights = encoder("mpnet")
    windows = [Window(tuple(token_ids(length)[0].tolist()), (), ()) for length in range(50, 70)]
    found = []
    for limit in (40_000, 1_000_000):
        monkeypatch.setattr(export, "_BYTES_A_FILE", limit)
        export.write_onnx(weights, windows, tmp_path / "model.int8.onnx")
        graph, *beside = onnx_files(tmp_path)
        assert all(path.stat().st_size <= limit for path in beside)
        found.append((len(beside), onnxruntime.InferenceSession(graph).run(None, {"input_ids": token_ids(40)})[0]))
    assert [number for number, _ in found] == [3, 1]  # no file of before is left
    assert np.array_equal(*(vectors for _, vectors in found))


def test_an_array_that_is_too_large_for_a_file_is_in_one_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analyzer.model.folder import ONNX_WEIGHTS
    from analyzer.training import export

    _, weights = encoder("bert")
    monkeypatch.setattr(export, "_BYTES_A_FILE", 2_000)
    export.write_onnx(weights, [Window((2, 3, 4), (), ())], tmp_path / "model.int8.onnx")
    assert (tmp_path / ONNX_WEIGHTS).stat().st_size > 2_000
    assert onnxruntime.InferenceSession(tmp_path / "model.int8.onnx").run(None, {"input_ids": token_ids(5)})


def test_what_a_window_is_read_as_does_not_hang_on_its_length_being_known() -> None:
    """One graph for windows of all lengths, and for one after another of different ones."""
    from analyzer.training.graph import build_graph

    model, weights = encoder("bert")
    graph = build_graph(weights)
    options = onnxruntime.SessionOptions()
    session = onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])
    for length in (30, 3, 30, 100):
        ids = token_ids(length)
        found = session.run(None, {"input_ids": ids})[0][0]
        assert found == pytest.approx(in_pytorch(model, ids), abs=2e-4)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 90), st.integers(1, 6))
def test_rounded_weights_are_seven_bit_steps(seed: int, inputs: int, outputs: int) -> None:
    from analyzer.training.rounding import round_dense

    rng = np.random.default_rng(seed)
    weight = rng.standard_normal((inputs, outputs)).astype(np.float32)
    read = rng.standard_normal((50, inputs))
    rounded = round_dense(weight, read.T @ read)
    assert rounded.weight.dtype == np.int8
    assert np.abs(rounded.weight).max() <= 63
    assert rounded.weight.shape == weight.shape
    assert rounded.scale.shape == (outputs,)
    assert (rounded.scale > 0).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(40, 90), st.booleans())
def test_rounding_in_turn_computes_closer_numbers_than_rounding_each_weight(
    seed: int, inputs: int, outlier: bool
) -> None:
    """Not for every column (what is left after a clipped weight is lost), but far so over twenty of them."""
    from analyzer.training.rounding import round_dense

    rng = np.random.default_rng(seed)
    weight = rng.standard_normal((inputs, 20)).astype(np.float32)
    read = rng.standard_normal((200, inputs)) @ rng.standard_normal((inputs, inputs))
    if outlier:
        read[:, 0] *= 30
    rounded = round_dense(weight, read.T @ read)
    plain = np.rint(weight / rounded.scale) * rounded.scale

    def error(found: NDArray[Any]) -> float:
        return float(((read @ found - read @ weight) ** 2).sum())

    assert error(rounded.weight * rounded.scale) < 0.75 * error(plain)


def test_a_weight_of_zeros_and_channels_that_are_never_read_are_rounded_too() -> None:
    from analyzer.training.rounding import round_dense

    rounded = round_dense(np.zeros((4, 3), dtype=np.float32), np.zeros((4, 4)))
    assert (rounded.weight == 0).all()
    assert np.isfinite(rounded.scale).all()


def test_an_encoder_that_cannot_be_exported_is_named() -> None:
    with pytest.raises(AnalyzerError, match="'deberta-v2'"):
        read_weights({"model_type": "deberta-v2", "hidden_act": "gelu"}, {})
    with pytest.raises(AnalyzerError, match="'relu'"):
        read_weights({"model_type": "bert", "hidden_act": "relu"}, {})
    with pytest.raises(AnalyzerError, match="128"):
        read_weights({"model_type": "electra", "hidden_act": "gelu", "embedding_size": 128, "hidden_size": 256}, {})
    with pytest.raises(AnalyzerError, match="position_embeddings"):
        read_weights({"model_type": "bert", "hidden_act": "gelu"}, {})
