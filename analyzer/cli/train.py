"""`analyzer train`: from labelled documents to a model folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.extras import needs_extra


def train(
    data: Annotated[Path, typer.Argument(help="Labelled documents, JSON lines with a split train or dev.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Model folder to write.")],
    encoder: Annotated[
        Path | None, typer.Option(help="Folder of a Hugging Face encoder to start from; the shipped model if left out.")
    ] = None,
    public: Annotated[
        Path | None, typer.Option(help="Folder of public corpora (babe.jsonl, ptc.jsonl, …) to train on as well.")
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the model.")] = "default",
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the training documents.")] = 5,
    freeze: Annotated[int, typer.Option(min=0, help="Lowest encoder layers to leave as they are.")] = 2,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback when something goes wrong.")] = False,
) -> None:
    """Train a model on labelled documents and write a complete model folder.

    Needs the extra: pip install 'editorial-analyzer[train]'

    Example:  analyzer train annotated.jsonl --encoder all-MiniLM-L6-v2 -o models/mine
    """
    with needs_extra("train"):
        from analyzer.training.data import load_labelled
        from analyzer.training.recipe import train_model
        from analyzer.training.trainer import TrainingOptions

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from analyzer import __version__
    from analyzer.model.folder import default_folder
    from analyzer.schema import STANDARD_SCHEMA

    documents = load_labelled(data, STANDARD_SCHEMA)
    options = TrainingOptions(seed=seed, epochs=epochs, freeze=freeze)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("loss {task.fields[loss]:.2f}"))
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("training", total=None, loss=0.0)
        metrics = train_model(
            documents,
            STANDARD_SCHEMA,
            encoder or default_folder(),
            out,
            name=name,
            version=__version__,
            options=options,
            public=public,
            progress=lambda step, total, loss: bar.update(task, completed=step, total=total, loss=loss),
        )
    for head, measured in metrics["dev"]["heads"].items():
        typer.echo(f"{head:10} macro-F1 {measured['macro_f1']:.3f}", err=True)
    typer.echo(f"wrote {out}", err=True)
