"""The whole terminal report: its parts in their order, and the legend that explains their marks."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from analyzer.grounds import GROUND_WORDS
from analyzer.render.sureness import SURE
from analyzer.render.terminal.conclusions import print_conclusions
from analyzer.render.terminal.findings import print_findings
from analyzer.render.terminal.paragraphs import print_paragraphs
from analyzer.render.terminal.pen import GROUND_MARKS, SOURCING_MARKS, Pen
from analyzer.render.terminal.summary import print_summary, summary_line
from analyzer.render.words import SOURCING, percent
from analyzer.report import Report


def render(reports: Sequence[Report], console: Console) -> None:
    """Print the full reports, one after another, and the legend once."""
    pen = Pen(console)
    for number, report in enumerate(reports):
        if number:
            pen.print("", "")
        print_summary(report, pen)
        print_conclusions(report, pen)
        print_findings(report, pen)
        print_paragraphs(report, pen)
    if reports:
        _print_legend(pen, is_standard=any(report.model.is_standard for report in reports))


def render_summary(report: Report, console: Console) -> None:
    """Print a document in one line, however narrow the terminal."""
    console.print(summary_line(report, Pen(console)), soft_wrap=True)


def _print_legend(pen: Pen, *, is_standard: bool) -> None:
    pen.section("Legend")
    if not is_standard:
        marks = [f"? less than {percent(SURE)} sure", "s12: sentence 12 of the JSON report"]
        pen.print(pen.flow([pen(mark) for mark in marks]))
        return
    sources = [f"{symbol} {SOURCING[label]}" for label, (symbol, _) in SOURCING_MARKS.items()]
    marks = [*sources, f"? less than {percent(SURE)} sure", "s12: sentence 12 of the JSON report"]
    grounds = [f"{symbol} {GROUND_WORDS[ground]}" for ground, (symbol, _) in GROUND_MARKS.items()]
    pen.print(pen.flow([pen(mark) for mark in marks]), pen.flow([pen(ground) for ground in grounds]))
