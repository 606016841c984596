"""Which folder a model's name means."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file

from analyzer.errors import AnalyzerError
from analyzer.model.folder import CONFIG, HEADS, SCHEMA, default_folder, folder_of, open_folder
from analyzer.model.heads import DocumentHeads


def test_no_model_is_the_shipped_one_and_so_is_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert folder_of(None) == default_folder()
    assert folder_of("default") == default_folder()


def test_a_folder_comes_before_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "default").mkdir()
    assert folder_of("default") == Path("default")
    assert folder_of("models/default") == Path("models/default")
    assert folder_of(".") == Path()


def test_a_name_that_nothing_has_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AnalyzerError, match="enormous: no such model folder"):
        open_folder(folder_of("enormous"))


def test_a_name_is_looked_for_in_models_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models" / "mine").mkdir(parents=True)
    assert folder_of("mine") == Path("models") / "mine"
    assert folder_of("default") == default_folder()


@pytest.mark.parametrize("name", [CONFIG, SCHEMA])
def test_a_damaged_description_is_named(tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(default_folder(), tmp_path / "model")
    (folder / name).write_text("[" * 200_000, encoding="utf-8")
    with pytest.raises(AnalyzerError, match=f"{name}: not "):
        open_folder(folder)


@pytest.mark.parametrize(
    "weight", ["context.weight_ih_l0", "heads.4.bias", "spans.read", "support.distance.weight", "support.none.bias"]
)
def test_a_weight_that_is_not_there_is_named(tmp_path: Path, weight: str) -> None:
    folder = shutil.copytree(default_folder(), tmp_path / "model")
    weights = load_file(folder / HEADS)
    del weights[weight]
    save_file(weights, folder / HEADS)
    with pytest.raises(AnalyzerError, match=f"{HEADS}: lacks {weight}; restore"):
        DocumentHeads(open_folder(folder))
