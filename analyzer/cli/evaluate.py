"""`analyzer evaluate`: measures a model folder on labelled documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from analyzer.cli.extras import needs_extra


def evaluate(
    model: Annotated[Path, typer.Argument(help="Model folder to measure.")],
    data: Annotated[str, typer.Option("--data", help="Labelled documents, or a table as the model was trained on.")],
    text: Annotated[str | None, typer.Option(help="Column of the text, if not that of the training data.")] = None,
    split: Annotated[str, typer.Option(help="Which split of the documents to measure on.")] = "dev",
    as_json: Annotated[bool, typer.Option("--json", help="Print everything measured as JSON.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback when something goes wrong.")] = False,
) -> None:
    """Measure a model on labelled documents: F1 by head and label, calibration, links, dependence.

    Needs the extra: pip install 'editorial-analyzer[train]'

    Example:  analyzer evaluate models/default --data annotated.jsonl
    """
    with needs_extra("train"):
        from analyzer.training.evaluation import evaluate_folder
        from analyzer.training.sources import read_for

    from analyzer.errors import AnalyzerError
    from analyzer.model.folder import open_folder

    folder = open_folder(model)
    documents, n_seen = read_for(folder, data, text=text, split=split)
    if n_seen:
        typer.echo(f"{n_seen} documents are left out: the model was trained on their texts", err=True)
    if not documents:
        raise AnalyzerError(f"{data}: no document of split {split!r}; give another with --split")
    measured = evaluate_folder(folder, documents)
    typer.echo(json.dumps(measured, indent=2) if as_json else _table(measured))


def _table(measured: dict[str, Any]) -> str:
    lines = [f"{measured['documents']} documents, {measured['sentences']} sentences", ""]
    lines.append(f"{'head':10} {'label':16} {'precision':>9} {'recall':>7} {'F1':>6} {'support':>8}")
    for head, result in measured["heads"].items():
        for label, row in result["labels"].items():
            lines.append(_row(head, label, row))
        low, high = result["macro_f1_interval"]
        interval = f"95 % interval {low:.3f} to {high:.3f}, ECE {result['ece']:.3f}"
        lines.append(f"{head:10} {'macro-F1':16} {result['macro_f1']:24.3f}   {interval}")
        if "macro_f1_yes_no" in result and head != "loaded":
            lines.append(f"{head:10} {'of yes and no':16} {result['macro_f1_yes_no']:24.3f}")
    for label, found in measured.get("spans", {}).items():
        lines.append(_row("marks", label, found["words"]))
    for kind, row in measured.get("links", {}).items():
        lines.append(_row("links", kind.replace("_", " "), row))
    score = measured.get("dependence")
    if score and score["spearman"] is not None:
        lines.append(
            f"dependence of {score['documents']} documents: Spearman {score['spearman']:.3f}, "
            f"mean absolute error {score['mean_absolute_error']:.3f}; "
            f"conclusions missed in {score['missed']}, invented in {score['invented']}"
        )
    return "\n".join(lines)


def _row(head: str, label: str, row: dict[str, Any]) -> str:
    figures = f"{row['precision']:9.3f} {row['recall']:7.3f} {row['f1']:6.3f} {row['support']:8d}"
    return f"{head:10} {label:16} {figures}"
