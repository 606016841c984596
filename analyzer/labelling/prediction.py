"""Pre-labels documents with a model, so that people correct labels where they would otherwise set them.

Documents that are labelled already, or any that the readers can read, go in; out come the model's labels in the form
of labelled documents, how sure it is of each, and what is needed to choose the most informative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analyzer.argument import graph_links, roles_of
from analyzer.citations import citations
from analyzer.document import Block, Document, Sentence, laid_out
from analyzer.errors import AnalyzerError
from analyzer.labelling.documents import AnnotatedDocument, AnnotatedSentence, LabelValue, Mark
from analyzer.labelling.rules import MOST_SUPPORTS, applies_to, is_attributed
from analyzer.labelling.selection import uncertainty
from analyzer.labels import apply_citations, apply_form
from analyzer.marks import mark_words
from analyzer.model.folder import folder_of, open_folder
from analyzer.model.heads import DocumentHeads
from analyzer.model.onnx_runtime import OnnxEncoder
from analyzer.model.predictions import Array, Predictions
from analyzer.schema import HeadKind, LabelSchema, Role, SentenceType, Sourcing
from analyzer.segment import segment


@dataclass(frozen=True)
class Predicted:
    """What the model says of a document of n sentences.

    `document` holds its labels, `scores` the probability of each by sentence and head, `link_scores` that of each
    link; `unsure` (n,) and `vectors` (n, n_encoder) are what `selection` chooses by.
    """

    document: AnnotatedDocument
    scores: tuple[dict[str, float], ...]
    link_scores: dict[tuple[int, int], float]
    unsure: NDArray[np.float64]
    vectors: Array
    model: str


class PreLabeller:
    """Labels documents with one model, which it keeps loaded."""

    def __init__(self, model: Path | None) -> None:
        """Load a model folder; the shipped model when None. `AnalyzerError` when it lacks the standard heads."""
        folder = open_folder(folder_of(model))
        if not applies_to(folder.schema) or not folder.schema.links:
            raise AnalyzerError(f"{folder.path}: pre-labelling needs a model with the standard heads; give another")
        self._settings = folder.settings
        self.schema: LabelSchema = folder.schema
        self._encoder, self._heads = OnnxEncoder(folder), DocumentHeads(folder)

    def label(self, document: AnnotatedDocument, *, blocks: Sequence[Block] = ()) -> Predicted:
        """The model's labels for the sentences of a document, whatever labels it has.

        `blocks`, one a paragraph, say what the form of the document tells (headings, table rows); their offsets do not
        matter.
        """
        text, sentences = _as_read(document, blocks)
        texts = [sentence.text for sentence in document.sentences]
        encoded = self._encoder.read(texts, self._heads.mark_tokens)
        paragraphs = [sentence.block for sentence in sentences]
        predictions, _ = apply_form(self._heads.predict(encoded, paragraphs), text, sentences)
        predictions, _ = apply_citations(predictions, citations(text, sentences))
        labels, scores = self._labels(predictions)
        spans = mark_words(
            text,
            sentences,
            predictions.tokens,
            loaded=[bool(label["loaded"]) for label in labels],
            sourcing=[str(label["sourcing"]) for label in labels],
            thresholds=self._settings.thresholds,
        )
        links = self._links(predictions)
        labelled = tuple(
            AnnotatedSentence(
                text=of.text,
                paragraph=of.paragraph,
                labels=labels[i],
                supports=tuple(sorted(j for a, j in links if a == i)),
                marks=tuple(Mark(span.start - place.start, span.end - place.start, span.kind) for span in spans[i]),
            )
            for i, (of, place) in enumerate(zip(document.sentences, sentences, strict=True))
        )
        return Predicted(
            document=replace(document, sentences=labelled, span_labels=self.schema.span_labels),
            scores=tuple(scores),
            link_scores=links,
            unsure=uncertainty(predictions.probabilities, self.schema),
            vectors=encoded.vectors,
            model=f"{self._settings.name} {self._settings.version}",
        )

    def label_text(self, document: Document, *, id: str) -> Predicted:
        """The model's labels for a document that a reader made; `AnalyzerError` when there is no sentence in it."""
        unlabelled, blocks = _unlabelled(document, id)
        if not unlabelled.sentences:
            raise AnalyzerError(f"{document.path or id}: no sentence in it; give a document with text")
        return self.label(unlabelled, blocks=blocks)

    def _labels(self, predictions: Predictions) -> tuple[list[dict[str, LabelValue]], list[dict[str, float]]]:
        labels: list[dict[str, LabelValue]] = [{} for _ in predictions.features]
        scores: list[dict[str, float]] = [{} for _ in predictions.features]
        for head in self.schema.sentence_heads:
            rows = predictions.probabilities[head.name]
            threshold = self._settings.thresholds.get(head.name, 0.5)
            for label, score, row in zip(labels, scores, rows.tolist(), strict=True):
                given = [name for name, p in zip(head.labels, row, strict=True) if p >= threshold]
                if head.kind is HeadKind.SINGLE:
                    label[head.name], score[head.name] = head.labels[int(np.argmax(row))], max(row)
                else:
                    label[head.name] = bool(given) if len(row) == 1 else tuple(given)
                    score[head.name] = min(p if p >= threshold else 1 - p for p in row)
        for label, score in zip(labels, scores, strict=True):
            _obey_guidelines(label, score)
        return labels, scores

    def _links(self, predictions: Predictions) -> dict[tuple[int, int], float]:
        """The links to show: those of a premise that are likely, or else its likeliest; no more than three."""
        roles = roles_of(predictions)
        premise, background = (self.schema.head("role").labels.index(r.value) for r in (Role.PREMISE, Role.BACKGROUND))
        # What is labelled background has no links, however likely it is a premise.
        roles[roles.argmax(1) == background] = np.eye(roles.shape[1])[background]
        found: dict[int, list[tuple[float, int]]] = {}
        for (i, j), p in graph_links(predictions, self._heads, roles).items():
            found.setdefault(i, []).append((p, j))
        shown: dict[tuple[int, int], float] = {}
        for i, links in found.items():
            best = sorted(links, reverse=True)[:MOST_SUPPORTS]
            likely = [(p, j) for p, j in best if p >= self._settings.thresholds["links"]]
            shown |= {(i, j): p for p, j in likely or (best[:1] if roles[i].argmax() == premise else [])}
        return shown


