"""Labelled documents as a CSV table, one sentence a row, for spreadsheets and scripts; and back.

Columns: `id`, `source`, `split`, `document.<detail>` for what else is known of the document (text, or JSON),
`span_labels`, `index`, `paragraph`, `text`, one for every head, `supports` ("3;5"), `spans` ("source:0-9;cue:10-14");
and for people to look at, never read back: `before` and `after` (the neighbours of a sentence that was chosen alone),
`predicted_<head>`, `score_<head>`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from analyzer.errors import AnalyzerError
from analyzer.labelling.documents import AnnotatedDocument, LabelValue, document_of
from analyzer.labelling.exchange import Item
from analyzer.labelling.form import problems_of_form, span_kinds
from analyzer.schema import Head, HeadKind, LabelSchema

DETAIL = "document."
_BETWEEN = ";"
_YES, _NO = "true", "false"
# A spreadsheet takes a cell that begins so for a formula and runs it; with an apostrophe before it, it shows it.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
# No place has more digits, and Python reads no number of thousands.
_DIGITS = r"\d{1,9}"
_SPAN = re.compile(rf"(.+):({_DIGITS})-({_DIGITS})")
_DOCUMENT, _SENTENCE = ("id", "source", "split"), ("span_labels", "index", "paragraph", "text")
_LINKS_AND_MARKS, _NEIGHBOURS = ("supports", "spans"), ("before", "after")


def to_csv(items: Sequence[Item], schema: LabelSchema) -> str:
    """The table, with the byte order mark by which spreadsheets know UTF-8.

    Raises `AnalyzerError` for heads and labels whose names cannot stand in one, and for two documents with one id:
    nobody could tell their rows apart.
    """
    _check_names(schema)
    twice = [id for id, count in Counter(item.shown.id for item in items).items() if count > 1]
    if twice:
        raise AnalyzerError(f"two documents have the id {twice[0]!r}; give each an id of its own, or export jsonl")
    details = list(dict.fromkeys(key for item in items for key in item.part.details))
    heads = [head.name for head in schema.sentence_heads]
    columns = [*_DOCUMENT, *(DETAIL + key for key in details), *_SENTENCE, *heads, *_LINKS_AND_MARKS]
    if any(item.chosen is not None for item in items):
        columns += _NEIGHBOURS
    if any(item.predicted is not None for item in items):
        columns += _of_model(heads)
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    for item in items:
        writer.writerows({key: _safe(str(cell)) for key, cell in row.items()} for row in _rows(item))
    return "\ufeff" + out.getvalue()


def _of_model(heads: Sequence[str]) -> list[str]:
    return [f"{kind}_{name}" for name in heads for kind in ("predicted", "score")]


def _check_names(schema: LabelSchema) -> None:
    """Raise `AnalyzerError` for a head that would take another column, or a label that a cell would cut in two."""
    heads = [head.name for head in schema.sentence_heads]
    columns = {*_DOCUMENT, *_SENTENCE, *_LINKS_AND_MARKS, *_NEIGHBOURS, *_of_model(heads)}
    taken = [name for name in heads if name in columns or name.startswith(DETAIL)]
    if taken:
        raise AnalyzerError(f"a head is named {', '.join(taken)}, as a column of every table is; rename the head")
    listed = [*span_kinds(schema), *(label for head in schema.sentence_heads if _many(head) for label in head.labels)]
    for label in listed:
        if _parts(label) != [label]:
            raise AnalyzerError(
                f"the label {label!r} has {_BETWEEN!r} in it or white space at an end, which a table cannot hold; "
                "rename the label, or exchange it as jsonl"
            )


def _rows(item: Item) -> Iterator[dict[str, Any]]:
    everything, document = item.shown.sentences, item.part
    for index, (old, sentence) in enumerate(zip(item.wanted, document.sentences, strict=True)):
        row: dict[str, Any] = {
            "id": document.id,
            "source": document.source,
            "split": document.split,
            **{DETAIL + key: _detail(value) for key, value in document.details.items()},
            "span_labels": _BETWEEN.join(document.span_labels),
            "index": index,
            "paragraph": sentence.paragraph,
            "text": sentence.text,
            **{name: _cell(value) for name, value in sentence.labels.items()},
            "supports": _BETWEEN.join(map(str, sentence.supports)),
            "spans": _BETWEEN.join(f"{mark.kind}:{mark.start}-{mark.end}" for mark in sentence.marks),
        }
        if item.chosen is not None:
            row["before"] = everything[old - 1].text if old else ""
            row["after"] = everything[old + 1].text if old + 1 < len(everything) else ""
        if item.predicted is not None:
            labels, scores = item.predicted.document.sentences[old].labels, item.predicted.scores[old]
            row |= {f"predicted_{name}": _cell(value) for name, value in labels.items()}
            row |= {f"score_{name}": f"{score:.4f}" for name, score in scores.items()}
        yield row


def _detail(value: Any) -> str:
    """Text as it is, anything else as JSON, and so text that would read as JSON."""
    return value if isinstance(value, str) and _from_json(value) is value else json.dumps(value, ensure_ascii=False)


def _from_json(cell: str) -> Any:
    """What a cell says in JSON; the cell itself where it is none."""
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell


def _cell(value: LabelValue) -> str:
    if isinstance(value, bool):
        return _YES if value else _NO
    return _BETWEEN.join(value) if isinstance(value, tuple) else value


def _safe(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unsafe(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def from_csv(text: str, schema: LabelSchema, *, name: str) -> list[AnnotatedDocument]:
    """The documents of a table; `AnalyzerError` names the document and the first thing that is wrong with it."""
    _check_names(schema)
    text = text.removeprefix("\ufeff")
    # Spreadsheets write what the region they are set to separates lists with.
    header = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=header.count))
    wanted = ["id", "text", *(head.name for head in schema.sentence_heads)]
    try:
        missing = [column for column in wanted if column not in (reader.fieldnames or ())]
        if missing:
            raise AnalyzerError(
                f"{name}: no column {', '.join(missing)}; give a table as `analyzer labels export` does"
            )
        rows = []
        for row in reader:
            if None in row:
                raise AnalyzerError(
                    f"{name}: line {reader.line_num}: more cells than the header has; put cells that hold the "
                    "delimiter in quotes"
                )
            rows.append({key: _unsafe(cell or "") for key, cell in row.items() if key})
    except csv.Error as error:
        raise AnalyzerError(f"{name}: not a CSV table ({error}); save it as CSV in UTF-8") from error
    if not rows:
        raise AnalyzerError(f"{name}: no rows under the header; give a table as `analyzer labels export` does")
    documents = []
    for id, group in groupby(sorted(rows, key=_order(rows)), key=lambda row: row["id"]):
        of_document = list(group)
        if wrong := _broken(of_document):
            raise AnalyzerError(f"{name}: document {id!r}: {wrong}")
        document = _document(of_document, schema)
        for problem in problems_of_form(document, schema):
            if problem.is_error:
                raise AnalyzerError(f"{name}: document {id!r}: {problem}")
        documents.append(document_of(document, schema))
    return documents


def _order(rows: Sequence[Mapping[str, str]]) -> Callable[[Mapping[str, str]], tuple[int, int]]:
    """Sorts rows by document, in the order of their first rows, and by index within, however the table was sorted."""
    first: dict[str, int] = {}
    for row in rows:
        first.setdefault(row["id"], len(first))

    def order(row: Mapping[str, str]) -> tuple[int, int]:
        index = _number(row.get("index") or "0")
        return first[row["id"]], index if isinstance(index, int) else 0

    return order


def _broken(rows: Sequence[Mapping[str, str]]) -> str | None:
    """What an editor of tables did to the rows of a document, in their order, that its form alone would not tell."""
    for place, row in enumerate(rows):
        index = _number(row.get("index") or "0")
        if isinstance(index, int) and index > place:
            return f"the row of sentence {place} is missing; put it back"
        if "," in row.get("supports", ""):
            return f"sentence {place} supports {row['supports']!r}; put {_BETWEEN!r} between the sentences"
    return None


def _document(rows: Sequence[Mapping[str, str]], schema: LabelSchema) -> dict[str, Any]:
    """The row of a labelled file that a document's rows say; what they say wrongly is passed on, to be reported."""
    head = rows[0]
    marked = _parts(head.get("span_labels", ""))
    return {
        "id": head["id"],
        "source": head.get("source", ""),
        "split": head.get("split") or "train",
        **{key.removeprefix(DETAIL): _from_json(cell) for key, cell in head.items() if key.startswith(DETAIL) and cell},
        **({"span_labels": marked} if marked else {}),
        "sentences": [_sentence(row, place, schema) for place, row in enumerate(rows)],
    }


