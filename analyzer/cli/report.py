"""`analyzer report`: the report of one document, or several, or of what an edit changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.cli.options import FAILED, FINE, FOUND, Debug, Model, Out, VagueCredit
from analyzer.cli.telling import progress, tell
from analyzer.errors import AnalyzerError

if TYPE_CHECKING:
    from analyzer.report import Report
    from analyzer.review import Reviewer

# Documents of this many characters take long enough for a progress bar.
_LONG = 50_000


def _formats(incomplete: str) -> list[str]:
    from analyzer.render import FORMATS

    return [name for name in FORMATS if name.startswith(incomplete)]


def _rules(incomplete: str) -> list[str]:
    from analyzer.findings import RULES

    given, _, last = incomplete.rpartition(",")
    return [f"{given},{rule}" if given else rule for rule in RULES if rule.startswith(last)]


def report(
    documents: Annotated[
        list[str] | None,
        typer.Argument(metavar="DOC...", help="Text, Markdown, HTML, MHTML, mail, DOCX or PDF; - for standard input."),
    ] = None,
    format: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            help="terminal, json, html, markdown, concise, sarif, github or aif.",
            autocompletion=_formats,
        ),
    ] = "terminal",
    out: Out = None,
    conclusion: Annotated[
        list[str] | None, typer.Option(help="Treat the sentences that state this as conclusions; repeatable.")
    ] = None,
    fail_over: Annotated[
        float | None, typer.Option(metavar="0-1", help="Exit with 1 when a document's dependence is above this.")
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            metavar="RULE,...",
            autocompletion=_rules,
            help="Exit with 1 on a finding of these rules: unsourced, vague, loaded, dependent-conclusion, circular.",
        ),
    ] = None,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit with 0 even if a threshold is crossed.")] = False,
    baseline: Annotated[
        Path | None, typer.Option(help="JSON report of an earlier run: only findings that are new count.")
    ] = None,
    diff: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="OLD NEW", help="Show how an edit changed the scores, and which sentences did it."),
    ] = None,
    vague_credit: VagueCredit = None,
    model: Model = None,
    device: Annotated[str, typer.Option(help="cpu, or cuda: a GPU (extra train).")] = "cpu",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="One line a document.")] = False,
    debug: Debug = False,
) -> int:
    """Show how documents argue and what their conclusions rest on.

    Exit code: 0 fine, 1 a threshold is crossed (--fail-over, --fail-on), 2 a document could not be analysed.
    Settings come from the nearest analyzer.toml, or [tool.analyzer] in pyproject.toml, above a document; options win.

    Examples:

      analyzer report article.md

      analyzer report --conclusion "regulatory capture" article.html

      analyzer report --format json -o report.json article.pdf

      cat article.txt | analyzer report --fail-over 0.6 -

      analyzer report --format github --fail-on unsourced --baseline before.json news/*.md

      analyzer report --diff draft.md final.md
    """
    from analyzer.baseline import Baseline
    from analyzer.model.runtimes import device_of
    from analyzer.render import DIFF_FORMATS, FORMATS, output, output_diff
    from analyzer.review import Given, Reviewer, rules_of

    if fail_over is not None and not 0.0 <= fail_over <= 1.0:
        raise AnalyzerError(f"--fail-over is {fail_over:g}, expected a number from 0 to 1")
    if vague_credit is not None and not 0.0 <= vague_credit <= 1.0:
        raise AnalyzerError(f"--vague-credit is {vague_credit:g}, expected a number from 0 to 1")
    _check_arguments(documents, diff, format, DIFF_FORMATS if diff else FORMATS)
    _check_out(out, [*(documents or []), *(diff or [])])
    if diff and baseline:
        raise AnalyzerError("--diff compares with its old file; leave out --baseline")
    _check_phrases(conclusion or [])
    given = Given(model, vague_credit, fail_over, None if fail_on is None else rules_of(fail_on), device_of(device))
    known = Baseline.read(baseline) if baseline else None
    if diff:
        from analyzer.comparison import compare_files

        compared, reviewer = compare_files(*diff, given=given, conclusions=conclusion or [])
        output_diff(compared, format=format, quiet=quiet, path=out)
        _warn(compared.old, diff[0])
        _warn(compared.new, diff[1])
        return _crossed(reviewer, [compared.new], exit_zero=exit_zero)
    reviewer = Reviewer(given, baseline=known)
    reports, failures = _review_all(reviewer, documents or [], conclusion or [], debug=debug)
    output(reports, format=format, quiet=quiet, path=out, failures=failures)
    crossed = _crossed(reviewer, reports, exit_zero=exit_zero)
    return FAILED if failures else crossed


def _crossed(reviewer: Reviewer, reports: Sequence[Report], *, exit_zero: bool) -> int:
    """The exit code of reports; a dependence that is too high is told on stderr, since no format marks it."""
    for report in reports:
        limit, score = reviewer.limit_crossed(report), report.document.dependence
        if limit is not None and score is not None:
            name = report.document.path or report.document.title or "standard input"
            # As many digits as tell them apart.
            digits = next((n for n in (2, 3) if f"{score:.{n}f}" != f"{limit:.{n}f}"), 4)
            tell(f"{name}: dependence {score:.{digits}f} is above {limit:g}")
    return FOUND if not exit_zero and any(map(reviewer.fails, reports)) else FINE


def _check_arguments(
    documents: Sequence[str] | None, diff: tuple[str, str] | None, format: str, formats: Collection[str]
) -> None:
    if bool(documents) == bool(diff):
        raise AnalyzerError("give documents, or --diff OLD NEW; see: analyzer report --help")
    if format not in formats:
        kind = "format for --diff" if diff else "format"
        raise AnalyzerError(f"unknown {kind} {format!r}; choose one of {', '.join(formats)}")


def _check_out(out: Path | None, read: Sequence[str]) -> None:
    """No document may be lost to its own report."""
    for path in read:
        if out is not None and path != "-" and out.exists() and Path(path).exists() and out.samefile(path):
            raise AnalyzerError(f"--out {out} is a document that is read; choose another file")


def _check_phrases(phrases: Sequence[str]) -> None:
    from analyzer.statements import find_statements

    for phrase in phrases:
        find_statements(phrase, [])


def _review_all(
    reviewer: Reviewer, paths: Sequence[str], phrases: Sequence[str], *, debug: bool
) -> tuple[list[Report], list[str]]:
    """Reports of the documents that can be analysed, and why others cannot, which is also told on stderr."""
    from analyzer.readers import read_path

    reports: list[Report] = []
    failures: list[str] = []
    for path in paths:
        try:
            if ignoring := reviewer.ignoring_file(path):
                tell(f"{path}: passed over, as {ignoring} says")
                continue
            document = read_path(path)
            with progress(f"reading {path}", is_long=len(document.text) >= _LONG) as advance:
                reports.append(reviewer.review(document, conclusions=phrases, progress=advance))
        except AnalyzerError as error:
            if debug:
                raise
            tell(str(error))
            failures.append(str(error))
        except Exception as error:  # one of our own, which must not cost the other documents their reports
            if debug:
                raise
            what = f"internal error: {type(error).__name__}: {error}; run again with --debug for details"
            failures.append(f"{path}: {what}")
            tell(failures[-1])
        else:
            _warn(reports[-1], path)
    return reports, failures


def _warn(report: Report, path: str) -> None:
    from analyzer.language import NOT_ENGLISH
    from analyzer.silences import LOST, NOTE

    for note in report.document.notes:
        if note.startswith((*NOT_ENGLISH, NOTE, LOST)):
            tell(f"warning: {path}: {note}")
