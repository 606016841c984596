"""The tables that `analyzer score` writes: their columns, types, units and meaning, in one place.

In go names of metadata columns, out come Arrow schemas; the description and unit of every column travel in the
files as metadata of the field, and `describe` turns them into the documentation that `analyzer schema --tables` prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from analyzer.grounds import GROUNDS
from analyzer.schema import Head, HeadKind, Role, SentenceType, Sourcing

TABLES_VERSION = "1"
# Where a column of the source lies in `documents`: prefixed, so that it never stands for one of ours.
METADATA_PREFIX = "meta_"
# What the labels of a model's own heads stand under.
OWN_PREFIX = "own_"

SHARE = "share, 0 to 1"
COUNT = "count"
OFFSET = "code points into the document's text, from 0"
PLACE = "number from 0"
PROBABILITY = "probability, 0 to 1"


def _column(name: str, type: pa.DataType, description: str, unit: str = "", *, nullable: bool = False) -> pa.Field:
    notes = {"description": description, **({"unit": unit} if unit else {})}
    return pa.field(name, type, nullable=nullable, metadata=notes)


def _counts(prefix: str, labels: Iterable[str], of: str) -> list[pa.Field]:
    return [_column(f"{prefix}_{label}", pa.int32(), f"{of} {label.replace('_', ' ')}", COUNT) for label in labels]


def _grounds(of: str, *, nullable: bool) -> list[pa.Field]:
    """Columns `grounds_…`, which add up to 1."""
    return [
        _column(f"grounds_{ground}", pa.float64(), f"{of} {ground.replace('_', ' ')}", SHARE, nullable=nullable)
        for ground in GROUNDS
    ]


def _probabilities(head: str, labels: Iterable[str]) -> pa.Field:
    type = pa.struct([pa.field(label, pa.float32(), nullable=False) for label in labels])
    return _column(f"{head}_probabilities", type, f"calibrated, for every label of {head}", PROBABILITY)


def _structs(**fields: pa.DataType) -> pa.ListType:
    return pa.list_(pa.struct([pa.field(name, type, nullable=False) for name, type in fields.items()]))


_TYPES = [kind.value for kind in SentenceType]
_SOURCES = [source.value for source in Sourcing]
_ROLES = [role.value for role in Role]
_DOCUMENT = _column("document", pa.string(), "`id` of the document in `documents`")
_NO_CONCLUSION = "null when it draws no conclusion"

DOCUMENTS = pa.schema(
    [
        _column("number", pa.int64(), "place in the corpus, failures counted", PLACE),
        _column("id", pa.string(), "unique in the corpus; what every other table calls `document`"),
        _column("group_name", pa.string(), "outlet or other group, as the corpus has it", nullable=True),
        _column("date", pa.date32(), "day of publication; null where it is not given or not readable", nullable=True),
        _column("title", pa.string(), "title; empty without one"),
        _column("path", pa.string(), "file that the document is; null for a row of a table", nullable=True),
        _column("source", pa.string(), "where it was read: file, or file and row"),
        _column("n_characters", pa.int64(), "length of the text", "code points"),
        _column("n_paragraphs", pa.int32(), "paragraphs, headings, list items, quotations and table rows", COUNT),
        _column("n_sentences", pa.int32(), "sentences", COUNT),
        _column("n_conclusions", pa.int32(), "conclusions", COUNT),
        _column(
            "dependence",
            pa.float64(),
            f"how much its conclusions rest on unsourced premises; {_NO_CONCLUSION}",
            SHARE,
            nullable=True,
        ),
        _column("dependence_low", pa.float64(), "5th percentile of `dependence`", SHARE, nullable=True),
        _column("dependence_high", pa.float64(), "95th percentile of `dependence`", SHARE, nullable=True),
        _column(
            "opinion_share",
            pa.float64(),
            f"how much its conclusions rest on what somebody thinks, sourced or not; {_NO_CONCLUSION}",
            SHARE,
            nullable=True,
        ),
        *_grounds("how much its conclusions rest on:", nullable=True),
        _column(
            "loaded_share", pa.float64(), "sentences in loaded framing, or possibly so, among its sentences", SHARE
        ),
        _column("n_loaded", pa.int32(), "sentences in loaded framing, or possibly so", COUNT),
        _column(
            "unsourced_share",
            pa.float64(),
            "factual claims that have no source, not even a vague one, and show no evidence among its factual claims; "
            "null without any",
            SHARE,
            nullable=True,
        ),
        *_counts("type", _TYPES, "sentences of type:"),
        *_counts("sourcing", _SOURCES, "sentences of sourcing:"),
        *_counts("claims", _SOURCES, "factual claims of sourcing:"),
        _column("notes", pa.list_(pa.string()), "what was left out, repaired or had to be guessed; empty without any"),
        _column(
            "other_metadata",
            pa.string(),
            "JSON object of what the corpus has for this document and no `meta_` column holds; null without any",
            nullable=True,
        ),
    ]
)

PARAGRAPHS = pa.schema(
    [
        _DOCUMENT,
        _column("paragraph", pa.int32(), "place in the document", PLACE),
        _column("kind", pa.string(), "paragraph, heading, list_item, table_row or quote"),
        _column("start_offset", pa.int32(), "where it begins", OFFSET),
        _column("end_offset", pa.int32(), "where it ends", OFFSET),
        _column("n_sentences", pa.int32(), "sentences", COUNT),
        *_counts("type", _TYPES, "sentences of type:"),
        _column(
            "loaded_share", pa.float64(), "sentences in loaded framing, or possibly so, among its sentences", SHARE
        ),
        _column(
            "unsourced_share",
            pa.float64(),
            "unsourced factual claims among its factual claims; null without any",
            SHARE,
            nullable=True,
        ),
        _column(
            "dependence",
            pa.float64(),
            "mean dependence of its premises and conclusions; null without any",
            SHARE,
            nullable=True,
        ),
        _column(
            "contribution",
            pa.float64(),
            "how far the document's dependence falls if all its premises named their sources; "
            "null when the document draws no conclusion",
            SHARE,
            nullable=True,
        ),
    ]
)

SENTENCES = pa.schema(
    [
        _DOCUMENT,
        _column("sentence", pa.int32(), "place in the document", PLACE),
        _column("paragraph", pa.int32(), "the paragraph that it stands in", PLACE),
        _column("start_offset", pa.int32(), "where it begins", OFFSET),
        _column("end_offset", pa.int32(), "where it ends", OFFSET),
        _column("text", pa.string(), "its words"),
        _column("type", pa.string(), " or ".join(_TYPES)),
        _column("content", pa.string(), "type of what is attributed; equal to `type` where nothing is"),
        _column("loaded", pa.bool_(), "whether its own words push the reader, or possibly do: see loaded_probability"),
        _column("sourcing", pa.string(), " or ".join(_SOURCES)),
        _column("role", pa.string(), " or ".join(_ROLES)),
        _probabilities("type", _TYPES),
        _probabilities("content", _TYPES),
        _column("loaded_probability", pa.float32(), "calibrated", PROBABILITY),
        _probabilities("sourcing", _SOURCES),
        _probabilities("role", _ROLES),
        _column(
            "dependence",
            pa.float64(),
            "how much it rests on unsourced premises; null for background",
            SHARE,
            nullable=True,
        ),
        _column(
            "supports",
            _structs(sentence=pa.int32(), probability=pa.float64()),
            "sentences that it is a reason for, likeliest first; of background, those that it may be one for",
            PROBABILITY,
        ),
        _column(
            "spans",
            _structs(kind=pa.string(), start_offset=pa.int32(), end_offset=pa.int32(), text=pa.string()),
            "marked words: loaded, quoted_loaded, source or cue, or a label of the model's own",
            OFFSET,
        ),
        _column("notes", pa.list_(pa.string()), "why a label is not the model's alone; empty where it is"),
    ]
)

CONCLUSIONS = pa.schema(
    [
        _DOCUMENT,
        _column("sentence", pa.int32(), "the sentence that draws it", PLACE),
        _column("text", pa.string(), "its words"),
        _column("probability", pa.float64(), "that it is a conclusion; its weight in means", PROBABILITY),
        _column("states", pa.list_(pa.string()), "phrases of --conclusion that it states"),
        _column("dependence", pa.float64(), "how much it rests on unsourced premises", SHARE),
        _column("dependence_low", pa.float64(), "5th percentile of `dependence`", SHARE),
        _column("dependence_high", pa.float64(), "95th percentile of `dependence`", SHARE),
        _column("opinion_share", pa.float64(), "how much it rests on what somebody thinks, sourced or not", SHARE),
        *_grounds("how much it rests on:", nullable=False),
        _column(
            "premises",
            _structs(sentence=pa.int32(), weight=pa.float64(), dependence=pa.float64()),
            "sentences that it rests on, most telling first; `weight`: the chance that tracing it comes there",
            SHARE,
        ),
        _column(
            "fixes",
            _structs(sentence=pa.int32(), dependence_if_sourced=pa.float64()),
            "its dependence if that sentence named its source, lowest first",
            SHARE,
        ),
    ]
)

STATEMENTS = pa.schema(
    [
        _column("conclusion", pa.string(), "phrase that was asked for with --conclusion"),
        _DOCUMENT,
        _column("n_statements", pa.int32(), "sentences of the document that state it", COUNT),
        _column("dependence", pa.float64(), "mean dependence of these sentences", SHARE),
        _column("opinion_share", pa.float64(), "mean opinion share of these sentences", SHARE),
        *_grounds("how much these sentences rest on:", nullable=False),
        _column(
            "statements",
            _structs(
                sentence=pa.int32(),
                text=pa.string(),
                dependence=pa.float64(),
                dependence_low=pa.float64(),
                dependence_high=pa.float64(),
            ),
            "the sentences, in the order of the text",
        ),
    ]
)

FAILURES = pa.schema(
    [
        _column("number", pa.int64(), "place in the corpus", PLACE),
        _column("document", pa.string(), "its id; null where none could be read", nullable=True),
        _column("source", pa.string(), "where it stands: file, or file and row"),
        _column(
            "stage",
            pa.string(),
            "read (the source or the file), id (missing or given before), text (none that can be analysed) or analyse",
        ),
        _column("reason", pa.string(), "what went wrong, and the way out"),
    ]
)

TABLES: dict[str, pa.Schema] = {
    "documents": DOCUMENTS,
    "paragraphs": PARAGRAPHS,
    "sentences": SENTENCES,
    "conclusions": CONCLUSIONS,
    "statements": STATEMENTS,
    "failures": FAILURES,
}
_ABOUT = {
    "documents": "One row a document that was scored, in the order of the corpus.",
    "paragraphs": "One row a paragraph, heading, list item, quotation or table row.",
    "sentences": "One row a sentence; not written with --no-sentences.",
    "conclusions": "One row a conclusion, most dependent first within its document.",
    "statements": "One row a document and phrase of --conclusion that it states; only written with that option.",
    "failures": "One row a document that could not be scored.",
}


# Columns that only some runs have: name, type, null, meaning, unit.
_MORE = {
    "documents": (
        (f"{METADATA_PREFIX}…", "string", "yes", "the columns of the corpus, one each, as text", ""),
        (f"{OWN_PREFIX}…", "{…: int32}", "no", "sentences (marked words) by label of a head of the model's own", COUNT),
    ),
    "sentences": (
        (f"{OWN_PREFIX}…", "string", "no", "its label, of a head of the model's own", ""),
        (f"{OWN_PREFIX}…", "bool", "no", "whether it holds, of a head that has one label", ""),
        (
            f"{OWN_PREFIX}…",
            "list of string",
            "no",
            "those that hold, of a head that has several and any of them may",
            "",
        ),
        (f"{OWN_PREFIX}…_probabilities", "{…: float}", "no", "calibrated, for every label of that head", PROBABILITY),
    ),
}


def table_schemas(
    *,
    metadata: Sequence[str] = (),
    own_heads: Sequence[Head] = (),
    with_sentences: bool = True,
    with_statements: bool = False,
) -> dict[str, pa.Schema]:
    """The schemas of the tables that a run writes; `metadata` are columns of the source that go to `documents`, and
    `own_heads` those of the model beyond the standard ones.
    """
    left_out = {name for name, wanted in (("sentences", with_sentences), ("statements", with_statements)) if not wanted}
    schemas = {name: schema for name, schema in TABLES.items() if name not in left_out}
    for name in metadata:
        column = _column(f"{METADATA_PREFIX}{name}", pa.string(), f"`{name}` of the corpus, as text", nullable=True)
        schemas["documents"] = schemas["documents"].append(column)
    for head in own_heads:
        schemas["documents"] = schemas["documents"].append(_own_counts(head))
        if with_sentences and head.kind is not HeadKind.SPAN:
            for column in _own_labels(head):
                schemas["sentences"] = schemas["sentences"].append(column)
    return schemas


def is_yes_or_no(head: Head) -> bool:
    """Whether all that a head says is that its one label holds, or not."""
    return head.kind is HeadKind.MULTI and len(head.labels) == 1


def _own_counts(head: Head) -> pa.Field:
    type = pa.struct([pa.field(label, pa.int32(), nullable=False) for label in head.labels])
    of = "marked words" if head.kind is HeadKind.SPAN else "sentences"
    return _column(f"{OWN_PREFIX}{head.name}", type, f"{of} by label of the model's own head {head.name}", COUNT)


def _own_labels(head: Head) -> list[pa.Field]:
    name, meaning = f"{OWN_PREFIX}{head.name}", f"what the model's own head {head.name} says"
    if is_yes_or_no(head):
        type, meaning = pa.bool_(), f"whether {head.labels[0]} holds, which is the model's own label"
    else:
        type = pa.string() if head.kind is HeadKind.SINGLE else pa.list_(pa.string())
    return [_column(name, type, meaning), _probabilities(name, head.labels)]


def describe() -> str:
    """The documentation of the tables as Markdown."""
    return "\n\n".join(_description(name, schema) for name, schema in TABLES.items())


def _description(name: str, schema: pa.Schema) -> str:
    rows = [f"## {name}", "", _ABOUT[name], "", "| column | type | null | meaning | unit |", "|---|---|---|---|---|"]
    for field in schema:
        notes = {key.decode(): value.decode() for key, value in field.metadata.items()}
        null = "yes" if field.nullable else "no"
        rows.append(
            f"| `{field.name}` | {_type(field.type)} | {null} | {notes['description']} | {notes.get('unit', '')} |"
        )
    rows += [
        f"| `{column}` | {type} | {null} | {meaning} | {unit} |"
        for column, type, null, meaning, unit in _MORE.get(name, ())
    ]
    return "\n".join(rows)


def _type(type: pa.DataType) -> str:
    """An Arrow type in words: `list of {sentence: int32, probability: double}`."""
    if pa.types.is_list(type):
        return f"list of {_type(type.value_type)}"
    if pa.types.is_struct(type):
        return "{" + ", ".join(f"{field.name}: {_type(field.type)}" for field in type) + "}"
    return str(type)
