"""Tables of every kind are read the same, and what cannot be read is told with its place."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.errors import AnalyzerError
from analyzer.training.problems import BadData
from analyzer.training.rows import Table, read_table
from tests.conftest import RunCommand

ROWS = [{"text": "The bridge, “closed”, is\nold.", "biased": 0}, {"text": "A disgrace; again", "biased": 1}]
CSV = 'text,biased\n"The bridge, “closed”, is\nold.",0\nA disgrace; again,1\n'


def values_of(table: Table) -> list[dict[str, str]]:
    return [{name: str(value) for name, value in row.values.items()} for row in table.rows]


def test_every_kind_of_table_gives_the_same_rows(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed (extra train)")
    import pyarrow

    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    (tmp_path / "c.csv").write_text(CSV, encoding="utf-8-sig")
    (tmp_path / "d.csv").write_bytes(CSV.replace(",", ";").replace("A disgrace;", '"A disgrace;').encode())
    (tmp_path / "e.tsv").write_text(CSV.replace(",", "\t", 1).replace('",0', '"\t0').replace("again,1", "again\t1"))
    parquet.write_table(pyarrow.Table.from_pylist(ROWS), tmp_path / "f.parquet")
    (tmp_path / "d.csv").write_text('text;biased\n"The bridge, “closed”, is\nold.";0\n"A disgrace; again";1\n')
    expected = [{name: str(value) for name, value in row.items()} for row in ROWS]
    for name in ("a.jsonl", "b.jsonl.gz", "c.csv", "d.csv", "e.tsv", "f.parquet"):
        table = read_table(str(tmp_path / name))
        assert values_of(table) == expected, name
        assert table.columns == ("text", "biased")


def test_rows_of_a_csv_are_numbered_by_their_first_line(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(CSV, encoding="utf-8")
    assert [row.number for row in read_table(str(tmp_path / "c.csv")).rows] == [2, 4]


def test_a_folder_of_tables_is_read_by_datasets(tmp_path: Path) -> None:
    pytest.importorskip("datasets", reason="datasets is not installed (extra train)")
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "train.csv").write_text("text,biased\nOne,0\nTwo,1\n", encoding="utf-8")
    (folder / "test.csv").write_text("text,biased\nThree,0\n", encoding="utf-8")
    table = read_table(str(folder))
    assert table.is_hub
    assert [(row.values["split"], row.values["text"]) for row in table.rows] == [
        ("train", "One"),
        ("train", "Two"),
        ("test", "Three"),
    ]


def test_a_data_set_that_cannot_be_reached_is_one_line(run: RunCommand) -> None:
    pytest.importorskip("datasets", reason="datasets is not installed (extra train)")
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    done = run("train", "--data", "nobody/no-such", "--text", "t", "--label", "l", "-o", "out", env=offline)
    lines = done.stderr.decode().strip().splitlines()
    assert done.returncode == 2
    assert len(lines) == 1 and "nobody/no-such" in lines[0] and "network" in lines[0]


# Its head is that of a gzip file, what follows is not.
DAMAGED = (gzip.compress(b"", mtime=0)[:10] + b"\xff" * 40).decode("latin-1")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "text,biased\nOne,0\nTwo\n", ["a.csv:3", "1 cells"]),
        ("a.csv", "text,biased\n", ["0 rows"]),
        ("a.csv", "", ["0 rows"]),
        ("a.jsonl", '{"text": "x"}\n\n[1]\n', ["a.jsonl:3", "not an object"]),
        ("a.jsonl", '{"text": \n', ["a.jsonl:1", "not JSON"]),
        ("a.jsonl", '{"text": "x"}\n' + "[" * 200_000, ["a.jsonl:2", "not JSON"]),
        ("a.parquet", "PAR1", ["not a Parquet file"]),
        ("a.jsonl.gz", "plain", ["not a gzip file"]),
        ("a.jsonl.gz", DAMAGED, ["not a gzip file", "invalid"]),
        ("a.xlsx", "x", ["unknown kind"]),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(tmp_path: Path, name: str, content: str, words: list[str]) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="latin-1")
    with pytest.raises(AnalyzerError) as raised:
        read_table(str(path))
    assert all(word in str(raised.value) for word in words), raised.value


def test_all_lines_that_are_wrong_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "x"}\nno\nnone\n', encoding="utf-8")
    with pytest.raises(BadData) as raised:
        read_table(str(path))
    assert [problem.row for problem in raised.value.problems] == [2, 3]


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@settings(max_examples=50)
@given(st.lists(st.tuples(CELLS.filter(str.strip), CELLS), min_size=1, max_size=8))
def test_any_text_comes_out_of_a_csv_as_it_went_in(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    import csv

    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "label"))
        writer.writerows(rows)
    assert [tuple(row.values.values()) for row in read_table(str(path)).rows] == rows


def test_a_line_break_in_a_cell_stays_what_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'text,label\r\n"It rose.\r\nDanger!",1\r\n')
    assert [dict(row.values) for row in read_table(str(path)).rows] == [{"text": "It rose.\r\nDanger!", "label": "1"}]


def test_a_column_that_is_there_twice_is_told_and_empty_lines_before_the_header_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "twice.csv").write_text("text,text\nIt rose.,It fell.\n", encoding="utf-8")
    with pytest.raises(AnalyzerError, match="two columns are called 'text'"):
        read_table(str(tmp_path / "twice.csv"))
    (tmp_path / "late.csv").write_text("\n\ntext,fear\nIt rose.,1\n", encoding="utf-8")
    assert values_of(read_table(str(tmp_path / "late.csv"))) == [{"text": "It rose.", "fear": "1"}]
