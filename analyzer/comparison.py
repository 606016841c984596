"""How an edit changed a document's scores, and which sentences did it.

The change in the document's dependence is divided among the edits by making them: from the old text, one edit after
the other, each text in between analysed as any document is. What an edit changes depends on the edits made before it,
so this is done twice, from the first edit to the last and from the last to the first, and an edit's effect is the mean
of the two. (That is its Shapley value when no more than two edits bear on each other, and an estimate of it else; all
orders would be too dear.) The effects and a rest, which layout and order leave, add up to the whole change exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analyzer.alignment import Step, align
from analyzer.baseline import Baseline
from analyzer.findings import Policy
from analyzer.hybrid import Hybrids, Version
from analyzer.pipeline import Analyzer
from analyzer.readers import read_path
from analyzer.report import Report
from analyzer.review import Given, Reviewer
from analyzer.segment import segment

# Each edit costs two analyses of the document; more of them are taken together with their neighbours.
MOST_EDITS = 20


@dataclass(frozen=True)
class Edit:
    """Steps made together; `effect` is what they add to the document's dependence, None where that has no score."""

    steps: tuple[Step, ...]
    effect: float | None


@dataclass(frozen=True)
class Comparison:
    """Two versions of a document, and the edits between them in the order of the text.

    `rest` is the part of the change in dependence that belongs to no edit. Findings of `new` that `old` had are marked
    as known; `gone` counts the ones of `old` that `new` lacks. `steps` has all sentences, unchanged ones included.
    """

    old: Report
    new: Report
    steps: tuple[Step, ...]
    edits: tuple[Edit, ...]
    rest: float | None
    gone: int

    @property
    def change(self) -> float | None:
        """The change in the document's dependence; None when either version draws no conclusion."""
        if self.old.document.dependence is None or self.new.document.dependence is None:
            return None
        return self.new.document.dependence - self.old.document.dependence


def compare_files(old: str, new: str, *, given: Given, conclusions: Sequence[str]) -> tuple[Comparison, Reviewer]:
    """Compare two files under the settings of the new one; the reviewer tells whether it fails for what is new."""
    reviewer = Reviewer(given)
    analyzer, policy = reviewer.analyzer(new), reviewer.policy(new)
    compared = compare(analyzer, *_versions(old, new), policy=policy, conclusions=conclusions)
    return compared, Reviewer(given, baseline=_as_baseline(compared))


def compare(
    analyzer: Analyzer, old: Version, new: Version, *, policy: Policy, conclusions: Sequence[str] = ()
) -> Comparison:
    """Analyse both versions and the texts between them."""
    reports = [analyzer.analyze(v.document, policy=policy, conclusions=conclusions) for v in (old, new)]
    kinds = [[version.kind(k) for k in range(len(version.sentences))] for version in (old, new)]
    texts = [[version.text(k) for k in range(len(version.sentences))] for version in (old, new)]
    steps = align(texts[0], texts[1], (kinds[0], kinds[1]))
    groups = _groups([number for number, step in enumerate(steps) if step.changed])
    effects: list[float | None] = [None] * len(groups)
    rest = None
    before, after = (report.document.dependence for report in reports)
    if before is not None and after is not None:
        hybrids = Hybrids(old, new, steps)

        def dependence(made: Sequence[int]) -> float | None:
            between = hybrids.document(made)
            # Where nothing of the old text is left and nothing of the new is there yet, there is nothing to score.
            if not between.text.strip():
                return None
            return analyzer.analyze(between, policy=policy, conclusions=conclusions).document.dependence

        found = _effects(groups, before, dependence)
        effects, rest = [*found], round(after - before - sum(found), 4)
    edits = [Edit(tuple(steps[n] for n in group), effect) for group, effect in zip(groups, effects, strict=True)]
    known = Baseline(reports[:1])
    marked = known.mark(reports[1])
    return Comparison(reports[0], marked, tuple(steps), tuple(edits), rest, known.left())


def _versions(*paths: str) -> list[Version]:
    documents = [read_path(path) for path in paths]
    return [Version(document, segment(document)) for document in documents]


def _groups(numbers: Sequence[int]) -> list[list[int]]:
    """The changed steps, each by itself, or in as many runs of neighbours as there may be edits."""
    size = -(-len(numbers) // MOST_EDITS) if numbers else 1
    return [list(numbers[at : at + size]) for at in range(0, len(numbers), size)]


def _effects(
    groups: Sequence[Sequence[int]], before: float, dependence: Callable[[Sequence[int]], float | None]
) -> list[float]:
    """The effect of each group of steps.

    A text in between that draws no conclusion has no score: what happened there shows at the next one that has.
    """
    effects = [0.0] * len(groups)
    everything = dependence([number for group in groups for number in group]) if groups else before
    everything = before if everything is None else everything
    for order in (range(len(groups)), range(len(groups) - 1, -1, -1)):
        made: list[int] = []
        score = before
        for place, number in enumerate(order, 1):
            made += groups[number]
            found = everything if place == len(groups) else dependence(made)
            found = score if found is None else found
            effects[number] += (found - score) / 2
            score = found
    return [round(effect, 4) for effect in effects]


def _as_baseline(compared: Comparison) -> Baseline:
    document = compared.old.document.model_copy(update={"path": compared.new.document.path})
    return Baseline([compared.old.model_copy(update={"document": document})])
