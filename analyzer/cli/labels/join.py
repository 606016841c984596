"""`analyzer labels join`: stand-off labels and the texts they belong to, together again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.labels.common import SchemaFile, schema_of, write_data
from analyzer.cli.options import FINE, FOUND, Debug, Out
from analyzer.cli.telling import tell


def join(
    standoff: Annotated[Path, typer.Argument(help="Stand-off labels, such as labeled/standoff.jsonl.gz.")],
    corpus: Annotated[
        Path, typer.Option("--corpus", metavar="DIR", help="Folder of the corpora: ptc.jsonl, basil.jsonl, …")
    ],
    out: Out = None,
    schema: SchemaFile = None,
    debug: Debug = False,
) -> int:
    """Put stand-off labels and texts together.

    What comes out are labelled documents that can be trained on.

    Labels of texts that may not be passed on come without them, as places in the corpora's rows (JSON lines with id
    and text, or paragraphs) and hashes of sentences. A document is joined when all its sentences are as they were
    labelled; every other is named on standard error, with the reason. Where none is joined, nothing is written.

    Exit code: 0 everything matched, 1 some documents did not, 2 a file could not be read.

    Example:  analyzer labels join labeled/standoff.jsonl.gz --corpus corpora/ -o annotated.jsonl
    """
    from analyzer.labelling.corpora import Corpora
    from analyzer.labelling.documents import lines_of, row_of
    from analyzer.labelling.standoff import join as join_rows
    from analyzer.labelling.standoff import read_standoff

    joined = join_rows(read_standoff(standoff), Corpora(corpus), schema_of(schema), name=str(standoff))
    for mismatch in joined.mismatches:
        tell(f"no match: {mismatch}")
    if joined.documents:
        write_data(lines_of(map(row_of, joined.documents)), out)
    documents = len(joined.documents) + len(joined.mismatches)
    share = 100 * joined.restored / max(joined.sentences, 1)
    tell(
        f"{len(joined.documents):,} of {documents:,} documents joined; "
        f"{joined.restored:,} of {joined.sentences:,} sentences match ({share:.2f} %)"
    )
    return FOUND if joined.mismatches else FINE
