"""Stand-off labels: no text in them, and with the text they are what they were."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import AnalyzerError
from analyzer.labelling.checking import check_files
from analyzer.labelling.corpora import Corpora
from analyzer.labelling.documents import AnnotatedDocument, document_of, only, read_documents, row_of
from analyzer.labelling.standoff import detach, join, read_standoff, write_standoff
from analyzer.schema import STANDARD_SCHEMA
from tests.conftest import ROOT, RunCommand
from tests.labelling.specs import PATIENT, column, documents, write

SHIPPED = ROOT / "labeled" / "standoff.jsonl.gz"


def corpus_row(document: AnnotatedDocument, between: str, *, as_paragraphs: bool) -> dict[str, Any]:
    """The document as a corpus may have it: with other white space where the labels have single spaces."""
    texts = [s.text if s.text != " ".join(s.text.split()) else between.join(s.text.split()) for s in document.sentences]
    title = {"title": "As the corpus has it"}
    if as_paragraphs:
        return {"id": document.id, "paragraphs": [texts[:1], texts[1:]], **title}
    return {"id": document.id, "text": "By-line\n" + "\n\n".join(texts) + "\nMore from us", **title}


@PATIENT
@given(document=documents(STANDARD_SCHEMA), between=st.sampled_from([" ", "\n", "  \t"]), as_paragraphs=st.booleans())
def test_labels_that_were_detached_join_to_what_they_were(
    document: AnnotatedDocument, between: str, as_paragraphs: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        document = AnnotatedDocument(document.id, "paper", document.split, document.sentences, document.span_labels)
        write(path / "paper_part.jsonl", corpus_row(document, between, as_paragraphs=as_paragraphs))
        detached = detach([document], Corpora(path))
        assert detached.mismatches == ()
        write_standoff(detached.rows, path / "s.jsonl.gz")
        joined = join(read_standoff(path / "s.jsonl.gz"), Corpora(path), STANDARD_SCHEMA, name="s")
    (restored,) = joined.documents
    assert restored.sentences == document.sentences
    assert (restored.id, restored.source, restored.split) == (document.id, "paper", document.split)
    assert restored.span_labels == document.span_labels
    assert restored.details == {"title": "As the corpus has it"}
    assert joined.restored == joined.sentences == len(document.sentences)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A corpus `paper` with the column in it."""
    texts = [sentence["text"] for sentence in column()["sentences"]]
    write(tmp_path / "paper.jsonl", {"id": "w-1", "text": "\n".join(texts)})
    return tmp_path


def labels() -> AnnotatedDocument:
    return document_of(column() | {"source": "paper"}, STANDARD_SCHEMA)


def test_no_word_of_the_text_or_the_title_is_left(folder: Path) -> None:
    path = folder / "s.jsonl"
    write_standoff(detach([labels()], Corpora(folder)).rows, path)
    text = path.read_text(encoding="utf-8")
    for word in ("bridge", "Finch", "lorries", "dithering", "column"):
        assert word not in text
    (row,) = map(json.loads, text.splitlines())
    assert set(row) == {"corpus", "id", "split", "span_labels", "sentences"}
    assert row["sentences"][2] == {
        "index": 2,
        "start": 81,
        "end": 115,
        "hash": row["sentences"][2]["hash"],
        "paragraph": 1,
        "type": "factual_claim",
        "content": "factual_claim",
        "loaded": False,
        "sourcing": "none",
        "role": "premise",
        "supports": [3],
        "spans": [],
    }


def test_what_is_an_excerpt_stays_one(folder: Path) -> None:
    excerpt = only(labels(), [0, 1])
    rows = detach([excerpt], Corpora(folder)).rows
    write_standoff(rows, folder / "s.jsonl")
    (joined,) = join(read_standoff(folder / "s.jsonl"), Corpora(folder), STANDARD_SCHEMA, name="s").documents
    assert joined.sentences == excerpt.sentences
    assert check_files([write(folder / "l.jsonl", row_of(joined))], STANDARD_SCHEMA).problems == ()


def test_the_same_labels_give_the_same_bytes(folder: Path) -> None:
    rows = detach([labels()], Corpora(folder)).rows
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        write_standoff(rows, folder / name)
    assert (folder / "a.jsonl.gz").read_bytes() == (folder / "b.jsonl.gz").read_bytes()
    write_standoff(rows, folder / "c.jsonl")
    assert gzip.decompress((folder / "a.jsonl.gz").read_bytes()) == (folder / "c.jsonl").read_bytes()


