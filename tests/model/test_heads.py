"""The NumPy layers above the encoder compute what the PyTorch network computes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analyzer.model.folder import ModelFolder, ModelSettings
from analyzer.model.heads import DocumentHeads
from analyzer.model.predictions import EncodedDocument
from analyzer.model.tagging import neighbours
from analyzer.schema import STANDARD_SCHEMA

torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")


@pytest.mark.parametrize("n_sentences", [1, 2, 37])
def test_numpy_and_torch_agree(tmp_path: Path, n_sentences: int) -> None:
    from safetensors.numpy import save_file

    from analyzer.model import torch_network

    torch.manual_seed(0)
    network = torch_network.DocumentHeads(STANDARD_SCHEMA, 48, n_context=16).eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    save_file({k: v.numpy() for k, v in network.state_dict().items()}, tmp_path / "heads.safetensors")
    temperatures = {"type": 1.0, "content": 1.0, "loaded": 1.0, "sourcing": 1.0, "role": 1.0, "links": 1.0}
    settings = ModelSettings(name="t", version="0", window=64, temperatures=temperatures, thresholds={})
    heads = DocumentHeads(ModelFolder(tmp_path, settings, STANDARD_SCHEMA))

    vectors = torch.randn(n_sentences, 48)
    paragraphs = [k // 3 for k in range(n_sentences)]
    with torch.no_grad():
        features, logits = network([vectors], [paragraphs])[0]
        links = network.support(features, logits["role"].softmax(-1)).softmax(-1)
    predicted = heads.predict(EncodedDocument(vectors.numpy(), ()), paragraphs)
    for name in ("type", "content", "sourcing", "role"):
        assert predicted.probabilities[name] == pytest.approx(logits[name].softmax(-1).numpy(), abs=1e-5)
    assert predicted.probabilities["loaded"] == pytest.approx(logits["loaded"].sigmoid().numpy(), abs=1e-5)
    tokens = torch.randn(9, 48)
    with torch.no_grad():
        marks = network.spans(tokens, torch.from_numpy(neighbours([(1, 6), (6, 8)], 9)))
    assert heads.mark_tokens(tokens.numpy(), [(1, 6), (6, 8)]) == pytest.approx(marks.numpy(), abs=1e-4)
    places = np.arange(n_sentences)
    roles = predicted.probabilities["role"]
    whole = heads.supports(predicted.features, roles, places, slice(0, n_sentences))
    assert whole == pytest.approx(links.numpy(), abs=1e-5)
    assert whole.sum(1) == pytest.approx(np.ones(n_sentences), abs=1e-5)
    part = heads.supports(predicted.features, roles, places, slice(0, 1))
    assert part == pytest.approx(whole[:1], abs=1e-6)
