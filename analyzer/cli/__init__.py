"""The command line: arguments, calls and exit codes, nothing else. One file a command."""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

from analyzer import __version__
from analyzer.cli import evaluate, labels, overview, report, schema, score, serve, train
from analyzer.errors import AnalyzerError

app = typer.Typer(
    name="analyzer",
    help="Shows how an article argues: what kind of assertion every sentence makes, where the wording is loaded, "
    "where each claim comes from, and how much each conclusion rests on premises that nobody sourced.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"analyzer {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Options of every command."""


for _command in (report.report, score.score, overview.overview, serve.serve, schema.schema, train.train):
    app.command()(_command)
app.add_typer(labels.app, name="labels")
app.add_typer(evaluate.app, name="evaluate")


def main() -> NoReturn:
    """Run the command line; whatever goes wrong is one line on stderr and exit code 2 (`--debug`: a traceback)."""
    # Pydantic looks for plugins in everything that is installed, which takes a twentieth of a report's start.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    debug = "--debug" in sys.argv
    try:
        code = app(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except KeyboardInterrupt:
        _fail("interrupted", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except AnalyzerError as error:
        if debug:
            raise
        _fail(str(error), 2)
    except typer.Abort:
        _fail("aborted", 130)
    except Exception as error:
        if hasattr(error, "show") and hasattr(error, "exit_code"):
            error.show()
            sys.exit(error.exit_code)
        if debug:
            raise
        _fail(f"internal error: {type(error).__name__}: {error}; run again with --debug for details", 2)


def _fail(message: str, code: int) -> NoReturn:
    print(f"analyzer: {message}", file=sys.stderr)
    sys.exit(code)
