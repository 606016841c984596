"""Reviewing documents: each is analysed under the settings that hold for it, against a baseline, and passes or fails.

In go documents and what the command line says, which wins over the configuration; out come reports.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzer.baseline import Baseline
from analyzer.document import Document
from analyzer.errors import AnalyzerError
from analyzer.findings import Policy, open_findings
from analyzer.model.runtimes import Device
from analyzer.pipeline import Analyzer
from analyzer.report import Report
from analyzer.settings import Configuration, check_rules, configuration_for


@dataclass(frozen=True)
class Given:
    """What the command line says; None where it leaves the word to the configuration, which has none on `device`."""

    model: Path | None = None
    vague_credit: float | None = None
    fail_over: float | None = None
    fail_on: tuple[str, ...] | None = None
    device: Device = "cpu"


def rules_of(words: str) -> tuple[str, ...]:
    """The rules in "unsourced,loaded"; `AnalyzerError` for one that there is not."""
    rules = tuple(word.strip() for word in words.split(",") if word.strip())
    try:
        check_rules(rules)
    except ValueError as error:
        raise AnalyzerError(f"--fail-on: {error}") from error
    return rules


class Reviewer:
    """Reviews documents; a model is loaded once, when the first document that wants it comes."""

    def __init__(self, given: Given, *, baseline: Baseline | None = None) -> None:
        """Take what the command line says, and the baseline that only new findings are measured against."""
        self._given = given
        self._baseline = baseline
        self._analyzers: dict[tuple[Path | None, float], Analyzer] = {}

    def ignoring_file(self, path: str) -> Path | None:
        """The configuration file that says to pass over the document; None when it is to be reviewed."""
        configuration = configuration_for(path)
        return configuration.path if configuration.ignores(path) else None

    def review(
        self,
        document: Document,
        *,
        conclusions: Sequence[str] = (),
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Report:
        """Analyse a document under its settings and mark what the baseline knows."""
        analyzer, policy = self.analyzer(document.path), self.policy(document.path)
        report = analyzer.analyze(document, conclusions=conclusions, policy=policy, progress=progress)
        return self._baseline.mark(report) if self._baseline else report

    def analyzer(self, path: str | None) -> Analyzer:
        """The analyzer for a document at `path`, loaded if need be."""
        configuration = self._configuration(path)
        model = self._given.model or configuration.model
        credit = self._given.vague_credit
        key = (model, configuration.settings.vague_credit if credit is None else credit)
        if key not in self._analyzers:
            self._analyzers[key] = Analyzer.load(key[0], vague_credit=key[1], device=self._given.device)
        return self._analyzers[key]

    def policy(self, path: str | None) -> Policy:
        """Which findings are made in a document at `path`."""
        configuration = self._configuration(path)
        return configuration.settings.policy(fail_on=self._fail_on(configuration))

    def fails(self, report: Report) -> bool:
        """Whether the report crosses a threshold: too high a dependence, or an open finding of a rule to fail on."""
        rules = self._fail_on(self._configuration(report.document.path))
        return self.limit_crossed(report) is not None or any(f.rule in rules for f in open_findings(report))

    def limit_crossed(self, report: Report) -> float | None:
        """The limit that the document's dependence is above; None where it is above none, or was as high in the
        baseline.
        """
        limit = self._given.fail_over
        limit = self._configuration(report.document.path).settings.fail_over if limit is None else limit
        score = report.document.dependence
        if limit is None or score is None or score <= limit:
            return None
        return None if self._baseline is not None and self._baseline.was_over(report) else limit

    def _fail_on(self, configuration: Configuration) -> tuple[str, ...]:
        given = self._given.fail_on
        return tuple(configuration.settings.fail_on) if given is None else given

    def _configuration(self, path: str | None) -> Configuration:
        return configuration_for("-" if path is None else path)
