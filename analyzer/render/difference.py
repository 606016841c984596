"""What an edit changed, for people: as plain text, and as a page of HTML that needs nothing else.

The document's scores before and after, the edits by the size of their effect, and the conclusions.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from analyzer.findings import open_findings
from analyzer.grounds import opinion_percentage
from analyzer.render.files import shown_path
from analyzer.render.html import write_page
from analyzer.render.plain import plain, writable
from analyzer.render.sureness import asserted, loadedness
from analyzer.render.words import SOURCING, TYPES, count_of, named, range_of, share_of
from analyzer.report import DocumentScores, Report, SentenceReport

if TYPE_CHECKING:
    from analyzer.alignment import Step
    from analyzer.comparison import Comparison, Edit

_WIDTH = 100
# An effect smaller than this is shown as none: it would round to 0.00.
_NO_EFFECT = 0.005
_FRAMING = {"loaded": "loaded", "possibly": "possibly loaded", "no": "not loaded"}


@dataclass(frozen=True)
class Score:
    """A score before and after, in words, and what it changed by."""

    name: str
    old: str
    new: str
    change: str


@dataclass(frozen=True)
class Sentence:
    """A changed sentence: what was done to it, its number and text before and after, and the labels that differ."""

    what: str
    old: SentenceReport | None
    new: SentenceReport | None
    labels: tuple[str, ...]


@dataclass(frozen=True)
class EditShown:
    """An edit with its effect, as "−0.18"."""

    effect: str
    is_rise: bool
    is_fall: bool
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Page:
    """Everything that both forms show."""

    old: Report
    new: Report
    scores: tuple[Score, ...]
    edits: tuple[EditShown, ...]
    conclusions: tuple[Score, ...]
    remarks: tuple[str, ...]
    findings: tuple[str, ...]


def write_text(comparison: Comparison, stream: TextIO, *, quiet: bool) -> None:
    """Write the comparison to `stream` as plain text; with `quiet`, the scores alone."""
    page = _page(comparison)
    lines = [plain(f"{shown_path(page.old)} → {shown_path(page.new)}"), ""]
    lines += [f"{s.name:18} {s.old:>18} → {s.new:18} {s.change}" for s in page.scores]
    if not quiet:
        lines += ["", *page.remarks]
        for number, edit in enumerate(page.edits, 1):
            lines += ["", f"{number}. {edit.effect}", *_edit_lines(edit)]
        if page.conclusions:
            lines += ["", "Conclusions"]
            lines += [f"  {s.old:>4} → {s.new:4} {s.change:7} {plain(s.name)}" for s in page.conclusions]
        lines += ["", *page.findings]
    wrapped = [part for line in lines for part in _wrapped(line)]
    stream.write(writable("\n".join(wrapped) + "\n", stream.encoding or "utf-8"))


def write_html(comparison: Comparison, stream: TextIO, *, quiet: bool) -> None:
    """Write the comparison to `stream` as one HTML page; with `quiet`, the scores alone."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("analyzer.render"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"plain": plain, "file": shown_path}
    template = environment.get_template("difference.html.jinja")
    write_page(template.render(page=_page(comparison), quiet=quiet), stream)


def _page(comparison: Comparison) -> Page:
    edits = sorted(comparison.edits, key=lambda edit: -abs(edit.effect or 0.0))
    return Page(
        old=comparison.old,
        new=comparison.new,
        scores=tuple(_scores(comparison)),
        edits=tuple(_edit(edit, comparison) for edit in edits),
        conclusions=tuple(_conclusions(comparison)),
        remarks=tuple(_remarks(comparison)),
        findings=tuple(_findings(comparison)),
    )


def _scores(comparison: Comparison) -> Iterator[Score]:
    old, new = comparison.old.document, comparison.new.document
    yield Score("Dependence", _dependence(old), _dependence(new), _change(old.dependence, new.dependence))
    for name, values in (
        ("Opinion", (_opinion(old), _opinion(new))),
        ("Unsourced", (old.unsourced_share, new.unsourced_share)),
        ("Loaded or possibly", (old.loaded_share, new.loaded_share)),
    ):
        before, after = values
        # Of the percentages as shown, so that the three agree.
        points = "" if before is None or after is None else _points(round(100 * after) - round(100 * before))
        yield Score(name, share_of(before), share_of(after), points)
    counts = len(comparison.old.sentences), len(comparison.new.sentences)
    yield Score("Sentences", str(counts[0]), str(counts[1]), f"{counts[1] - counts[0]:+d}".replace("-", "−"))


def _opinion(document: DocumentScores) -> float | None:
    """The opinion share by the percentages that its grounds are shown with."""
    return None if document.grounds is None else opinion_percentage(document.grounds.model_dump()) / 100


def _dependence(document: DocumentScores) -> str:
    if document.dependence is None or document.interval is None:
        return "no conclusion"
    return f"{document.dependence:.2f} ({range_of(document.interval)})"


def _points(change: int) -> str:
    return f"{change:+d} point{'' if abs(change) == 1 else 's'}".replace("-", "−")


def _edit(edit: Edit, comparison: Comparison) -> EditShown:
    effect = edit.effect or 0.0
    shown = "no score" if edit.effect is None else _signed(effect)
    sentences = tuple(_sentence(step, comparison) for step in edit.steps)
    return EditShown(shown, effect >= _NO_EFFECT, effect <= -_NO_EFFECT, sentences)


