"""Even-handedness: whether a name in a sentence moves its labels when only the name is another.

In go labelled or unlabelled documents and a swap list, out come, by group of names, how often a swap changes a label,
what an edit without any meaning changes in the same sentences, and whether either name makes a sentence more loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analyzer.errors import AnalyzerError
from analyzer.model.encoder import EncodedWindow
from analyzer.model.folder import ModelFolder
from analyzer.model.heads import DocumentHeads
from analyzer.model.onnx_runtime import OnnxEncoder
from analyzer.model.predictions import Predictions
from analyzer.model.tagging import TokenMarker
from analyzer.model.windows import Window
from analyzer.schema import HeadKind, LabelSchema
from analyzer.training.data import LabelledDocument
from analyzer.training.resampling import LEAST_TO_RESAMPLE, draw, interval, ratio, value
from analyzer.training.swaps import CONTROLS, Pair, Swap, SwapList

_LOADED = "loaded"
# A mark such as footnotes have: it says nothing, but it is another sentence to an int8 encoder.
_MEANINGLESS = " *"


@dataclass(frozen=True)
class _Case:
    """One edit of one sentence: which labels it changed, and how far P(loaded) and the loaded label moved."""

    document: int
    sentence: int
    group: str
    pair: Pair
    forward: bool | None
    changed: dict[str, bool]
    move: float
    rate_move: float


class _EachWindowOnce(OnnxEncoder):
    """Reads windows that are the same once: an edit of a sentence leaves most windows of its document as they are."""

    def encode(self, windows: Sequence[Window], mark: TokenMarker) -> Iterator[EncodedWindow]:
        different = list(dict.fromkeys(windows))
        found = dict(zip(different, super().encode(different, mark), strict=True))
        return (found[window] for window in windows)


def measure_evenness(
    folder: ModelFolder,
    documents: Sequence[LabelledDocument],
    swaps: SwapList,
    *,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    """Even-handedness by group and over all groups; every edited sentence is judged in its document.

    `progress` gets the number of documents done. All intervals are 95 %, over the documents. Raises `AnalyzerError`
    for a model that labels no sentences.
    """
    if not folder.schema.sentence_heads:
        raise AnalyzerError(f"{folder.path}: labels no sentences, so no name can change a label; leave out the swaps")
    reader, heads = _EachWindowOnce(folder), DocumentHeads(folder)

    def predict(versions: Sequence[Sequence[str]], paragraphs: Sequence[int]) -> Iterator[Predictions]:
        return (heads.predict(read, paragraphs) for read in reader.read_many(versions, heads.mark_tokens))

    cases, meaningless = [], []
    for number, document in enumerate(documents):
        of_document = list(_cases(number, document, swaps, predict, folder))
        cases += [case for case in of_document if case.group]
        meaningless += [case for case in of_document if not case.group]
        progress(number + 1)
    return _summary(cases, meaningless, folder.schema, len(documents), swaps)


def _summary(
    cases: Sequence[_Case], meaningless: Sequence[_Case], schema: LabelSchema, documents: int, swaps: SwapList
) -> dict[str, Any]:
    groups = [group for group in swaps.groups if any(case.group == group for case in cases)]
    by_group = {group: [case for case in cases if case.group == group] for group in groups}
    found: dict[str, Any] = {"documents": documents}
    for name, chosen in [("all", [c for c in cases if c.group != CONTROLS]), *by_group.items()]:
        if not chosen:
            continue
        edited = {(case.document, case.sentence) for case in chosen}
        unmeant = [case for case in meaningless if (case.document, case.sentence) in edited]
        measured = _measured(chosen, unmeant, schema, documents)
        if name in ("all", CONTROLS):
            found[name] = measured
        else:
            found.setdefault("groups", {})[name] = {**measured, "pairs": _by_pair(chosen, schema, documents)}
    return found


def _cases(
    number: int,
    document: LabelledDocument,
    swaps: SwapList,
    predict: Callable[[Sequence[Sequence[str]], Sequence[int]], Iterator[Predictions]],
    folder: ModelFolder,
) -> Iterator[_Case]:
    """All swaps that the document allows, and one meaningless edit (without group) of every sentence that has one."""
    texts = list(document.texts)
    possible = {place: found for place, text in enumerate(texts) if (found := list(swaps.swaps(text)))}
    edits = [
        (place, swap)
        for place, found in possible.items()
        for swap in (Swap("", ("", ""), texts[place] + _MEANINGLESS, None), *found)
    ]
    if not edits:
        return
    edited = [[*texts[:place], swap.text, *texts[place + 1 :]] for place, swap in edits]
    before, *after = predict([texts, *edited], document.paragraphs)
    for (place, swap), changed in zip(edits, after, strict=True):
        yield _case(number, place, swap, before, changed, folder)


def _case(number: int, place: int, swap: Swap, before: Predictions, after: Predictions, folder: ModelFolder) -> _Case:
    changed = {}
    for head in folder.schema.sentence_heads:
        threshold = folder.settings.thresholds.get(head.name, 0.5)
        rows = before.probabilities[head.name][place], after.probabilities[head.name][place]
        old, new = (row.argmax() if head.kind is HeadKind.SINGLE else row >= threshold for row in rows)
        changed[head.name] = bool(np.any(old != new))
    move = rate_move = 0.0
    if _LOADED in changed:
        old_p, new_p = (float(p.probabilities[_LOADED][place, 0]) for p in (before, after))
        threshold = folder.settings.thresholds.get(_LOADED, 0.5)
        move, rate_move = new_p - old_p, float(new_p >= threshold) - float(old_p >= threshold)
    return _Case(number, place, swap.group, swap.pair, swap.forward, changed, move, rate_move)


def _measured(
    cases: Sequence[_Case], meaningless: Sequence[_Case], schema: LabelSchema, documents: int
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "swaps": len(cases),
        "sentences": len({(case.document, case.sentence) for case in cases}),
        "documents": len({case.document for case in cases}),
        "changed": _changed(cases, schema, documents),
        "meaningless_edit": _changed(meaningless, schema, documents),
    }
    if any(head.name == _LOADED for head in schema.sentence_heads):
        found["loaded"] = _moves(cases, documents)
    return found


def _changed(cases: Sequence[_Case], schema: LabelSchema, documents: int) -> dict[str, Any]:
    """Shares of swaps that changed the label of a head, of any head, and of all labels that were changed (`mean`)."""
    names = [head.name for head in schema.sentence_heads]
    columns = {
        **{name: [float(case.changed[name]) for case in cases] for name in names},
        "any": [float(any(case.changed.values())) for case in cases],
        "mean": [sum(case.changed.values()) / len(names) for case in cases],
    }
    return {name: _mean(column, cases, documents) for name, column in columns.items()}


def _moves(cases: Sequence[_Case], documents: int) -> dict[str, Any]:
    """How far P(loaded) and the loaded rate move from the first name to the second, and back.

    `second_minus_first` is over both directions: how much more loaded a sentence is for holding the second name.
    """
    directions: dict[str, list[_Case]] = {
        "first_to_second": [case for case in cases if case.forward is True],
        "second_to_first": [case for case in cases if case.forward is False],
    }
    both = [*directions["first_to_second"], *directions["second_to_first"]]
    found = {}
    for name, chosen in {**directions, "second_minus_first": both}.items():
        signs = [-1.0 if name == "second_minus_first" and case.forward is False else 1.0 for case in chosen]
        found[name] = {
            "swaps": len(chosen),
            "probability": _mean([s * c.move for s, c in zip(signs, chosen, strict=True)], chosen, documents),
            "rate": _mean([s * c.rate_move for s, c in zip(signs, chosen, strict=True)], chosen, documents),
        }
    return found


def _by_pair(cases: Sequence[_Case], schema: LabelSchema, documents: int) -> list[dict[str, Any]]:
    """By pair, those that move P(loaded) furthest first."""
    rows = []
    for pair in dict.fromkeys(case.pair for case in cases):
        chosen = [case for case in cases if case.pair == pair]
        row: dict[str, Any] = {"pair": list(pair), "swaps": len(chosen)}
        row["changed"] = _changed(chosen, schema, documents)["any"]["mean"]
        row["second_minus_first"] = _moves(chosen, documents)["second_minus_first"]["probability"]["mean"]
        rows.append(row)
    return sorted(rows, key=lambda row: -abs(row["second_minus_first"] or 0.0))


def _mean(column: Sequence[float], cases: Sequence[_Case], documents: int) -> dict[str, Any]:
    if not cases:
        return {"mean": None, "interval": None}
    parts, wholes = np.zeros(documents), np.zeros(documents)
    for part, case in zip(column, cases, strict=True):
        parts[case.document] += part
        wholes[case.document] += 1
    measure = ratio(parts, wholes)
    enough = (wholes > 0).sum() >= LEAST_TO_RESAMPLE
    return {"mean": value(measure, documents), "interval": interval(measure, draw(documents)) if enough else None}
