"""What is measured on labelled documents: per head, on support links, and on the score of the document.

Gold labels and predictions go in, plain dictionaries of numbers come out, ready for `metrics.json`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, f1_score, precision_recall_fscore_support

from analyzer.argument import graph_links, roles_of
from analyzer.document import laid_out
from analyzer.marks import mark_own_words, mark_words
from analyzer.model.heads import DocumentHeads
from analyzer.model.predictions import Array, Predictions
from analyzer.model.spans import marked_words, words_of
from analyzer.schema import ATTRIBUTED, STANDARD_SCHEMA, Head, HeadKind, LabelSchema, Role, span_label_of
from analyzer.training.data import LabelledDocument
from analyzer.training.score_metrics import dependence_metrics, dependence_rows

ECE_BINS = 15
LINKS_OF_GOLD_ROLES = "links.gold_roles"


def head_metrics(head: Head, gold: NDArray[np.int64], probabilities: Array, threshold: float) -> dict[str, Any]:
    """Precision, recall, F1 by label, macro-F1, accuracy, confusion table (gold rows) and ECE of one head.

    The macro-F1 is over the labels that occur. For a multi head `f1` is the F1 of each label where its probability
    reaches `threshold`, `macro_f1_yes_no` the mean of the F1 of having a label and of not having it, and each label has
    a confusion table of no and yes.
    """
    ece = expected_calibration_error(*confidence_of(head, gold, probabilities))
    if head.kind is HeadKind.SINGLE:
        predicted = probabilities.argmax(1)
        numbers = list(range(len(head.labels)))
        by_label = _by_label(gold, predicted, numbers, head.labels)
        occurring = np.union1d(gold, predicted)
        return {
            "macro_f1": float(np.mean([by_label[head.labels[k]]["f1"] for k in occurring])),
            "accuracy": float((gold == predicted).mean()),
            "ece": ece,
            "labels": by_label,
            "confusion": confusion_matrix(gold, predicted, labels=numbers).tolist(),
        }
    chosen = (probabilities >= threshold).astype(int)
    columns = {label: _by_label(gold[:, k], chosen[:, k], [1], [label])[label] for k, label in enumerate(head.labels)}
    occurs = (gold.astype(bool) | chosen.astype(bool)).any(0)
    # Where none does, the first stands for them, with 0.
    occurring = np.flatnonzero(occurs) if occurs.any() else np.array([0])
    both = [
        f1_score(gold[:, k], chosen[:, k], average="macro", labels=[0, 1], zero_division=0.0)
        for k in range(len(head.labels))
    ]
    return {
        "macro_f1": float(np.mean([columns[head.labels[k]]["f1"] for k in occurring])),
        "macro_f1_yes_no": float(np.mean(both)),
        "accuracy": float((gold == chosen).mean()),
        "ece": ece,
        "threshold": threshold,
        "labels": columns,
        "confusion": {
            label: confusion_matrix(gold[:, k], chosen[:, k], labels=[0, 1]).tolist()
            for k, label in enumerate(head.labels)
        },
    }


def _by_label(
    gold: NDArray[Any], predicted: NDArray[Any], numbers: Sequence[int], labels: Sequence[str]
) -> dict[str, dict[str, float]]:
    scores = precision_recall_fscore_support(gold, predicted, labels=list(numbers), zero_division=0.0)
    return {
        label: {"precision": float(p), "recall": float(r), "f1": float(f), "support": int(n)}
        for label, p, r, f, n in zip(labels, *scores, strict=True)
    }


def label_counts(head: Head, gold: NDArray[np.int64], probabilities: Array, threshold: float) -> NDArray[np.int64]:
    """Sentences labelled rightly, labelled so, and to be labelled so, by label: (labels, 3)."""
    n_labels = len(head.labels)
    if head.kind is HeadKind.SINGLE:
        wanted, found = np.eye(n_labels, dtype=bool)[gold], np.eye(n_labels, dtype=bool)[probabilities.argmax(1)]
    else:
        wanted, found = gold.astype(bool), probabilities >= threshold
    return np.stack([(wanted & found).sum(0), found.sum(0), wanted.sum(0)], axis=1)


def confidence_of(head: Head, gold: NDArray[np.int64], probabilities: Array) -> tuple[Array, NDArray[np.bool_]]:
    """How sure the head is of what it says, and whether that is right; one row a sentence, and label if multi."""
    if head.kind is HeadKind.SINGLE:
        return probabilities.max(1), gold == probabilities.argmax(1)
    return np.maximum(probabilities, 1 - probabilities).ravel(), ((probabilities >= 0.5) == (gold == 1)).ravel()


def calibration_bins(confidence: NDArray[Any], correct: NDArray[np.bool_]) -> NDArray[np.float64]:
    """By bin of confidence: how many rows, the sum of their confidences, how many are right; (bins, 3)."""
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    table = np.zeros((ECE_BINS, 3))
    np.add.at(table, bins, np.stack([np.ones(len(bins)), confidence, correct], axis=1))
    return table


def expected_calibration_error(confidence: NDArray[Any], correct: NDArray[np.bool_]) -> float:
    """ECE with 15 equal-width bins (Guo et al. 2017, arXiv:1706.04599): 0 is perfectly calibrated."""
    table = calibration_bins(confidence, correct)
    return float(np.abs(table[:, 1] - table[:, 2]).sum() / max(table[:, 0].sum(), 1))


def gold_roles(document: LabelledDocument) -> Array:
    """One-hot gold roles (n, 3)."""
    return np.eye(len(Role), dtype=np.float32)[document.labels["role"]]


def link_counts(
    documents: Sequence[LabelledDocument],
    predictions: Sequence[Predictions],
    heads: DocumentHeads,
    thresholds: Mapping[str, float],
    *,
    use_gold_roles: bool,
) -> NDArray[np.int64]:
    """Links found rightly, found, and to be found, by document (documents, 3); 0 where nobody looked for links.

    Without gold roles a link's probability is lowered by doubt whether the premise is part of the argument, so that it
    counts from another threshold on, where `thresholds` have one for each.
    """
    threshold = thresholds["links"]
    if use_gold_roles:
        threshold = thresholds.get(LINKS_OF_GOLD_ROLES, threshold)
    counts = np.zeros((len(documents), 3), dtype=np.int64)
    for row, (document, prediction) in enumerate(zip(documents, predictions, strict=True)):
        if document.supports is None or "role" not in document.labels:
            continue
        roles = gold_roles(document) if use_gold_roles else roles_of(prediction)
        links = {pair for pair, p in graph_links(prediction, heads, roles).items() if p >= threshold}
        counts[row] = len(links & document.supports), len(links), len(document.supports)
    return counts


def link_metrics(
    documents: Sequence[LabelledDocument],
    predictions: Sequence[Predictions],
    heads: DocumentHeads,
    thresholds: Mapping[str, float],
    *,
    use_gold_roles: bool,
) -> dict[str, float]:
    """Micro precision, recall and F1 of support links from their threshold on, with gold or with predicted roles."""
    return f1_row(*link_counts(documents, predictions, heads, thresholds, use_gold_roles=use_gold_roles).sum(0))


def words_in(document: LabelledDocument, places: AbstractSet[tuple[int, int, int]]) -> NDArray[np.bool_]:
    """Which words of the document lie in one of the places (sentence, start, end), (words,)."""
    marked = []
    for index, text in enumerate(document.texts):
        spans = [(start, end) for sentence, start, end in places if sentence == index]
        marked += [any(start < b and end > a for a, b in spans) for start, end in words_of(text)]
    return np.array(marked, dtype=bool)


def span_counts(
    documents: Sequence[LabelledDocument],
    predictions: Sequence[Predictions],
    schema: LabelSchema,
    thresholds: Mapping[str, float],
) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """By label that any document was marked for: right, found and wanted words and whole spans, (documents, 3) each."""
    marked = [label for label in schema.span_labels if any(label in document.spans for document in documents)]
    counted = {label: (_no_counts(documents), _no_counts(documents)) for label in marked}
    for row, (document, prediction) in enumerate(zip(documents, predictions, strict=True)):
        looked_for = [label for label in marked if label in document.spans]
        found = found_spans(document, prediction, schema, thresholds) if looked_for else {}
        for label in looked_for:
            words, spans = counted[label]
            gold, said = (words_in(document, places) for places in (document.spans[label], found[label]))
            wanted = _wanted_spans(document, label)
            words[row] = (gold & said).sum(), said.sum(), gold.sum()
            spans[row] = len(found[label] & wanted), len(found[label]), len(wanted)
    return counted


def _no_counts(documents: Sequence[LabelledDocument]) -> NDArray[np.int64]:
    return np.zeros((len(documents), 3), dtype=np.int64)


def span_metrics(
    documents: Sequence[LabelledDocument],
    predictions: Sequence[Predictions],
    schema: LabelSchema,
    thresholds: Mapping[str, float],
) -> dict[str, Any]:
    """F1 of marked words and of whole spans (same first and last word), by label, where documents have gold spans."""
    counted = span_counts(documents, predictions, schema, thresholds)
    return {label: {"words": f1_row(*w.sum(0)), "spans": f1_row(*s.sum(0))} for label, (w, s) in counted.items()}


def found_spans(
    document: LabelledDocument, prediction: Predictions, schema: LabelSchema, thresholds: Mapping[str, float]
) -> dict[str, set[tuple[int, int, int]]]:
    """The spans that a report marks, by label, as (sentence, start, end).

    `schema` is that of the model. One that does not say which sentences are loaded, or have a source, marks all.
    """
    whole, sentences = laid_out(document.texts, document.paragraphs)
    standard, given = STANDARD_SCHEMA.span_labels, schema.span_labels
    as_in_report = given[: len(standard)] == standard
    columns = {label: column for column, label in enumerate(given) if not (as_in_report and label in standard)}
    marked = mark_own_words(whole, sentences, prediction.tokens, columns, thresholds)
    if as_in_report:
        loaded, sourcing = (prediction.probabilities.get(name) for name in ("loaded", "sourcing"))
        kinds, n = STANDARD_SCHEMA.head("sourcing").labels, len(sentences)
        of_report = mark_words(
            whole,
            sentences,
            prediction.tokens,
            loaded=[True] * n if loaded is None else (loaded[:, 0] >= thresholds.get("loaded", 0.5)).tolist(),
            sourcing=[kinds[0]] * n if sourcing is None else [kinds[k] for k in sourcing.argmax(1)],
            thresholds=thresholds,
        )
        marked = [[*own, *spans] for own, spans in zip(marked, of_report, strict=True)]
    found: dict[str, set[tuple[int, int, int]]] = {label: set() for label in given}
    for sentence, spans in zip(sentences, marked, strict=True):
        for span in spans:
            place = sentence.index, span.start - sentence.start, span.end - sentence.start
            found[span_label_of(span.kind)].add(place)
    return found


def _wanted_spans(document: LabelledDocument, label: str) -> set[tuple[int, int, int]]:
    """The gold spans, widened to whole words and without the punctuation at their ends."""
    wanted: set[tuple[int, int, int]] = set()
    for index, text in enumerate(document.texts):
        words = words_of(text)
        gold = np.zeros(len(words), dtype=np.float32)
        for sentence, start, end in document.spans[label]:
            if sentence == index:
                gold[[place for place, (a, b) in enumerate(words) if a < end and b > start]] = 1.0
        wanted |= {(index, run.start, run.end) for run in marked_words(text, words, gold, 1.0)}
    return wanted


def f1_row(right: int, found: int, wanted: int) -> dict[str, float]:
    """Precision, recall, F1 and support from what was found rightly, found, and to be found."""
    return {
        "precision": float(right / max(found, 1)),
        "recall": float(right / max(wanted, 1)),
        "f1": float(2 * right / max(found + wanted, 1)),
        "support": int(wanted),
    }


def attributed_rows(document: LabelledDocument) -> NDArray[np.bool_]:
    """Which sentences have a named or vague source by their gold labels (n,): the ones where content may differ."""
    labels = STANDARD_SCHEMA.head("sourcing").labels
    return np.isin(document.labels["sourcing"], [labels.index(label) for label in ATTRIBUTED])


def _attributed_content(
    documents: Sequence[LabelledDocument], predictions: Sequence[Predictions], schema: LabelSchema
) -> dict[str, Any] | None:
    """The content head on attributed sentences only; None where there are none to measure."""
    content, sourcing = STANDARD_SCHEMA.head("content"), STANDARD_SCHEMA.head("sourcing")
    if content not in schema.heads or sourcing not in schema.heads:
        return None
    labelled = [
        (d.labels["content"][rows], p.probabilities["content"][rows])
        for d, p in zip(documents, predictions, strict=True)
        if {"content", "sourcing"} <= d.labels.keys()
        for rows in [attributed_rows(d)]
    ]
    gold = np.concatenate([g for g, _ in labelled]) if labelled else np.zeros(0, dtype=np.int64)
    return head_metrics(content, gold, np.concatenate([p for _, p in labelled]), 0.5) if len(gold) else None


def all_metrics(
    documents: Sequence[LabelledDocument],
    predictions: Sequence[Predictions],
    heads: DocumentHeads,
    schema: LabelSchema,
    thresholds: dict[str, float],
) -> dict[str, Any]:
    """Every measurement that the schema and the labels of these documents allow."""
    measured: dict[str, Any] = {
        "documents": len(documents),
        "sentences": sum(len(d.texts) for d in documents),
        "heads": {},
    }
    for head in schema.sentence_heads:
        labelled = [(d, p) for d, p in zip(documents, predictions, strict=True) if head.name in d.labels]
        if labelled:
            gold = np.concatenate([d.labels[head.name] for d, _ in labelled])
            found = np.concatenate([p.probabilities[head.name] for _, p in labelled])
            measured["heads"][head.name] = head_metrics(head, gold, found, thresholds.get(head.name, 0.5))
    attributed = _attributed_content(documents, predictions, schema)
    if attributed:
        measured["heads"]["content"]["attributed"] = attributed
    spans = span_metrics(documents, predictions, schema, thresholds)
    if spans:
        measured["spans"] = spans
    if schema.links and any(document.supports is not None for document in documents):
        measured["links"] = {
            name: link_metrics(documents, predictions, heads, thresholds, use_gold_roles=gold)
            for name, gold in (("gold_roles", True), ("end_to_end", False))
        }
        measured["dependence"] = dependence_metrics(dependence_rows(documents, predictions, heads))
    return measured
