"""Documents go to other tools and come back the same: JSON lines, CSV, Label Studio."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import AnalyzerError
from analyzer.labelling import label_studio
from analyzer.labelling.documents import AnnotatedDocument, document_of, lay_out, lines_of, read_documents
from analyzer.labelling.exchange import Item, row_of_item
from analyzer.labelling.label_studio_import import from_label_studio
from analyzer.labelling.sheet import from_csv, to_csv
from analyzer.schema import STANDARD_SCHEMA, Head, HeadKind, LabelSchema
from tests.labelling.specs import PATIENT, SCHEMAS, column, files

ANY_FILE = st.sampled_from(SCHEMAS).flatmap(lambda schema: st.tuples(st.just(schema), files(schema)))


def column_document() -> AnnotatedDocument:
    return document_of(column(), STANDARD_SCHEMA)


@PATIENT
@given(file=ANY_FILE)
def test_json_lines_come_back_the_same(tmp_path: Path, file: tuple[LabelSchema, list[AnnotatedDocument]]) -> None:
    schema, documents = file
    path = tmp_path / "l.jsonl"
    path.write_text(lines_of(row_of_item(Item(d, None)) for d in documents), encoding="utf-8", newline="")
    assert read_documents(path, schema) == documents


@PATIENT
@given(file=ANY_FILE)
def test_a_csv_table_comes_back_the_same(file: tuple[LabelSchema, list[AnnotatedDocument]]) -> None:
    schema, documents = file
    table = to_csv([Item(document, None) for document in documents], schema)
    assert from_csv(table, schema, name="t") == documents


@PATIENT
@given(file=ANY_FILE)
def test_label_studio_tasks_come_back_the_same(file: tuple[LabelSchema, list[AnnotatedDocument]]) -> None:
    schema, documents = file
    tasks = label_studio.tasks([Item(document, None) for document in documents])
    imported = from_label_studio(json.dumps(tasks), schema, name="t")
    assert imported.left_out == ()
    assert list(imported.documents) == documents


@PATIENT
@given(file=ANY_FILE)
def test_tasks_and_annotations_are_valid_for_label_studio_itself(
    file: tuple[LabelSchema, list[AnnotatedDocument]],
) -> None:
    sdk = pytest.importorskip(
        "label_studio_sdk.label_interface", reason="pip install --no-deps label-studio-sdk, as .ci/run does"
    )
    schema, documents = file
    interface = sdk.LabelInterface(label_studio.config(schema))
    interface.validate()
    for task in label_studio.tasks([Item(document, None) for document in documents]):
        assert interface.validate_task({"data": task["data"]})
        for annotation in task["annotations"]:
            assert interface.validate_annotation(annotation)
            assert interface.validate_prediction(annotation, return_errors=True) == []


def test_label_studio_itself_finds_fault_with_a_label_that_the_configuration_lacks() -> None:
    """The validation above would notice: it is not one that passes everything."""
    sdk = pytest.importorskip("label_studio_sdk.label_interface", reason="pip install --no-deps label-studio-sdk")
    interface = sdk.LabelInterface(label_studio.config(STANDARD_SCHEMA))
    for name, key in (("type", "choices"), ("spans", "labels"), ("sentences", "labels")):
        ((annotation,),) = [task["annotations"] for task in label_studio.tasks([Item(column_document(), None)])]
        region = next(r for r in annotation["result"] if r.get("from_name") == name)
        region["value"][key] = ["rumour"]
        assert not interface.validate_annotation(annotation)
    relation = next(r for r in annotation["result"] if r["type"] == "relation")
    relation["to_id"] = "nowhere"
    assert not interface.validate_annotation(annotation)


def test_the_configuration_offers_every_label_and_shows_choices_for_sentences_only() -> None:
    sdk = pytest.importorskip("label_studio_sdk.label_interface", reason="pip install --no-deps label-studio-sdk")
    interface = sdk.LabelInterface(label_studio.config(STANDARD_SCHEMA))
    for head in STANDARD_SCHEMA.sentence_heads:
        control = interface.get_control(head.name)
        assert set(control.labels) == set(head.labels)
        assert control.attr["perRegion"] == "true"
    assert set(interface.get_control("spans").labels) == {"loaded", "quoted_loaded", "source", "cue"}
    assert 'whenTagName="sentences"' in label_studio.config(STANDARD_SCHEMA)


def test_a_head_that_would_take_the_name_of_a_part_of_the_task_is_refused() -> None:
    schema = LabelSchema((Head("text", HeadKind.SINGLE, ("a", "b")),), links=False)
    with pytest.raises(AnalyzerError, match="rename the head"):
        label_studio.config(schema)


def exported(*changes: Callable[[dict[str, Any]], object]) -> str:
    """The column as Label Studio exports it, changed as people would."""
    (task,) = label_studio.tasks([Item(column_document(), None)])
    task["annotations"][0] |= {"id": 1, "completed_by": 7, "was_cancelled": False, "updated_at": "2026-01-01T00:00:00Z"}
    for change in changes:
        change(task)
    return json.dumps([task])


def result(task: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = task["annotations"][0]["result"]
    return found


def without(name: str, region: str) -> Callable[[dict[str, Any]], object]:
    def change(task: dict[str, Any]) -> None:
        result(task)[:] = [r for r in result(task) if not (r.get("from_name") == name and r["id"] == region)]

    return change


def relation(direction: str, start: str = "sentence-2", end: str = "sentence-1") -> Callable[[dict[str, Any]], object]:
    added = {"type": "relation", "from_id": start, "to_id": end, "direction": direction, "labels": ["supports"]}
    return lambda task: result(task).append(added)


def imported(text: str, **options: Any) -> AnnotatedDocument:
    (document,) = from_label_studio(text, STANDARD_SCHEMA, name="t", **options).documents
    return document


def test_what_people_change_in_label_studio_arrives() -> None:
    def change(task: dict[str, Any]) -> None:
        for region in result(task):
            if region["type"] == "choices" and region["id"] == "sentence-2" and region["from_name"] == "sourcing":
                region["value"]["choices"] = ["own"]

    document = imported(exported(change, relation("left"), without("loaded", "sentence-3")))
    assert document.sentences[2].labels["sourcing"] == "own"
    assert document.sentences[1].supports == (2, 3)
    assert document.sentences[3].labels["loaded"] is False
    both = imported(exported(relation("bi")))
    assert (both.sentences[1].supports, both.sentences[2].supports) == ((2, 3), (1, 3))


def test_a_sentence_that_people_split_becomes_two() -> None:
    text = lay_out(column_document()).text
    middle = text.index("since 1931")

    def split(task: dict[str, Any]) -> None:
        halves = []
        for region in result(task):
            if region["id"] == "sentence-2" if "id" in region else False:
                halves.append({**region, "id": "new", "value": {**region["value"], "start": middle}})
                region["value"] = {**region["value"], "end": middle - 1}
        result(task).extend(halves)

    document = imported(exported(split))
    assert [s.text for s in document.sentences[2:4]] == ["It has carried lorries", "since 1931."]
    assert document.sentences[3].paragraph == 1
    assert document.sentences[1].supports == (4,)


def test_words_marked_in_a_document_that_had_none_count_as_looked_for() -> None:
    def unmark(task: dict[str, Any]) -> None:
        task["data"]["span_labels"] = []

    assert imported(exported(unmark)).span_labels == STANDARD_SCHEMA.span_labels


def test_words_marked_of_a_kind_that_was_not_looked_for_stay_and_their_kind_stays_unlisted() -> None:
    def of_loaded_alone(task: dict[str, Any]) -> None:
        task["data"]["span_labels"] = ["loaded"]

    document = imported(exported(of_loaded_alone))
    assert document.sentences == column_document().sentences
    assert document.span_labels == ("loaded",)
    (task,) = label_studio.tasks([Item(document, None)])
    assert imported(json.dumps([task])) == document
    assert from_csv(to_csv([Item(document, None)], STANDARD_SCHEMA), STANDARD_SCHEMA, name="t") == [document]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda task: task.pop("annotations"), "nobody has annotated it"),
        (lambda task: task["annotations"][0].update(was_cancelled=True), "nobody has annotated it"),
        (without("type", "sentence-1"), "sentence 1 has no type"),
        (without("sentences", "sentence-0"), None),
        (relation("right", "sentence-1-0"), "a relation begins or ends at marked words"),
        (lambda task: result(task)[0]["value"].update(end=40), "overlap"),
        (lambda task: result(task)[0]["value"].update(end=4000), "outside the text"),
        (lambda task: result(task)[0]["value"].update(start="x"), "not made by"),
        (lambda task: task["data"].pop("paragraphs"), "not made by"),
        (lambda task: task["data"].update(split="held"), "split is 'held'"),
    ],
)
def test_a_task_that_is_not_finished_is_left_out_with_the_reason(
    change: Callable[[dict[str, Any]], object], words: str | None
) -> None:
    found = from_label_studio(exported(change), STANDARD_SCHEMA, name="t")
    if words is None:  # a region that people deleted is no sentence any more
        assert len(found.documents[0].sentences) == 3
        return
    assert found.documents == ()
    assert len(found.left_out) == 1
    assert found.left_out[0].startswith("t: task 'w-1': ")
    assert words in found.left_out[0]


def test_of_several_annotations_the_last_counts_or_that_of_the_one_named() -> None:
    def add(task: dict[str, Any]) -> None:
        second = json.loads(json.dumps(task["annotations"][0]))
        second |= {"completed_by": {"id": 8, "email": "ben@example.org"}, "updated_at": "2026-02-01T00:00:00Z"}
        for region in second["result"]:
            if region.get("from_name") == "role" and region["id"] == "sentence-0":
                region["value"]["choices"] = ["conclusion"]
        task["annotations"].insert(0, second)

    text = exported(add)
    assert imported(text).sentences[0].labels["role"] == "conclusion"
    assert imported(text, annotator="ben@example.org").sentences[0].labels["role"] == "conclusion"
    assert imported(text, annotator="7").sentences[0].labels["role"] == "background"
    nobody = from_label_studio(text, STANDARD_SCHEMA, name="t", annotator="carl")
    assert "no annotation by 'carl'" in nobody.left_out[0]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"id": 1}]', "[" * 100_000])
def test_what_is_no_export_of_label_studio_is_refused(text: str) -> None:
    with pytest.raises(AnalyzerError, match="export the project as JSON"):
        from_label_studio(text, STANDARD_SCHEMA, name="t")


def table(rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def cells() -> list[dict[str, str]]:
    text = to_csv([Item(column_document(), None)], STANDARD_SCHEMA).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_table_that_a_spreadsheet_sorted_and_saved_is_read() -> None:
    rows = cells()
    for row in rows:
        row["loaded"] = row["loaded"].upper()
        row["index"] += ".0"
        row["note"] = "seen"
    rows.sort(key=lambda row: row["text"])
    assert from_csv(table(rows), STANDARD_SCHEMA, name="t") == [column_document()]


def test_a_table_is_read_with_what_its_region_separates_cells_with() -> None:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(cells()[0]), delimiter=";")
    writer.writeheader()
    writer.writerows(cells())
    assert from_csv(out.getvalue(), STANDARD_SCHEMA, name="t") == from_csv(table(cells()), STANDARD_SCHEMA, name="t")


OWN = LabelSchema(
    (
        Head("tone", HeadKind.SINGLE, ("calm", "heated; very")),
        Head("aims", HeadKind.MULTI, ("to-win", "to please: all")),
        Head("words", HeadKind.SPAN, ("loaded-term", "in-group word", "ratio 1:2-3", "=sum")),
    ),
    links=False,
)


@PATIENT
@given(documents=files(OWN))
def test_labels_of_ones_own_come_back_from_a_table(documents: list[AnnotatedDocument]) -> None:
    assert from_csv(to_csv([Item(document, None) for document in documents], OWN), OWN, name="t") == documents


@pytest.mark.parametrize("name", ["id", "source", "split", "index", "before", "score_tone", "document.title"])
def test_a_head_that_would_take_the_column_of_something_else_is_refused(name: str) -> None:
    schema = LabelSchema((*OWN.heads, Head(name, HeadKind.SINGLE, ("a", "b"))), links=False)
    for use in (lambda: to_csv([], schema), lambda: from_csv("", schema, name="t")):
        with pytest.raises(AnalyzerError, match=f"a head is named {name}, .*rename the head"):
            use()


@pytest.mark.parametrize("label", ["a;b", " a"])
@pytest.mark.parametrize("kind", [HeadKind.MULTI, HeadKind.SPAN])
def test_a_label_that_a_cell_of_several_would_cut_is_refused(kind: HeadKind, label: str) -> None:
    with pytest.raises(AnalyzerError, match="rename the label"):
        to_csv([], LabelSchema((Head("own", kind, ("b", label)),), links=False))


def test_whatever_else_is_known_of_a_document_comes_back_from_a_table() -> None:
    details = {"year": 2020, "tags": ["a", "b"], "ok": True, "note": None, "code": "2020", "said": '"so"', "title": "A"}
    document = replace(column_document(), details=details)
    [back] = from_csv(to_csv([Item(document, None)], STANDARD_SCHEMA), STANDARD_SCHEMA, name="t")
    assert back.details == details


def test_a_spreadsheet_runs_nothing_that_stands_in_a_text() -> None:
    row = column()
    row["title"] = "@SUM(A1)"
    for sentence, text in zip(row["sentences"], ("=1+1", "+1", "-1", "'=1"), strict=True):
        sentence.update(text=text, spans=[])
    document = document_of(row, STANDARD_SCHEMA)
    written = to_csv([Item(document, None)], STANDARD_SCHEMA)
    for line in csv.reader(io.StringIO(written.removeprefix("\ufeff"), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in line)
    assert from_csv(written, STANDARD_SCHEMA, name="t") == [document]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": "rumour"}, "sentence 1: type is 'rumour'"),
        ({"type": ""}, "sentence 1: no type"),
        ({"loaded": "perhaps"}, "loaded is 'perhaps'"),
        ({"supports": "x"}, "supports 'x'"),
        ({"supports": "9" * 5000}, "supports '999"),
        ({"spans": f"source:0-{'9' * 5000}"}, "a span is 'source:0-999"),
        ({"spans": "source:0"}, "a span is 'source:0'"),
        ({"index": "9"}, "the row of sentence 1 is missing"),
        ({"id": "w-2"}, "the row of sentence 1 is missing"),
    ],
)
def test_a_table_that_says_something_wrong_is_refused(change: dict[str, str], words: str) -> None:
    rows = cells()
    rows[1] |= change
    with pytest.raises(AnalyzerError) as raised:
        from_csv(table(rows), STANDARD_SCHEMA, name="t")
    assert words in str(raised.value)


def test_a_table_without_the_columns_is_refused() -> None:
    with pytest.raises(AnalyzerError, match="no column id, text, type"):
        from_csv("a,b\n1,2\n", STANDARD_SCHEMA, name="t")


def test_two_documents_with_one_id_make_no_table() -> None:
    items = [Item(column_document(), None)] * 2
    with pytest.raises(AnalyzerError, match="two documents have the id 'w-1'"):
        to_csv(items, STANDARD_SCHEMA)


def test_sentences_of_a_table_without_places_are_in_the_order_of_its_rows() -> None:
    rows = [{key: cell for key, cell in row.items() if key != "index"} for row in cells()]
    assert from_csv(table(rows), STANDARD_SCHEMA, name="t") == [column_document()]


def test_a_row_with_a_cell_too_many_is_refused() -> None:
    lines = table(cells()).splitlines()
    with pytest.raises(AnalyzerError, match="t: line 3: more cells than the header has"):
        from_csv("\n".join([*lines[:2], lines[2] + ",", *lines[3:]]), STANDARD_SCHEMA, name="t")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows.pop(2), "document 'w-1': the row of sentence 2 is missing; put it back"),
        (lambda rows: rows[0].update(supports="1,2"), "sentence 0 supports '1,2'; put ';' between"),
        (lambda rows: rows[0].update(supports="9" * 5000), "supports"),
        (lambda rows: rows[0].update(spans=f"source:0-{'9' * 5000}"), "document 'w-1'"),
    ],
)
def test_a_table_that_an_editor_broke_is_told(change: Callable[[list[dict[str, str]]], object], words: str) -> None:
    rows = cells()
    change(rows)
    with pytest.raises(AnalyzerError) as raised:
        from_csv(table(rows), STANDARD_SCHEMA, name="t")
    assert words in str(raised.value)


def test_a_table_of_a_header_alone_is_refused() -> None:
    with pytest.raises(AnalyzerError, match="no rows under the header"):
        from_csv(table(cells()).splitlines()[0], STANDARD_SCHEMA, name="t")
