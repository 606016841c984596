"""`analyzer train`: from labelled documents, or a table with labels of one's own, to a model folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analyzer.cli.extras import needs_extra
from analyzer.cli.options import Debug
from analyzer.errors import AnalyzerError

if TYPE_CHECKING:
    from analyzer.training.options import TrainingOptions
    from analyzer.training.replay import Means


def train(
    labelled: Annotated[
        list[Path] | None,
        typer.Argument(metavar="LABELLED", help="Files of labelled documents, JSON lines."),
    ] = None,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Model folder to write.")],
    data: Annotated[
        str | None,
        typer.Option(
            help="Table with labels of your own: JSONL, CSV, Parquet, or the name of a Hugging Face data set."
        ),
    ] = None,
    text: Annotated[str | None, typer.Option(help="Column of the text.")] = None,
    label: Annotated[list[str] | None, typer.Option(help="Column of a label; repeatable, a head each.")] = None,
    schema: Annotated[Path | None, typer.Option(help="TOML file that describes the heads.")] = None,
    document: Annotated[
        str | None, typer.Option("--document", "--id", help="Column that tells which document a sentence is of.")
    ] = None,
    order: Annotated[str | None, typer.Option(help="Column of the sentence's place in its document.")] = None,
    split: Annotated[str | None, typer.Option(help="Column that says train or dev.")] = None,
    held_out: Annotated[
        float | None, typer.Option(min=0.01, max=0.9, help="Part to hold out and measure, without a split [0.2].")
    ] = None,
    join: Annotated[bool, typer.Option("--join", help="Keep the heads of the model that it starts from.")] = False,
    encoder: Annotated[
        str | None,
        typer.Option(help="Folder or name of a Hugging Face encoder to start from; the shipped model if left out."),
    ] = None,
    public: Annotated[
        Path | None, typer.Option(help="Folder of public corpora (babe.jsonl, ptc.jsonl, …) to train on as well.")
    ] = None,
    public_share: Annotated[
        float | None, typer.Option(metavar="0-1", min=0, max=1, help="Part of them that an epoch reads [0.25].")
    ] = None,
    teacher: Annotated[
        list[Path] | None,
        typer.Option(
            help="Model folder: what it says of all these texts, labelled or not, is learned as well. Of several, what "
            "they say on average."
        ),
    ] = None,
    swaps: Annotated[
        Path | None,
        typer.Option(
            help="Swap list, not the one that you measure with: its names are exchanged in the documents by chance, "
            "so that labels do not depend on them."
        ),
    ] = None,
    like: Annotated[
        Path | None,
        typer.Option(
            metavar="MODEL",
            help="Train as this model was trained, all its courses one after the other: their numbers are its own.",
        ),
    ] = None,
    layers: Annotated[
        int | None, typer.Option(min=1, help="Start from so many of the encoder's layers: a faster model [all].")
    ] = None,
    marks_only: Annotated[
        bool,
        typer.Option(
            "--marks-only",
            help="Train further only what marks words (loaded ones, sources, cues), from documents with such marks; "
            "all else stays.",
        ),
    ] = False,
    name: Annotated[str | None, typer.Option(help="Name of the model; that of its folder if left out.")] = None,
    epochs: Annotated[
        int | None,
        typer.Option(min=1, help="Passes over the training documents, at most [5; 20 above a frozen encoder]."),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Steps at most, by which the learning rate has fallen to zero [no limit].")
    ] = None,
    freeze: Annotated[
        int | None,
        typer.Option(min=0, help="Lowest encoder layers to leave as they are [2; all with --join, or in int8 only]."),
    ] = None,
    folds: Annotated[
        int | None, typer.Option(min=1, help="Folds to stop early on [5 below 1,000 sentences, else 1].")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(min=0, help="Of the encoder's layers, at its highest [0.0002].")
    ] = None,
    class_weights: Annotated[
        float | None, typer.Option(metavar="0-1", min=0, max=1, help="How far rare labels count for more [0.3].")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**32 - 1, help="Seed of everything random [0; with --like, its own].")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was interrupted.")] = False,
    debug: Debug = False,
) -> None:
    """Train a model on labelled documents, or on labels of your own.

    What is written is a complete model folder.

    The columns of a table make heads by themselves: one label a row, yes or no (1/0, true/false), lists of labels, or
    lists of [start, end] that mark words. They replace the standard labels, or join them with --join.

    Needs the extra: pip install 'editorial-analyzer[train]'

    Examples:

      analyzer train --data sentences.csv --text text --label appeal_to_fear -o models/fear

      analyzer train --data labeled/appeal_to_fear.csv --text text --label appeal_to_fear --join -o models/mine

      analyzer train annotated.jsonl more.jsonl --encoder all-MiniLM-L6-v2 -o models/standard

      analyzer train --data sentences.csv --text text --label fear --join --encoder models/large -o models/mine

      analyzer train annotated.jsonl --teacher models/default --layers 3 --freeze 0 -o models/fast

      analyzer train annotated.jsonl --like models/default --public corpora --swaps labeled/swaps_train.json -o again
    """
    given = {
        "--text": text,
        "--label": label,
        "--document": document,
        "--order": order,
        "--split": split,
        "--held-out": held_out,
        "--folds": folds,
        "--join": join,
    }
    of_standard = {
        "--public": public,
        "--teacher": teacher,
        "--swaps": swaps,
        "--like": like,
        "--marks-only": marks_only,
        "--layers": layers,
        "--steps": steps,
    }
    _check(labelled, data, _options_of(given), schema=schema, of_standard=_options_of(of_standard))
    moving = {
        "--teacher": teacher,
        "--like": like,
        "--layers": layers,
        "--freeze": freeze is not None,
        "--class-weights": class_weights is not None,
    }
    if marks_only and _options_of(moving):
        raise AnalyzerError(f"{_options_of(moving)[0]} does not go with --marks-only; leave one out")
    if public_share is not None and public is None:
        raise AnalyzerError("--public-share goes with --public; give the folder of the corpora, or leave it out")
    wished = {
        "--layers": ("layers", layers),
        "--steps": ("steps", steps),
        "--epochs": ("epochs", epochs),
        "--freeze": ("freeze", freeze),
        "--learning-rate": ("head_rate" if marks_only else "encoder_rate", learning_rate),
        "--public-share": ("auxiliary_share", public_share),
        "--class-weights": ("class_balance", class_weights),
    }
    numbers: dict[str, Any] = {key: value for key, value in wished.values() if value is not None}
    if like is not None and numbers:
        option = next(option for option, (_, value) in wished.items() if value is not None)
        raise AnalyzerError(f"{option} does not go with --like, which trains as {like} was trained; leave one out")
    with needs_extra("train"):
        from analyzer.training.options import TrainingOptions

        options = TrainingOptions(seed=seed or 0, marks_only=marks_only, **numbers)
        if data or schema:
            from analyzer.cli.teach import Wish, teach_own
            from analyzer.training.sources import Asked

            asked = Asked(text=text, labels=label or (), schema=schema, document=document, order=order, split=split)
            wish = Wish(encoder=encoder, join=join, held_out=held_out, folds=folds, numbers=numbers)
            teach_own(
                data or str(labelled[0] if labelled else ""),
                asked,
                wish,
                out,
                options,
                name=name or out.name,
                resume=resume,
            )
        elif labelled and like is not None:
            from analyzer.training.replay import Means

            means = Means(public, teacher or (), swaps)
            _train_like(like, labelled, encoder, out, means, name=name or out.name, seed=seed, resume=resume)
        elif labelled:
            _train_standard(
                labelled,
                encoder,
                out,
                options,
                name=name or out.name,
                public=public,
                teachers=teacher or (),
                swaps=swaps,
                resume=resume,
                freezes=freeze is not None,
                rates=learning_rate is not None,
            )


def _options_of(given: Mapping[str, Any]) -> list[str]:
    return [option for option, value in given.items() if value]


def _check(
    labelled: Sequence[Path] | None,
    data: str | None,
    of_own: Sequence[str],
    *,
    schema: Path | None,
    of_standard: Sequence[str],
) -> None:
    """Raise `AnalyzerError` for options that do not go together.

    `of_own` are those given that are for labels of one's own, `of_standard` those for the standard labels.
    """
    if bool(labelled) == bool(data):
        raise AnalyzerError("give labelled documents, or a table with --data; see: analyzer train --help")
    is_own = bool(data or schema)
    if is_own and of_standard:
        raise AnalyzerError(f"{of_standard[0]} goes with the standard labels; leave it out")
    if is_own and labelled and len(labelled) > 1:
        raise AnalyzerError(f"{labelled[1]}: labels of your own come from one file; put the files together")
    if not is_own and of_own:
        raise AnalyzerError(f"{of_own[0]} goes with labels of your own: give a table with --data, or --schema")


def _train_standard(
    labelled: Sequence[Path],
    encoder: str | None,
    out: Path,
    options: TrainingOptions,
    *,
    name: str,
    public: Path | None,
    teachers: Sequence[Path],
    swaps: Path | None,
    resume: bool,
    freezes: bool,
    rates: bool,
) -> None:
    from analyzer import __version__
    from analyzer.cli.progress import training_progress
    from analyzer.cli.teach import check_rate
    from analyzer.model.folder import default_folder, is_int8_only
    from analyzer.schema import STANDARD_SCHEMA
    from analyzer.training.data import load_labelled
    from analyzer.training.encoder import find_encoder, n_layers_of
    from analyzer.training.recipe import train_model

    start = find_encoder(encoder) if encoder else default_folder()
    if options.marks_only or (not freezes and options.layers is None and is_int8_only(start)):
        options = replace(options, freeze=n_layers_of(start))
    check_rate(start, options, n_layers_of(start), is_given=rates and not options.marks_only)
    documents = [document for path in labelled for document in load_labelled(path, STANDARD_SCHEMA)]
    with training_progress() as watcher:
        metrics = train_model(
            documents,
            STANDARD_SCHEMA,
            start,
            out,
            name=name,
            version=__version__,
            options=options,
            public=public,
            teachers=teachers,
            swaps=swaps,
            resume=resume,
            progress=lambda step, total, loss: watcher.step(0, 1, step, total, loss),
            on_read=watcher.read,
            say=watcher.say,
        )
    _say(metrics, out)


def _train_like(
    like: Path,
    labelled: Sequence[Path],
    encoder: str | None,
    out: Path,
    means: Means,
    *,
    name: str,
    seed: int | None,
    resume: bool,
) -> None:
    from analyzer import __version__
    from analyzer.cli.progress import training_progress
    from analyzer.model.folder import folder_of
    from analyzer.schema import STANDARD_SCHEMA
    from analyzer.training.data import load_labelled
    from analyzer.training.encoder import find_encoder
    from analyzer.training.replay import train_like

    documents = [document for path in labelled for document in load_labelled(path, STANDARD_SCHEMA)]
    with training_progress() as watcher:
        metrics = train_like(
            folder_of(like),
            documents,
            lambda of_first: find_encoder(encoder or of_first),
            out,
            name=name,
            version=__version__,
            seed=seed,
            means=means,
            resume=resume,
            # The time left is that of the course: they are not alike.
            progress=lambda step, total, loss: watcher.step(0, 1, step, total, loss),
            on_read=watcher.read,
            say=watcher.say,
        )
    _say(metrics, out)


def _say(metrics: Mapping[str, Any], out: Path) -> None:
    for head, measured in metrics["dev"]["heads"].items():
        typer.echo(f"{head:10} macro-F1 {measured['macro_f1']:.3f}", err=True)
    typer.echo(f"wrote {out}", err=True)
