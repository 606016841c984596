"""The server as a process: how it starts, stops and fails to start, and what it never does."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import psutil
import pytest

from analyzer import Report
from tests.conftest import EXAMPLES, RunCommand
from tests.serve.conftest import Server, StartServer
from tests.serve.test_limits import LONG
from tests.test_cli import one_line

TEXT = {"text": "Rates went up by 9 percent. It is therefore time for the council to resign."}
SECRET = "xyzzyplugh"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_it_stops_with_exit_code_zero_and_leaves_no_process(start_server: StartServer, how: int) -> None:
    server = start_server()
    with server.client() as client:
        assert client.post("/api/analyze", json=TEXT).status_code == 200
    workers = server.children()
    assert len(workers) == 1
    assert server.stop(how) == 0
    assert not any(psutil.pid_exists(pid) for pid in workers)
    assert server.errors[1:] == ["analyzer: stopped"]


def test_ctrl_c_during_an_analysis_stops_at_once(start_server: StartServer) -> None:
    server = start_server()
    workers = server.children()

    answers: list[httpx.Response] = []

    def ask() -> None:
        with server.client() as client:
            answers.append(client.post("/api/analyze", json=LONG))

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(1)
    # As a terminal does it: to every process at once.
    for pid in workers:
        os.kill(pid, signal.SIGINT)
    started = time.monotonic()
    assert server.stop(signal.SIGINT) == 0
    assert time.monotonic() - started < 10
    asking.join(10)
    assert not asking.is_alive() and not any(psutil.pid_exists(pid) for pid in workers)
    (answer,) = answers
    assert answer.status_code == 503 and "is being stopped" in answer.json()["detail"]
    assert server.errors[1:] == ["analyzer: stopped"]


def test_a_port_in_use_is_one_clear_line(run: RunCommand) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", port)
    assert done.returncode == 2
    one_line(done.stderr, f"127.0.0.1:{port}", "in use", "--port")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--host", "no.such.host.invalid"], ["no.such.host.invalid", "127.0.0.1"]),
        (["--host", "192.0.2.1"], ["192.0.2.1", "not an address of this computer", "127.0.0.1"]),
        (["--model", "nowhere"], ["nowhere"]),
        (["--keep", "file.txt"], ["file.txt", "another folder"]),
    ],
)
def test_what_cannot_be_served_is_one_clear_line(
    run: RunCommand, tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    (tmp_path / "file.txt").touch()
    done = run("serve", "--port", "0", *arguments)
    assert done.returncode == 2
    one_line(done.stderr, *words)


def test_without_its_packages_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['starlette'] = None; sys.argv = ['analyzer', 'serve', '--port', '0']\n"
        "from analyzer.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
    assert done.returncode == 2
    one_line(done.stderr, "starlette", "editorial-analyzer[serve]")


def test_a_report_imports_nothing_of_the_server() -> None:
    code = (
        "import sys; sys.argv = ['analyzer', 'report', '-q', sys.argv[1]]\n"
        "from analyzer.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([m for m in ('starlette', 'uvicorn', 'anyio', 'analyzer.serve') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, EXAMPLES / "news-report.md"], capture_output=True, timeout=120)
    assert done.stdout.decode().splitlines()[-1] == "[]", done.stderr


def test_it_listens_on_the_loopback_only(server: Server) -> None:
    listening = [c for c in psutil.Process(server.process.pid).net_connections() if c.status == psutil.CONN_LISTEN]
    assert [connection.laddr.ip for connection in listening] == ["127.0.0.1"]


def test_ipv6_is_served_where_there_is_some(start_server: StartServer) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this computer has no IPv6 loopback")
    server = start_server("--host", "::1")
    assert server.url.startswith("http://[::1]:")
    with server.client() as client:
        assert client.get("/").status_code == 200


def test_open_opens_the_page_in_the_browser(start_server: StartServer, tmp_path: Path) -> None:
    browser, asked = tmp_path / "browser", tmp_path / "asked"
    browser.write_text(f'#!/bin/sh\necho "$1" > {asked}.part && mv {asked}.part {asked}\n')
    browser.chmod(0o755)
    server = start_server("--open", env={"BROWSER": f"{browser} %s"})
    deadline = time.monotonic() + 20
    while not asked.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert asked.read_text().strip() == server.url + "/"


# Runs in the server and in its workers, and notes what they do to the world outside.
WATCHER = """
import os, sys
_log = os.open(os.environ["WATCHER_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def _watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        os.write(_log, f"network {arguments[-1] if event == 'socket.connect' else arguments[0]}\\n".encode())
    if event == "open":
        path, mode, flags = arguments
        # A number is a pipe that is open already.
        if not isinstance(path, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and path != os.devnull:
            os.write(_log, f"write {path!r}\\n".encode())
os.write(_log, f"watching {os.getpid()}\\n".encode())
sys.addaudithook(_watch)
"""


def test_it_makes_no_request_writes_no_file_logs_no_text_and_loads_no_torch(
    start_server: StartServer, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(WATCHER)
    log = tmp_path / "log"
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    server = start_server(env={"PYTHONPATH": path, "WATCHER_LOG": str(log), "PYTHONDONTWRITEBYTECODE": "1"})
    page = (
        f"<html><head><link rel=stylesheet href='http://example.com/{SECRET}.css'></head><body><article><h1>Rates</h1>"
        "<p>The council raised rates by 9 percent, the utility said, and nobody voted against it on Tuesday.</p>"
        f"<img src='http://example.com/{SECRET}.png'><p>It was a mistake, {SECRET}.</p></article>"
        f"<!-- {'x' * 3_000_000} --></body></html>"
    )
    with server.client() as client:
        for address in ("/api/analyze", "/report"):
            # More than the megabyte from which uploads are usually written to the disk.
            answer = client.post(address, files={"file": (f"{SECRET}.html", page.encode())})
            assert answer.status_code == 200 and SECRET in answer.text
            assert client.post(address, data={"text": SECRET}).status_code == 415
            malformed = {"content": SECRET.encode(), "headers": {"content-type": "multipart/form-data; boundary=x"}}
            assert client.post(address, **malformed).status_code == 400
            assert client.post(address, files={"file": (SECRET, bytes(range(256)) * 40)}).status_code == 422
        assert client.post("/api/analyze", json={"text": SECRET, "vague_credit": SECRET}).status_code == 422
        assert client.get(f"/{SECRET}").status_code == 404
    processes = [server.process.pid, *server.children()]
    mapped = "".join(Path(f"/proc/{pid}/maps").read_text() for pid in processes) if sys.platform == "linux" else ""
    assert "libtorch" not in mapped
    assert server.stop() == 0
    noted = log.read_text().splitlines()
    assert len([line for line in noted if line.startswith("watching")]) >= 2
    # The name that it was told to bind is looked up; nothing else is.
    assert [line for line in noted if line.startswith("network")] == ["network 127.0.0.1"]
    assert [line for line in noted if line.startswith("write")] == []
    assert server.errors[1:] == ["analyzer: stopped"]


def test_reports_are_kept_where_asked_for_and_for_the_user_alone(start_server: StartServer, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    server = start_server("--keep", folder)
    with server.client() as client:
        assert str(folder) in client.get("/").text
        answer = client.post("/api/analyze", json=TEXT)
        page = client.post("/report", files={"file": ("../../An Élite <b>.md", TEXT["text"].encode())})
        assert answer.status_code == page.status_code == 200
        assert client.post("/api/analyze", json={"text": ""}).status_code == 422
    kept = {path.suffix: path for path in folder.iterdir()}
    assert set(kept) == {".json", ".html"} and len(list(tmp_path.iterdir())) == 1
    assert kept[".json"].read_bytes() == answer.content and Report.model_validate_json(answer.content)
    assert kept[".html"].read_bytes() == page.content
    assert "-an-lite-b-" in kept[".html"].name and kept[".html"].name.isascii()
    for path in kept.values():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_that_takes_no_more_costs_a_line_and_not_the_report(start_server: StartServer, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    server = start_server("--keep", folder)
    folder.rmdir()
    with server.client() as client:
        assert client.post("/api/analyze", json=TEXT).status_code == 200
    server.stop()
    assert any("was not kept" in line and str(folder) in line for line in server.errors)


def test_an_error_of_our_own_tells_its_kind_and_place_and_nothing_of_the_document() -> None:
    from analyzer.serve.worker import Job, WorkerError, work

    job = Job(source=SECRET, name=SECRET, conclusions=(), vague_credit=0.5, format="json")
    with pytest.raises(WorkerError, match=r"^TypeError in \w+\.py:\d+$") as caught:
        work(3, job)  # type: ignore[arg-type]
    assert SECRET not in str(caught.value) and caught.value.__cause__ is None
