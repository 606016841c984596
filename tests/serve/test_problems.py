"""What a reader and the terminal are told when the application itself is wrong."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager

import anyio
import httpx
import pytest

from analyzer.serve.app import Limits, create_app
from analyzer.serve.pool import WorkerPool


class Broken(WorkerPool):
    def place(self) -> AbstractContextManager[None]:
        raise RuntimeError("words of a document")


@pytest.mark.parametrize(
    ("path", "kind"), [("/api/analyze", "application/problem+json"), ("/report", "text/html; charset=utf-8")]
)
def test_it_answers_as_it_does_all_else_and_quotes_nothing(
    path: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def ask() -> httpx.Response:
        pool = Broken(None, workers=1, timeout=1)
        app = create_app(pool=pool, limits=Limits(max_bytes=1000, timeout=1), host="127.0.0.1", keep_in=None)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.post(path, json={"text": "Ask."})

    answer = anyio.run(ask)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == kind
    assert "error in the analyzer itself" in answer.text
    [said] = capsys.readouterr().err.splitlines()
    assert re.fullmatch(rf"analyzer: internal error: RuntimeError at '{path}' \(test_problems\.py:\d+\)", said)
    assert "words of a document" not in said + answer.text
