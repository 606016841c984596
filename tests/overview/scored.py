"""Scored corpora for tests, written as `analyzer score` writes them."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analyzer.corpus.tables import table_schemas
from analyzer.grounds import GROUNDS


@dataclass
class Doc:
    """A document as tests care for it; `conclusions` are texts with their dependence."""

    id: str
    group: str | None = None
    date: datetime.date | None = None
    conclusions: Sequence[tuple[str, float]] = ()
    loaded: float = 0.1
    claims: tuple[int, int, int, int] = (6, 0, 1, 3)
    title: str = ""
    n_sentences: int = 20
    n_characters: int = 2000
    notes: Sequence[str] = ()
    stated: Mapping[str, float] = field(default_factory=dict)


def write_scored(
    folder: Path, documents: Sequence[Doc], *, failures: Sequence[tuple[str, str]] = (), run: Mapping[str, Any] | None = None, parts: int = 1
) -> Path:  # fmt: skip
    """Write the tables of these documents, in so many parts, and `run.json` (changed by `run`)."""
    phrases = sorted({phrase for document in documents for phrase in document.stated})
    rows: dict[str, list[list[dict[str, Any]]]] = {
        "documents": _in_parts([_document(number, d) for number, d in enumerate(documents)], parts),
        "conclusions": [[row for d in part for row in _conclusions(d)] for part in _in_parts(list(documents), parts)],
        "statements": [[row for d in part for row in _statements(d)] for part in _in_parts(list(documents), parts)],
        "failures": [
            [
                {"number": 9000 + k, "document": None, "source": f"x:{k}", "stage": stage, "reason": reason}
                for k, (stage, reason) in enumerate(failures)
            ]
        ],
    }
    schemas = table_schemas(with_sentences=False, with_statements=bool(phrases))
    for name, schema in schemas.items():
        table = folder / name
        table.mkdir(parents=True)
        for number, part in enumerate(rows.get(name, [[]])):
            pq.write_table(pa.Table.from_pylist(part, schema), table / f"part-{number:05}.parquet")
    record = {
        "status": "finished",
        "model": {"name": "default", "version": "9.9", "sha256": "0" * 64},
        "options": {
            "corpus": ["news.jsonl"],
            "columns": [{"text": "text", "group": "outlet"}],
            "conclusions": phrases,
            "vague_credit": 0.25,
        },
        "times": {"started": "2024-05-01T10:00:00+00:00", "ended": "2024-05-02T10:00:00+00:00"},
        **(run or {}),
    }
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def _in_parts(items: list[Any], parts: int) -> list[list[Any]]:
    return [items[k::parts] for k in range(parts)]


def grounds_for(dependence: float) -> dict[str, float]:
    """Grounds that give this dependence."""
    shares = dict.fromkeys(GROUNDS, 0.0) | {"named_fact": 1 - dependence, "unsourced_inference": dependence}
    return {f"grounds_{ground}": share for ground, share in shares.items()}


def _document(number: int, d: Doc) -> dict[str, Any]:
    scores = [dependence for _, dependence in d.conclusions]
    mean = sum(scores) / len(scores) if scores else None
    n_claims = sum(d.claims)
    counts = dict(zip(("named", "own", "vague", "none"), d.claims, strict=True))
    return {
        "number": number,
        "id": d.id,
        "group_name": d.group,
        "date": d.date,
        "title": d.title,
        "path": None,
        "source": f"news.jsonl:{number + 1}",
        "n_characters": d.n_characters,
        "n_paragraphs": 5,
        "n_sentences": d.n_sentences,
        "n_conclusions": len(scores),
        "dependence": mean,
        "dependence_low": mean,
        "dependence_high": mean,
        "opinion_share": mean,
        **(dict.fromkeys((f"grounds_{g}" for g in GROUNDS), None) if mean is None else grounds_for(mean)),
        "loaded_share": d.loaded,
        "n_loaded": round(d.loaded * d.n_sentences),
        "unsourced_share": counts["none"] / n_claims if n_claims else None,
        "type_factual_claim": n_claims,
        "type_inference": len(scores),
        "type_speculation": 1,
        "type_non_assertive": 0,
        **{f"sourcing_{source}": count for source, count in counts.items()},
        **{f"claims_{source}": count for source, count in counts.items()},
        "notes": d.notes,
        "other_metadata": None,
    }


def _conclusions(d: Doc) -> list[dict[str, Any]]:
    return [
        {
            "document": d.id,
            "sentence": k,
            "text": text,
            "probability": 0.9,
            "states": [],
            "dependence": dependence,
            "dependence_low": dependence,
            "dependence_high": dependence,
            "opinion_share": dependence,
            **grounds_for(dependence),
            "premises": [],
            "fixes": [],
        }
        for k, (text, dependence) in enumerate(d.conclusions)
    ]


def _statements(d: Doc) -> list[dict[str, Any]]:
    return [
        {
            "conclusion": phrase,
            "document": d.id,
            "n_statements": 1,
            "dependence": dependence,
            "opinion_share": dependence,
            **grounds_for(dependence),
            "statements": [
                {
                    "sentence": 3,
                    "text": f"This is {phrase}.",
                    "dependence": dependence,
                    "dependence_low": dependence,
                    "dependence_high": dependence,
                }
            ],
        }
        for phrase, dependence in d.stated.items()
    ]
