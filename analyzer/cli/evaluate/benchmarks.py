"""`analyzer evaluate babe`, `… polnear` and so on: a public benchmark, from an encoder or of a model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.evaluate.output import JsonOption, LimitOption, check_out, write_result
from analyzer.cli.evaluate.progress import progress_bar
from analyzer.cli.extras import needs_extra
from analyzer.cli.options import Debug, Out
from analyzer.errors import AnalyzerError
from analyzer.training.benchmarks import BENCHMARKS

_DATA = typer.Option("--data", help="Folder of public corpora, JSON lines.")
_ENCODER = typer.Option(help="Folder of a Hugging Face encoder, or of a model, to train from.")
_MODEL = typer.Option(help="Model folder to measure as it is.")
_EPOCHS = typer.Option(min=1, help="Passes over the training part; those of `analyzer train` if left out.")
_FREEZE = typer.Option(min=0, help="Lowest encoder layers to leave as they are; as `analyzer train` if left out.")
_FOLDS = typer.Option(min=2, help="Parts of a cross-validation.")
_SEED = typer.Option(min=0, max=2**32 - 1, help="Seed of everything random.")

_NEEDS = "Needs the extra: pip install 'editorial-analyzer[train]'"


def from_encoder(name: str) -> Callable[..., None]:
    """The command of a benchmark that trains."""

    def command(
        data: Annotated[Path, _DATA],
        encoder: Annotated[Path, _ENCODER],
        epochs: Annotated[int | None, _EPOCHS] = None,
        freeze: Annotated[int | None, _FREEZE] = None,
        folds: Annotated[int, _FOLDS] = 5,
        seed: Annotated[int, _SEED] = 0,
        limit: LimitOption = None,
        as_json: JsonOption = False,
        out: Out = None,
        debug: Debug = False,
    ) -> None:
        """Train and measure."""
        _run(name, data, encoder, None, _Training(epochs, freeze, folds, seed), limit, as_json=as_json, out=out)

    return _described(command, name, "--encoder all-MiniLM-L6-v2")


def from_model(name: str) -> Callable[..., None]:
    """The command of a benchmark that measures a model."""

    def command(
        model: Annotated[Path, typer.Argument(help="Model folder to measure.")],
        data: Annotated[Path, _DATA],
        limit: LimitOption = None,
        as_json: JsonOption = False,
        out: Out = None,
        debug: Debug = False,
    ) -> None:
        """Measure."""
        _run(name, data, None, model, _Training(), limit, as_json=as_json, out=out)

    return _described(command, name, "", model="models/default ")


def either(name: str) -> Callable[..., None]:
    """The command of a benchmark that does either."""

    def command(
        data: Annotated[Path, _DATA],
        encoder: Annotated[Path | None, _ENCODER] = None,
        model: Annotated[Path | None, _MODEL] = None,
        epochs: Annotated[int | None, _EPOCHS] = None,
        freeze: Annotated[int | None, _FREEZE] = None,
        folds: Annotated[int, _FOLDS] = 5,
        seed: Annotated[int, _SEED] = 0,
        limit: LimitOption = None,
        as_json: JsonOption = False,
        out: Out = None,
        debug: Debug = False,
    ) -> None:
        """Train and measure, or measure a model."""
        _run(name, data, encoder, model, _Training(epochs, freeze, folds, seed), limit, as_json=as_json, out=out)

    return _described(command, name, "--encoder all-MiniLM-L6-v2")


def _described(command: Callable[..., None], name: str, options: str, *, model: str = "") -> Callable[..., None]:
    entry = BENCHMARKS[name]
    example = f"analyzer evaluate {name} {model}--data corpora {options}".rstrip()
    command.__doc__ = f"{entry.summary}; reads {entry.file} in the folder --data.\n\n{_NEEDS}\n\nExample:  {example}"
    return command


class _Training:
    """What the command line says about training; None leaves it to the trainer."""

    def __init__(self, epochs: int | None = None, freeze: int | None = None, folds: int = 5, seed: int = 0) -> None:
        given = {"epochs": epochs, "freeze": freeze, "seed": seed}
        self.options = {name: value for name, value in given.items() if value is not None}
        self.folds = folds


def _run(
    name: str,
    data: Path,
    encoder: Path | None,
    model: Path | None,
    training: _Training,
    limit: int | None,
    *,
    as_json: bool,
    out: Path | None,
) -> None:
    if (encoder is None) == (model is None):
        raise AnalyzerError(f"{name}: give an encoder to train from with --encoder, or a model to measure with --model")
    file = data / BENCHMARKS[name].file
    if not file.is_file():
        raise AnalyzerError(f"{file}: no such file; give a folder that has it with --data")
    with needs_extra("train"):
        from analyzer.training.benchmarks.job import Job
        from analyzer.training.measuring import run_benchmark
        from analyzer.training.result_tables import Results
        from analyzer.training.section_tables import benchmark_tables

    check_out(out)
    with progress_bar() as tell:
        job = Job(data, training.options, folds=training.folds, limit=limit, progress=tell)
        result = run_benchmark(name, job, encoder=encoder, model=model)
    write_result(result, benchmark_tables(Results(result)), as_json=as_json, out=out)
