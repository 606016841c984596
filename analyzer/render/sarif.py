"""SARIF 2.1.0: the findings as code scanners exchange them, for GitHub code scanning and editors.

A result has its place in the original file where that can be known, as lines and columns and as character offsets; a
fingerprint that moves with its sentence; and, when a comment in the document silences it, a suppression.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

from analyzer import __version__
from analyzer.findings import RULES
from analyzer.render.concise import scores
from analyzer.render.files import relative_path
from analyzer.render.json import write_text
from analyzer.report import Finding, Report

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASE = "%SRCROOT%"
_NAMES = list(RULES)


def write(reports: Sequence[Report], stream: TextIO, *, quiet: bool, failures: Sequence[str] = ()) -> None:
    """Write one SARIF log with one run to `stream`; with `quiet`, on one line. `failures` says of documents why they
    could not be analysed.
    """
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(reports, failures)]}
    write_text(json.dumps(log, ensure_ascii=False, indent=None if quiet else 2), stream)


def _run(reports: Sequence[Report], failures: Sequence[str]) -> dict[str, Any]:
    counts = Counter(finding.status for report in reports for finding in report.findings)
    return {
        "tool": {"driver": _driver()},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_BASE: {"description": {"text": "The folder that the analyzer ran in."}}},
        "artifacts": [_artifact(report) for report in reports if report.document.path is not None],
        "invocations": [
            {
                "executionSuccessful": not failures,
                "toolExecutionNotifications": [
                    *({"level": "error", "message": {"text": failure}} for failure in failures),
                    *_notifications(reports),
                ],
            }
        ],
        "results": [
            _result(finding, report) for report in reports for finding in report.findings if finding.status != "known"
        ],
        "properties": {"silenced": counts["silenced"], "known": counts["known"]},
    }


def _driver() -> dict[str, Any]:
    rules = [
        {
            "id": name,
            "name": "".join(word.capitalize() for word in name.split("-")),
            "shortDescription": {"text": f"{rule.summary}."},
            "fullDescription": {"text": rule.help},
            "help": {
                "text": f"{rule.summary}. {rule.help}\n\nTo silence it: <!-- analyzer: ignore {name} -->",
                "markdown": f"**{rule.summary}.** {rule.help}\n\n"
                f"To silence it on a line: `<!-- analyzer: ignore {name} -->`",
            },
            "defaultConfiguration": {"level": rule.level},
            "properties": {"tags": ["editorial"], "precision": "medium"},
        }
        for name, rule in RULES.items()
    ]
    return {"name": "editorial-analyzer", "semanticVersion": __version__, "version": __version__, "rules": rules}


def _artifact(report: Report) -> dict[str, Any]:
    document = report.document
    scored = {"dependence": document.dependence, "interval": document.interval, "opinionShare": document.opinion_share}
    return {"location": _location(str(document.path)), "properties": {**scored, "summary": scores(report)}}


def _location(path: str) -> dict[str, Any]:
    relative = relative_path(path)
    if relative is None:
        return {"uri": Path(path).resolve().as_uri()}
    return {"uri": quote(relative), "uriBaseId": _BASE}


def _notifications(reports: Sequence[Report]) -> list[dict[str, Any]]:
    notes = [(report, note) for report in reports for note in report.document.notes]
    notifications = []
    for report, note in notes:
        notification: dict[str, Any] = {"level": "note", "message": {"text": note}}
        if report.document.path is not None:
            notification["locations"] = [{"physicalLocation": {"artifactLocation": _location(report.document.path)}}]
        notifications.append(notification)
    return notifications


def _result(finding: Finding, report: Report) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": _NAMES.index(finding.rule),
        "level": finding.level,
        "message": {"text": f"{finding.message} ({finding.reason})."},
        "locations": [_sentence_location(finding.sentence, report)],
        # GitHub tracks alerts by the second name, and makes its own from line contents where it is missing.
        "partialFingerprints": {
            "ruleAndSentence/v1": finding.fingerprint,
            "primaryLocationLineHash": finding.fingerprint,
        },
        "properties": {"reason": finding.reason, "sentence": finding.sentence},
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, **_sentence_location(index, report), "message": {"text": report.sentences[index].text}}
            for number, index in enumerate(finding.related, 1)
        ]
    if finding.status == "silenced":
        result["suppressions"] = [{"kind": "inSource", "justification": "a comment in the document"}]
    return result


def _sentence_location(index: int, report: Report) -> dict[str, Any]:
    sentence, path = report.sentences[index], report.document.path
    paragraph = f"paragraph {sentence.paragraph}"
    location: dict[str, Any] = {
        "logicalLocations": [{"name": f"sentence {index}", "fullyQualifiedName": f"{paragraph}, sentence {index}"}]
    }
    if path is not None:
        location["physicalLocation"] = {"artifactLocation": _location(path)}
    if sentence.place is None:
        why = "this kind of file has no lines, or the sentence was not found in it"
        location["message"] = {"text": f"“{sentence.text}” ({paragraph}; its line is not known: {why})"}
    elif path is not None:
        location["physicalLocation"]["region"] = {
            "startLine": sentence.place.line,
            "startColumn": sentence.place.column,
            "endLine": sentence.place.end_line,
            "endColumn": sentence.place.end_column,
            "charOffset": sentence.place.offset,
            "charLength": sentence.place.length,
            "snippet": {"text": sentence.text},
        }
    return location
