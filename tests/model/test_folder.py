"""Which folder a model's name means."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.errors import AnalyzerError
from analyzer.model.folder import default_folder, folder_of, open_folder


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
