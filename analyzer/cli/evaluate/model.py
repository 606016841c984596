"""`analyzer evaluate MODEL`: measures a model folder on labelled documents, contrast pairs and swapped names."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.evaluate.output import JsonOption, LimitOption, check_out, write_result
from analyzer.cli.evaluate.progress import progress_bar
from analyzer.cli.extras import needs_extra
from analyzer.cli.options import Debug, Out


def model(
    model: Annotated[Path, typer.Argument(help="Model folder to measure.")],
    data: Annotated[
        list[str] | None,
        typer.Option("--data", help="Labelled documents, or a table as the model was trained on; repeatable."),
    ] = None,
    text: Annotated[str | None, typer.Option(help="Column of the text, if not that of the training data.")] = None,
    split: Annotated[
        str | None, typer.Option(help="Which split to measure on [dev; all of a table without splits].")
    ] = None,
    compare: Annotated[
        list[Path] | None,
        typer.Option(metavar="OTHER", help="Another model folder, compared on the same documents; repeatable."),
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Compare with the weights before quantisation (fp32, PyTorch).")
    ] = False,
    uncalibrated: Annotated[
        bool, typer.Option("--uncalibrated", help="Compare with its temperatures left out: what calibration gives.")
    ] = False,
    isolated: Annotated[
        bool, typer.Option("--isolated", help="Compare with reading every sentence alone: what context gives.")
    ] = False,
    neighbours: Annotated[
        list[int] | None,
        typer.Option(min=1, help="Compare with so many sentences of context on either side; repeatable."),
    ] = None,
    window: Annotated[
        list[int] | None,
        typer.Option(min=16, max=512, help="Compare with windows of so many tokens; repeatable."),
    ] = None,
    contrast: Annotated[
        list[Path] | None, typer.Option(help="Contrast pairs, JSON lines: is one edit seen for what it is? Repeatable.")
    ] = None,
    swaps: Annotated[
        Path | None, typer.Option(help="Swap list, JSON: does another name in a document of --data change a label?")
    ] = None,
    limit: LimitOption = None,
    as_json: JsonOption = False,
    out: Out = None,
    debug: Debug = False,
) -> None:
    """Measure a model on labelled documents.

    Precision, recall and F1 by head and label, confusion, calibration, support links, the dependence score, each with a
    95 % interval over the documents.

    Needs the extra: pip install 'editorial-analyzer[train]'

    Examples:

      analyzer evaluate models/default --data annotated.jsonl

      analyzer evaluate models/mine --data annotated.jsonl --compare models/default --json -o mine.json

      analyzer evaluate models/default --data annotated.jsonl --exact --isolated --neighbours 1

      analyzer evaluate models/default --contrast contrast.jsonl

      analyzer evaluate models/default --data annotated.jsonl --swaps labeled/swaps.json
    """
    with needs_extra("train"):
        from analyzer.training.gather import DEV
        from analyzer.training.measuring import Wanted, measure_model
        from analyzer.training.result_tables import Results
        from analyzer.training.section_tables import all_tables

    wanted = Wanted(
        data=tuple(data or ()),
        text=text,
        split=split,
        compare=tuple(compare or ()),
        exact=exact,
        uncalibrated=uncalibrated,
        neighbours=(*([0] if isolated else []), *(neighbours or ())),
        windows=tuple(window or ()),
        contrast=tuple(contrast or ()),
        swaps=swaps,
        limit=limit,
    )
    check_out(out)
    with progress_bar() as tell:
        result = measure_model(model, wanted, progress=tell)
    if "left_out" in result:
        typer.echo(f"{result['left_out']} documents are left out: the model was trained on their texts", err=True)
    write_result(result, all_tables(Results(result), split or DEV), as_json=as_json, out=out)
