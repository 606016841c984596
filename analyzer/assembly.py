"""Turns an analysed document into its `Report`: labels, scores, what-ifs and counts in their published form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, SupportsFloat

import numpy as np
from numpy.typing import NDArray

from analyzer import dependence as dep
from analyzer.argument import Argument, published_graph
from analyzer.counts import label_counts, loaded_share, type_counts, unsourced_share
from analyzer.document import Document, Sentence
from analyzer.grounds import GROUNDS
from analyzer.marks import mark_own_words, mark_words
from analyzer.model.folder import ModelFolder
from analyzer.model.predictions import Array, Predictions
from analyzer.report import (
    Conclusion,
    DocumentScores,
    Fix,
    Grounds,
    HeadInfo,
    ModelInfo,
    Paragraph,
    Place,
    Premise,
    Report,
    SentenceReport,
    Span,
    Support,
    by_paragraph,
)
from analyzer.schema import ATTRIBUTED, STANDARD_SCHEMA, HeadKind, LabelSchema, Role, Sourcing, SpanLabel

N_SAMPLES = 200
_SAMPLE_SEED = 0
_PERCENTILES = (5, 95)
# Premises that a trace comes to less often, and fixes that change less, are left out of a conclusion's lists.
_LEAST_WEIGHT, _LEAST_DROP = 0.01, 0.005
_SURELY_SOURCED = 0.6
_SCENARIOS_A_PASS = 128


@dataclass(frozen=True)
class Analysis:
    """All that is known about a document before scores are worked out.

    `roles` (n, 3) are the role probabilities in force, None where the model tells none; `reasons` says by sentence why
    a label is not the model's.
    """

    document: Document
    sentences: Sequence[Sentence]
    places: Sequence[Place | None]
    predictions: Predictions
    roles: Array | None
    argument: Argument
    reasons: dict[int, str]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Scores:
    """Scores by node of the argument graph."""

    grounds: NDArray[np.float64]
    dependence: NDArray[np.float64]
    samples: NDArray[np.float64]


def assemble(analysis: Analysis, model: ModelFolder, *, vague_credit: float) -> Report:
    """Score the argument and build the report. `vague_credit` is v in the definition of dependence."""
    labels = _labels(analysis, model)
    scores = _score(analysis.argument, vague_credit)
    spans = _spans(analysis, labels, model)
    sentences = _sentences(analysis, labels, spans, scores, model.schema)
    return Report(
        model=_model_info(model),
        document=_document(analysis, sentences, scores, model.schema),
        paragraphs=_paragraphs(analysis, sentences, scores, vague_credit),
        sentences=sentences,
        conclusions=_conclusions(analysis, scores),
        graph=published_graph(analysis.argument, vague_credit),
    )


def document_grounds(argument: Argument, grounds: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Mean grounds (8,) over the conclusions, weighted by their probability; None without conclusions."""
    if not argument.conclusions:
        return None
    return np.asarray(np.average(grounds[list(argument.conclusions)], axis=0, weights=argument.conclusion_weights))


def _score(argument: Argument, vague_credit: float) -> _Scores:
    graph = argument.graph
    grounds = dep.grounds(graph)
    return _Scores(
        grounds=grounds,
        dependence=dep.dependence(grounds, vague_credit),
        samples=dep.sampled_dependence(graph, n_samples=N_SAMPLES, seed=_SAMPLE_SEED, vague_credit=vague_credit),
    )


def _model_info(model: ModelFolder) -> ModelInfo:
    return ModelInfo(
        name=model.settings.name,
        version=model.settings.version,
        heads=[HeadInfo(name=h.name, kind=h.kind.value, labels=list(h.labels)) for h in model.schema.own_heads],
        is_standard=model.schema.scores_dependence,
    )


def _labels(analysis: Analysis, model: ModelFolder) -> list[dict[str, Any]]:
    """The shown label of every head, by sentence: a name for a single head, the names that hold for a multi head, yes
    or no for `loaded`, None for a standard head that the model lacks.
    """
    columns: dict[str, list[Any]] = {}
    n_sentences = len(analysis.sentences)
    for head in model.schema.sentence_heads:
        probabilities = _probabilities_of(analysis, head.name)
        if head.kind is HeadKind.SINGLE:
            columns[head.name] = [head.labels[k] for k in probabilities.argmax(axis=1)]
        else:
            holds = probabilities >= model.settings.thresholds[head.name]
            columns[head.name] = [[label for label, h in zip(head.labels, row, strict=True) if h] for row in holds]
    if {"type", "content", "sourcing"} <= columns.keys():
        # Where nothing is attributed, what is said is what the sentence does.
        rows = zip(columns["type"], columns["content"], columns["sourcing"], strict=True)
        columns["content"] = [content if sourcing in ATTRIBUTED else kind for kind, content, sourcing in rows]
    loaded = SpanLabel.LOADED.value
    if loaded in columns:
        columns[loaded] = [bool(labels) for labels in columns[loaded]]
    own = {head.name for head in model.schema.own_heads}
    standard = [head.name for head in STANDARD_SCHEMA.sentence_heads]
    return [
        {
            **{name: columns[name][index] if name in columns else None for name in standard},
            "labels": {name: column[index] for name, column in columns.items() if name in own},
        }
        for index in range(n_sentences)
    ]


