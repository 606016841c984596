"""The conclusions, most dependent first: what each rests on, its premises as a tree, and what sourcing would change."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text
from rich.tree import Tree

from analyzer.grounds import opinion_percentage
from analyzer.render.sureness import LIKELY_LINK, asserted, is_unsure, sentence_number
from analyzer.render.terminal.labels import loaded_label, marked_text, sourcing_label, type_label
from analyzer.render.terminal.pen import Pen
from analyzer.render.words import dependence_meaning, interval_meaning, percent_below
from analyzer.report import Conclusion, Report, SentenceReport

Supporters: TypeAlias = Mapping[int, Sequence[tuple[float, SentenceReport]]]

_MOST_CHILDREN, _MOST_DEPTH, _MOST_FIXES = 6, 4, 3
# Links less probable than this are counted, not drawn, beside a likelier one; still less probable ones not even that.
_LEAST_LINK, _LEAST_COUNTED = 0.15, 0.1
# Characters of a premise shown in the tree; the whole sentence stands in its paragraph.
_EXCERPT = 160
# Below this width everything under a conclusion starts at the left edge.
_ROOM_FOR_INDENT = 60
# Columns that a level of the tree takes, and that must be left for text.
_GUIDE, _LEAST_TEXT = 4, 16


@dataclass
class Place:
    """A place in the tree under a conclusion: a sentence, and the probability that it supports the one above it.

    `left_out` counts the less likely premises that are not among `children`. A place that is `circular` leads back to
    a sentence above it; one that is `repeated` is opened elsewhere in the tree; below neither is anything shown.
    """

    sentence: SentenceReport
    probability: float = 1.0
    children: list[Place] = field(default_factory=list)
    left_out: int = 0
    circular: bool = False
    repeated: bool = False


def print_conclusions(report: Report, pen: Pen) -> None:
    """Print every conclusion; nothing for a document without one."""
    if not report.conclusions:
        return
    pen.section("Conclusions, most dependent first")
    sentences = {sentence.index: sentence for sentence in report.sentences}
    supporters = supporters_of(report)
    for conclusion in sorted(report.conclusions, key=lambda c: (-c.dependence, c.sentence)):
        sentence = sentences[conclusion.sentence]
        number = sentence_number(sentence.index)
        grid = Table.grid(Column(), Column(overflow="fold"), padding=(0, 1, 0, 0))
        grid.add_row(pen(number, "bold"), marked_text(sentence, pen, "bold"))
        pen.print("", grid)
        indent = len(number) + 1 if pen.width >= _ROOM_FOR_INDENT else 0
        for part in _grounding(conclusion, sentence, supporters, pen):
            pen.print(Padding(part, (0, 0, 0, indent)))


def supporters_of(report: Report) -> Supporters:
    """By sentence, the sentences that support it with their probabilities, likeliest first."""
    found: dict[int, list[tuple[float, SentenceReport]]] = {}
    for sentence in report.sentences:
        for link in sentence.supports:
            found.setdefault(link.sentence, []).append((link.probability, sentence))
    for supported, supporters in found.items():
        supporters.sort(key=lambda s: (-s[0], s[1].index))
        found[supported] = [s for s in supporters if s[0] >= _LEAST_COUNTED] or supporters[:1]
    return found


def premise_tree(conclusion: SentenceReport, supporters: Supporters, *, depth: int) -> Place:
    """The premises under a conclusion, at most `depth` levels of them.

    Breadth first, so that a premise is opened where it stands nearest to the conclusion and only named elsewhere:
    the tree stays as small as the graph, cycles included.
    """
    top = Place(conclusion)
    opened = {conclusion.index}
    queue: deque[tuple[Place, tuple[int, ...]]] = deque([(top, (conclusion.index,))])
    while queue:
        place, path = queue.popleft()
        known = supporters.get(place.sentence.index, ())
        # The farther from the conclusion, the fewer: 6, 3, 2, 1.
        likely = sum(probability >= _LEAST_LINK for probability, _ in known)
        most = min(_MOST_CHILDREN // len(path), max(1, likely))
        place.left_out = len(known[most:])
        for probability, sentence in known[:most]:
            child, below = Place(sentence, probability), sentence.index
            place.children.append(child)
            if below in path:
                child.circular = True
            elif below in opened:
                child.repeated = True
            elif below in supporters and len(path) >= depth:
                child.left_out = len(supporters[below])
            elif below in supporters:
                opened.add(below)
                queue.append((child, (*path, below)))
    return top


def _grounding(
    conclusion: Conclusion, sentence: SentenceReport, supporters: Supporters, pen: Pen
) -> list[RenderableType]:
    meaning = dependence_meaning(conclusion.dependence, of_document=False)
    score = [
        pen.line(pen("dependence "), pen(f"{conclusion.dependence:.2f}", "bold")),
        pen(interval_meaning(conclusion.interval)),
        pen(meaning),
        pen(f"opinion {opinion_percentage(conclusion.grounds.model_dump())}%"),
    ]
    if is_unsure(sentence, "role"):
        score.append(pen(asserted(sentence, "role", {})))
    parts: list[RenderableType] = [pen.flow(score), pen.bar(conclusion.grounds)]
    depth = max(1, min(_MOST_DEPTH, (pen.width - _LEAST_TEXT) // _GUIDE))
    tree = premise_tree(sentence, supporters, depth=depth)
    if tree.children:
        parts.append(_tree(tree, pen("because", "bold"), set(), pen))
    else:
        parts.append(pen("No premise in the text supports it."))
    if conclusion.fixes:
        parts.append(_fixes(conclusion, pen))
    return parts


def _tree(place: Place, label: RenderableType, shown: set[int], pen: Pen) -> Tree:
    """`shown` collects the sentences whose words stand in the tree so far: each is quoted once."""
    tree = Tree(label, guide_style="dim")
    for child in place.children:
        tree.children.append(_tree(child, _premise(child, shown, pen), shown, pen))
    if place.left_out:
        tree.add(pen(f"… and {place.left_out} more", "dim"))
    return tree


def _premise(place: Place, shown: set[int], pen: Pen) -> RenderableType:
    sentence = place.sentence
    number = pen(sentence_number(sentence.index), "bold")
    if place.probability < LIKELY_LINK:
        number.append_text(pen(f" perhaps {percent_below(place.probability, LIKELY_LINK)}", "not bold"))
    if place.circular:
        return pen.flow([number, pen("circular: leads back to a sentence above", "bold")])
    if sentence.index in shown or place.repeated:
        return pen.flow([number, pen("see above" if sentence.index in shown else "see below", "dim")])
    shown.add(sentence.index)
    labels = [sourcing_label(sentence, pen), type_label(sentence, pen), loaded_label(sentence, pen)]
    return Group(pen.flow([number, *(label for label in labels if label)]), _excerpt(marked_text(sentence, pen), pen))


def _excerpt(text: Text, pen: Pen) -> Text:
    """The beginning of a long text, up to a word boundary."""
    if len(text) <= _EXCERPT:
        return text
    boundary = text.plain.rfind(" ", 0, _EXCERPT)
    return text[: boundary if boundary > 0 else _EXCERPT].append_text(pen("…"))


def _fixes(conclusion: Conclusion, pen: Pen) -> RenderableType:
    first, *others = [
        pen(f"source {sentence_number(fix.sentence)}: {conclusion.dependence:.2f} → {fix.dependence_if_sourced:.2f}")
        for fix in conclusion.fixes[:_MOST_FIXES]
    ]
    return pen.flow([pen.line(pen("What would help most: ", "bold"), first), *others])
