"""The engine for a cluster: Ray Data streams the chunks of a corpus through actors that keep the model loaded.

One task reads the corpus and hands out chunks, no faster than the actors take them; Ray starts a lost actor again and
repeats what it was doing. In goes a plan, out come the scored chunks in the order of the corpus, as from the local
engine. The corpus must be readable, under the same names, from the machines of the cluster.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import pickle
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from functools import partial
from typing import Any

import pyarrow as pa
import ray
from ray.data import ActorPoolStrategy, DataContext, Datasource, ReadTask
from ray.data.block import BlockMetadata

from analyzer.corpus.chunks import Chunk, FinishedPart, chunks
from analyzer.corpus.plan import Plan
from analyzer.corpus.scoring import MOST_DEATHS, Scored, Scorer, alone, failed, joined
from analyzer.errors import AnalyzerError
from analyzer.model.runtimes import Device, runtime_on

# Chunks given to an actor at once, so that it never waits for the next.
_CHUNKS_AN_ACTOR = 4
_COLUMN = "pickled"


@contextmanager
def cluster(workers: int | None, device: Device | None = None) -> Iterator[tuple[Device, int]]:
    """Connect to the cluster that Ray finds (RAY_ADDRESS, or this machine's), else start Ray on this machine alone.

    Gives what to score on, `device` or else GPUs if there are any, and how many workers: as many as were asked for,
    else one a GPU or processor.
    """
    started_here = not ray.is_initialized()
    if started_here:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
        try:
            with _silenced():
                ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
        except Exception as error:  # Ray raises plain ones, as when a busy machine takes over 30 s to start it
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise AnalyzerError(
                f"Ray could not be started, or reached ({reason}); run again, or use --engine local"
            ) from error
    try:
        resources = ray.cluster_resources()
        has_torch = importlib.util.find_spec("torch") is not None
        gpus = int(resources.get("GPU", 0)) if has_torch and device != "cpu" else 0
        if device == "cuda" and not gpus:
            raise AnalyzerError("the cluster has no GPU, or PyTorch is not installed here; leave out --device cuda")
        # Ray tells of lost workers on standard output, which is for results.
        with redirect_stdout(sys.stderr):
            yield ("cuda" if gpus else "cpu"), workers or gpus or max(1, int(resources.get("CPU", 1)))
    finally:
        if started_here:
            ray.shutdown()


@contextmanager
def _silenced() -> Iterator[None]:
    """Without what Ray's core writes to standard error, past Python, even when nothing is wrong."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def score_on_ray(plan: Plan, finished: Sequence[FinishedPart], *, workers: int) -> Generator[Scored, None, None]:
    """Score the chunks that are left with so many actors. Raises `AnalyzerError` when Ray cannot go on."""
    context = DataContext.get_current()
    context.enable_progress_bars = False
    warnings.filterwarnings("ignore", module=r"ray\.data")
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context.execution_options.preserve_order = True
    # A block a chunk: Ray would wait for the corpus to end to fill larger ones.
    context.target_max_block_size = context.target_min_block_size = 1
    resources: dict[str, Any] = {"num_gpus": 1} if plan.device == "cuda" else {"num_cpus": 1}
    attempts = ray.remote(num_cpus=0)(_Attempts).remote()
    scored = ray.data.read_datasource(
        _Chunks(partial(_blocks, plan, finished)), override_num_blocks=1, num_cpus=0
    ).map_batches(
        _Actor,
        fn_constructor_args=(plan, attempts),
        batch_size=1,
        batch_format="pyarrow",
        compute=ActorPoolStrategy(size=workers, max_tasks_in_flight_per_actor=_CHUNKS_AN_ACTOR),
        **resources,
    )
    try:
        for block in scored.iter_batches(batch_size=1, batch_format="pyarrow", prefetch_batches=1):
            yield pickle.loads(block[_COLUMN][0].as_py())
    except ray.exceptions.RayError as error:
        raise _user_error(error) from error


def _user_error(error: Exception) -> AnalyzerError:
    """What went wrong in a worker, without Ray's wrapping, where it is the user who can mend it."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, AnalyzerError):
            return AnalyzerError(str(inner.args[0]))
        inner = getattr(inner, "cause", None) or inner.__cause__
    reason = str(error).strip().splitlines()[-1:] or [type(error).__name__]
    return AnalyzerError(f"Ray gave up ({reason[0]}); finished parts are kept: the same command goes on from there")


class _Chunks(Datasource):  # type: ignore[misc]
    """The chunks of a corpus that are still to be scored, as blocks of one row."""

    def __init__(self, read: Callable[[], Iterator[pa.Table]]) -> None:
        self._blocks = read

    def estimate_inmemory_data_size(self) -> int | None:
        """Unknown: the corpus is a stream."""
        return None

    def get_read_tasks(self, parallelism: int, *args: Any, **kwargs: Any) -> list[ReadTask]:
        """One task, whatever is asked for: ids must be compared, and a compressed file has no middle to begin at."""
        return [ReadTask(self._blocks, BlockMetadata(None, None, None))]


def _blocks(plan: Plan, finished: Sequence[FinishedPart]) -> Iterator[pa.Table]:
    for chunk in chunks(plan, finished):
        yield pa.table({_COLUMN: [pickle.dumps(chunk)]})


class _Attempts:
    """How often something was begun and not ended, because its worker died; it outlives the workers."""

    def __init__(self) -> None:
        self._begun: Counter[Hashable] = Counter()

    def begin(self, key: Hashable) -> int:
        """Count another attempt; how many there were with it."""
        self._begun[key] += 1
        return self._begun[key]

    def end(self, key: Hashable) -> None:
        """Forget what is done."""
        del self._begun[key]


class _Actor:
    """A worker of the cluster, with the model loaded.

    Ray starts it again when it dies and repeats what it was doing, for ever; a document that kills it is set apart.
    """

    def __init__(self, plan: Plan, attempts: Any) -> None:
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        self._plan, self._attempts = plan, attempts
        self._scorer = Scorer(plan, runtime_on(plan.device, threads=1))

    def __call__(self, block: pa.Table) -> pa.Table:
        chunk: Chunk = pickle.loads(block[_COLUMN][0].as_py())
        attempt = self._begin(chunk.first)
        scored = self._scorer.score(chunk) if attempt == 1 else self._carefully(chunk, attempt)
        self._attempts.end.remote(chunk.first)
        return pa.table({_COLUMN: [pickle.dumps(scored)]})

    def _carefully(self, chunk: Chunk, attempt: int) -> Scored:
        pieces = []
        for piece in alone(chunk):
            key = "alone", piece.first
            died = self._begin(key) > MOST_DEATHS
            pieces.append(failed(piece, self._plan) if died else self._scorer.score(piece))
            self._attempts.end.remote(key)
        return joined(chunk, pieces, attempts=attempt)

    def _begin(self, key: Hashable) -> int:
        return int(ray.get(self._attempts.begin.remote(key)))
