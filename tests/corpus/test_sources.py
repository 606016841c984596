"""What is read from every kind of source, and what is said of what cannot be."""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.corpus.sources import Row, open_corpus
from analyzer.errors import AnalyzerError
from tests.corpus.conftest import pa, pq

Write = Callable[[Path, list[dict[str, str]]], None]


def read(name: str | Path) -> list[Row]:
    return list(open_corpus(str(name), out=Path("nowhere")).rows())


def _jsonl(path: Path, rows: list[dict[str, str]]) -> None:
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")


def _jsonl_gz(path: Path, rows: list[dict[str, str]]) -> None:
    path.write_bytes(gzip.compress(("\n".join(json.dumps(row, ensure_ascii=False) for row in rows)).encode()))


def _csv(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def _tsv_gz(path: Path, rows: list[dict[str, str]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter="\t")
        writer.writeheader()
        writer.writerows(rows)


def _parquet(path: Path, rows: list[dict[str, str]]) -> None:
    pq.write_table(pa.Table.from_pylist(rows), path)


FORMATS: dict[str, Write] = {
    "c.jsonl": _jsonl,
    "c.jsonl.gz": _jsonl_gz,
    "c.csv": _csv,
    "c.tsv.gz": _tsv_gz,
    "c.parquet": _parquet,
}
# No NUL, which CSV cannot hold, and no half characters, which UTF-8 cannot.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.fixed_dictionaries({"id": texts, "text, of it": texts}), min_size=1, max_size=5))
def test_every_table_gives_the_values_that_were_written(name: str, rows: list[dict[str, str]], tmp_path: Path) -> None:
    path = tmp_path / name
    FORMATS[name](path, rows)
    found = read(path)
    assert [dict(row.values) for row in found] == rows
    assert [row.source for row in found] == [f"{path}:{n}" for n in range(1, len(rows) + 1)]
    assert all(row.problem is None for row in found)
    assert found[-1].read == path.stat().st_size


def test_a_data_set_of_the_hub_is_streamed_by_split(tmp_path: Path) -> None:
    pytest.importorskip("datasets")
    folder = tmp_path / "set"
    folder.mkdir()
    for split in ("train", "test"):
        _jsonl(folder / f"{split}.jsonl", [{"text": f"{split} {n}"} for n in range(3)])
    assert [row.values["text"] for row in read(f"hf:{folder}")] == ["train 0", "train 1", "train 2"]
    assert read(f"hf:{folder}:test")[2].source == f"hf:{folder}:test:3"
    with pytest.raises(AnalyzerError, match=r"name one of its splits.*train\|test"):
        read(f"hf:{folder}:dev")


@pytest.mark.parametrize(
    ("name", "content", "problems"),
    [
        ("c.jsonl", b'{"a": 1}\n\n{"a": \n"text"\n{"a": 2}', [None, "not JSON", "not an object", None]),
        ("c.json", b'[{"a": 1}]', ["jq -c"]),
        ("c.jsonl", b'{"a": "\xe9"}\n{"a": 1}\n', ["not UTF-8", None]),
        ("c.jsonl", b"[" * 100_000 + b"\n" + b'{"a": 1}', ["JSON", None]),
        ("c.csv", b'a,b\n1,2\n1\n1,2,3\n"x"y,2\n3,4\n', [None, "1 fields", "3 fields", "not CSV", None]),
        ("c.csv", b"a;b\nna\xefve;2\n3;4\n", ["not UTF-8", None]),
        ("c.csv", b"text,Ann\xe9e,outlet\na,1,2\n", ["header is not UTF-8"]),
        ("c.csv", b'a,b\n1,2\n"never closed,2\n', [None, "not CSV"]),
        ("c.csv", b"text,id,text\nIt rose.,1,It fell.\n", ["'text' more than once"]),
        ("c.csv", b"\n\na,b\n1,2\n", [None]),
        ("c.csv", b'a,b\n1,2\n3,"never closed\n5,6\n7,8\n', [None, "mend line 3", None, None]),
        ("c.csv", b'a,b\n1,"opened\n3,4\n5,"again" said\n7,8\n', ["line 2, where", None, "mend line 4", None]),
        ("c.csv", "a;b\r\nnaïve;2\r\n".encode("utf-16"), [None]),
        ("c.csv", "a;b\r\nnaïve;2\r\n".encode("cp1252"), ["iconv -f WINDOWS-1252"]),
        ("c.parquet.gz", gzip.compress(b"PAR1"), ["unpack it"]),
        ("c.parquet", b"PAR1 and nothing more", ["cannot be read"]),
        ("c.jsonl.gz", b"plain text", ["not gzip"]),
        ("c.jsonl.gz", gzip.compress(b'{"a": 1}\n' * 50_000)[:-20], [None, "cut short"]),
    ],
)
def test_what_cannot_be_read_is_a_row_that_says_so(
    name: str, content: bytes, problems: list[str | None], tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    found = read(tmp_path / name)
    said: list[Any] = [row.problem for row in found]
    if len(said) > 1000:
        assert set(said[:-1]) == {None}
        said = [None, said[-1]]
    assert len(said) == len(problems)
    for problem, words in zip(said, problems, strict=True):
        assert problem is None if words is None else words in problem


def test_a_value_that_python_cannot_hold_is_a_row_that_says_so(tmp_path: Path) -> None:
    path = tmp_path / "c.parquet"
    days = pa.array([0, 2**62, 0], pa.timestamp("us"))
    pq.write_table(pa.table({"text": ["It rose.", "It fell.", "It stood."], "date": days}), path)
    rows = read(path)
    assert [row.values.get("text") for row in rows] == ["It rose.", None, "It stood."]
    assert "cannot be read" in rows[1].problem and rows[1].source.endswith("c.parquet:2")


def test_a_glob_is_read_in_order_and_a_folder_keeps_its_hidden_files(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", ".hidden.txt", "deep/er/c.md", "deep/rows.jsonl"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{"text": "A row."}')
    assert [Path(row.path or "").name for row in read(tmp_path / "*.txt")] == ["a.txt", "b.txt"]
    found = read(tmp_path)
    assert [row.source.removeprefix(f"{tmp_path}/") for row in found] == [
        "a.txt", "b.txt", "deep/er/c.md", "deep/rows.jsonl:1"
    ]  # fmt: skip
    assert [row.group for row in found] == [None, None, "deep", "deep"]


def test_a_glob_does_not_read_where_results_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "news").mkdir()
    (tmp_path / "link").symlink_to("scored")
    _jsonl(tmp_path / "news" / "c.jsonl", [{"text": "One."}])
    before = open_corpus("**/*.jsonl", out=Path("scored"))
    (tmp_path / "scored").mkdir()
    _jsonl(tmp_path / "scored" / "parts.jsonl", [{"part": "0"}])
    for out in (Path("scored"), tmp_path / "link", tmp_path / "news" / ".." / "scored"):
        corpus = open_corpus("**/*.jsonl", out=out)
        assert [row.source for row in corpus.rows()] == ["news/c.jsonl:1"] == [row.source for row in before.rows()]
    with pytest.raises(AnalyzerError, match="but those in scored"):
        open_corpus("scored/*.jsonl", out=Path("scored"))


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nid;text\n1;It rose, then fell, then rose.\n",
        "id;text;a,b,c,d\n1;It rose, then fell, then rose.;x\n",
        "\ufeffid|text\n1|It rose, then fell, then rose.\n",
        "\n\nid\ttext\n1\tIt rose, then fell, then rose.\n",
    ],
)
def test_the_delimiter_is_the_one_that_parts_header_and_rows_alike(text: str, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    (row,) = read(tmp_path / "c.csv")
    assert (row.values["id"], row.values["text"]) == ("1", "It rose, then fell, then rose.")


def test_a_csv_that_does_not_fit_says_how_it_was_parted(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("id,text\n1,It rose, then fell.\n", encoding="utf-8")
    assert "3 fields, but the header has 2, parted by ','" in (read(tmp_path / "c.csv")[0].problem or "")
    (tmp_path / "d.csv").write_text(",id,text,\n0,1,It rose.,x\n", encoding="utf-8")
    assert "2 columns without a name" in (read(tmp_path / "d.csv")[0].problem or "")


def test_what_is_no_document_of_a_folder_is_passed_over_and_counted(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    for folder in ("Post", "scored/documents", ".git"):
        (corpus / folder).mkdir(parents=True)
    for name in ("Post/a.txt", ".b.txt", ".git/c.txt", "scored/run.json"):
        (corpus / name).write_text('{"status": "running", "tables_version": 1}', encoding="utf-8")
    _jsonl(corpus / "Post/d.jsonl", [{"text": "It fell."}])
    (corpus / "linked").symlink_to(tmp_path)
    os.mkfifo(corpus / "pipe.txt")
    found = open_corpus(str(corpus), out=tmp_path / "out")
    assert [(Path(row.source).name, row.group) for row in found.rows()] == [("a.txt", "Post"), ("d.jsonl:1", "Post")]
    assert found.notes[0].endswith(
        "5 files and folders passed over (hidden 2, linked folder 1, no regular file 1, results 1); "
        "name what is to be read by a glob"
    )
    with pytest.raises(AnalyzerError, match="results of a run"):
        open_corpus(str(corpus / "scored"), out=tmp_path / "out")
    with pytest.raises(AnalyzerError, match="a pipe or a device"):
        open_corpus(str(corpus / "pipe.txt"), out=tmp_path / "out")
    with pytest.raises(AnalyzerError, match=r"no document .*1 file or folder passed over \(hidden 1\)"):
        (tmp_path / "void" / ".git").mkdir(parents=True)
        open_corpus(str(tmp_path / "void"), out=tmp_path / "out")
