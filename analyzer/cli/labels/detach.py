"""`analyzer labels detach`: stand-off labels from labelled documents, without a word of their text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.labels.common import SchemaFile, schema_of
from analyzer.cli.options import FINE, FOUND, Debug
from analyzer.cli.telling import progress, tell


def detach(
    file: Annotated[Path, typer.Argument(help="Labelled documents, JSON lines; source names the corpus.")],
    corpus: Annotated[
        Path, typer.Option("--corpus", metavar="DIR", help="Folder of the corpora that the texts come from.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Stand-off file to write; compressed if it ends in .gz.")],
    schema: SchemaFile = None,
    debug: Debug = False,
) -> int:
    """Take the text out of labelled documents.

    So labels can be passed on where the text cannot.

    What is left: corpus, document id, place and hash of every sentence, labels; no text and no title. A document
    whose sentences are not all found in the corpus is left out and named on standard error. Where all are left out,
    nothing is written.

    Exit code: 0 fine, 1 some documents were left out, 2 a file could not be read.

    Example:  analyzer labels detach annotated.jsonl --corpus corpora/ -o labeled/standoff.jsonl.gz
    """
    from analyzer.labelling.corpora import Corpora
    from analyzer.labelling.documents import read_documents
    from analyzer.labelling.standoff import detach as detach_documents
    from analyzer.labelling.standoff import write_standoff

    with progress("finding sentences") as advance:
        detached = detach_documents(read_documents(file, schema_of(schema)), Corpora(corpus), progress=advance)
    for mismatch in detached.mismatches:
        tell(f"left out: {mismatch}")
    if detached.rows:
        write_standoff(detached.rows, out)
    tell(f"{len(detached.rows):,} documents, {sum(len(row['sentences']) for row in detached.rows):,} sentences")
    return FOUND if detached.mismatches else FINE
