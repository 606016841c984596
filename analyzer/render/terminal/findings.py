"""The findings: what an editor may want to look at, and how many are silenced or known and therefore not shown."""

from __future__ import annotations

from rich.table import Column, Table

from analyzer.findings import open_findings
from analyzer.render.concise import counted
from analyzer.render.sureness import sentence_number
from analyzer.render.terminal.pen import Pen
from analyzer.report import Report


def print_findings(report: Report, pen: Pen) -> None:
    """Print every open finding and the count; nothing for a report without any finding."""
    if not report.findings:
        return
    pen.section("Findings")
    for finding in open_findings(report):
        place = report.sentences[finding.sentence].place
        where = f", line {place.line}" if place else ""
        grid = Table.grid(Column(), Column(overflow="fold"), padding=(0, 1, 0, 0))
        head = pen.line(pen(f"{finding.level} {finding.rule}", "bold"), pen(f"{where}: {finding.message}"))
        grid.add_row(pen(sentence_number(finding.sentence), "bold"), head)
        grid.add_row("", pen(finding.reason, "dim"))
        pen.print(grid)
    pen.print(pen(f"{counted(report).capitalize()}."))
