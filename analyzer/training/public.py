"""Public corpora as training documents: each gives the heads that it has labels for.

In goes a folder of JSON-lines files (`babe.jsonl`, `ptc.jsonl`, `polnear_train.jsonl`, …; any may be missing), out come
`LabelledDocument`s. What a corpus calls bias or subjectivity is not quite what the guidelines call loaded, so each
such label has an auxiliary head of its own, which teaches the encoder and is not shipped.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.document import Block, BlockKind, Document, Sentence
from analyzer.errors import AnalyzerError
from analyzer.schema import STANDARD_SCHEMA, Head, HeadKind, LabelSchema, Role, SpanLabel
from analyzer.segment import segment
from analyzer.shared_text import FURNITURE, SHARED_TEXT, text_key
from analyzer.training.data import LabelledDocument

AUXILIARY_HEADS = (
    Head("biased", HeadKind.MULTI, ("biased",)),
    Head("subjective", HeadKind.MULTI, ("subjective",)),
    Head("uncertain", HeadKind.MULTI, ("uncertain",)),
    Head("lexical", HeadKind.MULTI, ("lexical", "quoted")),
    Head("attributed", HeadKind.MULTI, ("attributed",)),
    Head("contents", HeadKind.SPAN, ("content",)),
)
# The propaganda techniques that are a matter of wording.
_WORDING = frozenset({"Loaded_Language", "Name_Calling,Labeling"})
# They argue in nearly every sentence: their roles show what links are made of, but teach no role.
ARGUED = frozenset({"aae", "microtexts"})
_SUPPORT = ("sup", "exa")
_LINE = re.compile(r"\S[^\n]*")


def with_auxiliary_heads(schema: LabelSchema) -> LabelSchema:
    """The schema that is trained: the heads of `schema`, then the auxiliary ones."""
    return LabelSchema((*schema.heads, *AUXILIARY_HEADS), schema.links)


def load_public(folder: Path) -> list[LabelledDocument]:
    """All documents of the folder's corpora; those of PolNeAR's own dev set have the split `dev`.

    Raises `AnalyzerError` when none of the corpora is there, or a file does not hold what it should.
    """
    found = [name for name in _CORPORA if (folder / name).is_file()]
    if not found:
        raise AnalyzerError(f"{folder}: holds none of the public corpora; expected {', '.join(_CORPORA)}")
    documents: list[LabelledDocument] = []
    for name in found:
        documents += convert(name, read_rows(folder / name))
    return documents


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a corpus file; `AnalyzerError` when they are not JSON, `OSError` when it cannot be read."""
    with path.open(encoding="utf-8-sig") as lines:
        try:
            return [json.loads(line) for line in lines if line.strip()]
        except (ValueError, RecursionError) as error:
            raise AnalyzerError(f"{path}: not JSON lines ({error}); restore the file") from error


def convert(name: str, rows: Iterable[dict[str, Any]]) -> list[LabelledDocument]:
    """The documents that rows of the corpus file of that name hold; `KeyError` when it is none of the corpora,
    `AnalyzerError` when a row does not hold what it should.
    """
    of_row = _CORPORA[name]
    documents: list[LabelledDocument] = []
    for number, row in enumerate(rows, 1):
        try:
            documents += of_row(row)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise AnalyzerError(
                f"{name}: row {number} is none of the corpus that it is called after ({error!r}); restore the file"
            ) from error
    return documents


def shares_text(documents: Sequence[LabelledDocument], others: Collection[LabelledDocument]) -> list[bool]:
    """Whether each document is one of `others`, or has a sentence of 60 characters or more in common with one that is
    no furniture of a site.
    """
    names = {(document.source, document.id) for document in others}
    texts = {text_key(text) for document in others for text in document.texts if len(text) >= SHARED_TEXT}
    shared = [texts.intersection(map(text_key, document.texts)) for document in documents]
    often = Counter(text for of_document in shared for text in of_document)
    return [
        (document.source, document.id) in names or any(often[text] < FURNITURE for text in of_document)
        for document, of_document in zip(documents, shared, strict=True)
    ]


