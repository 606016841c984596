"""Makes valid reports from a few words: a list of sentences, and which supports which."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from analyzer.render.terminal.page import render
from analyzer.report import (
    ArgumentGraph,
    Conclusion,
    DocumentScores,
    Fix,
    GraphLink,
    GraphNode,
    Grounds,
    ModelInfo,
    Paragraph,
    Report,
    SentenceReport,
    Support,
)

COUNTS = {"factual_claim": 0, "inference": 0, "speculation": 0, "non_assertive": 0}
GROUNDS = Grounds(
    named_fact=0.3,
    named_opinion=0.1,
    own=0.05,
    vague=0.05,
    unsourced_fact=0.2,
    unsourced_inference=0.15,
    unsourced_speculation=0.1,
    circular=0.05,
)


def sentence(text: str, **fields: Any) -> dict[str, Any]:
    """Fields of a sentence that differ from a background factual claim without source."""
    return {"text": text, **fields}


def sure(label: str, probability: float, second: str) -> dict[str, float]:
    """A distribution over two labels."""
    return {label: probability, second: 1 - probability}


def make_report(
    sentences: Sequence[dict[str, Any]],
    *,
    links: Mapping[tuple[int, int], float] | None = None,
    conclusions: Mapping[int, float] | None = None,
    fixes: Sequence[tuple[int, float]] = (),
    kinds: Sequence[str] = (),
    **document: Any,
) -> Report:
    """A report with one sentence a paragraph; `conclusions` maps sentences to dependence, `kinds` names the blocks."""
    scores = conclusions or {}
    text, blocks, made = "", [], []
    for index, fields in enumerate(sentences):
        start, end = len(text), len(text) + len(fields["text"])
        text += fields["text"] + "\n\n"
        values: dict[str, Any] = {
            "type": "factual_claim",
            "loaded": False,
            "sourcing": "none",
            "role": "conclusion" if index in scores else "background",
            "probabilities": {},
            "spans": [],
            "dependence": scores.get(index),
            "notes": [],
            **fields,
        }
        supports = [Support(sentence=j, probability=p) for (i, j), p in (links or {}).items() if i == index]
        values.setdefault("content", values["type"])
        made.append(SentenceReport(index=index, paragraph=index, start=start, end=end, supports=supports, **values))
        blocks.append(
            Paragraph(
                index=index,
                kind=kinds[index] if kinds else "paragraph",
                start=start,
                end=end,
                type_counts=COUNTS,
                loaded_share=0.0,
                unsourced_share=None,
                dependence=scores.get(index),
                contribution=0.12 if scores else None,
            )
        )
    return Report(
        model=ModelInfo(name="test", version="1"),
        document=_scores(text, made, scores, document),
        paragraphs=blocks,
        sentences=made,
        conclusions=[
            Conclusion(
                sentence=index,
                text=sentences[index]["text"],
                dependence=score,
                interval=(max(0.0, score - 0.1), min(1.0, score + 0.1)),
                opinion_share=0.35,
                grounds=GROUNDS,
                premises=[],
                fixes=[Fix(sentence=i, dependence_if_sourced=d) for i, d in fixes],
            )
            for index, score in scores.items()
        ],
        graph=_graph(made, links or {}, scores),
    )


def _graph(
    sentences: Sequence[SentenceReport], links: Mapping[tuple[int, int], float], conclusions: Mapping[int, float]
) -> ArgumentGraph:
    """The graph of sentences whose labels are certain."""
    assertions = ("factual_claim", "inference", "speculation")

    def certain(label: str, labels: Sequence[str]) -> dict[str, float]:
        return {name: float(name == (label if label in labels else labels[0])) for name in labels}

    return ArgumentGraph(
        vague_credit=0.25,
        nodes=[
            GraphNode(
                sentence=s.index,
                sourcing=certain(s.sourcing, ("named", "vague", "own", "none")),
                content=certain(s.content, assertions),
                type=certain(s.type, assertions),
                conclusion_weight=1.0 if s.index in conclusions else None,
            )
            for s in sentences
            if s.role not in (None, "background")
        ],
        links=[GraphLink(supporter=i, supported=j, probability=p) for (i, j), p in links.items()],
    )


def _scores(
    text: str, sentences: Sequence[SentenceReport], scores: Mapping[int, float], given: Mapping[str, Any]
) -> DocumentScores:
    mean = sum(scores.values()) / len(scores) if scores else None
    values: dict[str, Any] = {
        "id": "doc",
        "title": "The Title",
        "path": "article.md",
        "dependence": mean,
        "interval": None if mean is None else (max(0.0, mean - 0.1), min(1.0, mean + 0.1)),
        "opinion_share": 0.35 if scores else None,
        "grounds": GROUNDS if scores else None,
        "unsourced_share": 0.75,
        "loaded_share": 0.25,
        "type_counts": {**COUNTS, **{kind: sum(s.type == kind for s in sentences) for kind in COUNTS}},
        "notes": [],
        **given,
    }
    return DocumentScores(text=text, **values)


def console(width: int = 80, *, encoding: str = "utf-8", **options: Any) -> Console:
    """A console that writes to memory in that encoding, and fails on what the encoding lacks."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    return Console(file=stream, width=width, highlight=False, **options)


def written(on: Console) -> str:
    """What has been written to a console of `console`."""
    on.file.flush()
    return on.file.buffer.getvalue().decode(on.encoding)  # type: ignore[attr-defined]


def drawn(report: Report, width: int = 80, **options: Any) -> str:
    """The full terminal report."""
    on = console(width, **options)
    render([report], on)
    return written(on)


def flat(text: str) -> str:
    """The text with all white space as single spaces, so that line breaks do not matter."""
    return " ".join(text.split())
