"""What is measured on labelled documents: per head, on support links, and on the score of the document.

Gold labels and predictions go in, plain dictionaries of numbers come out, ready for `metrics.json`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.metrics import confusion_matrix, f1_score, precision_recall_fscore_support

from analyzer import dependence as dep
from analyzer.argument import build_argument, graph_links, roles_of
from analyzer.assembly import document_grounds
from analyzer.model.heads import DocumentHeads
from analyzer.model.predictions import Array, Predictions
from analyzer.model.spans import LEAST_PEAK, marked_words, span_threshold, word_probabilities, words_of
from analyzer.schema import STANDARD_SCHEMA, Head, HeadKind, LabelSchema, Role, SpanLabel
from analyzer.training.data import LabelledDocument

_ECE_BINS = 15
_BOOTSTRAP_SAMPLES = 1000


def head_metrics(head: Head, gold: NDArray[np.int64], probabilities: Array, threshold: float) -> dict[str, Any]:
    """Precision, recall, F1 by label, macro-F1, accuracy, confusion table (gold rows) and ECE of one head.

    For a multi head `f1` is the F1 of each label where its probability reaches `threshold`, and `macro_f1_yes_no` the
    mean of the F1 of having a label and of not having it.
    """
    if head.kind is HeadKind.SINGLE:
        predicted = probabilities.argmax(1)
        numbers = list(range(len(head.labels)))
        by_label = _by_label(gold, predicted, numbers, head.labels)
        return {
            "macro_f1": float(np.mean([row["f1"] for row in by_label.values()])),
            "accuracy": float((gold == predicted).mean()),
            "ece": expected_calibration_error(probabilities.max(1), gold == predicted),
            "labels": by_label,
            "confusion": confusion_matrix(gold, predicted, labels=numbers).tolist(),
        }
    columns = {
        label: _by_label(gold[:, k], (probabilities[:, k] >= threshold).astype(int), [1], [label])[label]
        for k, label in enumerate(head.labels)
    }
    predicted = (probabilities >= threshold).astype(int)
    confidence = np.maximum(probabilities, 1 - probabilities)
    return {
        "macro_f1": float(np.mean([row["f1"] for row in columns.values()])),
        "macro_f1_yes_no": float(
            np.mean(
                [
                    f1_score(gold[:, k], predicted[:, k], average="macro", labels=[0, 1], zero_division=0.0)
                    for k in range(len(head.labels))
                ]
            )
        ),
        "ece": expected_calibration_error(confidence.ravel(), ((probabilities >= 0.5) == (gold == 1)).ravel()),
        "threshold": threshold,
        "labels": columns,
    }


def _by_label(
    gold: NDArray[Any], predicted: NDArray[Any], numbers: Sequence[int], labels: Sequence[str]
) -> dict[str, dict[str, float]]:
    scores = precision_recall_fscore_support(gold, predicted, labels=list(numbers), zero_division=0.0)
    return {
        label: {"precision": float(p), "recall": float(r), "f1": float(f), "support": int(n)}
        for label, p, r, f, n in zip(labels, *scores, strict=True)
    }


def bootstrap_interval(
    head: Head, gold: Sequence[NDArray[np.int64]], probabilities: Sequence[Array], threshold: float
) -> tuple[float, float]:
    """95 % interval of a head's macro-F1 over resampled documents (percentile bootstrap, Efron & Tibshirani 1993).

    `gold` and `probabilities` hold one array a document, as `head_metrics` takes them for all of them.
    """
    tables = np.stack([_confusions(head, g, p, threshold) for g, p in zip(gold, probabilities, strict=True)])
    rng = np.random.default_rng(0)
    draws = rng.multinomial(len(tables), np.full(len(tables), 1 / len(tables)), size=_BOOTSTRAP_SAMPLES)
    counts = np.einsum("sd,d...->s...", draws, tables)
    right, found, wanted = counts[..., 0], counts[..., 1], counts[..., 2]
    f1 = np.divide(2 * right, found + wanted, out=np.zeros(right.shape), where=found + wanted > 0)
    low, high = np.percentile(f1.mean(-1), [2.5, 97.5])
    return float(low), float(high)


def _confusions(head: Head, gold: NDArray[np.int64], probabilities: Array, threshold: float) -> NDArray[np.int64]:
    """Sentences labelled rightly, labelled so, and to be labelled so, by label: (labels, 3)."""
    n_labels = len(head.labels)
    if head.kind is HeadKind.SINGLE:
        wanted, found = np.eye(n_labels, dtype=bool)[gold], np.eye(n_labels, dtype=bool)[probabilities.argmax(1)]
    else:
        wanted, found = gold.astype(bool), probabilities >= threshold
    return np.stack([(wanted & found).sum(0), found.sum(0), wanted.sum(0)], axis=1)


def expected_calibration_error(confidence: NDArray[Any], correct: NDArray[np.bool_]) -> float:
    """ECE with 15 equal-width bins (Guo et al. 2017, arXiv:1706.04599): 0 is perfectly calibrated."""
    bins = np.minimum((confidence * _ECE_BINS).astype(int), _ECE_BINS - 1)
    error = 0.0
    for number in np.unique(bins):
        inside = bins == number
        error += inside.mean() * abs(float(confidence[inside].mean()) - float(correct[inside].mean()))
    return float(error)


def gold_roles(document: LabelledDocument) -> Array:
    """One-hot gold roles (n, 3)."""
    return np.eye(len(Role), dtype=np.float32)[document.labels["role"]]


def link_metrics(
    documents: Sequence[LabelledDocument],
    predictions: Sequence[Predictions],
    heads: DocumentHeads,
    threshold: float,
    *,
    use_gold_roles: bool,
) -> dict[str, float]:
    """Micro precision, recall and F1 of support links at `threshold`, with gold or with predicted roles.

    Documents in which nobody looked for links do not count.
    """
    right = found = wanted = 0
    for document, prediction in zip(documents, predictions, strict=True):
        if document.supports is None:
            continue
        roles = gold_roles(document) if use_gold_roles else roles_of(prediction)
        links = {pair for pair, p in graph_links(prediction, heads, roles).items() if p >= threshold}
        right += len(links & document.supports)
        found += len(links)
        wanted += len(document.supports)
    return _f1_row(right, found, wanted)


def document_word_probabilities(document: LabelledDocument, prediction: Predictions) -> Array:
    """Probabilities (words of the document, span labels)."""
    pairs = zip(document.texts, prediction.tokens, strict=True)
    return np.concatenate([word_probabilities(words_of(text), tokens) for text, tokens in pairs])


def gold_words(document: LabelledDocument, label: str) -> NDArray[np.bool_]:
    """Which words of the document lie in a gold span of that label, (words,)."""
    marked = []
    for index, text in enumerate(document.texts):
        spans = [(start, end) for sentence, start, end in document.spans[label] if sentence == index]
        marked += [any(start < b and end > a for a, b in spans) for start, end in words_of(text)]
    return np.array(marked, dtype=bool)


def span_metrics(
    documents: Sequence[LabelledDocument],
    predictions: Sequence[Predictions],
    schema: LabelSchema,
    thresholds: Mapping[str, float],
) -> dict[str, Any]:
    """F1 of marked words and of whole spans (same first and last word), by label, where documents have gold spans."""
    measured = {}
    for column, label in enumerate(schema.span_labels):
        words, spans = np.zeros(3, dtype=int), np.zeros(3, dtype=int)
        marked = [pair for pair in zip(documents, predictions, strict=True) if label in pair[0].spans]
        for document, prediction in marked:
            threshold = thresholds[span_threshold(label)]
            # Loaded words are marked in sentences that are loaded: see `analyzer.marks`.
            peak = threshold if label == SpanLabel.LOADED.value else LEAST_PEAK
            found_words, found = _found_spans(document, prediction, column, threshold, peak)
            gold = gold_words(document, label)
            words += [(gold & found_words).sum(), found_words.sum(), gold.sum()]
            wanted = _wanted_spans(document, label)
            spans += [len(found & wanted), len(found), len(wanted)]
        if marked:
            measured[label] = {"words": _f1_row(*words), "spans": _f1_row(*spans)}
    return measured


def _found_spans(
    document: LabelledDocument, prediction: Predictions, column: int, threshold: float, peak: float
) -> tuple[NDArray[np.bool_], set[tuple[int, int, int]]]:
    """The spans that a report would mark, as (sentence, start, end), and which words (words,) lie in one."""
    found: set[tuple[int, int, int]] = set()
    inside: list[bool] = []
    for index, (text, tokens) in enumerate(zip(document.texts, prediction.tokens, strict=True)):
        words = words_of(text)
        runs = marked_words(text, words, word_probabilities(words, tokens)[:, column], threshold, peak)
        found |= {(index, run.start, run.end) for run in runs}
        inside += [any(run.start <= start and end <= run.end for run in runs) for start, end in words]
    return np.array(inside, dtype=bool), found


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


def _f1_row(right: int, found: int, wanted: int) -> dict[str, float]:
    return {
        "precision": float(right / max(found, 1)),
        "recall": float(right / max(wanted, 1)),
        "f1": float(2 * right / max(found + wanted, 1)),
        "support": int(wanted),
    }


def gold_dependence(document: LabelledDocument) -> tuple[float, float] | None:
    """Dependence and opinion share of a document by its gold labels; None when it has no conclusion."""
    role = document.labels["role"]
    background = STANDARD_SCHEMA.head("role").labels.index(Role.BACKGROUND.value)
    nodes = np.flatnonzero(role != background)
    place = {int(s): k for k, s in enumerate(nodes)}
    links = sorted((place[i], place[j]) for i, j in document.supports or () if i in place and j in place)
    conclusions = np.flatnonzero(role[nodes] == STANDARD_SCHEMA.head("role").labels.index(Role.CONCLUSION.value))
    if not len(conclusions):
        return None

    def one_hot(name: str, count: int) -> NDArray[np.float64]:
        rows = np.eye(4)[document.labels[name][nodes]][:, :count] + 1e-9
        return np.asarray(rows / rows.sum(1, keepdims=True))

    graph = dep.SupportGraph(
        sourcing=np.eye(4)[document.labels["sourcing"][nodes]],
        content=one_hot("content", 3),
        kind=one_hot("type", 3),
        supporter=np.array([i for i, _ in links], dtype=np.intp),
        supported=np.array([j for _, j in links], dtype=np.intp),
        probability=np.ones(len(links)),
    )
    mean = dep.grounds(graph)[conclusions].mean(0)
    return float(dep.dependence(mean)), float(dep.opinion_share(mean))


def dependence_metrics(
    documents: Sequence[LabelledDocument], predictions: Sequence[Predictions], heads: DocumentHeads
) -> dict[str, float | int | None]:
    """The document's score against the one worked out from gold labels, over documents where both have one.

    `missed`: documents with a gold conclusion and none found; `invented`: the other way round.
    """
    pairs, missed, invented = [], 0, 0
    for document, prediction in zip(documents, predictions, strict=True):
        gold = gold_dependence(document)
        argument = build_argument(prediction, heads, roles=roles_of(prediction))
        mean = document_grounds(argument, dep.grounds(argument.graph))
        if gold is None or mean is None:
            missed += gold is not None
            invented += mean is not None
            continue
        pairs.append((*gold, float(dep.dependence(mean)), float(dep.opinion_share(mean))))
    values = np.array(pairs).reshape(-1, 4)
    enough = len(values) >= 3
    return {
        "documents": len(values),
        "missed": missed,
        "invented": invented,
        "spearman": float(spearmanr(values[:, 0], values[:, 2]).statistic) if enough else None,
        "mean_absolute_error": float(np.abs(values[:, 0] - values[:, 2]).mean()) if enough else None,
        "opinion_share_mean_absolute_error": float(np.abs(values[:, 1] - values[:, 3]).mean()) if enough else None,
    }


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
        if not labelled:
            continue
        gold = [d.labels[head.name] for d, _ in labelled]
        found = [p.probabilities[head.name] for _, p in labelled]
        threshold = thresholds.get(head.name, 0.5)
        measured["heads"][head.name] = {
            **head_metrics(head, np.concatenate(gold), np.concatenate(found), threshold),
            "macro_f1_interval": bootstrap_interval(head, gold, found, threshold),
        }
    spans = span_metrics(documents, predictions, schema, thresholds)
    if spans:
        measured["spans"] = spans
    if schema.links and any(document.supports is not None for document in documents):
        measured["links"] = {
            name: link_metrics(documents, predictions, heads, thresholds["links"], use_gold_roles=gold)
            for name, gold in (("gold_roles", True), ("end_to_end", False))
        }
        measured["dependence"] = dependence_metrics(documents, predictions, heads)
    return measured