def _babe(row: dict[str, Any]) -> Iterator[LabelledDocument]:
    text = row["text"]
    words = {
        match.span()
        for word in row["biased_words"]
        for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)
    }
    marked = frozenset((0, start, end) for start, end in words)
    spans = {SpanLabel.LOADED.value: marked} if words or not row["biased"] else {}
    yield _sentence(row, "babe", {"biased": bool(row["biased"])}, spans)


def _checkthat(row: dict[str, Any]) -> Iterator[LabelledDocument]:
    if row["split"] == "train":
        yield _sentence(row, "checkthat", {"subjective": row["label"] == "SUBJ"}, {})


def _weasel(row: dict[str, Any]) -> Iterator[LabelledDocument]:
    yield _sentence(row, "weasel", {"uncertain": bool(row["uncertain"])}, {})


def _ptc(row: dict[str, Any]) -> Iterator[LabelledDocument]:
    if row["spans"]:
        marked = [(start, end) for technique, start, end in row["spans"] if technique in _WORDING]
        yield _article(row, "ptc", segmented(row["text"]), {SpanLabel.LOADED.value: marked})


def _polnear(row: dict[str, Any]) -> Iterator[LabelledDocument]:
    """Sources, cues and what is attributed; a sentence with a part of that is attributed."""
    spans = {
        label: [tuple(piece) for attribution in row["attributions"] for piece in attribution.get(label, ())]
        for label in (SpanLabel.SOURCE.value, SpanLabel.CUE.value, "content")
    }
    document = _article(row, "polnear", segmented(row["text"]), spans)
    attributed = np.zeros((len(document.texts), 1), dtype=np.int64)
    attributed[[sentence for sentence, _, _ in document.spans["content"]]] = 1
    yield replace(document, split=row["split"], labels={"attributed": attributed})


def _basil(row: dict[str, Any]) -> Iterator[LabelledDocument]:
    """Whether a sentence has lexical bias of its author's, and whether it has some in a quotation."""
    texts = [(text, number) for number, paragraph in enumerate(row["paragraphs"]) for text in paragraph]
    lexical = np.zeros((len(texts), 2), dtype=np.int64)
    for span in row["spans"]:
        if not span["bias"].startswith("lex"):
            continue
        # The sentence that it says, or else the first that has its words.
        said = int(span["id"][1:]) if span["id"][1:].isdigit() else -1
        places = [place for place, (text, _) in enumerate(texts) if span["txt"] in text]
        if places:
            lexical[said if said in places else places[0], int(span["quote"] == "yes")] = 1
    of_sentences, paragraphs = zip(*texts, strict=True)
    yield LabelledDocument(row["id"], "basil", "train", of_sentences, paragraphs, {"lexical": lexical}, None)


def _essay(row: dict[str, Any]) -> Iterator[LabelledDocument]:
    """Major claims and claims are conclusions; what supports them, or a premise, is a support link."""
    sentences = segmented(row["text"])
    document = _article(row, "aae", sentences, {})
    places = [(sentence.start, sentence.end) for sentence in sentences]
    components = row["components"]
    sentence_of = [_sentence_at(places, component["start"]) for component in components]
    labels = STANDARD_SCHEMA.head("role").labels
    roles = np.full(len(places), labels.index(Role.BACKGROUND.value), dtype=np.int64)
    for component, sentence in zip(components, sentence_of, strict=True):
        role = Role.PREMISE if component["type"] == "Premise" else Role.CONCLUSION
        roles[sentence] = min(roles[sentence], labels.index(role.value))
    links = set()
    for place, component in enumerate(components):
        if component["rel"] is not None and component["stance"] == "Support":
            link = sentence_of[place], sentence_of[place + component["rel"]]
            if link[0] != link[1]:
                links.add(link)
    yield replace(document, labels={"role": roles}, supports=frozenset(links))