def _probabilities_of(analysis: Analysis, head: str) -> Array:
    """Probabilities (n, labels) of a head as they are in force."""
    if head == "role" and analysis.roles is not None:
        return analysis.roles
    return analysis.predictions.probabilities[head]


def _spans(analysis: Analysis, labels: Sequence[dict[str, Any]], model: ModelFolder) -> list[list[Span]]:
    """The marked words of every sentence, ascending: the standard ones, then those of the model's own heads."""
    standard = STANDARD_SCHEMA.span_labels
    given, tokens = model.schema.span_labels, analysis.predictions.tokens
    marked: list[list[Span]] = [[] for _ in analysis.sentences]
    if given[: len(standard)] == standard:
        marked = mark_words(
            analysis.document,
            analysis.sentences,
            tokens,
            loaded=[bool(label["loaded"]) for label in labels],
            sourcing=[str(label["sourcing"]) for label in labels],
            thresholds=model.settings.thresholds,
        )
    own = {label: column for column, label in enumerate(given) if label not in standard}
    if own:
        others = mark_own_words(analysis.document, analysis.sentences, tokens, own, model.settings.thresholds)
        marked = [
            sorted([*a, *b], key=lambda span: (span.start, span.end)) for a, b in zip(marked, others, strict=True)
        ]
    return marked


def _sentences(
    analysis: Analysis,
    labels: Sequence[dict[str, Any]],
    spans: Sequence[list[Span]],
    scores: _Scores,
    schema: LabelSchema,
) -> list[SentenceReport]:
    argument = analysis.argument
    node_of = {int(sentence): node for node, sentence in enumerate(argument.sentences)}
    supports: dict[int, list[Support]] = {}
    graph = argument.graph
    for i, j, p in zip(graph.supporter.tolist(), graph.supported.tolist(), graph.probability.tolist(), strict=True):
        link = Support(sentence=int(argument.sentences[j]), probability=round(p, 4))
        supports.setdefault(int(argument.sentences[i]), []).append(link)
    premises = {int(argument.sentences[node]) for node in argument.premises}
    probabilities = _probabilities(analysis, schema)
    reports = []
    for sentence, label in zip(analysis.sentences, labels, strict=True):
        index = sentence.index
        if index in premises:
            label = {**label, "role": Role.PREMISE.value}
        node = None if label["role"] == Role.BACKGROUND.value else node_of.get(index)
        reason = analysis.reasons.get(index)
        reports.append(
            SentenceReport(
                index=index,
                paragraph=sentence.block,
                start=sentence.start,
                end=sentence.end,
                text=analysis.document.text[sentence.start : sentence.end],
                probabilities=probabilities[index],
                spans=spans[index],
                dependence=None if node is None else _rounded(scores.dependence[node]),
                supports=sorted(supports.get(index, []), key=lambda link: -link.probability),
                notes=[reason] if reason else [],
                place=analysis.places[index],
                **label,
            )
        )
    return reports


def _probabilities(analysis: Analysis, schema: LabelSchema) -> list[dict[str, dict[str, float] | float]]:
    """The shown probabilities of every sentence, by head."""
    shown: list[dict[str, dict[str, float] | float]] = [{} for _ in analysis.sentences]
    for head in schema.sentence_heads:
        rows = np.round(_probabilities_of(analysis, head.name).astype(np.float64), 4).tolist()
        named = head.kind is HeadKind.SINGLE or len(head.labels) > 1
        for sentence, row in zip(shown, rows, strict=True):
            sentence[head.name] = dict(zip(head.labels, row, strict=True)) if named else row[0]
    return shown


def _document(
    analysis: Analysis, sentences: Sequence[SentenceReport], scores: _Scores, schema: LabelSchema
) -> DocumentScores:
    document, argument = analysis.document, analysis.argument
    mean = document_grounds(argument, scores.grounds)
    interval = None
    dependence = None
    if mean is not None:
        weights = np.array(argument.conclusion_weights)
        of_conclusions = scores.dependence[list(argument.conclusions)]
        dependence = _rounded(np.average(of_conclusions, weights=weights))
        drawn = np.random.default_rng(_SAMPLE_SEED + 1).random((N_SAMPLES, len(weights))) < weights
        drawn[~drawn.any(axis=1)] = True
        samples = np.average(scores.samples[:, list(argument.conclusions)], axis=1, weights=drawn.astype(np.float64))
        interval = _interval(samples, dependence)
    return DocumentScores(
        id=document.id,
        title=document.title,
        path=document.path,
        text=document.text,
        dependence=dependence,
        interval=interval,
        opinion_share=None if mean is None else _rounded(dep.opinion_share(mean)),
        grounds=None if mean is None else _grounds(mean),
        unsourced_share=unsourced_share(sentences),
        loaded_share=loaded_share(sentences) if schema.has("loaded") else None,
        type_counts=type_counts(sentences),
        notes=list(analysis.notes),
        label_counts=label_counts(sentences, schema),
    )


