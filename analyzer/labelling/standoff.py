"""Stand-off labels: labels without the text they belong to, which may not be passed on.

`detach` takes labelled documents and the corpora that their texts come from, and leaves corpus, document id, places
and hashes of the sentences, and labels; `join` puts text and labels together again. Both say what did not match.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analyzer.errors import AnalyzerError
from analyzer.labelling.corpora import Corpora
from analyzer.labelling.documents import AnnotatedDocument, document_of, row_of
from analyzer.labelling.form import problems_of_form
from analyzer.schema import EXCERPT, LabelSchema

HASH_DIGITS = 16
_PLACE = ("start", "end", "hash", "verbatim")
_FORMAT = "give a file made by `analyzer labels detach`"


@dataclass(frozen=True)
class Mismatch:
    """Why a document was left out, in words."""

    id: str
    why: str

    def __str__(self) -> str:
        """The document and the reason on one line."""
        return f"{self.id!r}: {self.why}"


@dataclass(frozen=True)
class Detached:
    """Rows of a stand-off file, and the documents that have none."""

    rows: tuple[dict[str, Any], ...]
    mismatches: tuple[Mismatch, ...]


@dataclass(frozen=True)
class Joined:
    """Documents that have their text again, and what did not match; counts of sentences asked for and restored."""

    documents: tuple[AnnotatedDocument, ...]
    mismatches: tuple[Mismatch, ...]
    sentences: int
    restored: int


def sentence_hash(text: str) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a sentence, in NFC and with single spaces."""
    normal = _single_spaced(unicodedata.normalize("NFC", text))
    return hashlib.sha256(normal.encode("utf-8")).hexdigest()[:HASH_DIGITS]


