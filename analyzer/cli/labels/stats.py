"""`analyzer labels stats`: what labelled documents hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from analyzer.cli.labels.common import AsJson, SchemaFile, schema_of, show, write_data
from analyzer.cli.options import Debug


def stats(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Labelled documents, JSON lines.")],
    as_json: AsJson = False,
    schema: SchemaFile = None,
    debug: Debug = False,
) -> None:
    """Count what labelled documents hold.

    Labels by head, splits, sources, genres, lengths, links, marked words.

    Examples:

      analyzer labels stats labels.jsonl

      analyzer labels stats --json ours.jsonl theirs.jsonl
    """
    from analyzer.labelling.counts import count
    from analyzer.labelling.documents import read_documents

    heads = schema_of(schema)
    counted = count([document for path in files for document in read_documents(path, heads)], heads)
    if as_json:
        write_data(json.dumps(counted, indent=2, ensure_ascii=False) + "\n", None)
        return
    for line in _table(counted):
        show(line)


def _table(counted: dict[str, Any]) -> list[str]:
    from analyzer.labelling.counts import DETAILS

    documents, sentences = counted["documents"], counted["sentences"]
    lines = [f"{documents:,} documents, {sentences:,} sentences"]
    for name in ("split", "source", *DETAILS):
        if name in counted:
            lines += _shares(name, counted[name], documents)
    for name, labels in counted["heads"].items():
        lines += _shares(name, labels, sentences)
    spans = counted["spans"]
    if spans:
        lines += _shares(f"spans (in {counted['documents_with_marked_words']:,} documents)", spans, sum(spans.values()))
    links = counted["links"]
    lines += ["", f"{links['links']:,} links in {links['documents_with_links']:,} documents", ""]
    lines.append(f"{'':24} {'least':>7} {'median':>7} {'mean':>7} {'most':>7}")
    lengths = {"sentences a document": counted["sentences_a_document"], "words a sentence": counted["words_a_sentence"]}
    for name, spread in (lengths | {"sentences a link spans": links["distance"]}).items():
        if spread:
            figures = " ".join(f"{spread[key]:>7g}" for key in ("least", "median", "mean", "most"))
            lines.append(f"{name:24} {figures}")
    return lines


def _shares(name: str, counts: dict[str, int], total: int) -> list[str]:
    rows = [
        f"  {value or '(none)':30} {number:7,} {100 * number / max(total, 1):5.1f} %"
        for value, number in counts.items()
    ]
    return ["", name, *rows]
