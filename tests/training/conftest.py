"""Small labelled documents, written for the tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

PLACES = [
    "Arle",
    "Brome",
    "Corvin",
    "Dunmore",
    "Eskdale",
    "Farrow",
    "Gresham",
    "Holt",
    "Inver",
    "Jarrow",
    "Keld",
    "Lorne",
    "Marsh",
    "Nairn",
    "Oban",
    "Perth",
]
FACT = {"type": "factual_claim", "content": "factual_claim", "loaded": False, "sourcing": "none"}


def sentence(text: str, *, role: str = "background", supports: tuple[int, ...] = (), **labels: Any) -> dict[str, Any]:
    return {"text": text, "paragraph": 0, **FACT, **labels, "role": role, "supports": list(supports)}


def labelled_document(number: int, split: str) -> dict[str, Any]:
    place = f"{PLACES[number % len(PLACES)]} {number}"
    sentences = [
        sentence(f"The council of {place} met on Tuesday."),
        sentence(
            f"The bridge at {place} costs £{number + 3}m, the auditor said.",
            sourcing="named",
            role="premise",
            supports=(3,),
        ),
        sentence(
            f"Critics in {place} say nobody will use it.",
            sourcing="vague",
            content="speculation",
            role="premise",
            supports=(3,),
        ),
        sentence(
            f"{place} should stop this disgraceful waste.",
            type="inference",
            content="inference",
            loaded=True,
            role="conclusion",
        ),
        sentence(f"Who will pay in {place}?", type="non_assertive", content="non_assertive"),
        sentence(f"The work in {place} may take years.", type="speculation", content="speculation"),
        sentence(f"I counted {number + 2} boats at {place}.", sourcing="own"),
    ]
    return {"id": f"{split}-{number}", "source": "test", "title": "", "split": split, "sentences": sentences}


@pytest.fixture(scope="session")
def labelled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("labels") / "labelled.jsonl"
    rows = [labelled_document(n, "train") for n in range(24)] + [labelled_document(n, "dev") for n in range(24, 30)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path