def detach(
    documents: Sequence[AnnotatedDocument],
    corpora: Corpora,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Detached:
    """Take the text out of documents whose `source` is a corpus; one whose sentences are not all found has no row."""
    rows, mismatches = [], []
    for done, document in enumerate(documents):
        progress(done, len(documents))
        text = corpora.text(document.source, document.id)
        if text is None:
            mismatches.append(Mismatch(document.id, _missing(document.source, corpora)))
            continue
        places = _find_in_order(text, [sentence.text for sentence in document.sentences])
        if isinstance(places, int):
            why = f"sentence {places} is not in the corpus's text after the ones before"
            mismatches.append(Mismatch(document.id, why))
            continue
        rows.append(_without_text(document, places))
    return Detached(tuple(rows), tuple(mismatches))


def _find_in_order(text: str, sentences: Sequence[str]) -> list[tuple[int, int]] | int:
    """Where each sentence stands, in this order; or the first that is not found.

    The words of a sentence may have any white space between them in the text, unless its own is not single spaces.
    """
    places, position = [], 0
    for index, sentence in enumerate(sentences):
        words = [sentence] if _is_verbatim(sentence) else sentence.split()
        found = re.compile(r"\s+".join(map(re.escape, words))).search(text, position)
        if not found:
            return index
        places.append(found.span())
        position = found.end()
    return places


def _is_verbatim(sentence: str) -> bool:
    """Whether a sentence is to be restored as the corpus has it: with single spaces it would be another one."""
    return sentence != _single_spaced(sentence)


def _single_spaced(text: str) -> str:
    return " ".join(text.split())


def _without_text(document: AnnotatedDocument, places: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """The row of a document with places and hashes where its texts were, and nothing that tells what it is about."""
    row = row_of(document)
    sentences = []
    for sentence, (start, end) in zip(row["sentences"], places, strict=True):
        text = sentence.pop("text")
        place = {"index": sentence.pop("index"), "start": start, "end": end, "hash": sentence_hash(text)}
        sentences.append(place | ({"verbatim": True} if _is_verbatim(text) else {}) | sentence)
    kept: dict[str, Any] = {"corpus": document.source, "id": document.id, "split": document.split}
    kept |= {EXCERPT: True} if document.details.get(EXCERPT) else {}
    return kept | ({"span_labels": row["span_labels"]} if "span_labels" in row else {}) | {"sentences": sentences}


def join(rows: Iterable[dict[str, Any]], corpora: Corpora, schema: LabelSchema, *, name: str) -> Joined:
    """Give stand-off rows their text.

    A document of which any sentence is not as it was when it was labelled is left out: its links and its context would
    be wrong. Raises `AnalyzerError` when `name`, the file, is no stand-off file.
    """
    documents, mismatches, sentences, restored = [], [], 0, 0
    for number, row in enumerate(rows, 1):
        try:
            corpus, id, wanted = row["corpus"], row["id"], len(row["sentences"])
            text = corpora.text(corpus, id)
            sentences += wanted
            if text is None:
                mismatches.append(Mismatch(id, _missing(corpus, corpora)))
                continue
            texts = [_restored(text, sentence) for sentence in row["sentences"]]
        except (AttributeError, KeyError, TypeError) as error:
            raise AnalyzerError(f"{name}: document {number} has no stand-off labels ({error!r}); {_FORMAT}") from error
        if None in texts:
            different = [index for index, found in enumerate(texts) if found is None]
            restored += wanted - len(different)
            mismatches.append(Mismatch(id, _different(different, wanted)))
            continue
        restored += wanted
        documents.append(_with_text(row, [str(found) for found in texts], corpora.title(corpus, id), schema, name))
    return Joined(tuple(documents), tuple(mismatches), sentences, restored)


def _restored(text: str, sentence: dict[str, Any]) -> str | None:
    """The sentence at its place; None when it is another one than was labelled."""
    found = text[sentence["start"] : sentence["end"]]
    if sentence_hash(found) != sentence["hash"]:
        return None
    return found if sentence.get("verbatim") else _single_spaced(found)


def _with_text(
    row: dict[str, Any], texts: Sequence[str], title: str, schema: LabelSchema, name: str
) -> AnnotatedDocument:
    sentences = [
        {"text": text} | {key: value for key, value in sentence.items() if key not in _PLACE}
        for text, sentence in zip(texts, row["sentences"], strict=True)
    ]
    whole = {key: value for key, value in row.items() if key != "corpus"}
    whole |= {"source": row["corpus"], "title": title, "sentences": sentences}
    for problem in problems_of_form(whole, schema):
        if problem.is_error:
            raise AnalyzerError(f"{name}: document {row['id']!r}: {problem}")
    return document_of(whole, schema)


def _missing(corpus: str, corpora: Corpora) -> str:
    if corpora.has(corpus):
        return f"the corpus {corpus!r} has no such document"
    return f"no corpus {corpus!r} in the folder ({corpus}.jsonl, or files whose names begin so)"


def _different(indices: Sequence[int], count: int) -> str:
    shown = ", ".join(map(str, indices[:5])) + (", …" if len(indices) > 5 else "")
    return f"{len(indices)} of {count} sentences differ from what was labelled (sentence {shown})"


def write_standoff(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Write rows as JSON lines, compressed when the name ends in .gz; the same rows give the same bytes."""
    data = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows).encode("utf-8")
    try:
        if path.suffix != ".gz":
            path.write_bytes(data)
            return
        with path.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as compressed:
            compressed.write(data)
    except OSError as error:
        raise AnalyzerError(f"{path}: cannot be written ({error}); give another file") from error


def read_standoff(path: Path) -> list[dict[str, Any]]:
    """The rows of a stand-off file, compressed or not."""
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8")
        rows = [json.loads(line) for line in text.split("\n") if line.strip()]
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        raise AnalyzerError(f"{path}: cannot be read ({error}); {_FORMAT}") from error
    if not rows:
        raise AnalyzerError(f"{path}: no labels in it; {_FORMAT}")
    return rows
