"""Configuration: `analyzer.toml`, or `[tool.analyzer]` in `pyproject.toml`, nearest above the document.

In goes the path of a document, out come the `Settings` that hold for it. The nearest file that configures the analyzer
holds alone, nothing is merged. Whatever is wrong in it raises `AnalyzerError`, which names file, key and way out.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from analyzer.dependence import DEFAULT_VAGUE_CREDIT
from analyzer.errors import AnalyzerError
from analyzer.findings import RULES, Level, Policy, Thresholds
from analyzer.report import Share

FILE, PROJECT_FILE, PROJECT_TABLE = "analyzer.toml", "pyproject.toml", "tool.analyzer"


class Settings(BaseModel):
    """What a configuration file can say; every key may be left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str | None = Field(default=None, description="model folder, relative to the configuration file, or large")
    vague_credit: Share = Field(default=DEFAULT_VAGUE_CREDIT, description="what a vague source counts for in the score")
    ignore: list[str] = Field(default=[], description="documents to pass over, as patterns of .gitignore")
    terms: list[str] = Field(default=[], description="words that do not count as loaded here")
    fail_over: Share | None = Field(default=None, description="dependence above which a document fails")
    fail_on: list[str] = Field(default=[], description="rules whose findings fail a document")
    findings: dict[str, Level] = Field(default={}, description="the level of each rule's findings")
    thresholds: Thresholds = Thresholds()

    @field_validator("ignore")
    @classmethod
    def _are_patterns(cls, patterns: list[str]) -> list[str]:
        from pathspec import GitIgnoreSpec

        for pattern in patterns:
            try:
                GitIgnoreSpec.from_lines([pattern])
            except (ValueError, re.error) as error:
                raise ValueError(f"{pattern!r} is no pattern of .gitignore; mend it or take it out") from error
        return patterns

    @field_validator("fail_on")
    @classmethod
    def _knows_rules(cls, rules: list[str]) -> list[str]:
        check_rules(rules)
        return rules

    def policy(self, *, fail_on: Collection[str] = ()) -> Policy:
        """The policy for findings; a rule in `fail_on` that is switched off is made at its usual level after all."""
        levels = {rule: level for rule, level in self.findings.items() if level != "off" or rule not in fail_on}
        return Policy(levels=levels, thresholds=self.thresholds, terms=tuple(self.terms))


class Configuration(BaseModel):
    """Settings and the file that they come from; `path` is None where no file configures the analyzer."""

    model_config = ConfigDict(frozen=True)

    path: Path | None
    settings: Settings

    @property
    def model(self) -> Path | None:
        """The model folder, or the name of a model, if one is configured."""
        if self.settings.model is None or self.path is None:
            return None
        named, beside = Path(self.settings.model), self.path.parent / self.settings.model
        return named if len(named.parts) == 1 and not beside.exists() else beside

    def ignores(self, document: str) -> bool:
        """Whether the document is one of those to pass over."""
        if self.path is None or not self.settings.ignore or document == "-":
            return False
        from pathspec import GitIgnoreSpec

        relative = os.path.relpath(document, self.path.parent)
        return bool(GitIgnoreSpec.from_lines(self.settings.ignore).match_file(Path(relative).as_posix()))


def configuration_for(document: str) -> Configuration:
    """The configuration for a document, or for the current folder when it comes from standard input ("-")."""
    # Not resolved: a link stands in the folder that it is in.
    folder = Path.cwd() if document == "-" else Path(os.path.normpath(Path.cwd() / document)).parent
    return _nearest(folder)


def check_rules(rules: Collection[str]) -> None:
    """Raise `ValueError` for a rule that there is not; the message names the nearest that there is."""
    for rule in rules:
        if rule not in RULES:
            raise ValueError(f"unknown rule {rule!r}; {_nearest_of(rule, RULES)}")


@lru_cache(maxsize=1024)
def _nearest(folder: Path) -> Configuration:
    for parent in (folder, *folder.parents):
        for path, table in _tables(parent):
            return Configuration(path=path, settings=_settings(table, path))
    return Configuration(path=None, settings=Settings())


def _tables(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The tables of a folder that configure the analyzer, the one that holds first."""
    path = folder / FILE
    if path.is_file():
        yield path, _read(path)
    path = folder / PROJECT_FILE
    # Any other file of that name, however broken, is no business of the analyzer's.
    if path.is_file() and b"analyzer" in _bytes_of(path):
        tools = _read(path).get("tool")
        table = tools.get("analyzer") if isinstance(tools, dict) else None
        if table is not None:
            yield path, table


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _read(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AnalyzerError(f"{path}: not valid TOML ({error}); mend it there") from error
    except OSError as error:
        raise AnalyzerError(f"{path}: cannot be read ({error.strerror or error}); check its permissions") from error


def _settings(table: Any, path: Path) -> Settings:
    where = f"{path} [{PROJECT_TABLE}]" if path.name == PROJECT_FILE else str(path)
    if not isinstance(table, dict):
        raise AnalyzerError(f"{where}: expected a table of settings, not {table!r}")
    known = {"": Settings.model_fields, "findings": RULES, "thresholds": Thresholds.model_fields}
    for section, keys in known.items():
        given = table.get(section, {}) if section else table
        for key in given if isinstance(given, dict) else ():
            if key not in keys:
                full = f"{section}.{key}" if section else key
                raise AnalyzerError(f"{where}: unknown key {full!r}; {_nearest_of(key, keys, section)}")
    try:
        return Settings.model_validate(table)
    except ValidationError as error:
        wrong = error.errors()[0]
        key = ".".join(map(str, wrong["loc"]))
        message = wrong["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
        raise AnalyzerError(f"{where}: {key} is {wrong['input']!r}: {message[0].lower()}{message[1:]}") from error


def _nearest_of(word: str, words: Collection[str], section: str = "") -> str:
    prefix = f"{section}." if section else ""
    near = get_close_matches(word.replace("-", "_"), words, 1)
    return f"did you mean {prefix + near[0]!r}?" if near else f"there are {', '.join(prefix + name for name in words)}"