def _paragraphs(
    analysis: Analysis, sentences: Sequence[SentenceReport], scores: _Scores, vague_credit: float
) -> list[Paragraph]:
    argument = analysis.argument
    members = by_paragraph(sentences)
    premises: dict[int, list[int]] = {}
    for node in argument.premises:
        premises.setdefault(sentences[int(argument.sentences[node])].paragraph, []).append(node)
    falls = _falls(argument, scores, list(premises.values()), vague_credit)
    contribution = dict(zip(premises, falls, strict=True)) if falls is not None else {}
    paragraphs = []
    for number, block in enumerate(analysis.document.blocks):
        inside = members.get(number, [])
        scored = [s.dependence for s in inside if s.dependence is not None]
        paragraphs.append(
            Paragraph(
                index=number,
                kind=block.kind.value,
                start=block.start,
                end=block.end,
                type_counts=type_counts(inside),
                loaded_share=loaded_share(inside),
                unsourced_share=unsourced_share(inside),
                dependence=_rounded(np.mean(scored)) if scored else None,
                contribution=contribution.get(number, 0.0 if argument.conclusions else None),
            )
        )
    return paragraphs


def _falls(
    argument: Argument, scores: _Scores, groups: Sequence[Sequence[int]], vague_credit: float
) -> list[float] | None:
    """How far the document's dependence falls when the nodes of each group are sourced; None without conclusions."""
    if not argument.conclusions:
        return None
    conclusions, weights = list(argument.conclusions), argument.conclusion_weights
    now = np.average(scores.dependence[conclusions], weights=weights)
    falls: list[float] = []
    for at in range(0, len(groups), _SCENARIOS_A_PASS):
        found = dep.suppose_sourced(argument.graph, groups[at : at + _SCENARIOS_A_PASS], vague_credit)
        falls.extend(now - np.average(found[:, conclusions], axis=1, weights=weights))
    return [_rounded(max(0.0, fall)) for fall in falls]


def _conclusions(analysis: Analysis, scores: _Scores) -> list[Conclusion]:
    argument = analysis.argument
    if not argument.conclusions:
        return []
    # To source what is likelier background is no advice, nor is it for what surely has its source, or shows it.
    advisable = np.zeros(argument.graph.n_nodes, dtype=bool)
    advisable[[*argument.premises, *argument.conclusions]] = True
    advisable &= _sourced(analysis) < _SURELY_SOURCED
    found = []
    for node, visits in zip(argument.conclusions, dep.visits(argument.graph, argument.conclusions), strict=True):
        sentence = analysis.sentences[int(argument.sentences[node])]
        dependence = _rounded(scores.dependence[node])
        visits[node] = 0.0
        # Until it comes to a premise, the trace is the same whether that is sourced or not.
        drops = visits * scores.dependence
        premises = [
            Premise(
                sentence=int(argument.sentences[k]),
                weight=_rounded(visits[k]),
                dependence=_rounded(scores.dependence[k]),
            )
            for k in np.flatnonzero(visits >= _LEAST_WEIGHT)
        ]
        fixes = [
            Fix(
                sentence=int(argument.sentences[k]),
                dependence_if_sourced=_rounded(max(0.0, scores.dependence[node] - drops[k])),
            )
            for k in np.flatnonzero(advisable & (drops >= _LEAST_DROP))
        ]
        found.append(
            Conclusion(
                sentence=sentence.index,
                text=analysis.document.text[sentence.start : sentence.end],
                dependence=dependence,
                interval=_interval(scores.samples[:, node], dependence),
                opinion_share=_rounded(dep.opinion_share(scores.grounds[node])),
                grounds=_grounds(scores.grounds[node]),
                premises=sorted(premises, key=lambda p: (-p.weight, p.sentence)),
                fixes=sorted(fixes, key=lambda f: (f.dependence_if_sourced, f.sentence)),
            )
        )
    return sorted(found, key=lambda c: (-c.dependence, c.sentence))


def _sourced(analysis: Analysis) -> NDArray[np.float64]:
    """How likely each node of the argument names its source or is the text's own evidence (nodes,)."""
    labels = STANDARD_SCHEMA.head("sourcing").labels
    columns = [labels.index(source.value) for source in (Sourcing.NAMED, Sourcing.OWN)]
    return np.asarray(analysis.argument.graph.sourcing[:, columns].sum(axis=1), dtype=np.float64)


def _interval(samples: NDArray[np.float64], value: float) -> tuple[float, float]:
    """The 5th to 95th percentile, widened where needed to hold the value that the probabilities themselves give."""
    # As `np.percentile` has it, which takes longer to import what it needs than all intervals of a document take.
    ordered = np.sort(samples)
    low, high = np.interp(np.array(_PERCENTILES) / 100 * (len(ordered) - 1), np.arange(len(ordered)), ordered)
    return _rounded(min(low, value)), _rounded(max(high, value))


def _grounds(values: NDArray[np.float64]) -> Grounds:
    return Grounds(**{name: float(value) for name, value in zip(GROUNDS, values, strict=True)})


def _rounded(value: SupportsFloat) -> float:
    return round(float(value), 4)
