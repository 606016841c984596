"""The part of `analyzer train` that teaches labels of a user's own: reads the data, or shows what is wrong with it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
_HELD_OUT = 0.2


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a user asks of the training; `numbers` are the options that were given, by their names in the options."""

    encoder: str | None
    join: bool
    held_out: float | None
    folds: int | None
    numbers: Mapping[str, Any]


def teach_own(
    source: str, asked: Asked, wish: Wish, out: Path, options: TrainingOptions, *, name: str, resume: bool
) -> None:
    """Train on labels of a user's own. Bad data is told as a table, and nothing is trained on it."""
    from analyzer.training.problems import BadData
    from analyzer.training.sources import read_source

    try:
        found = read_source(source, asked, divides=wish.held_out is not None)
    except BadData as error:
        _print_problems(error.problems)
        count = len(error.problems)
        raise AnalyzerError(f"{source}: {count} problem{'s' if count > 1 else ''}; nothing was trained") from error
    if found.left_out:
        typer.echo(f"left out, their split is neither train nor dev: {found.left_out} documents", err=True)
    # PyTorch takes seconds to load: only for data that is in order.
    from analyzer import __version__
    from analyzer.cli.progress import training_progress
    from analyzer.model.folder import default_folder
    from analyzer.training.course import Lesson
    from analyzer.training.encoder import find_encoder
    from analyzer.training.own import teach

    start = find_encoder(wish.encoder) if wish.encoder else default_folder()
    lesson = Lesson(
        documents=found.documents,
        heads=found.heads,
        start=start,
        join=wish.join,
        held_out=wish.held_out or _HELD_OUT,
        folds=wish.folds,
    )
    with training_progress() as watcher:
        metrics = teach(
            lesson,
            out,
            name=name,
            version=__version__,
            options=_options(options, wish, start),
            about={**found.about, "command": _command_line()},
            resume=resume,
            watcher=watcher,
        )
    _print_figures([head.name for head in found.heads], metrics["dev"])
    typer.echo(f"wrote {out}", err=True)


def _options(options: TrainingOptions, wish: Wish, start: Path) -> TrainingOptions:
    """What was not said: heads that join a model leave its encoder alone, an encoder that is there in int8 only is left
    as it is, and above a frozen one epochs are many.
    """
    from analyzer.model.folder import is_int8_only
    from analyzer.training.encoder import n_layers_of

    n_layers = n_layers_of(start)
    if "freeze" not in wish.numbers and (wish.join or is_int8_only(start)):
        options = replace(options, freeze=n_layers)
    check_rate(start, options, n_layers, is_given="encoder_rate" in wish.numbers)
    if options.freeze >= n_layers and "epochs" not in wish.numbers:
        options = replace(options, epochs=_EPOCHS_ABOVE_FROZEN)
    return options


def check_rate(start: Path, options: TrainingOptions, n_layers: int, *, is_given: bool) -> None:
    """Raise `AnalyzerError` where a learning rate is given for an encoder none of whose layers will move."""
    if is_given and options.freeze >= (options.layers or n_layers):
        raise AnalyzerError(f"--learning-rate is of the encoder's layers, and all of {start} stay; leave it out")


def _print_figures(heads: Sequence[str], measured: Mapping[str, Any]) -> None:
    width = max(map(len, [*heads, *measured.get("spans", {})]))
    for head in heads:
        if head in measured["heads"]:
            found = measured["heads"][head]
            score = found.get("macro_f1_yes_no", found["macro_f1"])
            typer.echo(f"{head:{width}} macro-F1 {score:.3f} on what was held out", err=True)
    for kind, row in measured.get("spans", {}).items():
        typer.echo(f"{kind:{width}} F1 of marked words {row['words']['f1']:.3f} on what was held out", err=True)


def _command_line() -> str:
    """The command that was given, as it can be given again."""
    return shlex.join(["analyzer", *(argument for argument in sys.argv[1:] if argument != "--resume")])


def _print_problems(problems: Sequence[Problem]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    from analyzer.render.plain import plain

    table = Table(Column("Where", overflow="fold"), "What is wrong", "How to mend it", box=box.SIMPLE_HEAD)
    for problem in problems[:_MOST_PROBLEMS]:
        table.add_row(*(Text(plain(words)) for words in (problem.place, problem.what, problem.fix)))
    console = Console(stderr=True, highlight=False)
    console.print(table)
    if len(problems) > _MOST_PROBLEMS:
        console.print(f"… and {len(problems) - _MOST_PROBLEMS} more", markup=False)
