"""Which column of a corpus holds what: named by the user, guessed where that is obvious.

In go the first rows of a corpus and the names that the user gave, out come `Columns`; with them a `Row` becomes an
`Item`, the document that a worker reads.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from analyzer.corpus.dates import DateOrder
from analyzer.corpus.sources.files import name_of
from analyzer.corpus.sources.row import Row
from analyzer.errors import AnalyzerError
from analyzer.readers import LARGEST_FILE
from analyzer.readers.pieces import clean as without_invisible

# Names that archives use, likeliest first; compared without regard to case.
_USUAL = {
    "text": ("text", "body", "content", "article", "article_text", "full_text", "fulltext", "maintext", "story"),
    "id": ("id", "_id", "doc_id", "document_id", "article_id", "uuid", "guid", "url", "link"),
    "title": ("title", "headline"),
    "group": ("group", "outlet", "publisher", "publication", "newspaper", "source", "site", "domain"),
    "date": (
        "date", "published", "published_at", "publish_date", "published_date", "date_published", "date_publish",
        "pub_date", "pubdate", "publication_date", "timestamp", "created_at",
    ),
}  # fmt: skip
# What pandas and data bases write where a text is missing.
_NO_TEXT = frozenset(("nan", "none", "null", "<na>"))
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Columns:
    """The columns that hold a document's text, id, title, group and date; None for what the corpus does not have."""

    text: str | None = None
    id: str | None = None
    title: str | None = None
    group: str | None = None
    date: str | None = None

    def named(self) -> dict[str, str]:
        """What is known, by what it holds."""
        return {what: name for what, name in asdict(self).items() if name is not None}


@dataclass(frozen=True, slots=True)
class Item:
    """One document of the corpus, not yet read: its `text`, or the `path` of the file that it is.

    `date` is as the corpus has it, `date_order` that of its column; `metadata` are the other columns as text.
    """

    id: str
    source: str
    text: str | None
    path: str | None
    title: str
    group: str | None
    date: str | None
    date_order: DateOrder | None
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that cannot be scored. `stage`: read, id, text or analyse."""

    id: str | None
    source: str
    stage: str
    reason: str


def choose_columns(given: Columns, rows: Iterable[Row], *, corpus: str) -> tuple[Columns, list[str]]:
    """The columns of a corpus, from its first rows, and the names of those that hold something else (metadata).

    Raises `AnalyzerError` when a column that was named is not there, or none that could be the text.
    """
    found: dict[str, None] = {}
    for row in rows:
        found.update(dict.fromkeys(map(clean, row.values)))
    names = list(found)
    if not names:
        return Columns(), []
    for what, name in given.named().items():
        if name not in found:
            raise AnalyzerError(f"{corpus}: no column {name!r} (--{what}); it has {_listed(names)}")
    columns = replace(given, **{what: _usual(what, names) for what in _USUAL if getattr(given, what) is None})
    if columns.text is None:
        raise AnalyzerError(f"{corpus}: no column that is obviously the text; name it with --text: {_listed(names)}")
    # The date also travels along as it is written, since only a day is kept of it.
    used = set(columns.named().values()) - {columns.date}
    return columns, _apart([name for name in names if name not in used])


def _usual(what: str, names: Sequence[str]) -> str | None:
    by_lower = {name.lower(): name for name in reversed(names)}
    return next((by_lower[usual] for usual in _USUAL[what] if usual in by_lower), None)


def _apart(names: Sequence[str]) -> list[str]:
    """Names that differ in more than case, which is what tables are read with in SQL."""
    return list({name.lower(): name for name in reversed(names)}.values())[::-1]


def _listed(names: Sequence[str], most: int = 20) -> str:
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")


def item_of(row: Row, columns: Columns, date_order: DateOrder | None = None) -> Item | Failure:
    """The document in a row, or why there is none."""
    source = name_of(row.source)
    if row.problem is not None:
        return Failure(None, source, "read", clean(row.problem))
    folder = _line(row.group and name_of(row.group))
    if row.path is not None:
        return Item(source, source, None, row.path, "", folder, None, None, {})
    values = {clean(name): value for name, value in row.values.items()}
    id = as_text(values.get(columns.id)) if columns.id else source
    if not id or not id.strip():
        reason = _absent(columns.id, values) or f"nothing in column {columns.id!r}; give every document an id"
        return Failure(None, source, "id", reason)
    id = clean(id)
    try:
        text = _text(values.get(columns.text or ""))
    except UnicodeDecodeError:
        return Failure(id, source, "text", f"column {columns.text!r} is not UTF-8; decode it where the table is made")
    except TypeError as error:
        return Failure(id, source, "text", f"column {columns.text!r} holds {error}, not text; name another with --text")
    if not text or not text.strip() or text.strip().lower() in _NO_TEXT:
        return Failure(id, source, "text", _absent(columns.text, values) or f"no text in column {columns.text!r}")
    used = set(columns.named().values()) - {columns.date}
    others = ((name, as_text(value)) for name, value in values.items() if name not in used)
    return Item(
        id=id,
        source=source,
        text=clean(text),
        path=None,
        title=_line(values.get(columns.title or "")) or "",
        group=_line(values.get(columns.group)) if columns.group else folder,
        date=_filled(values.get(columns.date or "")),
        date_order=date_order,
        metadata={name: clean(value) for name, value in others if value is not None},
    )


def _absent(name: str | None, values: Mapping[str, Any]) -> str:
    """What is said of a row without a column, as those of a table with other columns are; empty where it has it."""
    if name in values:
        return ""
    return f"no column {name!r} in this row, but {_listed(list(values))}; name tables with other columns one by one"


def _filled(value: Any) -> str | None:
    text = clean(as_text(value) or "").strip()
    return text or None


def _line(value: Any) -> str | None:
    """A name or a title, without what nobody sees."""
    return " ".join(without_invisible(_filled(value) or "", Counter()).split()) or None


def _text(value: Any) -> str | None:
    """A text, or paragraphs of one; `UnicodeDecodeError` for bytes that are none, `TypeError` for anything else."""
    if isinstance(value, bytes):
        return value.decode()
    if value is None or isinstance(value, str) or (isinstance(value, float) and math.isnan(value)):
        return as_text(value)
    if isinstance(value, list) and all(part is None or isinstance(part, str) for part in value):
        return "\n\n".join(filter(None, value))
    raise TypeError(
        {bool: "yes or no", int: "a number", float: "a number", dict: "an object"}.get(type(value), "values")
    )


def as_text(value: Any) -> str | None:
    """A value of a column as text: as it is, a date in ISO form, numbers and lists as JSON; None for what is missing,
    which NaN is, too."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, int | float | list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=as_text)
    return str(value)


def clean(text: str) -> str:
    """The text with halves of characters replaced, which no table can hold (JSON may have them as escapes)."""
    return _SURROGATE.sub("\ufffd", text)


def fingerprint(entry: Item | Failure) -> bytes:
    """Bytes that are the same for the same document, and another's for any other; a file has its content."""
    known: list[Any] = [getattr(entry, field.name) for field in fields(entry)]
    if isinstance(entry, Item) and entry.path is not None:
        try:
            with Path(entry.path).open("rb") as file:
                known.append(hashlib.blake2b(file.read(LARGEST_FILE + 1)).hexdigest())
        except OSError as error:
            known.append(error.errno)
    return json.dumps(known, sort_keys=True).encode("utf-8", "replace")
