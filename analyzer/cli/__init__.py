"""The command line: arguments, calls and exit codes, nothing else. One file a command."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Iterable
from typing import Annotated, NoReturn

import typer

from analyzer import __version__
from analyzer.cli.telling import tell
from analyzer.errors import AnalyzerError

# Each is a module of this package, with a function or an `app` of that name.
_COMMANDS = ("report", "score", "overview", "serve", "schema", "train", "labels", "evaluate")


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"analyzer {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Options of every command."""


def command_line(commands: Iterable[str] = _COMMANDS) -> typer.Typer:
    """The command line with these commands, whose modules are imported here."""
    app = typer.Typer(
        name="analyzer",
        help="Shows how an article argues: what kind of assertion every sentence makes, where the wording is loaded, "
        "where each claim comes from, and how much each conclusion rests on premises that nobody sourced.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    for name in commands:
        module = importlib.import_module(f"analyzer.cli.{name}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command()(getattr(module, name))
    return app


def main() -> NoReturn:
    """Run the command line; whatever goes wrong is one line on stderr and exit code 2 (`--debug`: a traceback)."""
    # Pydantic looks for plugins in everything that is installed, which takes a twentieth of a report's start.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    debug = "--debug" in sys.argv
    # A report need not wait for the other commands to be built.
    asked = [name for name in sys.argv[1:2] if name in _COMMANDS]
    try:
        code = command_line(asked or _COMMANDS)(standalone_mode=False)
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
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            # What is still to be written must not fail once more on the way out.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            _fail(f"cannot write: {error.strerror}; make room or write elsewhere", 2)
        _fail(f"internal error: {type(error).__name__}: {error}; run again with --debug for details", 2)


def _fail(message: str, code: int) -> NoReturn:
    tell(message)
    sys.exit(code)
