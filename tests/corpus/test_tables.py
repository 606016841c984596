"""The tables are documented column by column, and open in the programs that people read tables with."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from analyzer.corpus.tables import TABLES, describe
from tests.conftest import ROOT, RunCommand
from tests.corpus.conftest import ScoredCorpus, rows, table


def test_every_column_is_described_where_the_command_prints_them(run: RunCommand) -> None:
    printed = run("schema", "--tables").stdout.decode()
    assert printed.strip() == describe()
    for name, schema in TABLES.items():
        section = printed.split(f"## {name}\n")[1].split("\n## ")[0]
        listed = re.findall(r"^\| `(\w+)` \| .* \| (yes|no) \| (.+?) \|", section, re.MULTILINE)
        assert [(column, null == "yes") for column, null, _ in listed] == [(f.name, f.nullable) for f in schema]
        assert all(len(description) > 8 or description == "calibrated" for _, _, description in listed)


def test_shares_and_counts_keep_the_ranges_that_are_documented(scored: ScoredCorpus) -> None:
    for name, schema in TABLES.items():
        found = table(scored.out, name)
        for field in schema:
            unit = field.metadata.get(b"unit", b"")
            if field.type in ("double", "float"):
                assert unit in (b"share, 0 to 1", b"probability, 0 to 1"), (name, field.name)
                values = [value for value in found[field.name].to_pylist() if value is not None]
                assert all(0.0 <= value <= 1.0 for value in values), (name, field.name)
            if not field.nullable:
                assert found[field.name].null_count == 0, (name, field.name)


def test_duckdb_reads_them(scored: ScoredCorpus) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed (extra test)")
    base = duckdb.connect()
    for name in TABLES:
        [[count]] = base.sql(f"SELECT count(*) FROM '{scored.out}/{name}/*.parquet'").fetchall()
        assert count == table(scored.out, name).num_rows
    [[mean]] = base.sql(f"SELECT avg(type_probabilities.inference) FROM '{scored.out}/sentences/*.parquet'").fetchall()
    expected = [row["type_probabilities"]["inference"] for row in rows(scored.out, "sentences")]
    assert mean == pytest.approx(sum(expected) / len(expected), abs=1e-6)


def test_pandas_reads_them(scored: ScoredCorpus) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed (extra test)")
    frame = pandas.read_parquet(scored.out / "documents")
    assert frame["dependence"].dropna().tolist() == [
        row["dependence"] for row in rows(scored.out, "documents") if row["dependence"] is not None
    ]
    assert str(frame["date"].iloc[0]) == "2016-01-01"
    assert len(pandas.read_parquet(scored.out / "failures")) == 1


def test_polars_reads_them(scored: ScoredCorpus) -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed (extra test)")
    for name in TABLES:
        frame = polars.read_parquet(scored.out / name / "*.parquet")
        assert frame.height == table(scored.out, name).num_rows
    sentences = polars.scan_parquet(scored.out / "sentences" / "*.parquet")
    inference = sentences.select(polars.col("type_probabilities").struct.field("inference")).collect()
    assert inference["inference"].max() <= 1.0


def test_spark_reads_them(scored: ScoredCorpus) -> None:
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed (it needs Java)")
    spark = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        for name in TABLES:
            assert spark.read.parquet(str(scored.out / name)).count() == table(scored.out, name).num_rows
    finally:
        spark.stop()


def test_the_questions_of_the_readme_are_answered(scored: ScoredCorpus, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed (extra test)")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    if "analyzer score" not in readme:
        pytest.skip("the README does not tell of analyzer score")
    by_outlet, by_month, statements = re.findall(r"```sql\n(.*?)```", readme, re.DOTALL)
    (tmp_path / "scored").symlink_to(scored.out)

    def answer(question: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (
            duckdb.sql(question.replace("'scored/", f"'{tmp_path}/scored/")).df().to_dict("records")
        )
        return found

    documents = rows(scored.out, "documents")
    assert by_outlet.count("count(*) >= 10") == 1
    outlets = answer(by_outlet.replace("count(*) >= 10", "count(*) >= 1"))
    assert {row["group_name"] for row in outlets} == {d["group_name"] for d in documents if d["dependence"] is not None}
    assert [row["group_name"] for row in outlets] == sorted(row["group_name"] for row in outlets)
    months = answer(by_month)
    assert [str(row["month"])[:7] for row in months] == ["2016-01", "2016-02", "2016-03", "2016-04"]
    january = [d for d in documents if d["date"].month == 1]
    loaded = sum(d["n_loaded"] for d in january) / sum(d["n_sentences"] for d in january)
    assert months[0]["loaded_share"] == pytest.approx(loaded, abs=6e-4)
    said = answer(statements)
    assert said
    assert all("captur" in row["statement"].lower() for row in said)
    assert said[0]["dependence"] == max(round(row["dependence"], 2) for row in rows(scored.out, "statements"))
