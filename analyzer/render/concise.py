"""One line a finding, as compilers and linters write it: `article.md:12:5: warning unsourced: …`.

For hooks, editors and logs. With `quiet`, one line a document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TextIO

from analyzer.findings import open_findings
from analyzer.render.files import shown_path
from analyzer.render.plain import plain, writable
from analyzer.render.words import NO_CONCLUSION, count_of, label_shares, named, range_of
from analyzer.report import Report


def write(reports: Sequence[Report], stream: TextIO, *, quiet: bool) -> None:
    """Write the open findings of reports to `stream`, and a last line that counts them."""
    lines = []
    for report in reports:
        if quiet:
            lines.append(f"{shown_path(report)}: {scores(report)}; {counted(report)}")
            continue
        for finding in open_findings(report):
            place = report.sentences[finding.sentence].place
            where = f"{place.line}:{place.column}" if place else f"sentence {finding.sentence}"
            lines.append(f"{shown_path(report)}:{where}: {finding.level} {finding.rule}: {finding.message}")
    if not quiet and reports:
        lines.append(f"{count_of(len(reports), 'document')}: {counted(*reports)}")
    stream.write("".join(f"{writable(plain(line), stream.encoding or 'utf-8')}\n" for line in lines))


def scores(report: Report) -> str:
    """The document's dependence with its range: "dependence 0.62 (0.48–0.74)"; its labels where none is scored."""
    document = report.document
    if not report.model.is_standard:
        heads = (f"{named(head.name, {})}: {', '.join(label_shares(report, head))}" for head in report.model.heads)
        return "; ".join(heads)
    if document.dependence is None or document.interval is None:
        return NO_CONCLUSION
    return f"dependence {document.dependence:.2f} ({range_of(document.interval)})"


def counted(*reports: Report) -> str:
    """How many findings there are, and how many are silenced or known: "3 findings, 1 silenced in the text"."""
    number = Counter(finding.status for report in reports for finding in report.findings)
    parts = [count_of(number["open"], "finding") if number["open"] else "no finding"]
    if number["silenced"]:
        parts.append(f"{number['silenced']} silenced in the text")
    if number["known"]:
        parts.append(f"{number['known']} known from the baseline")
    return ", ".join(parts)
