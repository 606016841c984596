"""A baseline: the JSON reports of an earlier run, against which only what is new counts.

In go the file and the reports of this run, out come the reports with the findings that were there before marked as
known. A finding is the same when its rule and the words of its sentence are; where it stands, and in which document,
does not matter, so that a moved sentence or a renamed file is nothing new.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from analyzer.errors import AnalyzerError
from analyzer.report import Finding, Report


class Baseline:
    """What was known before. A finding that was there once excuses one, so it counts down as reports are marked."""

    def __init__(self, reports: Iterable[Report]) -> None:
        """Start from the reports of the earlier run."""
        self._known: Counter[str] = Counter()
        self._dependence: dict[str | None, float | None] = {}
        for report in reports:
            self._dependence[_place(report)] = report.document.dependence
            # What a comment silenced was not accepted: without the comment it is news.
            self._known.update(finding.fingerprint for finding in report.findings if finding.status != "silenced")

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """Read `analyzer report --format json` output: an object, a list, or one report a line."""
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise AnalyzerError(f"baseline {path}: cannot be read ({reason}); check the path") from error
        try:
            try:
                data = json.loads(text)
            except json.JSONDecodeError:
                data = [json.loads(line) for line in text.splitlines() if line.strip()] or None
            return cls(Report.model_validate(report) for report in (data if isinstance(data, list) else [data]))
        except (ValueError, RecursionError) as error:
            raise AnalyzerError(
                f"baseline {path}: no report of this version; make it with: analyzer report --format json -o {path} DOC"
            ) from error

    def mark(self, report: Report) -> Report:
        """The report with each open finding that the baseline has marked as known."""
        return report.model_copy(update={"findings": [self._marked(finding) for finding in report.findings]})

    def left(self) -> int:
        """How many known findings no report that was marked has had."""
        return self._known.total()

    def was_over(self, report: Report) -> bool:
        """Whether the document's dependence was as high before, at the least."""
        before, now = self._dependence.get(_place(report)), report.document.dependence
        return before is not None and now is not None and now <= before

    def _marked(self, finding: Finding) -> Finding:
        if finding.status != "open" or not self._known[finding.fingerprint]:
            return finding
        self._known[finding.fingerprint] -= 1
        return finding.model_copy(update={"status": "known"})


def _place(report: Report) -> str | None:
    """The document's whole path, however it was spelled as seen from the folder that the program runs in."""
    path = report.document.path
    return None if path is None else os.path.abspath(path)  # noqa: PTH100 - links are not followed
