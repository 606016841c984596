"""The web application: its routes, and how a request becomes a report.

`create_app` composes it of a worker pool, a guard, limits and, if asked for, a folder where reports are kept.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from anyio import create_task_group
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive

from analyzer.errors import AnalyzerError
from analyzer.serve import pages
from analyzer.serve.guard import Guard
from analyzer.serve.keeping import keep
from analyzer.serve.openapi import openapi
from analyzer.serve.orders import Sent, read_order
from analyzer.serve.pool import WorkerPool
from analyzer.serve.problems import Problem, ProblemDetails, own_fault
from analyzer.serve.worker import Answer, Job, WorkerError


@dataclass(frozen=True, kw_only=True)
class Limits:
    """`max_bytes` of a request; `timeout` in seconds, for its arrival and for its analysis."""

    max_bytes: int
    timeout: float


class _Gone(Exception):
    """The client left before its report was ready."""


@dataclass(frozen=True, kw_only=True)
class _Service:
    pool: WorkerPool
    limits: Limits
    keep_in: Path | None

    async def report(self, request: Request, format: Literal["html", "json"], sent: Sent | None = None) -> Answer:
        """Read, analyse, render and, if asked for, keep. Raises `Problem`, and `_Gone` if nobody waits any more."""
        with self.pool.place():
            try:
                order = await read_order(
                    request, max_bytes=self.limits.max_bytes, timeout=self.limits.timeout, sent=sent
                )
            except ClientDisconnect:
                raise _Gone from None
            job = Job(
                source=order.source,
                name=order.name,
                conclusions=tuple(order.questions.conclusions),
                vague_credit=order.questions.vague_credit,
                format=format,
            )
            answer = await _while_connected(request.receive, lambda: self._run(job))
            if self.keep_in is not None:
                await keep(answer, self.keep_in, suffix=format)
            return answer

    async def _run(self, job: Job) -> Answer:
        try:
            return await self.pool.run(job)
        except AnalyzerError as error:
            raise Problem(422, str(error)) from None
        except WorkerError as error:
            print(f"analyzer: internal error: {error}", file=sys.stderr)
            raise own_fault() from None

    async def analyze(self, request: Request) -> Response:
        """POST /api/analyze."""
        answer = await self.report(request, "json")
        return Response(answer.body, media_type="application/json")

    async def form(self, request: Request) -> Response:
        """POST /report: the page, or the form again with what is wrong and with what was filled in."""
        sent = Sent()
        try:
            answer = await self.report(request, "html", sent)
        except Problem as problem:
            return self.start_page(sent, problem)
        return pages.report(answer.body)

    async def start(self, request: Request) -> Response:
        """GET /."""
        return self.start_page(Sent(), None)

    def start_page(self, sent: Sent, problem: Problem | None) -> Response:
        """The form, filled in as it was sent."""
        return pages.start(sent, problem, max_bytes=self.limits.max_bytes, keep_in=self.keep_in)


async def _while_connected(receive: Receive, run: Callable[[], Awaitable[Answer]]) -> Answer:
    """What `run` returns or raises; raises `_Gone`, and stops it, when the client leaves first."""
    outcome: Answer | Problem | _Gone = _Gone()

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        group.cancel_scope.cancel()

    async with create_task_group() as group:
        group.start_soon(watch)
        try:
            outcome = await run()
        except Problem as problem:
            outcome = problem
        group.cancel_scope.cancel()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def create_app(*, pool: WorkerPool, limits: Limits, host: str, keep_in: Path | None) -> ASGIApp:
    """The application for a server bound to `host`; reports are written to the folder `keep_in` if there is one."""
    service = _Service(pool=pool, limits=limits, keep_in=keep_in)
    description = openapi(limits.max_bytes)

    async def describe(request: Request) -> Response:
        return JSONResponse(description)

    async def explain(request: Request) -> Response:
        return pages.api(description, str(request.base_url))

    async def restart(request: Request) -> Response:
        return RedirectResponse("/", status_code=303)

    app = Starlette(
        routes=[
            Route("/", service.start),
            Route("/report", service.form, methods=["POST"]),
            # Whoever reloads a report by its address comes back to the form.
            Route("/report", restart),
            Route("/api", explain),
            Route("/api/analyze", service.analyze, methods=["POST"]),
            Route("/openapi.json", describe),
            Route("/favicon.ico", pages.icon),
            Mount("/static", StaticFiles(directory=pages.STATIC)),
            Mount("/look", StaticFiles(directory=pages.LOOK)),
        ],
        exception_handlers={
            Problem: _answer_problem,
            HTTPException: _answer_http,
            _Gone: _answer_nobody,
            Exception: _answer_own_fault,
        },
    )
    return Guard(app, host=host, answer=_answer)


def _answer(path: str, problem: Problem) -> Response:
    """A problem as JSON to programs, as a page to people."""
    if path == "/openapi.json" or path.startswith("/api/"):
        details = ProblemDetails.of(problem).model_dump(mode="json")
        return JSONResponse(details, problem.status, problem.headers, media_type="application/problem+json")
    return pages.problem(problem)


async def _answer_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return _answer(request.url.path, error)


async def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    details = {404: "there is nothing at this address", 405: "this address does not take requests of this kind"}
    detail = details.get(error.status_code, error.detail)
    return _answer(request.url.path, Problem(error.status_code, detail, headers=dict(error.headers or {})))


async def _answer_nobody(request: Request, error: Exception) -> Response:
    return Response(status_code=400)


async def _answer_own_fault(request: Request, error: Exception) -> Response:
    # The error is raised on, and the guard tells the terminal of it.
    return _answer(request.url.path, own_fault())
