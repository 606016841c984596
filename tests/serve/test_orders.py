"""Requests taken apart: what a client sends is what is analysed, and no body is an error of ours."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from analyzer.serve.orders import Order, read_order, size_in_words
from analyzer.serve.problems import Problem

LIMIT = 100_000


def order_of(body: bytes, kind: str, *, chunk: int = 1000) -> Order:
    """The order in a body that arrives in chunks."""
    pieces = [body[at : at + chunk] for at in range(0, len(body), chunk)] or [b""]

    async def receive() -> Message:
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-type", kind.encode())]}
    return asyncio.run(read_order(Request(scope, receive), max_bytes=LIMIT, timeout=10))


def multipart(**parts: object) -> tuple[bytes, str]:
    request = httpx.Request("POST", "http://localhost", **parts)  # type: ignore[arg-type]
    return request.read(), request.headers["content-type"]


# Half a surrogate pair is no text, and no encoding has it.
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(text=texts, credit=st.floats(0, 1), chunk=st.integers(1, 200))
def test_a_text_arrives_as_it_was_sent(text: str, credit: float, chunk: int) -> None:
    body = json.dumps({"text": text, "vague_credit": credit}).encode()
    as_json = order_of(body, "application/json; charset=utf-8", chunk=chunk)
    form = multipart(data={"text": text, "vague_credit": repr(credit)}, files={"file": ("", b"")})
    as_form = order_of(*form, chunk=chunk)
    assert as_json.source == as_form.source == text
    assert as_json.questions.vague_credit == as_form.questions.vague_credit == credit


@given(
    content=st.binary(max_size=5000), name=st.text(st.characters(codec="utf-8"), min_size=1), chunk=st.integers(1, 500)
)
def test_a_file_arrives_byte_for_byte_under_a_harmless_name(content: bytes, name: str, chunk: int) -> None:
    order = order_of(*multipart(files={"file": (name, content)}), chunk=chunk)
    assert order.source == content
    assert order.name and order.name.isprintable() and not set(order.name) & set("/\\") and order.name not in ("..",)


@settings(max_examples=300)
@given(
    body=st.binary(max_size=300) | st.lists(st.sampled_from([b"--x", b"\r\n", b"--", b"Content-Disposition: form-data; name=text", b"; filename=a", b"a"])).map(b"".join),
    kind=st.sampled_from(["application/json", "multipart/form-data; boundary=x", "multipart/form-data", "text/plain", ""]),
)  # fmt: skip
def test_no_body_is_anything_but_an_order_or_a_problem(body: bytes, kind: str) -> None:
    try:
        assert isinstance(order_of(body, kind), Order)
    except Problem as problem:
        assert 400 <= problem.status < 500 and problem.detail


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1])
def test_the_limit_is_exact(size: int) -> None:
    body = b'{"text": "' + b"a" * (size - 12) + b'"}'
    assert len(body) == size
    if size == LIMIT:
        assert order_of(body, "application/json").source == "a" * (size - 12)
    else:
        with pytest.raises(Problem) as caught:
            order_of(body, "application/json")
        assert caught.value.status == 413


@pytest.mark.parametrize(("size", "words"), [(900, "900 bytes"), (64_000, "64 kB"), (10_000_000, "10 MB")])
def test_sizes_are_said_in_words(size: int, words: str) -> None:
    assert size_in_words(size) == words
