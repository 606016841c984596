"""The part of `analyzer train` that teaches labels of a user's own: reads the data, or shows what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from analyzer.errors import AnalyzerError

if TYPE_CHECKING:
    from analyzer.training.options import TrainingOptions
    from analyzer.training.problems import Problem
    from analyzer.training.sources import Asked

_MOST_PROBLEMS = 20
# Above a frozen encoder an epoch costs next to nothing, and a linear head needs many.
_EPOCHS_ABOVE_FROZEN = 20


def teach_own(
    source: str,
    asked: Asked,
    start: Path,
    out: Path,
    options: TrainingOptions,
    *,
    name: str,
    resume: bool,
    chosen: Mapping[str, Any],
) -> None:
    """Train on labels of a user's own. Bad data is told as a table, and nothing is trained on it."""
    from dataclasses import replace

    from analyzer import __version__
    from analyzer.cli.progress import training_progress
    from analyzer.cli.train import command_line
    from analyzer.training.course import Lesson
    from analyzer.training.own import teach
    from analyzer.training.problems import BadData
    from analyzer.training.sources import read_source

    try:
        found = read_source(source, asked, divides=chosen["held_out"] is not None)
    except BadData as error:
        _print_problems(error.problems)
        count = len(error.problems)
        raise AnalyzerError(f"{source}: {count} problem{'s' if count > 1 else ''}; nothing was trained") from error
    if chosen["join"] and chosen["freeze"] is None:
        options = replace(options, freeze=_all_layers(start))
    if chosen["epochs"] is None and options.freeze >= _all_layers(start):
        options = replace(options, epochs=_EPOCHS_ABOVE_FROZEN)
    lesson = Lesson(
        documents=found.documents,
        heads=found.heads,
        start=start,
        join=chosen["join"],
        held_out=chosen["held_out"] or 0.2,
        folds=chosen["folds"],
    )
    about = {**found.about, "command": command_line()}
    with training_progress() as watcher:
        metrics = teach(
            lesson, out, name=name, version=__version__, options=options, about=about, resume=resume, watcher=watcher
        )
    for head, measured in metrics["dev"]["heads"].items():
        typer.echo(f"{head:10} macro-F1 {measured.get('macro_f1_yes_no', measured['macro_f1']):.3f}", err=True)
    for kind, row in metrics["dev"].get("spans", {}).items():
        typer.echo(f"{kind:10} F1 of marked words {row['words']['f1']:.3f}", err=True)
    typer.echo(f"wrote {out}", err=True)


def _all_layers(start: Path) -> int:
    """How many layers the encoder in a folder has; `AnalyzerError` where it does not say."""
    import json

    from analyzer.model.folder import CONFIG

    try:
        return int(json.loads((start / CONFIG).read_text(encoding="utf-8"))["num_hidden_layers"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AnalyzerError(f"{start}: no encoder can be loaded from here (its config.json lacks layers)") from error


def _print_problems(problems: Sequence[Problem]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from analyzer.render.plain import plain

    table = Table("Where", "What is wrong", "How to mend it", box=box.SIMPLE_HEAD)
    for problem in problems[:_MOST_PROBLEMS]:
        table.add_row(*(Text(plain(words)) for words in (problem.place, problem.what, problem.fix)))
    console = Console(stderr=True, highlight=False)
    console.print(table)
    if len(problems) > _MOST_PROBLEMS:
        console.print(f"… and {len(problems) - _MOST_PROBLEMS} more", markup=False)
