"""Size, time and number: what is too much is refused, and what was refused costs nothing afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from analyzer import Analyzer, Report
from analyzer.serve.pool import PLACES
from tests.conftest import EXAMPLES
from tests.serve.conftest import Server, StartServer

SHORT = {"text": "Rates went up by 9 percent. It is therefore time for the council to resign."}
# Half a minute of work on two cores.
LONG = {"text": "\n\n".join([(EXAMPLES / "technology-analysis.md").read_text(encoding="utf-8")] * 60)}


@pytest.fixture(scope="module")
def hasty(start_server: StartServer) -> Server:
    return start_server("--timeout", "2", "--max-bytes", "1000000")


def connect(server: Server) -> socket.socket:
    host, port = server.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=30)


def head(*headers: str) -> bytes:
    lines = ["POST /api/analyze HTTP/1.1", "Host: localhost", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def first_line(connection: socket.socket) -> str:
    return connection.recv(65536).split(b"\r\n", 1)[0].decode()


def test_fifty_clients_at_once_get_each_the_report_of_their_own_document(server: Server, analyzer: Analyzer) -> None:
    texts = [
        f"Town number {n} raised its rates by {n + 1} percent, the utility said. Critics say that it was needless.\n\n"
        f"It is therefore time for the council of town {n} to resign."
        for n in range(50)
    ]

    async def ask(client: httpx.AsyncClient, n: int) -> httpx.Response:
        if n % 2:
            return await client.post("/api/analyze", json={"text": texts[n]})
        return await client.post("/api/analyze", files={"file": (f"town-{n}.txt", texts[n].encode())})

    async def ask_all() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=50)
        async with httpx.AsyncClient(base_url=server.url, timeout=120, limits=limits, trust_env=False) as client:
            return await asyncio.gather(*(ask(client, n) for n in range(50)))

    answers = asyncio.run(ask_all())
    assert [answer.status_code for answer in answers] == [200] * 50
    for n, answer in enumerate(answers):
        report = Report.model_validate_json(answer.content)
        assert report.document.text == texts[n]
        assert report.document.id == ("" if n % 2 else f"town-{n}")
    assert Report.model_validate_json(answers[7].content) == analyzer.analyze(texts[7])


@pytest.mark.parametrize("path", ["/api/analyze", "/report"])
def test_a_request_that_is_too_large_is_refused(hasty: Server, path: str) -> None:
    with hasty.client() as client:
        answer = client.post(path, files={"file": ("large.txt", b"The river rose. " * 70_000)})
        assert answer.status_code == 413
        assert "1 MB" in answer.text and "--max-bytes" in answer.text
        assert client.post("/api/analyze", json=SHORT).status_code == 200


def test_a_request_of_undeclared_size_is_refused_while_it_arrives_and_not_stored(hasty: Server) -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    before = psutil.Process(hasty.process.pid).memory_info().rss
    with connect(hasty) as connection:
        connection.sendall(head("Transfer-Encoding: chunked"))
        # 32 MB of a request that has no end; the server answers and hangs up before that.
        with contextlib.suppress(ConnectionError):
            for _ in range(512):
                connection.sendall(chunk)
        grown = psutil.Process(hasty.process.pid).memory_info().rss - before
    with connect(hasty) as connection:
        connection.sendall(head("Transfer-Encoding: chunked"))
        for _ in range(8_100_000 // 0x10000 + 1):
            connection.sendall(chunk)
        assert "413" in first_line(connection)
    assert grown < 10_000_000


def test_a_request_that_never_ends_is_refused_in_time(hasty: Server) -> None:
    started = time.monotonic()
    with connect(hasty) as connection:
        connection.sendall(head("Content-Length: 1000") + b'{"text": ')
        assert "408" in first_line(connection)
    assert 1.5 < time.monotonic() - started < 15


def test_a_document_over_its_time_is_really_stopped(hasty: Server) -> None:
    with hasty.client() as client:
        client.post("/api/analyze", json=SHORT)
        before = hasty.children()
        started = time.monotonic()
        answer = client.post("/api/analyze", json=LONG)
        assert answer.status_code == 504 and "2 s" in answer.json()["detail"]
        assert time.monotonic() - started < 15
        assert before and not [pid for pid in before if psutil.pid_exists(pid)]
        assert client.post("/api/analyze", json=SHORT).status_code == 200


def test_waiting_for_a_turn_does_not_count_as_taking_long(hasty: Server) -> None:
    async def ask_all() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=hasty.url, timeout=60, trust_env=False) as client:
            documents = [LONG, LONG, SHORT]
            return await asyncio.gather(*(client.post("/api/analyze", json=document) for document in documents))

    started = time.monotonic()
    assert [answer.status_code for answer in asyncio.run(ask_all())] == [504, 504, 200]
    assert time.monotonic() - started > 4


@contextlib.contextmanager
def unfinished_requests(server: Server, count: int) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            connection = stack.enter_context(connect(server))
            connection.sendall(head("Content-Length: 1000") + b'{"text": ')
        yield


def test_more_requests_than_places_are_refused_before_they_are_read(server: Server) -> None:
    with server.client() as client:
        with unfinished_requests(server, PLACES):
            answer = client.post("/api/analyze", json=SHORT)
            page = client.post("/report", data=SHORT, files={"file": ("", b"")})
        assert answer.status_code == page.status_code == 503
        assert int(answer.headers["retry-after"]) > 0 and int(page.headers["retry-after"]) > 0
        assert answer.headers["content-type"] == "application/problem+json"
        assert page.headers["content-type"].startswith("text/html")
        deadline = time.monotonic() + 20
        while client.post("/api/analyze", json=SHORT).status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_a_client_that_leaves_stops_its_document(server: Server) -> None:
    with server.client() as client:
        client.post("/api/analyze", json=SHORT)
        with pytest.raises(httpx.ReadTimeout):
            client.post("/api/analyze", json=LONG, timeout=1.5)
        started = time.monotonic()
        assert client.post("/api/analyze", json=SHORT).status_code == 200
        assert time.monotonic() - started < 12


def test_a_worker_that_dies_costs_one_document_and_not_the_server(server: Server) -> None:
    async def ask_and_kill() -> httpx.Response:
        async with httpx.AsyncClient(base_url=server.url, timeout=60, trust_env=False) as client:
            await client.post("/api/analyze", json=SHORT)
            asked = asyncio.ensure_future(client.post("/api/analyze", json=LONG))
            await asyncio.sleep(1.5)
            for pid in server.children():
                psutil.Process(pid).kill()
            return await asked

    answer = asyncio.run(ask_and_kill())
    assert answer.status_code == 500 and "another format" in answer.json()["detail"]
    with server.client() as client:
        assert client.post("/api/analyze", json=SHORT).status_code == 200


def test_with_two_workers_a_long_document_does_not_hold_up_a_short_one(start_server: StartServer) -> None:
    server = start_server("--workers", "2")
    assert len(server.children()) == 2

    async def ask_both() -> bool:
        async with httpx.AsyncClient(base_url=server.url, timeout=120, trust_env=False) as client:
            long = asyncio.ensure_future(client.post("/api/analyze", json=LONG))
            await asyncio.sleep(1)
            answer = await client.post("/api/analyze", json=SHORT)
            overtaken = answer.status_code == 200 and not long.done()
            long.cancel()
            return overtaken

    assert asyncio.run(ask_both())


def test_a_zip_bomb_is_a_problem_and_nothing_else(server: Server, tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 100_000_000)
    with server.client() as client:
        answer = client.post("/api/analyze", files={"file": ("bomb.docx", path.read_bytes())})
    assert answer.status_code == 422 and "bomb" in answer.json()["detail"]
