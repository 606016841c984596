"""From a report to rows of the tables. In go an `Item` and its `Report`, out come rows by table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from analyzer.corpus.columns import Item
from analyzer.corpus.dates import day_of
from analyzer.corpus.tables import METADATA_PREFIX, OWN_PREFIX, is_yes_or_no
from analyzer.report import Conclusion, Grounds, Report, SentenceReport
from analyzer.schema import Head, HeadKind, SentenceType, Sourcing
from analyzer.statements import find_statements

Row = dict[str, Any]
_SOURCES = [source.value for source in Sourcing]


def rows_of(
    number: int,
    item: Item,
    report: Report,
    *,
    phrases: Sequence[str],
    metadata: Collection[str],
    own_heads: Sequence[Head],
    sentences: bool,
) -> dict[str, list[Row]]:
    """The rows of one document, which stands at `number` in the corpus; `phrases` are those of --conclusion, and
    `own_heads` those of the model.
    """
    texts = [sentence.text for sentence in report.sentences]
    stating = {phrase: find_statements(phrase, texts) for phrase in phrases}
    rows = {
        "documents": [_document(number, item, report, metadata)],
        "paragraphs": _paragraphs(item.id, report),
        "conclusions": [_conclusion(item.id, c, report, stating) for c in report.conclusions],
    }
    if sentences:
        rows["sentences"] = [_sentence(item.id, sentence, own_heads) for sentence in report.sentences]
    if phrases:
        by_sentence = {conclusion.sentence: conclusion for conclusion in report.conclusions}
        found = {phrase: [by_sentence[s] for s in places] for phrase, places in stating.items() if places}
        rows["statements"] = [_statement(item.id, phrase, conclusions) for phrase, conclusions in found.items()]
    return rows


def _document(number: int, item: Item, report: Report, metadata: Collection[str]) -> Row:
    document, sentences = report.document, report.sentences
    day, note = day_of(item.date, item.date_order) if item.date else (None, None)
    low, high = document.interval or (None, None)
    claims = [s for s in sentences if s.type == SentenceType.FACTUAL_CLAIM.value]
    others = {name: value for name, value in item.metadata.items() if name not in metadata}
    return {
        "number": number,
        "id": item.id,
        "group_name": item.group,
        "date": day,
        "title": item.title or document.title,
        "path": document.path,
        "source": item.source,
        "n_characters": len(document.text),
        "n_paragraphs": len(report.paragraphs),
        "n_sentences": len(sentences),
        "n_conclusions": len(report.conclusions),
        "dependence": document.dependence,
        "dependence_low": low,
        "dependence_high": high,
        "opinion_share": document.opinion_share,
        **_grounds(document.grounds),
        "loaded_share": document.loaded_share,
        "n_loaded": sum(sentence.loaded for sentence in sentences),
        "unsourced_share": document.unsourced_share,
        **_types(document.type_counts),
        **_sources("sourcing", sentences),
        **_sources("claims", claims),
        "notes": [*document.notes, *([note] if note else [])],
        **{f"{METADATA_PREFIX}{name}": item.metadata.get(name) for name in metadata},
        "other_metadata": json.dumps(others, ensure_ascii=False) if others else None,
        **{f"{OWN_PREFIX}{head}": counts for head, counts in document.label_counts.items()},
    }


def _paragraphs(id: str, report: Report) -> list[Row]:
    counts = Counter(sentence.paragraph for sentence in report.sentences)
    return [
        {
            "document": id,
            "paragraph": paragraph.index,
            "kind": paragraph.kind,
            "start_offset": paragraph.start,
            "end_offset": paragraph.end,
            "n_sentences": counts[paragraph.index],
            **_types(paragraph.type_counts),
            "loaded_share": paragraph.loaded_share,
            "unsourced_share": paragraph.unsourced_share,
            "dependence": paragraph.dependence,
            "contribution": paragraph.contribution,
        }
        for paragraph in report.paragraphs
    ]


def _sentence(id: str, sentence: SentenceReport, own_heads: Sequence[Head]) -> Row:
    return {
        "document": id,
        "sentence": sentence.index,
        "paragraph": sentence.paragraph,
        "start_offset": sentence.start,
        "end_offset": sentence.end,
        "text": sentence.text,
        "type": sentence.type,
        "content": sentence.content,
        "loaded": sentence.loaded,
        "sourcing": sentence.sourcing,
        "role": sentence.role,
        **{f"{head}_probabilities": sentence.probabilities[head] for head in ("type", "content", "sourcing", "role")},
        "loaded_probability": sentence.probabilities["loaded"],
        "dependence": sentence.dependence,
        "supports": [{"sentence": s.sentence, "probability": s.probability} for s in sentence.supports],
        "spans": [
            {"kind": span.kind, "start_offset": span.start, "end_offset": span.end, "text": span.text}
            for span in sentence.spans
        ],
        "notes": sentence.notes,
        **{name: value for head in own_heads for name, value in _own_labels(sentence, head)},
    }


def _own_labels(sentence: SentenceReport, head: Head) -> list[tuple[str, Any]]:
    if head.kind is HeadKind.SPAN:
        return []
    name, shares = f"{OWN_PREFIX}{head.name}", sentence.probabilities[head.name]
    says = sentence.labels[head.name]
    return [
        (name, bool(says) if is_yes_or_no(head) else says),
        (f"{name}_probabilities", {head.labels[0]: shares} if is_yes_or_no(head) else shares),
    ]


def _conclusion(id: str, conclusion: Conclusion, report: Report, stating: dict[str, list[int]]) -> Row:
    role = report.sentences[conclusion.sentence].probabilities["role"]
    return {
        "document": id,
        "sentence": conclusion.sentence,
        "text": conclusion.text,
        "probability": role["conclusion"] if isinstance(role, dict) else role,
        "states": [phrase for phrase, places in stating.items() if conclusion.sentence in places],
        "dependence": conclusion.dependence,
        "dependence_low": conclusion.interval[0],
        "dependence_high": conclusion.interval[1],
        "opinion_share": conclusion.opinion_share,
        **_grounds(conclusion.grounds),
        "premises": [premise.model_dump() for premise in conclusion.premises],
        "fixes": [fix.model_dump() for fix in conclusion.fixes],
    }


def _statement(id: str, phrase: str, conclusions: Sequence[Conclusion]) -> Row:
    grounds = [_grounds(conclusion.grounds) for conclusion in conclusions]
    return {
        "conclusion": phrase,
        "document": id,
        "n_statements": len(conclusions),
        "dependence": _mean([conclusion.dependence for conclusion in conclusions]),
        "opinion_share": _mean([conclusion.opinion_share for conclusion in conclusions]),
        **{name: _mean([of_one[name] or 0.0 for of_one in grounds]) for name in grounds[0]},
        "statements": [
            {
                "sentence": conclusion.sentence,
                "text": conclusion.text,
                "dependence": conclusion.dependence,
                "dependence_low": conclusion.interval[0],
                "dependence_high": conclusion.interval[1],
            }
            for conclusion in conclusions
        ],
    }


def _grounds(grounds: Grounds | None) -> dict[str, float | None]:
    return {f"grounds_{name}": getattr(grounds, name, None) for name in Grounds.model_fields}


def _types(counts: dict[str, int]) -> dict[str, int]:
    return {f"type_{name}": count for name, count in counts.items()}


def _sources(prefix: str, sentences: Sequence[SentenceReport]) -> dict[str, int]:
    counts = Counter(sentence.sourcing for sentence in sentences)
    return {f"{prefix}_{source}": counts[source] for source in _SOURCES}


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4)
