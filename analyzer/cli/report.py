"""`analyzer report`: the report of one document, or several."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.errors import AnalyzerError

if TYPE_CHECKING:
    from analyzer.pipeline import Analyzer
    from analyzer.report import Report

FINE, CROSSED, FAILED = 0, 1, 2
# Documents of this many characters take long enough for a progress bar.
_LONG = 50_000


def report(
    documents: Annotated[
        list[str], typer.Argument(metavar="DOC...", help="Text, Markdown, HTML, DOCX or PDF; - for standard input.")
    ],
    format: Annotated[str, typer.Option("--format", "-f", help="terminal, json or html.")] = "terminal",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write to this file instead of standard output.")
    ] = None,
    conclusion: Annotated[
        list[str] | None, typer.Option(help="Treat the sentences that state this as conclusions; repeatable.")
    ] = None,
    fail_over: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Exit with 1 when a document's dependence is above this.")
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Model folder; the shipped model when left out.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="One line a document.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback when something goes wrong.")] = False,
) -> int:
    """Show how documents argue and what their conclusions rest on.

    Exit code: 0 fine, 1 a document's dependence is over --fail-over, 2 a document could not be analysed.

    Examples:

      analyzer report article.md

      analyzer report --conclusion "regulatory capture" article.html

      analyzer report --format json -o report.json article.pdf

      cat article.txt | analyzer report --fail-over 0.6 -
    """
    from analyzer.pipeline import Analyzer
    from analyzer.render import FORMATS, output

    if format not in FORMATS:
        raise AnalyzerError(f"unknown format {format!r}; choose one of {', '.join(FORMATS)}")
    _check_phrases(conclusion or [])
    analyzer = Analyzer.load(model)
    reports, failed = _analyze_all(analyzer, documents, conclusion or [], debug=debug)
    if reports:
        output(reports, format=format, quiet=quiet, path=out)
    if failed:
        return FAILED
    over = fail_over is not None and any(
        r.document.dependence is not None and r.document.dependence > fail_over for r in reports
    )
    return CROSSED if over else FINE


def _check_phrases(phrases: Sequence[str]) -> None:
    from analyzer.statements import find_statements

    for phrase in phrases:
        find_statements(phrase, [])


def _analyze_all(
    analyzer: Analyzer, paths: Sequence[str], phrases: Sequence[str], *, debug: bool
) -> tuple[list[Report], bool]:
    """Reports of the documents that can be analysed; each that cannot costs one line on stderr."""
    from analyzer.readers import read_path

    reports: list[Report] = []
    failed = False
    for path in paths:
        try:
            document = read_path(path)
            with _progress(path, len(document.text)) as advance:
                reports.append(analyzer.analyze(document, conclusions=phrases, progress=advance))
        except AnalyzerError as error:
            if debug:
                raise
            print(f"analyzer: {error}", file=sys.stderr)
            failed = True
            continue
        for note in reports[-1].document.notes:
            if "English" in note:
                print(f"analyzer: warning: {path}: {note}", file=sys.stderr)
    return reports, failed


@contextmanager
def _progress(path: str, characters: int) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr for long documents; silent when stderr is no terminal."""
    if characters < _LONG or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"reading {path}", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
