"""GitHub annotations: workflow commands that a GitHub Actions job prints, shown beside the lines of a pull request.

`::warning file=article.md,line=12,endLine=12,title=unsourced::…` for each open finding; with `quiet`, one notice a
document. No text of a document can end a command or begin another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TextIO

from analyzer.findings import open_findings
from analyzer.render.concise import counted, scores
from analyzer.render.files import shown_path
from analyzer.render.plain import plain, writable
from analyzer.report import Finding, Report

_COMMANDS: Mapping[str, str] = {"note": "notice", "warning": "warning", "error": "error"}


def write(reports: Sequence[Report], stream: TextIO, *, quiet: bool) -> None:
    """Write a workflow command for each open finding to `stream`."""
    commands = []
    for report in reports:
        if quiet:
            properties = {"file": shown_path(report), "title": "analyzer"}
            commands.append(_command("notice", properties, f"{scores(report)}; {counted(report)}"))
        else:
            commands += [_annotation(finding, report) for finding in open_findings(report)]
    stream.write("".join(f"{writable(command, stream.encoding or 'utf-8')}\n" for command in commands))


def _annotation(finding: Finding, report: Report) -> str:
    properties: dict[str, object] = {"file": shown_path(report)}
    place = report.sentences[finding.sentence].place
    if place is not None:
        properties |= {"line": place.line, "endLine": place.end_line}
        if place.line == place.end_line:  # GitHub takes no columns for an annotation of several lines
            properties |= {"col": place.column, "endColumn": place.end_column}
    properties["title"] = f"analyzer: {finding.rule}"
    return _command(_COMMANDS[finding.level], properties, f"{finding.message} ({finding.reason})")


def _command(name: str, properties: Mapping[str, object], message: str) -> str:
    given = ",".join(f"{key}={_escaped_property(str(value))}" for key, value in properties.items())
    return f"::{name} {given}::{_escaped(message)}"


def _escaped(text: str) -> str:
    # The line breaks are gone after `plain`; they are escaped all the same, should it ever let one pass.
    return plain(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
