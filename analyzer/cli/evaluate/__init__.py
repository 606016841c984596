"""`analyzer evaluate …`: how good a model is, on labelled documents or on public benchmarks. One file a command."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from analyzer.cli.evaluate.benchmarks import either, from_encoder, from_model
from analyzer.cli.evaluate.card import card
from analyzer.cli.evaluate.model import model
from analyzer.training.benchmarks import BENCHMARKS

_MODEL = "model"


class _ModelFirst(TyperGroup):
    """A group whose command is `model` where the first word is none of its commands."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = [_MODEL, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_ModelFirst,
    help="Measure a model. On labelled documents: analyzer evaluate model --help; or on a public benchmark."
    "\n\nExamples:\n\n  analyzer evaluate models/default --data annotated.jsonl\n\n"
    "  analyzer evaluate babe --data corpora --encoder all-MiniLM-L6-v2",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command(_MODEL)(model)
for _name, _entry in BENCHMARKS.items():
    _command = (
        either if _entry.from_encoder and _entry.from_model else from_model if _entry.from_model else from_encoder
    )
    app.command(_name, short_help=f"{_entry.summary}.")(_command(_name))
app.command()(card)