def _microtext(row: dict[str, Any]) -> Iterator[LabelledDocument]:
    """Segments, in the order of their numbers, take the place of sentences. Supporting and exemplifying edges are
    support links, and so is what an `add` edge joins to them; attacks are left out.
    """
    edges = {edge["id"]: edge for edge in row["edges"]}
    segments = {edge["trg"]: edge["src"] for edge in edges.values() if edge["type"] == "seg"}
    order = sorted(segments, key=lambda adu: int(segments[adu][1:]))
    place = {adu: number for number, adu in enumerate(order)}
    links = set()
    for edge in edges.values():
        supported = edges[edge["trg"]] if edge["type"] == "add" and edge["trg"] in edges else edge
        if supported["type"] in _SUPPORT and supported["trg"] in place:
            links.add((place[edge["src"]], place[supported["trg"]]))
    attacking = {edge["src"] for edge in edges.values() if edge["type"] in ("reb", "und")}
    labels = STANDARD_SCHEMA.head("role").labels
    roles = np.array([labels.index(_role(place[adu], adu in attacking, links).value) for adu in order])
    texts = tuple(row["edus"][segments[adu]] for adu in order)
    paragraphs = (0,) * len(texts)
    yield LabelledDocument(row["id"], "microtexts", "train", texts, paragraphs, {"role": roles}, frozenset(links))


def _role(place: int, attacks: bool, links: set[tuple[int, int]]) -> Role:
    """A segment that only attacks is background."""
    if any(supporter == place for supporter, _ in links):
        return Role.PREMISE
    if attacks and all(supported != place for _, supported in links):
        return Role.BACKGROUND
    return Role.CONCLUSION


def _sentence(
    row: dict[str, Any], source: str, labels: dict[str, bool], spans: dict[str, frozenset[tuple[int, int, int]]]
) -> LabelledDocument:
    arrays = {name: np.array([[value]], dtype=np.int64) for name, value in labels.items()}
    return LabelledDocument(row["id"], source, "train", (row["text"],), (0,), arrays, None, spans)


def _article(
    row: dict[str, Any], source: str, sentences: Sequence[Sentence], spans: dict[str, list[tuple[int, int]]]
) -> LabelledDocument:
    """The text of a row in its sentences, with `spans` of the text cut at their boundaries."""
    places = [(sentence.start, sentence.end) for sentence in sentences]
    marked = {
        label: frozenset(
            (number, max(start, first) - first, min(end, last) - first)
            for start, end in pieces
            for number, (first, last) in enumerate(places)
            if start < last and end > first
        )
        for label, pieces in spans.items()
    }
    texts = tuple(row["text"][start:end] for start, end in places)
    paragraphs = tuple(sentence.block for sentence in sentences)
    return LabelledDocument(row["id"], source, "train", texts, paragraphs, {}, None, marked)


def segmented(text: str) -> list[Sentence]:
    """The sentences of a text, each line a paragraph (`block`) of its own."""
    blocks = tuple(Block(BlockKind.PARAGRAPH, match.start(), match.end()) for match in _LINE.finditer(text))
    return segment(Document(text, blocks))


def _sentence_at(places: Sequence[tuple[int, int]], position: int) -> int:
    return max((number for number, (start, _) in enumerate(places) if start <= position), default=0)


_CORPORA: dict[str, Callable[[dict[str, Any]], Iterator[LabelledDocument]]] = {
    "babe.jsonl": _babe,
    "checkthat_en.jsonl": _checkthat,
    "weasel.jsonl": _weasel,
    "ptc.jsonl": _ptc,
    "polnear_train.jsonl": _polnear,
    "polnear_dev.jsonl": _polnear,
    "basil.jsonl": _basil,
    "aae_train.jsonl": _essay,
    "microtexts.jsonl": _microtext,
}
