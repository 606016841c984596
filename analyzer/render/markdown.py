"""Markdown, for a pull request or a note: the scores, the conclusions with what would help, and the findings.

Text of a document is escaped: it can make no heading, link, image or HTML, and on GitHub mentions nobody and refers to
no issue. With `quiet`, one list item a document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TextIO

from analyzer.findings import open_findings
from analyzer.grounds import GROUND_WORDS, apportioned, opinion_percentage
from analyzer.render.concise import counted, scores
from analyzer.render.files import shown_path
from analyzer.render.plain import plain, writable
from analyzer.render.sureness import asserted, is_unsure, loaded_shares
from analyzer.render.words import (
    NO_CONCLUSION,
    NO_SCORE,
    TYPES,
    dependence_meaning,
    interval_meaning,
    label_shares,
    named,
    range_of,
    unsourced_meaning,
)
from analyzer.report import Conclusion, DocumentScores, Report

_SPECIAL = re.compile(r"([\\`*_\[\]<>&|~$!#^=+-])")
# A number or bullet at the start of a line would begin a list.
_NUMBERED = re.compile(r"^(\s*\d{1,9})([.)])")
# What GitHub turns into links: mentions and mail addresses, issues, web addresses. An empty comment keeps them apart.
_LINKED = re.compile(r"(@|\\#)(?=[\w-])|(?<=[a-zA-Z])(:)(?=//)|(?<=\bGH)(\\-)(?=\d)|(?<=\bwww)(\.)", re.IGNORECASE)
_MOST_FIXES = 3


def escaped(text: str) -> str:
    """Text of a document as Markdown that shows it literally, on one line."""
    text = _NUMBERED.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", plain(text).strip()))
    return _LINKED.sub(lambda found: f"{found[0]}<!-- -->", text)


def write(reports: Sequence[Report], stream: TextIO, *, quiet: bool) -> None:
    """Write reports to `stream` as Markdown, one after another."""
    if quiet:
        text = "".join(f"- {_file(report)}: {escaped(scores(report))}; {counted(report)}\n" for report in reports)
    else:
        text = "\n".join("\n".join(_report(report)) + "\n" for report in reports)
    stream.write(writable(text, stream.encoding or "utf-8"))


def _report(report: Report) -> list[str]:
    document = report.document
    lines = [f"## {escaped(document.title or document.id or 'Report')}", "", *_summary(report)]
    lines += [f"> Note: {escaped(note)}" for note in document.notes]
    if report.conclusions:
        lines += ["", "### Conclusions, most dependent first", ""]
        for conclusion in report.conclusions:
            lines += _conclusion(conclusion, report)
    lines += ["", "### Findings", "", *_findings(report)]
    return lines


def _summary(report: Report) -> list[str]:
    document = report.document
    score = _dependence(document) if report.model.is_standard else NO_SCORE
    rows = [("File", _file(report)), ("Dependence", score)]
    if document.grounds is not None:
        grounds = document.grounds.model_dump()
        rows.append(("Rests on", _grounds(grounds)))
        rows.append(("Opinion", f"{opinion_percentage(grounds)}% of it is what somebody thinks, sourced or not"))
    shares = apportioned(list(document.type_counts.values()), 100)
    counted_kinds = zip(document.type_counts.items(), shares, strict=True)
    kinds = ", ".join(f"{escaped(named(kind, TYPES))} {share}%" for (kind, n), share in counted_kinds if n)
    rows.append(("Sentences", f"{len(report.sentences)}{': ' if kinds else ''}{kinds}"))
    if document.loaded_share is not None:
        rows.append(("Loaded", loaded_shares(report)))
    if document.unsourced_share is not None:
        rows.append(("Unsourced", unsourced_meaning(document.unsourced_share)))
    rows += [(escaped(named(h.name, {})), escaped(", ".join(label_shares(report, h)))) for h in report.model.heads]
    return ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows), ""]


def _dependence(document: DocumentScores) -> str:
    if document.dependence is None or document.interval is None:
        return f"none: {NO_CONCLUSION}"
    meaning = dependence_meaning(document.dependence, of_document=True)
    return f"**{document.dependence:.2f}** ({interval_meaning(document.interval)}): {meaning}. Unsourced is not false."


def _grounds(grounds: dict[str, float]) -> str:
    shown = sorted(zip(apportioned(list(grounds.values()), 100), grounds, strict=True), reverse=True)
    return ", ".join(f"{GROUND_WORDS[ground]} {number}%" for number, ground in shown if number)


def _conclusion(conclusion: Conclusion, report: Report) -> list[str]:
    range_, sentence = range_of(conclusion.interval), report.sentences[conclusion.sentence]
    doubt = f"{asserted(sentence, 'role', {})}: " if is_unsure(sentence, "role") else ""
    where = _line(conclusion.sentence, report)
    lines = [
        f"- **{conclusion.dependence:.2f}** ({range_}) {doubt}{escaped(conclusion.text)}{where}",
        f"  - rests on: {_grounds(conclusion.grounds.model_dump())}",
    ]
    for fix in conclusion.fixes[:_MOST_FIXES]:
        text = escaped(report.sentences[fix.sentence].text)
        change = f"{conclusion.dependence:.2f} → {fix.dependence_if_sourced:.2f}"
        lines.append(f"  - {change} if sourced: {text}{_line(fix.sentence, report)}")
    return lines


def _findings(report: Report) -> list[str]:
    found = open_findings(report)
    lines = []
    if found:
        lines += ["| | Rule | Where | Finding |", "|---|---|---|---|"]
        for finding in found:
            sentence = report.sentences[finding.sentence]
            where = f"line {sentence.place.line}" if sentence.place else f"s{finding.sentence}"
            about = f"{escaped(sentence.text)}<br>{escaped(finding.message)} ({escaped(finding.reason)})"
            lines.append(f"| {finding.level} | `{finding.rule}` | {where} | {about} |")
        lines.append("")
    return [*lines, f"{counted(report).capitalize()}."]


def _line(index: int, report: Report) -> str:
    place = report.sentences[index].place
    return f" (line {place.line})" if place else ""


def _file(report: Report) -> str:
    return escaped(shown_path(report))