def _sentence(row: Mapping[str, str], place: int, schema: LabelSchema) -> dict[str, Any]:
    return {
        "text": row["text"],
        "index": _number(row.get("index", str(place)) or "0"),
        "paragraph": _number(row.get("paragraph") or "0"),
        **{head.name: _value(row[head.name], head) for head in schema.sentence_heads if row[head.name] or _many(head)},
        "supports": [_number(part) for part in _parts(row.get("supports", ""))],
        "spans": [_span(part) for part in _parts(row.get("spans", ""))],
    }


def _many(head: Head) -> bool:
    """Whether an empty cell says something: that none of several labels holds."""
    return head.kind is HeadKind.MULTI and len(head.labels) > 1


def _value(cell: str, head: Head) -> Any:
    if head.kind is HeadKind.SINGLE:
        return cell
    if _many(head):
        return _parts(cell)
    # Spreadsheets write TRUE, people write 1.
    return {_YES: True, "1": True, _NO: False, "0": False}.get(cell.strip().lower(), cell)


def _span(part: str) -> Any:
    found = _SPAN.fullmatch(part)
    return {"kind": found[1], "start": int(found[2]), "end": int(found[3])} if found else part


def _number(cell: str) -> int | str:
    """A number, whole as a spreadsheet may not leave it ("3.0"); what is none is passed on, to be reported."""
    whole = cell.strip().removesuffix(".0")
    return int(whole) if re.fullmatch(_DIGITS, whole) else cell


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(_BETWEEN) if part.strip()]
