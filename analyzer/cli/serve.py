"""`analyzer serve`: the local web application."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.extras import needs_extra
from analyzer.cli.options import Debug, Model


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes any free one.")] = 8321,
    host: Annotated[
        str, typer.Option(help="Address to listen on; any but 127.0.0.1 and ::1 lets other computers in.")
    ] = "127.0.0.1",
    open: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    keep: Annotated[
        Path | None, typer.Option(help="Write every report to this folder; nothing is stored when left out.")
    ] = None,
    max_bytes: Annotated[int, typer.Option(min=1_000, help="Largest request, in bytes.")] = 10_000_000,
    timeout: Annotated[
        float, typer.Option(min=1.0, help="Seconds that a document may take, once it is its turn.")
    ] = 60.0,
    workers: Annotated[
        int, typer.Option(min=1, help="Documents analysed at once. One keeps all cores busy; each has its own model.")
    ] = 1,
    model: Model = None,
    debug: Debug = False,
) -> None:
    """Serve reports in the browser, on this computer.

    Paste or drop a document, get its report; with a JSON interface beside it.

    Nothing is stored unless asked, nothing leaves this computer. Ctrl-C stops it.

    Exit code: 0 it was stopped, 2 it could not start.

    Needs the extra: pip install 'editorial-analyzer[serve]'

    Examples:

      analyzer serve --open

      analyzer serve --port 8400 --keep reports/

      curl -F file=@article.pdf http://127.0.0.1:8321/api/analyze
    """
    with needs_extra("serve"):
        from analyzer.serve.app import Limits
        from analyzer.serve.server import Settings, run

    run(
        Settings(
            host=host,
            port=port,
            model=model,
            limits=Limits(max_bytes=max_bytes, timeout=timeout),
            workers=workers,
            keep_in=keep,
            opens_browser=open,
        )
    )
