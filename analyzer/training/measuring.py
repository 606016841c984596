"""The whole of one measurement: what is wanted of a model or a benchmark goes in, one result comes out."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from analyzer.errors import AnalyzerError
from analyzer.model.folder import METRICS, ModelFolder, is_int8_only, open_folder
from analyzer.training.benchmarks import BENCHMARKS, benchmark
from analyzer.training.benchmarks.job import Job, Progress
from analyzer.training.contrast import load_contrast, measure_contrast
from analyzer.training.data import LabelledDocument
from analyzer.training.evaluation import Judged, compare, measure, predict_documents, uncalibrated, with_window
from analyzer.training.evenness import measure_evenness
from analyzer.training.gather import DEV
from analyzer.training.results import LIMIT, figure, read_result
from analyzer.training.sources import read_for
from analyzer.training.swaps import load_swaps

_T = TypeVar("_T")


@dataclass(frozen=True)
class Wanted:
    """What to measure a model on, and what to compare it with; `neighbours` 0 is every sentence alone.

    `data` are files of labelled documents, or tables like that which the model was trained on; `text` is their column.
    Of these `split` is taken, or, if it is None, `dev`, and all of a table without splits.
    """

    data: tuple[str, ...] = ()
    text: str | None = None
    split: str | None = None
    compare: tuple[Path, ...] = ()
    exact: bool = False
    uncalibrated: bool = False
    neighbours: tuple[int, ...] = ()
    windows: tuple[int, ...] = ()
    contrast: tuple[Path, ...] = ()
    swaps: Path | None = None
    limit: int | None = None

    @property
    def needs_data(self) -> bool:
        """Whether anything is wanted that is measured on documents."""
        return bool(self.compare or self.exact or self.uncalibrated or self.neighbours or self.windows or self.swaps)


def measure_model(path: Path, wanted: Wanted, *, progress: Progress = lambda what, share: None) -> dict[str, Any]:
    """Everything wanted of a model folder, by section; sections that are not wanted are not there."""
    if not wanted.data and (wanted.needs_data or not wanted.contrast):
        raise AnalyzerError("no labelled documents to measure on; give some with --data")
    folder = open_folder(path)
    if wanted.exact and is_int8_only(path):
        raise AnalyzerError(
            f"{path}: has its weights in int8 only, so there are none to compare it with; leave out --exact"
        )
    documents, n_seen = _documents(wanted, folder)
    pairs = _some([pair for file in wanted.contrast for pair in load_contrast(file, folder.schema)], wanted.limit)
    swaps = load_swaps(wanted.swaps) if wanted.swaps else None
    others = {other: open_folder(other) for other in wanted.compare}
    result: dict[str, Any] = {"model": {"name": folder.settings.name, "version": folder.settings.version}}
    if wanted.limit is not None:
        result[LIMIT] = wanted.limit
    if n_seen:
        result["left_out"] = n_seen
    if documents:
        judged = _judge(folder, documents, "documents", progress)
        result[wanted.split or DEV] = measure(judged, documents)
        compared = {
            name: compare(judged, make(), documents)
            for name, make in _others(wanted, folder, others, documents, progress)
        }
        if compared:
            result["comparisons"] = compared
    if pairs:
        result["contrast"] = measure_contrast(
            folder, pairs, progress=lambda done: progress("contrast pairs", done / len(pairs) / 2)
        )
    if swaps:
        result["even_handedness"] = measure_evenness(
            folder, documents, swaps, progress=lambda done: progress("swapped names", done / len(documents))
        )
    return result


def _documents(wanted: Wanted, folder: ModelFolder) -> tuple[list[LabelledDocument], int]:
    """The documents to measure on, and how many were left out because the model was trained on their texts."""
    read = [read_for(folder, source, text=wanted.text, split=wanted.split) for source in wanted.data]
    documents = [document for found, _ in read for document in found]
    n_seen = sum(seen for _, seen in read)
    if wanted.data and not documents:
        why = f"no document of split {wanted.split or DEV!r}"
        if n_seen:
            why += f" but {n_seen} whose texts the model was trained on"
        raise AnalyzerError(f"{', '.join(wanted.data)}: {why}; give another with --split")
    return _some(documents, wanted.limit), n_seen


def _some(everything: Sequence[_T], limit: int | None) -> list[_T]:
    """At most so many, chosen by a fixed seed, in their order."""
    if limit is None or limit >= len(everything):
        return list(everything)
    return [everything[k] for k in sorted(random.Random(0).sample(range(len(everything)), limit))]


def _others(
    wanted: Wanted,
    folder: ModelFolder,
    others: dict[Path, ModelFolder],
    documents: Sequence[LabelledDocument],
    progress: Progress,
) -> Iterator[tuple[str, Callable[[], Judged]]]:
    """What the model is compared with, by the name it has in the result."""

    def judge(other: ModelFolder, name: str, **ways: Any) -> tuple[str, Callable[[], Judged]]:
        return name, lambda: _judge(other, documents, name, progress, **ways)

    names = Counter(path.resolve().name for path in others)
    for path, other in others.items():
        name = path.resolve().name
        yield judge(other, name if names[name] == 1 else str(path))
    if wanted.exact:
        from analyzer.model.torch_encoder import TorchEncoder

        yield judge(folder, "fp32", encoder=lambda found: TorchEncoder(found, device="cpu"))
    if wanted.uncalibrated:
        yield judge(uncalibrated(folder), "uncalibrated")
    for count in wanted.neighbours:
        yield judge(folder, _reading(count), neighbours=count)
    for tokens in wanted.windows:
        yield judge(with_window(folder, tokens), f"windows of {tokens} tokens")


def _reading(neighbours: int) -> str:
    return "isolated" if not neighbours else "1 neighbour" if neighbours == 1 else f"{neighbours} neighbours"


def _judge(
    folder: ModelFolder, documents: Sequence[LabelledDocument], what: str, progress: Progress, **ways: Any
) -> Judged:
    def tell(done: int) -> None:
        progress(what, done / len(documents))

    return Judged(folder, predict_documents(folder, documents, progress=tell, **ways))


def run_benchmark(name: str, job: Job, *, encoder: Path | None, model: Path | None) -> dict[str, Any]:
    """The result of a public benchmark, trained from an encoder or measured on a model."""
    found, entry = benchmark(name), BENCHMARKS[name]
    if encoder is not None and found.trains:
        figures = found.trains(job, encoder)
        how: dict[str, Any] = {"encoder": encoder.resolve().name, "options": asdict(job.training)}
        result: dict[str, Any] = {}
    elif model is not None and found.measures:
        folder = open_folder(model)
        figures = found.measures(job, folder)
        how = {"trained_on_it": _trained_on(folder, entry.source)}
        result = {"model": {"name": folder.settings.name, "version": folder.settings.version}}
    else:
        raise AnalyzerError(f"{name}: cannot be measured this way; see: analyzer evaluate {name} --help")
    if job.limit is not None:
        result[LIMIT] = job.limit
    return {**result, "benchmarks": {name: {"shown": list(found.shown), **how, **figures}}}


def _trained_on(folder: ModelFolder, source: str) -> bool:
    """Whether the model's own metrics say that it was trained on documents of that source."""
    path = folder.path / METRICS
    metrics = read_result(path) if path.is_file() else {}
    return any(source and figure(metrics, f"data.{use}.sources.{source}") for use in ("fit", "fit, public corpora"))
