"""From tables to documents: rows of a document together, and every kind of bad data told with row and remedy."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed (extra train)")

from analyzer.errors import AnalyzerError
from analyzer.model.folder import default_folder, open_folder
from analyzer.schema import STANDARD_SCHEMA, Head, HeadKind
from analyzer.training.heads import joined, read_heads
from analyzer.training.problems import BadData
from analyzer.training.sources import Asked, Source, read_for, read_source
from tests.conftest import RunCommand
from tests.training.conftest import labelled_document


def good_rows() -> list[dict[str, Any]]:
    return [
        {
            "text": f"Sentence number {n} is here.",
            "tone": "calm" if n % 2 else "heated",
            "slur": [[0, 8]] if n % 2 else [],
        }
        for n in range(12)
    ]


def write(folder: Path, rows: Sequence[Mapping[str, Any]]) -> str:
    path = folder / "data.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def read(folder: Path, rows: Sequence[Mapping[str, Any]], **asked: Any) -> Source:
    return read_source(write(folder, rows), Asked(**{"text": "text", "labels": ["tone"], **asked}))


def test_rows_make_documents_of_one_sentence(tmp_path: Path) -> None:
    found = read(tmp_path, good_rows(), labels=["tone", "slur"])
    assert found.heads == (Head("tone", HeadKind.SINGLE, ("calm", "heated")), Head("slur", HeadKind.SPAN, ("slur",)))
    assert [d.labels["tone"].tolist() for d in found.documents][:2] == [[1], [0]]
    assert found.documents[1].spans == {"slur": frozenset({(0, 0, 8)})}
    assert {len(d.texts) for d in found.documents} == {1}


def test_rows_of_a_document_come_together_in_their_order(tmp_path: Path) -> None:
    rows = [{**row, "article": f"a{n % 3}", "place": -n} for n, row in enumerate(good_rows())]
    found = read(tmp_path, rows, document="article", order="place")
    assert [d.id for d in found.documents] == ["a0", "a1", "a2"]
    assert found.documents[0].texts[0] == "Sentence number 9 is here."
    assert found.documents[0].labels["tone"].tolist() == [0, 1, 0, 1]


def test_whole_articles_with_marked_words_are_cut_into_sentences(tmp_path: Path) -> None:
    text = "The council met. Vandals sold the bridge to a crook."
    words = [text.index("Vandals"), text.index("Vandals") + 7]
    rows = [{"text": text, "slur": [words]}, {"text": "It rained. Nobody came.", "slur": [[0, 2]]}]
    document = read(tmp_path, rows, labels=["slur"]).documents[0]
    assert document.texts == ("The council met.", "Vandals sold the bridge to a crook.")
    assert document.spans == {"slur": frozenset({(1, 0, 7)})}


def test_a_split_column_decides(tmp_path: Path) -> None:
    rows = [{**row, "part": "validation" if n > 8 else "Train"} for n, row in enumerate(good_rows())]
    found = read(tmp_path, rows, split="part")
    assert [d.split for d in found.documents] == ["train"] * 9 + ["dev"] * 3


def changed(row: int, **values: Any) -> list[dict[str, Any]]:
    rows = good_rows()
    rows[row].update(values)
    return rows


BAD: list[tuple[str, list[dict[str, Any]], dict[str, Any], int | None, list[str]]] = [
    ("an empty text", changed(3, text="  "), {}, 4, ["empty text"]),
    ("a text that is none", changed(3, text=7), {}, 4, ["7", "int"]),
    ("no label", changed(3, tone=None), {}, 4, ["no label", "tone"]),
    ("a class with one example", changed(3, tone="sad"), {}, 4, ["'sad'", "one example"]),
    ("mixed types", changed(3, tone=["calm"]), {}, 4, ["['calm']", "another type"]),
    ("offsets outside", changed(3, slur=[[0, 99]]), {"labels": ["slur"]}, 4, ["0–99", "outside"]),
    ("offsets the wrong way", changed(3, slur=[[5, 2]]), {"labels": ["slur"]}, 4, ["5–2"]),
    (
        "offsets of other words",
        changed(3, slur=[{"start": 0, "end": 8, "text": "Number"}]),
        {"labels": ["slur"]},
        4,
        ["'Sentence'", "'Number'"],
    ),
    ("a missing column", good_rows(), {"labels": ["tome"]}, None, ["'tome'", "did you mean 'tone'", "'text'"]),
    ("a missing text column", good_rows(), {"text": "body"}, None, ["'body'", "--text", "'tone'"]),
    ("no row", [], {}, None, ["0 rows"]),
    (
        "one class alone",
        [{"text": f"Text {n}.", "tone": 1} for n in range(5)],
        {},
        None,
        ["no example of head 'tone' says no"],
    ),
    ("an empty column", [{"text": f"Text {n}.", "tone": ""} for n in range(5)], {}, None, ["empty"]),
    ("free text", [{"text": f"Text {n}.", "tone": f"t{n}"} for n in range(60)], {}, None, ["60 different"]),
    ("a place that is no number", changed(3, place="nan"), {"order": "place"}, 4, ["'nan'", "'place'", "no number"]),
    ("an unknown split", [{**r, "part": "tset"} for r in good_rows()], {"split": "part"}, 1, ["'tset'"]),
]


@pytest.mark.parametrize(("rows", "asked", "row", "words"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_bad_data_is_told_with_row_and_remedy(
    tmp_path: Path, rows: list[dict[str, Any]], asked: dict[str, Any], row: int | None, words: list[str]
) -> None:
    with pytest.raises(BadData) as raised:
        read(tmp_path, rows, **asked)
    told = [f"{problem.what} {problem.fix}" for problem in raised.value.problems if problem.row == row]
    assert any(all(word in line for word in words) for line in told), raised.value.problems


def test_a_text_on_both_sides_of_a_split_is_a_leak(tmp_path: Path) -> None:
    rows = [{**row, "part": "test" if n > 8 else "train"} for n, row in enumerate(good_rows())]
    rows[10]["text"] = rows[0]["text"].upper()
    with pytest.raises(BadData) as raised:
        read(tmp_path, rows, split="part")
    assert [(p.row, "row 1" in p.what) for p in raised.value.problems] == [(11, True)]


def test_labels_that_a_schema_lacks_are_unknown(tmp_path: Path) -> None:
    schema = tmp_path / "heads.toml"
    schema.write_text('[heads.mood]\nkind = "single"\nlabels = ["calm", "heated"]\ncolumn = "tone"\n', encoding="utf-8")
    assert read(tmp_path, good_rows(), labels=(), schema=schema).heads[0].name == "mood"
    with pytest.raises(BadData, match="unknown label 'heatd' of head 'mood'; did you mean 'heated'"):
        read(tmp_path, changed(2, tone="heatd"), labels=(), schema=schema)


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("[heads.x]\nkind = 'sinle'\nlabels = ['a', 'b']", "kind"),
        ("[heads.x]\nkind = 'single'", "labels"),
        ("[heads.x]\nkind = 'single'\nlabels = ['a']", "nothing to tell apart"),
        ("[heads.x]\nkind = 'single'\nlabels = ['a', 'a']", "twice"),
        ("[heads.type]\nkind = 'single'\nlabels = ['a', 'b']", "standard model"),
        ("[heads.x]\nkind = 'span'\nlabels = ['cue']", "taken"),
        ("[heads.x]\nkind = 'single'\nlabels = ['a', 'b']\ncolour = 'red'", "colour"),
        ("heads = 3", "heads"),
        ("", "heads"),
        ("[heads", "TOML"),
    ],
)
def test_a_wrong_schema_names_file_and_key(tmp_path: Path, toml: str, words: str) -> None:
    path = tmp_path / "heads.toml"
    path.write_text(toml, encoding="utf-8")
    with pytest.raises(AnalyzerError, match=words) as raised:
        read_heads(path)
    assert "heads.toml" in str(raised.value)


def test_heads_that_a_model_has_cannot_join_it_again() -> None:
    tone = Head("tone", HeadKind.SINGLE, ("calm", "heated"))
    whole = joined(STANDARD_SCHEMA, [tone], origin="m")
    assert whole.heads == (*STANDARD_SCHEMA.heads, tone)
    with pytest.raises(AnalyzerError, match="'tone' already"):
        joined(whole, [tone], origin="m")


def test_labelled_documents_with_labels_of_their_own(tmp_path: Path) -> None:
    schema = tmp_path / "heads.toml"
    schema.write_text('[heads.mood]\nkind = "multi"\nlabels = ["mood"]\n', encoding="utf-8")
    rows = [labelled_document(n, "train") for n in range(3)]
    for row in rows:
        for number, sentence in enumerate(row["sentences"]):
            sentence["mood"] = number % 2
    source = write(tmp_path, rows)
    found = read_source(source, Asked(schema=schema))
    assert found.documents[0].labels["mood"][:, 0].tolist() == [0, 1, 0, 1, 0, 1, 0]
    for sentence in (sentence for row in rows for sentence in row["sentences"]):
        sentence["mood"] = 1
    with pytest.raises(BadData, match="no example of head 'mood' says no"):
        read_source(write(tmp_path, rows), Asked(schema=schema))
    del rows[1]["sentences"][0]["mood"]
    rows[2]["sentences"][0]["text"] = ""
    with pytest.raises(BadData, match=r"data\.jsonl:2"):
        read_source(write(tmp_path, rows), Asked(schema=schema))


def test_bad_data_is_a_table_on_stderr_and_leaves_no_model(tmp_path: Path, run: RunCommand) -> None:
    source = write(tmp_path, changed(3, text="", tone="sad"))
    done = run("train", "--data", source, "--text", "text", "--label", "tone", "-o", "out", env={"COLUMNS": "160"})
    told = done.stderr.decode()
    assert done.returncode == 2 and done.stdout == b""
    assert "data.jsonl:4" in told and "empty text" in told and "How to mend it" in told
    assert told.strip().splitlines()[-1].endswith("nothing was trained")
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--data"),
        (["labelled.jsonl", "--data", "x.csv"], "--data"),
        (["labelled.jsonl", "--join"], "--join"),
        (["labelled.jsonl", "--label", "x"], "--label"),
        (["--data", "x.csv", "--text", "t", "--label", "l", "--public", "p"], "--public"),
        (["--data", "x.csv", "--text", "t", "--label", "l"], "no such file"),
    ],
)
def test_options_that_do_not_go_together_are_told(run: RunCommand, arguments: list[str], words: str) -> None:
    done = run("train", *arguments, "-o", "out")
    assert done.returncode == 2
    assert words in done.stderr.decode() and len(done.stderr.decode().strip().splitlines()) == 1


FURNITURE = "Subscribe to our newsletter to get every story of the day straight into your inbox."


def test_furniture_of_a_site_may_stand_on_both_sides_of_a_split(tmp_path: Path) -> None:
    rows = [
        {"text": text, "tone": tone, "article": f"a{n}", "part": "dev" if n > 7 else "train"}
        for n in range(10)
        for text, tone in ((FURNITURE, "calm"), (f"Sentence number {n} is here.", "heated"))
    ]
    assert len(read(tmp_path, rows, document="article", split="part").documents) == 10
    with pytest.raises(BadData, match="the same text is in the training split"):
        read(tmp_path, rows[2:], document="article", split="part")
    with pytest.raises(BadData, match="the same text is in the training split"):
        read(tmp_path, rows, split="part")


def mood_documents(tmp_path: Path, splits: Sequence[str]) -> tuple[list[dict[str, Any]], Path]:
    schema = tmp_path / "heads.toml"
    schema.write_text('[heads.mood]\nkind = "multi"\nlabels = ["mood"]\n', encoding="utf-8")
    texts = [(FURNITURE, f"Sentence number {n} is here.") for n in range(len(splits))]
    rows = [
        {"id": f"d{n}", "split": split, "sentences": [{"text": t, "mood": k} for k, t in enumerate(texts[n])]}
        for n, split in enumerate(splits)
    ]
    return rows, schema


def test_furniture_of_a_site_may_stand_in_labelled_documents_of_both_splits(tmp_path: Path) -> None:
    rows, schema = mood_documents(tmp_path, ["train"] * 8 + ["dev"] * 2)
    assert len(read_source(write(tmp_path, rows), Asked(schema=schema)).documents) == 10
    with pytest.raises(BadData, match="has a sentence of"):
        read_source(write(tmp_path, rows[1:]), Asked(schema=schema))


def test_a_document_of_one_short_sentence_stands_in_one_split(tmp_path: Path) -> None:
    rows, schema = mood_documents(tmp_path, ["train"] * 4 + ["dev"] * 2)
    for number, row in enumerate(rows):
        row["sentences"] = [row["sentences"][1] | {"mood": number % 2}]
    assert len(read_source(write(tmp_path, rows), Asked(schema=schema)).documents) == 6
    rows[5]["sentences"][0]["text"] = rows[0]["sentences"][0]["text"]
    with pytest.raises(BadData, match="has a sentence of"):
        read_source(write(tmp_path, rows), Asked(schema=schema))


def test_labelled_documents_have_a_byte_order_mark_but_no_columns(tmp_path: Path) -> None:
    rows, schema = mood_documents(tmp_path, ["train"] * 4)
    source = Path(write(tmp_path, rows))
    source.write_bytes(b"\xef\xbb\xbf" + source.read_bytes())
    assert len(read_source(str(source), Asked(schema=schema)).documents) == 4
    with pytest.raises(AnalyzerError, match=r"leave out --label$"):
        read_source(str(source), Asked(schema=schema, labels=["mood"]))


def test_rows_of_a_split_are_measured_where_the_model_knows_its_column(tmp_path: Path) -> None:
    folder = replace(open_folder(default_folder()), path=tmp_path)
    rows = [{"text": f"Number {n} is here.", "bad": n % 2, "part": part} for n, part in enumerate(PARTS)]
    columns = {"text": "text", "labels": {"loaded": "bad"}, "split": "part"}
    (tmp_path / "metrics.json").write_text(json.dumps({"data": {"columns": columns}}), encoding="utf-8")

    def numbers(split: str | None) -> list[str]:
        return [d.texts[0].split()[1] for d in read_for(folder, write(tmp_path, rows), text=None, split=split)[0]]

    assert numbers(None) == numbers("dev") == ["2", "3", "4"]
    assert (numbers("train"), numbers("test"), numbers("other")) == (["0", "1"], ["3"], [])
    for row in rows:
        del row["part"]
    assert len(numbers(None)) == len(PARTS)
    with pytest.raises(AnalyzerError, match=r"--split is 'test'.*leave --split out"):
        numbers("test")


PARTS = ("train", "Training", "validation", "test", "dev")
