"""Configuration files: where they are found, what they may say, and one clear error for what they may not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from analyzer.errors import AnalyzerError
from analyzer.findings import Policy
from analyzer.settings import Settings, configuration_for

FULL = """
model = "models/mine"
vague_credit = 0.1
ignore = ["drafts/", "*.tmp.md", "!keep.tmp.md"]
terms = ["regime"]
fail_over = 0.8
fail_on = ["unsourced", "circular"]
[findings]
loaded = "off"
dependent-conclusion = "error"
[thresholds]
matters = 0.2
"""


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_everything_is_as_usual(tmp_path: Path) -> None:
    configuration = configuration_for(str(tmp_path / "a.md"))
    assert configuration.path is None
    assert configuration.settings == Settings()
    assert configuration.settings.policy() == Policy()


def test_every_setting_is_read(tmp_path: Path) -> None:
    written(tmp_path / "analyzer.toml", FULL)
    configuration = configuration_for(str(tmp_path / "news" / "a.md"))
    settings = configuration.settings
    assert configuration.model == tmp_path / "models" / "mine"
    assert (settings.vague_credit, settings.fail_over, settings.fail_on) == (0.1, 0.8, ["unsourced", "circular"])
    policy = settings.policy()
    assert (policy.level("loaded"), policy.level("dependent-conclusion"), policy.level("vague")) == (
        "off",
        "error",
        "note",
    )
    assert policy.thresholds.matters == 0.2
    assert policy.terms == ("regime",)


def test_a_model_may_be_named_instead_of_placed(tmp_path: Path) -> None:
    written(tmp_path / "analyzer.toml", 'model = "large"')
    assert configuration_for(str(tmp_path / "a.md")).model == Path("large")
    (tmp_path / "large").mkdir()
    assert configuration_for(str(tmp_path / "a.md")).model == tmp_path / "large"


def test_a_rule_to_fail_on_is_never_off() -> None:
    assert Settings(findings={"loaded": "off"}).policy(fail_on=["loaded"]).level("loaded") == "note"


def test_the_nearest_file_holds_alone_and_a_project_file_without_a_table_is_passed_over(tmp_path: Path) -> None:
    written(tmp_path / "analyzer.toml", "vague_credit = 0.1")
    written(tmp_path / "a" / "pyproject.toml", "[tool.analyzer]\nvague_credit = 0.2")
    written(tmp_path / "a" / "b" / "pyproject.toml", "[tool.other]\nx = 1")
    written(tmp_path / "a" / "c" / "pyproject.toml", "[tool.analyzer]\nvague_credit = 0.3")
    written(tmp_path / "a" / "c" / "analyzer.toml", "terms = ['x']")
    written(tmp_path / "d" / "pyproject.toml", "this is = = not TOML")
    found = {
        place: configuration_for(str(tmp_path / place / "x.md")).settings.vague_credit
        for place in ("", "a", "a/b", "a/c", "d")
    }
    assert found == {"": 0.1, "a": 0.2, "a/b": 0.2, "a/c": 0.25, "d": 0.1}


def test_standard_input_is_configured_by_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "analyzer.toml", "vague_credit = 0.1")
    monkeypatch.chdir(tmp_path)
    assert configuration_for("-").settings.vague_credit == 0.1
    assert not configuration_for("-").ignores("-")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("vague-credit = 0.1", "unknown key 'vague-credit'; did you mean 'vague_credit'?"),
        ("[findings]\nlodaed = 'off'", "unknown key 'findings.lodaed'; did you mean 'findings.loaded'?"),
        ("[thresholds]\nxyz = 1", "unknown key 'thresholds.xyz'; there are thresholds.label, thresholds.loaded"),
        ("[findings]\nloaded = 'loud'", "findings.loaded is 'loud': expected 'off', 'note', 'warning' or 'error'"),
        ("vague_credit = 3", "vague_credit is 3: expected less than or equal to 1"),
        ("ignore = 'drafts'", "ignore is 'drafts': expected a valid list"),
        ("fail_on = ['unsorced']", "fail_on is ['unsorced']: unknown rule 'unsorced'; did you mean 'unsourced'?"),
        ("ignore = ['x', '!']", "ignore is ['x', '!']: '!' is no pattern of .gitignore; mend it or take it out"),
        ("ignore = ['[z-a]']", "ignore is ['[z-a]']: '[z-a]' is no pattern of .gitignore"),
        ("findings = 3", "findings is 3: expected a valid dictionary"),
        ("vague_credit =", "not valid TOML"),
        ("terms = ['\xff']".encode("latin-1").decode("latin-1"), ""),
    ],
)
def test_what_is_wrong_is_named_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path / "analyzer.toml", text)
    if not message:
        path.write_bytes(text.encode("latin-1"))
        message = "not valid TOML"
    with pytest.raises(AnalyzerError) as error:
        configuration_for(str(tmp_path / "a.md"))
    assert str(error.value).startswith(f"{path}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_errors_in_a_project_file_name_the_table(tmp_path: Path) -> None:
    written(tmp_path / "pyproject.toml", "[tool]\nanalyzer = 3")
    with pytest.raises(AnalyzerError, match=r"pyproject.toml \[tool.analyzer\]: expected a table of settings, not 3"):
        configuration_for(str(tmp_path / "a.md"))


def test_ignored_paths_are_patterns_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "analyzer.toml", FULL)
    monkeypatch.chdir(tmp_path)
    given = [
        "drafts/a.md",
        "x/drafts/deep/a.md",
        "x/a.tmp.md",
        "keep.tmp.md",
        "a.md",
        str(tmp_path / "drafts" / "b.md"),
    ]
    ignored = [path for path in given if configuration_for(path).ignores(path)]
    assert ignored == ["drafts/a.md", "x/drafts/deep/a.md", "x/a.tmp.md", str(tmp_path / "drafts" / "b.md")]


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_a_linked_document_is_configured_where_the_link_stands(tmp_path: Path) -> None:
    written(tmp_path / "here" / "analyzer.toml", "vague_credit = 0.1")
    written(tmp_path / "there" / "a.md", "Text.")
    (tmp_path / "here" / "a.md").symlink_to(tmp_path / "there" / "a.md")
    assert configuration_for(str(tmp_path / "here" / "a.md")).settings.vague_credit == 0.1
