"""The tables are documented column by column, and open in the programs that people read tables with."""

from __future__ import annotations

import re

import pytest

from analyzer.corpus.tables import TABLES, describe
from tests.conftest import RunCommand
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
