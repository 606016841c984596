"""A real server process, and a real browser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.render.browser import chromium as start_chromium


class _Skipped(pytest.Module):
    def collect(self) -> Any:
        pytest.skip("starlette and uvicorn are not installed (extra serve)", allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """The modules here import the server, so without its packages they are skipped before that."""
    if find_spec("starlette") and find_spec("uvicorn"):
        return None
    return _Skipped.from_parent(parent, path=module_path)


@dataclass
class Server:
    """`analyzer serve` in a process of its own."""

    process: subprocess.Popen[str]
    errors: list[str] = field(default_factory=list)
    url: str = ""
    listener: threading.Thread | None = None

    def client(self, **options: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=60, trust_env=False, **options)

    def children(self) -> list[int]:
        import psutil

        return [child.pid for child in psutil.Process(self.process.pid).children(recursive=True)]

    def stop(self, how: int = signal.SIGINT) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(timeout=30)
        # What it said last may still be on its way here.
        if self.listener is not None:
            self.listener.join(30)
        return code


StartServer = Callable[..., Server]


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartServer]:
    """Start a server on a free port of the loopback and wait until it says that it serves."""
    servers: list[Server] = []

    def start(*arguments: object, env: dict[str, str] | None = None) -> Server:
        command = [sys.executable, "-c", "from analyzer.cli import main; main()", "serve", "--port", "0"]
        process = subprocess.Popen(
            [*command, *map(str, arguments)],
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path_factory.mktemp("server"),
            env={**os.environ, **(env or {})},
        )
        server = Server(process)
        servers.append(server)
        ready = threading.Event()

        def listen() -> None:
            assert process.stderr is not None
            for line in process.stderr:
                server.errors.append(line.rstrip("\n"))
                if found := re.search(r"serving on (http://\S+)/ ", line):
                    server.url = found[1]
                    ready.set()
            ready.set()

        server.listener = threading.Thread(target=listen, daemon=True)
        server.listener.start()
        assert ready.wait(60) and server.url, server.errors
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def server(start_server: StartServer) -> Server:
    """One server for all tests that change nothing in it."""
    return start_server()


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real browser, with one site that an attacker has pointed at this computer, and an address of its own for it."""
    profile = tmp_path_factory.mktemp("profile")
    with start_chromium(
        profile, "--host-resolver-rules=MAP rebound.test 127.0.0.1, MAP 192.0.2.1 127.0.0.1"
    ) as browser:
        browser.driver.set_page_load_timeout(60)
        yield browser.driver
