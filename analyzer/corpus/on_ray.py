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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any

import pyarrow as pa
import ray
from ray.data import ActorPoolStrategy, DataContext, Datasource, ReadTask
from ray.data.block import BlockMetadata

from analyzer.corpus.chunks import Chunk, FinishedPart, chunks
from analyzer.corpus.local import score_locally
from analyzer.corpus.plan import Device, Plan
from analyzer.corpus.scoring import Scored, Scorer
from analyzer.errors import AnalyzerError
from analyzer.model.encoder import Encoder
from analyzer.model.folder import ModelFolder
from analyzer.model.onnx_runtime import OnnxEncoder

# Chunks given to an actor at once, so that it never waits for the next; how often one is repeated when actors die.
_CHUNKS_AN_ACTOR, _REPEATS = 4, 4
_COLUMN = "pickled"


@contextmanager
def cluster(workers: int | None) -> Iterator[tuple[Device, int]]:
    """Connect to the cluster that Ray finds (RAY_ADDRESS, or this machine's), else start Ray on this machine alone.

    Gives what to score on, and how many workers: as many as were asked for, else one a GPU or processor.
    """
    started_here = not ray.is_initialized()
    if started_here:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
        ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    try:
        resources = ray.cluster_resources()
        has_torch = all(importlib.util.find_spec(name) for name in ("torch", "transformers"))
        gpus = int(resources.get("GPU", 0)) if has_torch else 0
        yield ("gpu" if gpus else "cpu"), workers or gpus or max(1, int(resources.get("CPU", 1)))
    finally:
        if started_here:
            ray.shutdown()


def score_on_ray(
    plan: Plan, finished: Sequence[FinishedPart], *, workers: int, lost: Callable[[], None] = lambda: None
) -> Iterator[Scored]:
    """Score the chunks that are left with so many actors; `lost` is called when Ray gives up on some.

    Chunks that kill every actor they are given to are scored on this machine, where such a document is set apart.
    """
    done = 0
    while True:
        try:
            for scored in _streamed(plan, finished, done, workers):
                done += 1
                yield scored
            return
        except ray.exceptions.RayActorError:
            lost()
        under_way = islice(chunks(plan, finished), done, done + 2 * _CHUNKS_AN_ACTOR * workers)
        for scored in score_locally(under_way, plan, workers=1):
            done += 1
            yield scored


def _streamed(plan: Plan, finished: Sequence[FinishedPart], skipped: int, workers: int) -> Iterator[Scored]:
    context = DataContext.get_current()
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context.execution_options.preserve_order = True
    # A block a chunk: Ray would wait for the corpus to end to fill larger ones.
    context.target_max_block_size = context.target_min_block_size = 1
    resources: dict[str, Any] = {"num_gpus": 1} if plan.device == "gpu" else {"num_cpus": 1}
    scored = ray.data.read_datasource(_Chunks(plan, finished, skipped), override_num_blocks=1, num_cpus=0).map_batches(
        _Actor,
        fn_constructor_args=(plan,),
        batch_size=1,
        batch_format="pyarrow",
        compute=ActorPoolStrategy(size=workers, max_tasks_in_flight_per_actor=_CHUNKS_AN_ACTOR),
        max_restarts=-1,
        max_task_retries=_REPEATS,
        **resources,
    )
    try:
        for block in scored.iter_batches(batch_size=1, batch_format="pyarrow", prefetch_batches=1):
            yield pickle.loads(block[_COLUMN][0].as_py())
    except ray.exceptions.RayTaskError as error:
        raise _user_error(error) from error


def _user_error(error: Exception) -> Exception:
    """What went wrong in a worker, without Ray's wrapping, where it is the user who can mend it."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, AnalyzerError):
            return AnalyzerError(str(inner.args[0]) if inner.args else str(inner))
        inner = getattr(inner, "cause", None) or inner.__cause__
    return error


class _Chunks(Datasource):  # type: ignore[misc]
    """The chunks of a corpus that are still to be scored, but for so many of them, as blocks of one row."""

    def __init__(self, plan: Plan, finished: Sequence[FinishedPart], skipped: int) -> None:
        self._blocks = partial(_blocks, plan, finished, skipped)

    def estimate_inmemory_data_size(self) -> int | None:
        """Unknown: the corpus is a stream."""
        return None

    def get_read_tasks(self, parallelism: int, *args: Any, **kwargs: Any) -> list[ReadTask]:
        """One task, whatever is asked for: ids must be compared, and a compressed file has no middle to begin at."""
        return [ReadTask(self._blocks, BlockMetadata(None, None, None))]


def _blocks(plan: Plan, finished: Sequence[FinishedPart], skipped: int) -> Iterator[pa.Table]:
    for chunk in islice(chunks(plan, finished), skipped, None):
        yield pa.table({_COLUMN: [pickle.dumps(chunk)]})


class _Actor:
    """A worker of the cluster, with the model loaded."""

    def __init__(self, plan: Plan) -> None:
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        self._scorer = Scorer(plan, _runtime(plan.device))

    def __call__(self, block: pa.Table) -> pa.Table:
        chunk: Chunk = pickle.loads(block[_COLUMN][0].as_py())
        return pa.table({_COLUMN: [pickle.dumps(self._scorer.score(chunk))]})


def _runtime(device: Device) -> Callable[[ModelFolder], Encoder]:
    if device == "cpu":
        return partial(OnnxEncoder, threads=1)
    from analyzer.model.torch_encoder import TorchEncoder

    return TorchEncoder
