"""`analyzer labels export`: documents to other tools, with the model's labels to correct."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.cli.labels.common import SchemaFile, schema_of, write_data
from analyzer.cli.options import FAILED, FINE, Debug, Model, Out
from analyzer.cli.telling import progress, tell
from analyzer.errors import AnalyzerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from analyzer.labelling.exchange import Item
    from analyzer.labelling.prediction import PreLabeller
    from analyzer.schema import LabelSchema

TARGETS = ("label-studio", "jsonl", "csv")


def export(
    documents: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Labelled documents (.jsonl), or what report reads: text, HTML, PDF, …"),
    ],
    to: Annotated[str, typer.Option("--to", help="label-studio, jsonl or csv.")],
    out: Out = None,
    predict: Annotated[
        bool, typer.Option("--predict", help="The model's labels beside those of labelled documents.")
    ] = False,
    uncertain: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Only the N most informative documents or sentences.")
    ] = None,
    unit: Annotated[str, typer.Option(help="What --uncertain chooses: document or sentence.")] = "document",
    config: Annotated[
        Path | None, typer.Option(help="Write Label Studio's labelling configuration to this file.")
    ] = None,
    model: Model = None,
    schema: SchemaFile = None,
    debug: Debug = False,
) -> int:
    """Export documents for annotation or for other programs.

    Labelled documents keep their labels. Others get the model's, with a score for each, to be corrected. --uncertain
    picks what is most worth labelling: where the model is unsure, and unlike what is picked already.

    label-studio: tasks, a document each, with regions for sentences and marked words, a choice for every head, and
    relations for support; set up the project with the file that --config writes. jsonl: labelled documents, each
    sentence with what the model says under "predicted". csv: a row a sentence.

    Exit code: 0 fine, 2 a document could not be read.

    Examples:

      analyzer labels export articles/*.md --to label-studio -o tasks.json --config labelling.xml

      analyzer labels export pool/*.txt --to csv --uncertain 100 --unit sentence -o next.csv

      analyzer labels export labels.jsonl --to csv -o labels.csv
    """
    from analyzer.labelling.choosing import UNITS, choose_items, is_labelled

    if to not in TARGETS:
        raise AnalyzerError(f"unknown format {to!r}; choose one of {', '.join(TARGETS)}")
    if unit not in UNITS:
        raise AnalyzerError(f"unknown unit {unit!r}; choose one of {', '.join(UNITS)}")
    if config is not None and to != "label-studio":
        raise AnalyzerError(f"--config goes with --to label-studio, not {to}; leave it out")
    heads = schema_of(schema)
    labeller = None
    if predict or uncertain or not all(map(is_labelled, documents)):
        labeller = _labeller(model, heads)
    with progress("labelling" if labeller else "reading") as advance:
        items, failed = _gather(documents, heads, labeller, advance, debug=debug)
    if uncertain is not None:
        items = choose_items(items, uncertain, unit)
    if items:
        _write(items, to, heads, out, config)
    return FAILED if failed else FINE


def _labeller(model: Path | None, heads: LabelSchema) -> PreLabeller:
    from analyzer.labelling.prediction import PreLabeller

    labeller = PreLabeller(model)
    if labeller.schema.sentence_heads != heads.sentence_heads:
        raise AnalyzerError(
            "the model's heads are not those of --schema; give a model with them, or labelled documents only"
        )
    return labeller


def _gather(
    paths: list[Path],
    heads: LabelSchema,
    labeller: PreLabeller | None,
    advance: Callable[[int, int | None], None],
    *,
    debug: bool,
) -> tuple[list[Item], bool]:
    """The documents that can be read; each file that cannot costs one line on stderr."""
    from analyzer.labelling.choosing import is_labelled, labelled_items, plain_item

    items: list[Item] = []
    failed = False
    for number, path in enumerate(paths, 1):
        try:
            if is_labelled(path):
                items += labelled_items(path, heads, labeller, progress=advance)
            elif labeller is not None:
                items.append(plain_item(path, labeller, {item.shown.id for item in items}))
                advance(number, len(paths))
        except AnalyzerError as error:
            if debug:
                raise
            tell(str(error))
            failed = True
    return items, failed


def _write(items: list[Item], to: str, heads: LabelSchema, out: Path | None, config: Path | None) -> None:
    from analyzer.labelling import label_studio
    from analyzer.labelling.documents import lines_of
    from analyzer.labelling.exchange import row_of_item
    from analyzer.labelling.sheet import to_csv

    if config is not None:
        write_data(label_studio.config(heads), config)
    if to == "label-studio":
        write_data(json.dumps(label_studio.tasks(items), ensure_ascii=False, indent=1) + "\n", out)
    elif to == "jsonl":
        write_data(lines_of(map(row_of_item, items)), out)
    else:
        write_data(to_csv(items, heads), out)
