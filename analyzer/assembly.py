"""Turns an analysed document into its `Report`: labels, scores, what-ifs and counts in their published form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analyzer import dependence as dep
from analyzer.argument import Argument
from analyzer.counts import label_counts, loaded_share, type_counts, unsourced_share
from analyzer.document import Document, Sentence
from analyzer.grounds import GROUNDS
from analyzer.model.folder import ModelFolder
from analyzer.model.predictions import Predictions
from analyzer.report import (
    ArgumentGraph,
    Conclusion,
    DocumentScores,
    Fix,
    GraphLink,
    GraphNode,
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
from analyzer.schema import LabelSchema, Role, SentenceType, Sourcing
from analyzer.scores import Scores, document_dependence, document_grounds, falls, interval, rounded, score, traces
from analyzer.shown import shown_labels, shown_probabilities, shown_spans

_SOURCING = [source.value for source in Sourcing]
_ASSERTIONS = [kind.value for kind in SentenceType if kind is not SentenceType.NON_ASSERTIVE]


@dataclass(frozen=True)
class Analysis:
    """All that is known about a document before scores are worked out.

    `predictions` are those in force, and `reasons` says by sentence why a label is not the model's.
    """

    document: Document
    sentences: Sequence[Sentence]
    places: Sequence[Place | None]
    predictions: Predictions
    argument: Argument
    reasons: dict[int, str]
    notes: tuple[str, ...]


def assemble(analysis: Analysis, model: ModelFolder, *, vague_credit: float) -> Report:
    """Score the argument and build the report. `vague_credit` is v in the definition of dependence."""
    labels = shown_labels(analysis.predictions, model)
    scores = score(analysis.argument, vague_credit)
    spans = shown_spans(analysis.document, analysis.sentences, analysis.predictions, labels, model)
    sentences = _sentences(analysis, labels, spans, scores, model.schema)
    return Report(
        model=_model_info(model),
        document=_document(analysis, sentences, scores, model.schema),
        paragraphs=_paragraphs(analysis, sentences, scores, vague_credit),
        sentences=sentences,
        conclusions=_conclusions(analysis, scores),
        graph=_published_graph(analysis.argument, vague_credit),
    )


def _model_info(model: ModelFolder) -> ModelInfo:
    return ModelInfo(
        name=model.settings.name,
        version=model.settings.version,
        heads=[HeadInfo(name=h.name, kind=h.kind.value, labels=list(h.labels)) for h in model.schema.own_heads],
        is_standard=model.schema.scores_dependence,
    )


def _sentences(
    analysis: Analysis,
    labels: Sequence[dict[str, Any]],
    spans: Sequence[list[Span]],
    scores: Scores,
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
    probabilities = shown_probabilities(analysis.predictions, schema)
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
                dependence=None if node is None else rounded(scores.dependence[node]),
                supports=sorted(supports.get(index, []), key=lambda link: -link.probability),
                notes=[reason] if reason else [],
                place=analysis.places[index],
                **label,
            )
        )
    return reports


def _document(
    analysis: Analysis, sentences: Sequence[SentenceReport], scores: Scores, schema: LabelSchema
) -> DocumentScores:
    document, argument = analysis.document, analysis.argument
    mean = document_grounds(argument, scores.grounds)
    dependence, likely = document_dependence(argument, scores) or (None, None)
    return DocumentScores(
        id=document.id,
        title=document.title,
        path=document.path,
        text=document.text,
        dependence=dependence,
        interval=likely,
        opinion_share=None if mean is None else rounded(dep.opinion_share(mean)),
        grounds=None if mean is None else _grounds(mean),
        unsourced_share=unsourced_share(sentences),
        loaded_share=loaded_share(sentences) if schema.has("loaded") else None,
        type_counts=type_counts(sentences),
        notes=list(analysis.notes),
        label_counts=label_counts(sentences, schema),
    )


def _paragraphs(
    analysis: Analysis, sentences: Sequence[SentenceReport], scores: Scores, vague_credit: float
) -> list[Paragraph]:
    argument = analysis.argument
    members = by_paragraph(sentences)
    premises: dict[int, list[int]] = {}
    for node in argument.premises:
        premises.setdefault(sentences[int(argument.sentences[node])].paragraph, []).append(node)
    fallen = falls(argument, scores, list(premises.values()), vague_credit)
    contribution = dict(zip(premises, map(rounded, fallen), strict=True)) if fallen is not None else {}
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
                dependence=rounded(np.mean(scored)) if scored else None,
                contribution=contribution.get(number, 0.0 if argument.conclusions else None),
            )
        )
    return paragraphs


def _conclusions(analysis: Analysis, scores: Scores) -> list[Conclusion]:
    sentence_of = analysis.argument.sentences.tolist()
    found = []
    for trace in traces(analysis.argument, scores):
        sentence = analysis.sentences[sentence_of[trace.node]]
        grounds, dependence = scores.grounds[trace.node], rounded(scores.dependence[trace.node])
        found.append(
            Conclusion(
                sentence=sentence.index,
                text=analysis.document.text[sentence.start : sentence.end],
                dependence=dependence,
                interval=interval(scores.samples[:, trace.node], dependence),
                opinion_share=rounded(dep.opinion_share(grounds)),
                grounds=_grounds(grounds),
                premises=[
                    Premise(sentence=sentence_of[k], weight=weight, dependence=rounded(scores.dependence[k]))
                    for k, weight in trace.premises
                ],
                fixes=[Fix(sentence=sentence_of[k], dependence_if_sourced=fixed) for k, fixed in trace.fixes],
            )
        )
    return sorted(found, key=lambda c: (-c.dependence, c.sentence))


def _grounds(values: NDArray[np.float64]) -> Grounds:
    return Grounds(**{name: float(value) for name, value in zip(GROUNDS, values, strict=True)})


def _published_graph(argument: Argument, vague_credit: float) -> ArgumentGraph:
    """The support graph in its published form: labels by name, links between sentences, nothing rounded."""
    graph, sentences = argument.graph, argument.sentences.tolist()
    weights = dict(zip(argument.conclusions, argument.conclusion_weights, strict=True))
    edges = zip(graph.supporter.tolist(), graph.supported.tolist(), graph.probability.tolist(), strict=True)
    return ArgumentGraph(
        vague_credit=vague_credit,
        nodes=[
            GraphNode(
                sentence=sentence,
                sourcing=dict(zip(_SOURCING, graph.sourcing[k].tolist(), strict=True)),
                content=dict(zip(_ASSERTIONS, graph.content[k].tolist(), strict=True)),
                type=dict(zip(_ASSERTIONS, graph.kind[k].tolist(), strict=True)),
                conclusion_weight=weights.get(k),
            )
            for k, sentence in enumerate(sentences)
        ],
        links=[GraphLink(supporter=sentences[i], supported=sentences[j], probability=p) for i, j, p in edges],
    )
