"""One encoder, two runtimes: documents read together are read as each is alone, and both runtimes read the same."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

from analyzer.model.folder import ModelFolder, default_folder, open_folder
from analyzer.model.heads import DocumentHeads
from analyzer.model.onnx_runtime import OnnxEncoder
from analyzer.model.predictions import EncodedDocument, Predictions
from analyzer.model.tagging import TokenMarker
from analyzer.model.windows import pack_windows
from analyzer.readers import read_path
from analyzer.segment import segment
from tests.conftest import EXAMPLES

FOLDER = open_folder(default_folder())
HEADS = DocumentHeads(FOLDER)
MARK = HEADS.mark_tokens


def documents(longest: int = 20) -> list[list[str]]:
    found = []
    for path in sorted(EXAMPLES.glob("*.md")):
        document = read_path(path)
        found.append([document.text[s.start : s.end] for s in segment(document)][:longest])
    return [*found, ["One short sentence."]]


@pytest.fixture(scope="module")
def exact_folder(tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    """The default model with its encoder in single precision in the place of the int8 one."""
    pytest.importorskip("onnx", reason="onnx is not installed (extra train)")
    import json

    import onnx
    from safetensors.numpy import load_file

    from analyzer.model.weights import read_weights
    from analyzer.training.graph import build_graph

    folder = tmp_path_factory.mktemp("exact") / "model"
    shutil.copytree(default_folder(), folder)
    tensors = {n[len("encoder.") :]: t for n, t in load_file(folder / "model.safetensors").items() if n[0] == "e"}
    weights = read_weights(json.loads((folder / "config.json").read_text(encoding="utf-8")), tensors)
    (folder / "model.int8.onnx.data").unlink()
    onnx.save(
        build_graph(weights), folder / "model.int8.onnx", save_as_external_data=True, location="model.int8.onnx.data"
    )
    return open_folder(folder)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_documents_read_together_are_read_as_each_is_alone(threads: int) -> None:
    alone = OnnxEncoder(FOLDER)
    together = OnnxEncoder(FOLDER, threads=threads).read_many(documents(), MARK)
    for texts, read in zip(documents(), together, strict=True):
        expected = alone.read(texts, MARK)
        assert (read.vectors == expected.vectors).all()
        for found, tokens in zip(read.tokens, expected.tokens, strict=True):
            assert (found.offsets == tokens.offsets).all()
            assert (found.probabilities == tokens.probabilities).all()


def test_a_document_of_several_passes_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = documents()[0]
    expected = OnnxEncoder(FOLDER).read(texts, MARK)
    monkeypatch.setattr("analyzer.model.encoder._SENTENCES_A_PASS", 7)
    found = OnnxEncoder(FOLDER).read(texts, MARK)
    assert found.vectors.shape == expected.vectors.shape
    assert [t.offsets.tolist() for t in found.tokens] == [t.offsets.tolist() for t in expected.tokens]
    # Only the windows are cut in other places.
    assert (found.vectors[:3] != 0).any()


def test_progress_counts_every_sentence_of_every_document() -> None:
    counts: list[int] = []
    OnnxEncoder(FOLDER).read_many(documents(), MARK, progress=counts.append)
    assert sum(counts) == sum(map(len, documents()))


def test_a_failing_window_is_not_passed_over() -> None:
    encoder = OnnxEncoder(FOLDER, threads=2)
    broken = replace(MARK, own=MARK.own[:, :1])
    with pytest.raises(ValueError, match="matmul"):
        encoder.read(documents()[0], broken)


def test_vectors_are_means_of_token_vectors_and_marks_come_from_them() -> None:
    encoder = OnnxEncoder(FOLDER)
    (window,) = encoder.encode(pack_windows([[7592, 2088], [2204]], cls_id=101, sep_id=102, limit=16), MARK)
    ids = np.array([[101, 7592, 2088, 2204, 102]], dtype=np.int64)
    hidden = encoder._session.run(None, {"input_ids": ids})[0][0]
    assert window.vectors == pytest.approx(np.stack([hidden[1:3].mean(0), hidden[3]]), abs=1e-6)
    assert window.marks == pytest.approx(MARK(hidden, [(1, 3), (3, 4)]), abs=1e-5)


def test_heads_label_documents_together_as_each_alone() -> None:
    read = OnnxEncoder(FOLDER).read_many(documents(), MARK)
    together = HEADS.predict_many(read, list(map(paragraphs, read)))
    for document, found in zip(read, together, strict=True):
        expected = HEADS.predict(document, paragraphs(document))
        assert (found.features == expected.features).all()
        for name, probabilities in expected.probabilities.items():
            assert (found.probabilities[name] == probabilities).all()
    assert HEADS.predict_many([], []) == []


def test_the_runtime_of_the_gpu_reads_what_the_cpu_reads_in_single_precision(exact_folder: ModelFolder) -> None:
    """On the processor here, where it is not packed into half precision; the code is that of a GPU."""
    pytest.importorskip("torch", reason="torch is not installed (extra train)")
    from analyzer.model.torch_encoder import TorchEncoder

    texts = documents(longest=60)
    exact = OnnxEncoder(exact_folder).read_many(texts, MARK)
    found = TorchEncoder(exact_folder, device="cpu").read_many(texts, MARK)
    for one, other in zip(exact, found, strict=True):
        assert one.vectors == pytest.approx(other.vectors, abs=1e-4)
        for left, right in zip(one.tokens, other.tokens, strict=True):
            assert (left.offsets == right.offsets).all()
            assert left.probabilities == pytest.approx(right.probabilities, abs=1e-4)
    assert same_labels(exact, found) >= 0.995


def test_both_runtimes_read_for_a_model_that_marks_no_words(exact_folder: ModelFolder) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed (extra train)")
    from analyzer.model.torch_encoder import TorchEncoder

    nothing = TokenMarker.of({}, MARK.own.shape[1])
    texts = documents()[0]
    torch.manual_seed(0)
    before = torch.random.get_rng_state()
    for encoder in (OnnxEncoder(exact_folder), TorchEncoder(exact_folder, device="cpu")):
        assert [tokens.probabilities.shape[1] for tokens in encoder.read(texts, nothing).tokens] == [0] * len(texts)
        encoder.read(texts[:2], MARK)
    assert torch.equal(before, torch.random.get_rng_state())


def test_readers_in_several_threads_leave_linear_algebra_as_it_was() -> None:
    def threads() -> list[int]:
        # Those of other libraries than NumPy's may be counted by the thread that asks.
        libraries = ThreadpoolController().select(user_api="blas").info()
        return [found["num_threads"] for found in libraries if found.get("threading_layer") == "pthreads"]

    before, during = threads(), []
    encoder = OnnxEncoder(FOLDER)
    encoder.read_many([documents()[0]], MARK, progress=lambda done: during.append(threads()))
    assert during
    assert all(numbers == [1] * len(before) for numbers in during)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda count: encoder.read_many([documents()[0]] * count, MARK), (1, 4, 2)))
    with pytest.raises(ZeroDivisionError):
        encoder.read_many([documents()[0]], MARK, progress=lambda done: print(done / 0))
    assert threads() == before


def test_the_int8_encoder_gives_nearly_the_labels_of_single_precision(exact_folder: ModelFolder) -> None:
    texts = documents(longest=60)
    exact = OnnxEncoder(exact_folder).read_many(texts, MARK)
    assert same_labels(exact, OnnxEncoder(FOLDER).read_many(texts, MARK)) >= 0.85


def same_labels(one: list[EncodedDocument], other: list[EncodedDocument]) -> float:
    """The share of sentences that have the same label in every head."""
    found = (HEADS.predict_many(read, list(map(paragraphs, read))) for read in (one, other))
    pairs = zip(*found, strict=True)
    return float(np.mean(np.concatenate([(labels(a) == labels(b)).all(axis=0) for a, b in pairs])))


def paragraphs(document: EncodedDocument) -> list[int]:
    """Three sentences a paragraph."""
    return [k // 3 for k in range(len(document.vectors))]


def labels(predictions: Predictions) -> np.ndarray:
    """The label of every head (heads, sentences)."""
    return np.stack(
        [
            p.argmax(1) if p.shape[1] > 1 else p[:, 0] >= FOLDER.settings.thresholds[name]
            for name, p in predictions.probabilities.items()
        ]
    )


def test_a_gpu_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed (extra train)")
    from analyzer.errors import AnalyzerError
    from analyzer.model.torch_encoder import TorchEncoder

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(AnalyzerError, match="--device cuda"):
        TorchEncoder(FOLDER, device="cuda")


@pytest.mark.parametrize("name", ["default", "large"])
def test_int8_weights_alone_are_enough_for_pytorch(name: str, tmp_path: Path) -> None:
    """Of both architectures: BERT's is the default's, MPNet's the large one's."""
    pytest.importorskip("torch", reason="torch is not installed (extra train)")
    pytest.importorskip("onnx", reason="onnx is not installed (extra train)")
    from analyzer.model.torch_encoder import TorchEncoder

    path = default_folder().with_name(name)
    if not path.is_dir():
        pytest.skip("models/large is not here: it is in no wheel")
    shutil.copytree(path, tmp_path / "int8", ignore=shutil.ignore_patterns("model.safetensors"))
    folder = open_folder(tmp_path / "int8")
    mark = DocumentHeads(folder).mark_tokens
    [texts, *_] = documents()
    fast = OnnxEncoder(folder).read(texts, mark).vectors
    exact = TorchEncoder(folder, device="cpu").read(texts, mark).vectors
    cosines = (fast * exact).sum(1) / np.linalg.norm(fast, axis=1) / np.linalg.norm(exact, axis=1)
    assert cosines.min() > 0.99
    assert np.median(cosines) > 0.998


def test_batches_for_the_gpu_hold_every_window_once_and_are_not_too_large() -> None:
    pytest.importorskip("torch", reason="torch is not installed (extra train)")
    from analyzer.model.torch_encoder import _batches
    from analyzer.model.windows import Window

    windows = [Window(tuple(range(n)), (0,), ((1, n - 1),)) for n in (300, 40, 30, 30, 5)]
    batches = list(_batches(windows, 100))
    assert [[len(w.token_ids) for w in batch] for batch in batches] == [[300], [40, 30, 30], [5]]


def test_packed_attention_is_called_as_it_wants_to_be() -> None:
    """On a GPU that is only pretended, which shows that shapes and arguments fit."""
    torch = pytest.importorskip("torch", reason="torch is not installed (extra train)")
    pytest.importorskip("torch.nn.attention.varlen", reason="this PyTorch has no packed attention")
    from torch._subclasses.fake_tensor import FakeTensorMode

    from analyzer.model.torch_packed import Packed, attend_packed

    with FakeTensorMode():
        query, key, value = (torch.empty(9, 12, 32, dtype=torch.float16, device="cuda") for _ in range(3))
        starts = torch.empty(3, dtype=torch.int32, device="cuda")
        found = attend_packed(query, key, value, Packed(starts, starts, starts, longest=5))
        assert found.shape == (9, 12, 32)
        assert found.dtype == torch.float16


@pytest.mark.skipif(not Path("/dev/nvidia0").exists(), reason="no GPU here")
def test_a_gpu_gives_the_labels_of_the_cpu(exact_folder: ModelFolder) -> None:
    from analyzer.model.torch_encoder import TorchEncoder

    texts = documents(longest=200)
    exact = OnnxEncoder(exact_folder).read_many(texts, MARK)
    found = TorchEncoder(exact_folder, device="cuda").read_many(texts, MARK)
    assert same_labels(exact, found) >= 0.995
