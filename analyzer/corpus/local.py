"""The engine for one machine: worker processes that score chunks while this one reads and writes.

Processes, not threads: reading documents and tracing arguments hold Python's lock, a parser that crashes takes only
its own process along, and what a worker's one thread computes no other thread slows down. In goes a stream of chunks,
out come the scored chunks in the same order; only so many are under way that memory stays flat.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from ctypes import c_bool
from multiprocessing.connection import Connection

from analyzer.corpus.chunks import Chunk
from analyzer.corpus.plan import Plan
from analyzer.corpus.scoring import MOST_DEATHS, Scored, Scorer, alone, failed, joined
from analyzer.errors import AnalyzerError
from analyzer.model.onnx_runtime import processors
from analyzer.model.runtimes import Device, runtime_on

# Chunks under way for each worker: the oldest may take long, and the others must not wait for it.
_CHUNKS_A_WORKER = 8

# Half a gigabyte of a GPU's memory each.
_WORKERS_A_GPU = 8

# A pool waits for all of its workers at once, which Windows allows for no more.
_WORKERS_ON_WINDOWS = 61

_NONE_READY = (
    "no worker could be started: each ended before it had loaded the model; give fewer --workers if memory is short, "
    'and call `score` in a script under `if __name__ == "__main__":`'
)

# What scores in this worker, or why nothing can.
_scorer: Scorer | AnalyzerError


def default_workers(device: Device) -> int:
    """One worker a processor that this process may use; not too many on a GPU, where each keeps the model."""
    return min(processors(), _WORKERS_A_GPU) if device == "cuda" else processors()


def score_locally(chunks: Iterator[Chunk], plan: Plan, *, workers: int) -> Generator[Scored, None, None]:
    """Score chunks with so many worker processes. Raises `AnalyzerError` when they cannot be started."""
    if sys.platform == "win32":
        workers = min(workers, _WORKERS_ON_WINDOWS)
    pool = _Pool(plan, workers)
    waiting: deque[tuple[Chunk, Future[Scored]]] = deque()
    try:
        for chunk in chunks:
            waiting.append((chunk, pool.submit(chunk)))
            while waiting and (len(waiting) >= _CHUNKS_A_WORKER * workers or waiting[0][1].done()):
                yield from _oldest(waiting, pool)
        while waiting:
            yield from _oldest(waiting, pool)
    finally:
        pool.stop()


def _oldest(waiting: deque[tuple[Chunk, Future[Scored]]], pool: _Pool) -> Iterator[Scored]:
    """The result of the oldest chunk; when a worker died, those of all that were under way."""
    try:
        yield waiting[0][1].result()
        waiting.popleft()
    except BrokenProcessPool:
        pool.start_again()
        # One of these killed its worker, and each is scored alone to see which.
        while waiting:
            chunk, future = waiting.popleft()
            done = future.done() and not future.cancelled() and future.exception() is None
            yield future.result() if done else _carefully(chunk, pool)


def _carefully(chunk: Chunk, pool: _Pool) -> Scored:
    pieces = []
    attempts = 2
    for piece in alone(chunk):
        deaths = 0
        while deaths < MOST_DEATHS:
            try:
                pieces.append(pool.submit(piece).result())
                break
            except BrokenProcessPool:
                deaths += 1
                pool.start_again()
        else:
            pieces.append(failed(piece, pool.plan))
        attempts += deaths
    return joined(chunk, pieces, attempts=attempts)


class _Pool:
    """Worker processes that end when this process does, however it ends, or when they are told to."""

    def __init__(self, plan: Plan, workers: int) -> None:
        self.plan = plan
        self._workers = workers
        self._executor: ProcessPoolExecutor | None = None
        self.start()

    def start(self) -> None:
        """Start the workers, after those before them have been stopped."""
        self.stop()
        context = multiprocessing.get_context("spawn")
        with _starting():
            told, self._end = context.Pipe(duplex=False)
            self._ready = context.RawValue(c_bool, False)
            self._executor = ProcessPoolExecutor(
                self._workers, mp_context=context, initializer=_begin, initargs=(self.plan, told, self._ready)
            )

    def start_again(self) -> None:
        """Start others for workers that died; `AnalyzerError` when none of those had been ready, as none will be."""
        if not self._ready.value:
            raise AnalyzerError(_NONE_READY)
        self.start()

    def submit(self, chunk: Chunk) -> Future[Scored]:
        """Have a chunk scored."""
        assert self._executor is not None
        try:
            with _starting():
                return self._executor.submit(_score, chunk)
        except BrokenProcessPool as error:
            broken: Future[Scored] = Future()
            broken.set_exception(error)
            return broken

    def stop(self) -> None:
        """End the workers, whatever they are doing."""
        if self._executor is not None:
            self._end.close()
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None


@contextmanager
def _starting() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise AnalyzerError(
            f"worker processes cannot be started ({error.strerror or error}); give fewer --workers, or raise the limit"
        ) from error


def _begin(plan: Plan, told: Connection, ready: c_bool) -> None:
    """What a worker does first."""
    global _scorer
    # Ctrl-C goes to every process of the terminal; this one decides when its workers stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    threading.Thread(target=_end_with, args=(told,), daemon=True).start()
    try:
        _scorer = Scorer(plan, runtime_on(plan.device, threads=1))
    except AnalyzerError as error:
        _scorer = error
    except Exception as error:
        _scorer = AnalyzerError(
            f"a worker cannot load the model ({type(error).__name__}: {error}); give fewer --workers"
        )
    ready.value = True


def _end_with(told: Connection) -> None:
    """End this process when the other end of the connection is closed, as it is when that process dies."""
    try:
        told.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)


def _score(chunk: Chunk) -> Scored:
    if isinstance(_scorer, AnalyzerError):
        raise _scorer
    return _scorer.score(chunk)