def _sentence(step: Step, comparison: Comparison) -> Sentence:
    old = None if step.old is None else comparison.old.sentences[step.old]
    new = None if step.new is None else comparison.new.sentences[step.new]
    if old is None or new is None:
        only = old or new
        is_moved = only is not None and only.text in _texts_that_changed(comparison, of_new=new is None)
        what = ("moved here" if is_moved else "added") if old is None else ("moved away" if is_moved else "removed")
        return Sentence(what, old, new, tuple(words for _, words in _labels(only)) if only is not None else ())
    before, after = _labels(old), _labels(new)
    changed = tuple(f"{b} → {a}" for (was, b), (is_, a) in zip(before, after, strict=True) if was != is_)
    return Sentence("reworded", old, new, changed or ("same labels",))


def _texts_that_changed(comparison: Comparison, *, of_new: bool) -> set[str]:
    """The sentences that only one version has where it stands: added ones of the new, or removed ones of the old."""
    if of_new:
        return {comparison.new.sentences[s.new].text for s in comparison.steps if s.old is None and s.new is not None}
    return {comparison.old.sentences[s.old].text for s in comparison.steps if s.new is None and s.old is not None}


def _labels(sentence: SentenceReport) -> list[tuple[str, str]]:
    """Every label, and the words for it, which say where the model is unsure."""
    own = [f"{named(head, {})}: {_own(labels)}" for head, labels in sentence.labels.items()]
    return [
        *([(sentence.type, asserted(sentence, "type", TYPES))] if sentence.type else []),
        *([(sentence.sourcing, asserted(sentence, "sourcing", SOURCING))] if sentence.sourcing else []),
        *([] if sentence.loaded is None else [(framing := loadedness(sentence), _FRAMING[framing])]),
        *([(sentence.role, asserted(sentence, "role", {}))] if sentence.role else []),
        *zip(own, own, strict=True),
    ]


def _own(labels: str | list[str]) -> str:
    return named(labels, {}) if isinstance(labels, str) else ", ".join(named(label, {}) for label in labels) or "no"


def _conclusions(comparison: Comparison) -> Iterator[Score]:
    old = {conclusion.sentence: conclusion for conclusion in comparison.old.conclusions}
    new = {conclusion.sentence: conclusion for conclusion in comparison.new.conclusions}
    for step in comparison.steps:
        before = None if step.old is None else old.get(step.old)
        after = None if step.new is None else new.get(step.new)
        shown = after or before
        if shown is None:
            continue
        what = "new" if before is None else "gone"
        if step.old is not None and step.new is not None:
            what = "now a conclusion" if before is None else "no longer a conclusion"
        if before is not None and after is not None:
            what = _change(before.dependence, after.dependence)
        scores = ["–" if c is None else f"{c.dependence:.2f}" for c in (before, after)]
        yield Score(shown.text, scores[0], scores[1], what)


def _remarks(comparison: Comparison) -> Iterator[str]:
    for report in (comparison.old, comparison.new):
        yield from (plain(f"Note on {shown_path(report)}: {note}") for note in report.document.notes)
    if not comparison.edits:
        yield "No sentence differs."
    elif comparison.change is None:
        yield "A version without a conclusion has no score, so no edit has an effect on it."
    else:
        yield "Edits, largest effect on the document's dependence first."
        yield "An effect is the mean of two, measured by making the edits one by one from the first, and from the last."
        before, after = comparison.old.document.interval, comparison.new.document.interval
        if before and after and before[0] <= after[1] and after[0] <= before[1]:
            yield "The likely ranges before and after overlap: the change may be smaller than it looks, or none."
    if comparison.rest is not None and abs(comparison.rest) >= _NO_EFFECT:
        yield f"{_signed(comparison.rest)} belongs to no sentence, but to layout and order."
    if any(len(edit.steps) > 1 for edit in comparison.edits):
        yield "There are many changes: neighbouring ones are taken together."


def _findings(comparison: Comparison) -> Iterator[str]:
    found = open_findings(comparison.new)
    yield f"{count_of(len(found), 'new finding')}, {comparison.gone} gone"
    for finding in found:
        place = comparison.new.sentences[finding.sentence].place
        where = f"line {place.line}" if place else f"sentence {finding.sentence}"
        yield f"  {finding.level} {finding.rule}, {where}: {plain(finding.message)}"


def _edit_lines(edit: EditShown) -> Iterator[str]:
    for sentence in edit.sentences:
        yield f"  {sentence.what}: {', '.join(sentence.labels)}"
        for mark, side in (("-", sentence.old), ("+", sentence.new)):
            if side is not None:
                yield f"  {mark} s{side.index} {plain(side.text)}"


def _change(before: float | None, after: float | None) -> str:
    """The change between two scores as they are shown, so that the three agree."""
    return "" if before is None or after is None else _signed(round(after, 2) - round(before, 2))


def _signed(change: float) -> str:
    return "±0.00" if abs(change) < _NO_EFFECT else f"{change:+.2f}".replace("-", "−")


def _wrapped(line: str) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip(" ")))
    wrapped = textwrap.wrap(
        line, _WIDTH, subsequent_indent=f"{indent}  ", break_long_words=False, break_on_hyphens=False
    )
    return wrapped or [""]
