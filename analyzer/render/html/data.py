"""What the page's script works with: labels and probabilities, the exact argument graph, and the words for labels.

The text of the document is not in it: the script reads that from the page.
"""

from __future__ import annotations

from typing import Any

from analyzer.grounds import GROUND_WORDS, GROUNDS
from analyzer.render.plain import plain
from analyzer.render.sureness import LIKELY_LINK, SURE, is_unsure
from analyzer.render.words import REPORTED, SCALE, SOURCING, TYPES
from analyzer.report import ArgumentGraph, Report, SentenceReport
from analyzer.schema import SentenceType, Sourcing

_ASSERTIONS = [kind.value for kind in SentenceType if kind is not SentenceType.NON_ASSERTIVE]
_SOURCES = [source.value for source in Sourcing]
# Labels of a head less likely than this are not worth a line.
_LEAST = 0.01


def shared_words() -> dict[str, Any]:
    """Labels in words and the scale of dependence: the same for every document of the page."""
    return {
        "type": dict(TYPES),
        "content": dict(REPORTED),
        "sourcing": dict(SOURCING),
        "grounds": [[ground, GROUND_WORDS[ground]] for ground in GROUNDS],
        "scale": [
            [limit, words.format(it="its conclusions rest"), words.format(it="it rests")] for limit, words in SCALE
        ],
        "sure": SURE,
        "likely_link": LIKELY_LINK,
    }


def document_data(report: Report) -> dict[str, Any]:
    """The data of one document: sentences by index, paragraphs, conclusions, and the graph by node."""
    document = report.document
    return {
        "dependence": document.dependence,
        "grounds": list(document.grounds.model_dump().values()) if document.grounds else None,
        "sentences": [_sentence(sentence) for sentence in report.sentences],
        "paragraphs": [[p.dependence, p.contribution] for p in report.paragraphs],
        "conclusions": [
            {
                "sentence": c.sentence,
                "dependence": c.dependence,
                "grounds": list(c.grounds.model_dump().values()),
                "premises": [[premise.sentence, premise.weight] for premise in c.premises],
                "fixes": [[fix.sentence, fix.dependence_if_sourced] for fix in c.fixes],
            }
            for c in report.conclusions
        ],
        "graph": _graph(report.graph),
    }


def _graph(graph: ArgumentGraph) -> dict[str, Any]:
    """Nodes as rows of probabilities and links as [supporter, supported, probability] between nodes, unrounded."""
    place = {node.sentence: k for k, node in enumerate(graph.nodes)}
    return {
        "vague_credit": graph.vague_credit,
        "sentence": [node.sentence for node in graph.nodes],
        "sourcing": [[node.sourcing[label] for label in _SOURCES] for node in graph.nodes],
        "content": [[node.content[label] for label in _ASSERTIONS] for node in graph.nodes],
        "type": [[node.type[label] for label in _ASSERTIONS] for node in graph.nodes],
        "weight": [node.conclusion_weight for node in graph.nodes],
        "links": [[place[link.supporter], place[link.supported], link.probability] for link in graph.links],
    }


def _sentence(sentence: SentenceReport) -> dict[str, Any]:
    probabilities = {
        head: {label: p for label, p in value.items() if p >= _LEAST} if isinstance(value, dict) else value
        for head, value in sentence.probabilities.items()
    }
    found: dict[str, Any] = {
        "paragraph": sentence.paragraph,
        "type": sentence.type,
        "content": sentence.content,
        "loaded": sentence.loaded,
        "sourcing": sentence.sourcing,
        "role": sentence.role,
        "labels": sentence.labels,
        "unsure": [head for head in ("type", "content", "sourcing", "role") if is_unsure(sentence, head)],
        "probabilities": probabilities,
        "dependence": sentence.dependence,
    }
    if sentence.spans:
        found["spans"] = [[span.kind, plain(span.text)] for span in sentence.spans]
    if sentence.notes:
        found["notes"] = [plain(note) for note in sentence.notes]
    return found
