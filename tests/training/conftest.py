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


def rows_of(text: str, **fields: Any) -> dict[str, Any]:
    return {"text": text, **fields}


POLNEAR_TEXT = "Rates will rise.\n\nThe mayor of Holt said rates will rise. Critics say so too."
PTC_TEXT = "The council met.\nIts disgraceful vandals sold the bridge to a crook."
ESSAY_TEXT = "Should towns keep bridges?\n\nTowns should keep bridges. They join people. Studies of trade show that."

BASIL_PARAGRAPHS = [["The mayor stormed out.", "He left at noon."], ["“A crook,” said a rival, who seized on it."]]
BASIL_SPANS = [
    {"bias": "lex", "quote": "no", "txt": "stormed", "id": "p0"},
    {"bias": "inf", "quote": "no", "txt": "at noon", "id": "p1"},
    {"bias": "lex", "quote": "yes", "txt": "A crook", "id": "title"},
    {"bias": "lexical", "quote": "no", "txt": "seized", "id": "p0"},
]
MICROTEXT = {
    "e1": "Towns should keep bridges.",
    "e2": "Some are dear,",
    "e3": "but they join people.",
    "e4": "Look at Holt,",
    "e5": "and at Arle.",
}
MICROTEXT_EDGES = [
    *({"id": f"s{n}", "src": f"e{n}", "trg": f"a{n}", "type": "seg"} for n in range(1, 6)),
    {"id": "c1", "src": "a2", "trg": "a1", "type": "reb"},
    {"id": "c2", "src": "a3", "trg": "c1", "type": "und"},
    {"id": "c3", "src": "a4", "trg": "a1", "type": "exa"},
    {"id": "c4", "src": "a5", "trg": "c3", "type": "add"},
]


def place(text: str, words: str) -> list[int]:
    return [text.index(words), text.index(words) + len(words)]


@pytest.fixture(scope="session")
def public_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files in the form of the public corpora, with texts written for the tests."""
    said = POLNEAR_TEXT.rindex("rates will rise")
    attributions = [
        {
            "source": [place(POLNEAR_TEXT, "The mayor of Holt")],
            "cue": [place(POLNEAR_TEXT, "said")],
            "content": [[said, said + len("rates will rise")]],
        },
        {"source": [place(POLNEAR_TEXT, "Critics")], "cue": [place(POLNEAR_TEXT, "say")], "content": []},
    ]
    components = [
        {"type": "MajorClaim", "rel": None, "stance": None, "start": place(ESSAY_TEXT, "Towns should")[0]},
        {"type": "Claim", "rel": -1, "stance": "Support", "start": place(ESSAY_TEXT, "They join")[0]},
        {"type": "Premise", "rel": -1, "stance": "Support", "start": place(ESSAY_TEXT, "Studies of")[0]},
    ]
    files: dict[str, list[dict[str, Any]]] = {
        "babe.jsonl": [
            rows_of(
                f"The so-called reform number {n} is a joke.",
                id=f"b{n}",
                biased=n % 2,
                biased_words=["so-called"] * (n % 2),
            )
            for n in range(12)
        ],
        "checkthat_en.jsonl": [
            rows_of(f"Sentence {n} is lovely.", id=f"c{n}", label="SUBJ", split="train" if n < 4 else "dev")
            for n in range(6)
        ],
        "polnear_train.jsonl": [rows_of(POLNEAR_TEXT, id="p0", split="train", attributions=attributions)],
        "polnear_dev.jsonl": [rows_of(POLNEAR_TEXT, id="p1", split="dev", attributions=attributions)],
        "ptc.jsonl": [
            rows_of(
                PTC_TEXT, id="t0", spans=[["Loaded_Language", *place(PTC_TEXT, "disgraceful vandals")], ["Doubt", 0, 3]]
            )
        ],
        "basil.jsonl": [{"id": "n0", "paragraphs": BASIL_PARAGRAPHS, "spans": BASIL_SPANS}],
        "aae_train.jsonl": [rows_of(ESSAY_TEXT, id="e0", components=components)],
        "microtexts.jsonl": [{"id": "m0", "edus": MICROTEXT, "edges": MICROTEXT_EDGES}],
    }
    folder = tmp_path_factory.mktemp("public")
    for name, rows in files.items():
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def labelled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("labels") / "labelled.jsonl"
    rows = [labelled_document(n, "train") for n in range(24)] + [labelled_document(n, "dev") for n in range(24, 30)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path