def _obey_guidelines(label: dict[str, LabelValue], score: dict[str, float]) -> None:
    """Labels that follow from others: nobody should have to correct what a rule decides."""
    if label["type"] == SentenceType.NON_ASSERTIVE.value:
        label["sourcing"], score["sourcing"] = Sourcing.NONE.value, score["type"]
    if not is_attributed(AnnotatedSentence("", 0, label)):
        label["content"], score["content"] = label["type"], score["type"]


def _as_read(document: AnnotatedDocument, blocks: Sequence[Block]) -> tuple[Document, list[Sentence]]:
    """The document and its sentences as later stages want them."""
    rows = document.sentences
    whole, sentences = laid_out([s.text for s in rows], [s.paragraph for s in rows], id=document.id)
    kinds = iter(blocks)
    made = tuple(replace(next(kinds, block), start=block.start, end=block.end) for block in whole.blocks)
    return replace(whole, blocks=made), sentences


def _unlabelled(document: Document, id: str) -> tuple[AnnotatedDocument, list[Block]]:
    """The sentences of a document, each on one line, and the blocks that hold any."""
    sentences = segment(document)
    numbers = sorted({sentence.block for sentence in sentences})
    paragraph = {block: number for number, block in enumerate(numbers)}
    texts = (" ".join(document.text[s.start : s.end].split()) for s in sentences)
    made = tuple(AnnotatedSentence(text, paragraph[s.block], {}) for text, s in zip(texts, sentences, strict=True))
    details = {"title": document.title} if document.title else {}
    return AnnotatedDocument(id, "documents", "train", made, details=details), [document.blocks[n] for n in numbers]