def test_what_is_not_in_the_corpora_is_not_detached(folder: Path) -> None:
    other = document_of(column() | {"source": "paper", "id": "w-9"}, STANDARD_SCHEMA)
    changed = column() | {"source": "paper"}
    changed["sentences"][2]["text"] = "It has carried trams since 1931."
    documents = [other, document_of(changed, STANDARD_SCHEMA), document_of(column(), STANDARD_SCHEMA)]
    detached = detach(documents, Corpora(folder))
    assert detached.rows == ()
    assert [str(mismatch) for mismatch in detached.mismatches] == [
        "'w-9': the corpus 'paper' has no such document",
        "'w-1': sentence 2 is not in the corpus's text after the ones before",
        "'w-1': no corpus 'written' in the folder (written.jsonl, or files whose names begin so)",
    ]


def test_a_text_that_changed_does_not_get_labels(folder: Path) -> None:
    rows = detach([labels()], Corpora(folder)).rows
    text = json.loads((folder / "paper.jsonl").read_text(encoding="utf-8"))["text"]
    write(folder / "paper.jsonl", {"id": "w-1", "text": text.replace("lorries", "tramcar")})
    joined = join(rows, Corpora(folder), STANDARD_SCHEMA, name="s")
    assert joined.documents == ()
    assert (joined.sentences, joined.restored) == (4, 3)
    assert str(joined.mismatches[0]) == "'w-1': 1 of 4 sentences differ from what was labelled (sentence 2)"


@pytest.mark.parametrize("content", [b"", b"{", b"\x1f\x8bnot gzip", b"[]\n", b'{"corpus": 1}\n', b"\xff"])
def test_files_that_hold_no_standoff_labels_are_refused(folder: Path, content: bytes) -> None:
    path = folder / "s.jsonl"
    path.write_bytes(content)
    with pytest.raises(AnalyzerError, match="analyzer labels detach"):
        join(read_standoff(path), Corpora(folder), STANDARD_SCHEMA, name=str(path))


def test_the_shipped_labels_are_whole_and_hold_no_text() -> None:
    rows = read_standoff(SHIPPED)
    assert len(rows) >= 641
    sentences = [sentence for row in rows for sentence in row["sentences"]]
    assert len(sentences) >= 19_890
    heads = {head.name for head in STANDARD_SCHEMA.sentence_heads}
    allowed = {"index", "start", "end", "hash", "verbatim", "paragraph", "supports", "spans"} | heads
    values = {label for head in STANDARD_SCHEMA.sentence_heads for label in head.labels}
    for row in rows:
        assert set(row) <= {"corpus", "id", "split", "span_labels", "sentences"}
    for sentence in sentences:
        assert set(sentence) <= allowed
        assert 0 <= sentence["start"] < sentence["end"]
        assert len(sentence["hash"]) == 16
        assert {value for value in sentence.values() if isinstance(value, str)} <= values | {sentence["hash"]}
    assert len({row["id"] for row in rows}) == len(rows)


def test_the_commands_detach_and_join(run: RunCommand, folder: Path) -> None:
    write(folder / "l.jsonl", column() | {"source": "paper"})
    done = run("labels", "detach", "l.jsonl", "--corpus", ".", "-o", "s.jsonl.gz")
    assert done.returncode == 0, done.stderr.decode()
    done = run("labels", "join", "s.jsonl.gz", "--corpus", ".", "-o", "joined.jsonl")
    assert done.returncode == 0, done.stderr.decode()
    assert "1 of 1 documents joined; 4 of 4 sentences match (100.00 %)" in done.stderr.decode()
    (document,) = read_documents(folder / "joined.jsonl", STANDARD_SCHEMA)
    assert document.sentences == labels().sentences
    (folder / "paper.jsonl").unlink()
    done = run("labels", "join", "s.jsonl.gz", "--corpus", ".")
    assert (done.returncode, done.stdout) == (1, b"")
    assert "no match: 'w-1': no corpus 'paper'" in done.stderr.decode()
    assert run("labels", "join", "s.jsonl.gz", "--corpus", "nowhere").returncode == 2


def test_where_nothing_matches_a_file_that_is_there_stays(run: RunCommand, folder: Path) -> None:
    write(folder / "l.jsonl", column() | {"source": "paper"})
    assert run("labels", "detach", "l.jsonl", "--corpus", ".", "-o", "s.jsonl").returncode == 0
    assert run("labels", "join", "s.jsonl", "--corpus", ".", "-o", "joined.jsonl").returncode == 0
    before = [(folder / name).read_bytes() for name in ("s.jsonl", "joined.jsonl")]
    assert all(before)
    (folder / "paper.jsonl").unlink()
    assert run("labels", "detach", "l.jsonl", "--corpus", ".", "-o", "s.jsonl").returncode == 1
    assert run("labels", "join", "s.jsonl", "--corpus", ".", "-o", "joined.jsonl").returncode == 1
    assert [(folder / name).read_bytes() for name in ("s.jsonl", "joined.jsonl")] == before
