"""`analyzer labels import`: labels from other tools back into labelled documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.labels.common import SchemaFile, read_file, schema_of, write_data
from analyzer.cli.options import FINE, FOUND, Debug, Out
from analyzer.cli.telling import tell
from analyzer.errors import AnalyzerError

SOURCES = ("label-studio", "jsonl", "csv")


def restore(
    file: Annotated[Path, typer.Argument(help="What the other tool exported, or an edited export of ours.")],
    source: Annotated[str, typer.Option("--from", help="label-studio, jsonl or csv.")],
    out: Out = None,
    annotator: Annotated[
        str | None,
        typer.Option(help="Of a Label Studio task, the annotation by this person (number or e-mail address)."),
    ] = None,
    schema: SchemaFile = None,
    debug: Debug = False,
) -> int:
    """Import labels from an export or annotators.

    An edited export, or what people annotated, becomes labelled documents again.

    label-studio: the project's JSON export. A task that is not finished is left out and named on standard error; of
    several annotations of a task, the one changed last counts, or the last by --annotator. csv, jsonl: as exported;
    what the model said is dropped. Where no document is left, nothing is written.

    Exit code: 0 fine, 1 some tasks were left out, 2 the file could not be imported.

    Examples:

      analyzer labels import project-1.json --from label-studio -o labels.jsonl

      analyzer labels import project-1.json --from label-studio --annotator anna@example.org -o anna.jsonl

      analyzer labels import next.csv --from csv -o more.jsonl && analyzer labels check more.jsonl
    """
    from analyzer.labelling.documents import lines_of, read_documents, row_of
    from analyzer.labelling.label_studio_import import from_label_studio
    from analyzer.labelling.sheet import from_csv

    if source not in SOURCES:
        raise AnalyzerError(f"unknown format {source!r}; choose one of {', '.join(SOURCES)}")
    if annotator is not None and source != "label-studio":
        raise AnalyzerError(f"--annotator goes with --from label-studio, not {source}; leave it out")
    heads = schema_of(schema)
    left_out: tuple[str, ...] = ()
    if source == "label-studio":
        imported = from_label_studio(read_file(file), heads, name=str(file), annotator=annotator)
        documents, left_out = list(imported.documents), imported.left_out
    elif source == "jsonl":
        documents = read_documents(file, heads)
    else:
        documents = from_csv(read_file(file), heads, name=str(file))
    for line in left_out:
        tell(f"left out: {line}")
    if documents:
        write_data(lines_of(map(row_of, documents)), out)
    tell(f"{len(documents):,} documents, {sum(len(d.sentences) for d in documents):,} sentences")
    return FOUND if left_out else FINE
