"""Runs the application: binds the address, loads the model, serves until it is stopped, and leaves nothing behind."""

from __future__ import annotations

import errno
import logging
import signal
import socket
import sys
import threading
import webbrowser
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import anyio
import uvicorn

from analyzer.errors import AnalyzerError
from analyzer.serve.app import Limits, create_app
from analyzer.serve.keeping import open_folder
from analyzer.serve.pool import WorkerPool

# Seconds that requests in work get once the server is told to stop.
_GRACE = 2


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What `analyzer serve` was told; `port` 0 takes any free one."""

    host: str
    port: int
    model: Path | None
    limits: Limits
    workers: int
    keep_in: Path | None
    opens_browser: bool


def run(settings: Settings) -> None:
    """Serve until Ctrl-C or a termination signal. Raises `AnalyzerError` when it cannot start."""
    if settings.keep_in is not None:
        open_folder(settings.keep_in)
    listening = _bind(settings.host, settings.port)
    # Libraries that find no handler print their warnings, and the form parser's quote what they stumbled over.
    logging.getLogger().addHandler(logging.NullHandler())
    # Both ways of being told to stop end alike, also where a shell starts it in the background and has it ignore one;
    # uvicorn raises the signal again once all is closed.
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, signal.default_int_handler)
    server: list[uvicorn.Server] = []
    try:
        anyio.run(_serve, settings, listening, server)
    except KeyboardInterrupt:
        if not server:
            raise
        print("analyzer: stopped", file=sys.stderr)
    finally:
        listening.close()


async def _serve(settings: Settings, listening: socket.socket, serving: list[uvicorn.Server]) -> None:
    pool = WorkerPool(settings.model, workers=settings.workers, timeout=settings.limits.timeout)
    await pool.start()
    app = create_app(pool=pool, limits=settings.limits, host=settings.host, keep_in=settings.keep_in)
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE,
    )
    server = uvicorn.Server(config)
    serving.append(server)
    _announce(settings, listening)
    await server.serve(sockets=[listening])


def _bind(host: str, port: int) -> socket.socket:
    """A listening socket; whoever connects before the model is loaded waits in its queue."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise AnalyzerError(f"--host {host}: not an address of this computer ({error}); try 127.0.0.1") from error
    try:
        if sys.platform != "win32":
            # On Windows this would let two servers share the port.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise AnalyzerError(f"--host {host}: not an address of this computer; try 127.0.0.1") from error
        reason = error.strerror or str(error)
        raise AnalyzerError(f"cannot listen on {host}:{port}: {reason}; choose another with --port") from error
    return listening


def _announce(settings: Settings, listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    if not ip_address(host).is_loopback:
        print("analyzer: warning: everyone who reaches this computer's address can use this server", file=sys.stderr)
    print(f"analyzer: serving on {url} (Ctrl-C stops it)", file=sys.stderr, flush=True)
    if settings.opens_browser:
        # Some browsers keep the call until their window closes.
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
