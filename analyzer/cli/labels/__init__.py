"""`analyzer labels …`: labels of one's own, from checking to exchange with other tools. One file a command."""

from __future__ import annotations

import typer

from analyzer.cli.labels.agreement import agreement
from analyzer.cli.labels.check import check
from analyzer.cli.labels.detach import detach
from analyzer.cli.labels.export import export
from analyzer.cli.labels.join import join
from analyzer.cli.labels.restore import restore
from analyzer.cli.labels.stats import stats

app = typer.Typer(
    help="Check, compare and exchange labels. JSON lines; the form is in labeled/README.md.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command()(check)
app.command()(agreement)
app.command()(stats)
app.command()(export)
app.command("import")(restore)
app.command()(join)
app.command()(detach)
