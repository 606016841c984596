"""The one worker pool: how many documents are analysed at once, how many may wait, how long one may take.

In goes a `Job`, out comes an `Answer`, or a `Problem` when there is no room or no time. A document that is over its
time has its process killed: a thread could not be stopped, and neither a parser nor a linear solver asks to be.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from anyio import (
    BrokenWorkerProcess,
    CapacityLimiter,
    Semaphore,
    create_task_group,
    fail_after,
    to_process,
)

from analyzer.serve.problems import Problem
from analyzer.serve.worker import Answer, Job, prepare, work

# Requests inside the server at once, each of which may hold a document of the largest size.
PLACES = 64
_RETRY_AFTER = {"Retry-After": "5"}


class WorkerPool:
    """Worker processes that keep the model loaded; made and used inside one event loop."""

    def __init__(self, model: Path | None, *, workers: int, timeout: float) -> None:
        """`timeout` is in seconds: how long a document may take, once it is its turn."""
        self._model = model
        self._timeout = timeout
        self._workers = workers
        # The semaphore is what requests queue at; the limiter only tells anyio how many processes there may be.
        self._turns = Semaphore(workers)
        self._limiter = CapacityLimiter(workers)
        self._taken = 0

    async def start(self) -> None:
        """Start the workers and load the model in each. Raises `AnalyzerError` when it cannot be loaded."""
        # The first alone, so that what is wrong with the model is said once; then one call a worker, all at once, so
        # that each finds the others busy.
        await self._prepare()
        async with create_task_group() as group:
            for _ in range(self._workers):
                group.start_soon(self._prepare)

    async def _prepare(self) -> None:
        await to_process.run_sync(prepare, self._model, cancellable=True, limiter=self._limiter)

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place inside the server, to be taken before a document is received; raises `Problem` when all are taken."""
        if self._taken >= PLACES:
            raise Problem(503, f"{PLACES} documents are being analysed; try again shortly", headers=_RETRY_AFTER)
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    async def run(self, job: Job) -> Answer:
        """Analyse one document. Raises `AnalyzerError` and `WorkerError` from the worker, and `Problem`."""
        async with self._turns:
            return await self._run(job)

    async def _run(self, job: Job) -> Answer:
        try:
            # Usually nothing to do; after a document was stopped, the next one is not charged for the new process.
            await self._prepare()
            with fail_after(self._timeout):
                return await to_process.run_sync(work, self._model, job, cancellable=True, limiter=self._limiter)
        except TimeoutError:
            raise Problem(
                504, f"the document takes longer than {self._timeout:g} s; split it, or start with a larger --timeout"
            ) from None
        except BrokenWorkerProcess:
            raise Problem(500, "the program that reads documents died on this one; save it in another format") from None
