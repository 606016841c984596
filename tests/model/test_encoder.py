"""One encoder, two runtimes: documents read together are read as each is alone."""

from __future__ import annotations

import numpy as np
import pytest

from analyzer.model.folder import default_folder, open_folder
from analyzer.model.heads import DocumentHeads
from analyzer.model.onnx_runtime import OnnxEncoder
from analyzer.readers import read_path
from analyzer.segment import segment
from tests.conftest import EXAMPLES

FOLDER = open_folder(default_folder())
MARK = DocumentHeads(FOLDER).mark_tokens


def documents() -> list[list[str]]:
    found = []
    for path in sorted(EXAMPLES.glob("*.md")):
        document = read_path(path)
        found.append([document.text[s.start : s.end] for s in segment(document)][:20])
    return [*found, ["One short sentence."]]


@pytest.mark.parametrize("threads", [1, 2])
def test_documents_read_together_are_read_as_each_is_alone(threads: int) -> None:
    alone = OnnxEncoder(FOLDER)
    together = OnnxEncoder(FOLDER, threads=threads).read_many(documents(), MARK)
    for texts, read in zip(documents(), together, strict=True):
        expected = alone.read(texts, MARK)
        assert (read.vectors == expected.vectors).all()
        for found, tokens in zip(read.tokens, expected.tokens, strict=True):
            assert (found.offsets == tokens.offsets).all()
            assert (found.probabilities == tokens.probabilities).all()


def test_progress_counts_every_sentence_of_every_document() -> None:
    counts: list[int] = []
    OnnxEncoder(FOLDER).read_many(documents(), MARK, progress=counts.append)
    assert sum(counts) == sum(map(len, documents()))


def test_the_runtime_of_the_gpu_reads_what_the_cpu_reads() -> None:
    """On the processor here; what differs is that nothing is quantised, and that windows share batches."""
    pytest.importorskip("torch", reason="torch is not installed (extra train)")
    from analyzer.model.torch_encoder import TorchEncoder

    exact = TorchEncoder(FOLDER, device="cpu").read_many(documents(), MARK)
    quantised = OnnxEncoder(FOLDER).read_many(documents(), MARK)
    for one, other in zip(exact, quantised, strict=True):
        assert one.vectors.shape == other.vectors.shape
        cosines = (one.vectors * other.vectors).sum(1)
        cosines /= np.linalg.norm(one.vectors, axis=1) * np.linalg.norm(other.vectors, axis=1)
        assert cosines.min() > 0.9
