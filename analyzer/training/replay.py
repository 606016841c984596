"""Trains as a model was trained: the courses that its `metrics.json` tells of, each from where the one before ended."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

from analyzer.errors import AnalyzerError
from analyzer.model.folder import METRICS, TORCH_WEIGHTS, folder_of
from analyzer.schema import LabelSchema
from analyzer.training.data import LabelledDocument
from analyzer.training.options import TrainingOptions
from analyzer.training.recipe import train_model
from analyzer.training.workplace import is_begun


@dataclass(frozen=True)
class Course:
    """One training of the several that made a model.

    `teachers` are names of models; `from_int8` says that layers were left as they were in the int8 encoder.
    """

    options: TrainingOptions
    start: str
    teachers: tuple[str, ...]
    has_public: bool
    has_swaps: bool
    from_int8: bool


@dataclass(frozen=True)
class Means:
    """What a model cannot say of its training but by name: corpora, models that taught, a swap list."""

    public: Path | None
    teachers: Sequence[Path]
    swaps: Path | None


def courses_of(folder: Path) -> list[Course]:
    """The courses that made the model in a folder, the first one first; `AnalyzerError` when it does not say."""
    path = folder / METRICS
    try:
        metrics = json.loads(path.read_text(encoding="utf-8"))
        # Older metrics do not tell it of each course.
        has_public = any(part["documents"] for use, part in metrics["data"].items() if "public" in use)
        training: Mapping[str, Any] | None = metrics["training"]
        courses: list[Course] = []
        while training:
            courses.append(_course({"public": has_public, **training}))
            training = training.get("before")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AnalyzerError(
            f"{path}: does not say how the model was trained ({error!r}); give one made by `analyzer train`"
        ) from error
    return courses[::-1]


def train_like(
    model: Path,
    documents: Sequence[LabelledDocument],
    schema: LabelSchema,
    encoder: Callable[[str], Path],
    out: Path,
    *,
    name: str,
    version: str,
    seed: int,
    means: Means,
    resume: bool = False,
    progress: Callable[[int, int, int, int, float], None] = lambda course, courses, step, total, loss: None,
    on_read: Callable[[int, int], None] = lambda tokens, total: None,
) -> dict[str, Any]:
    """Train on `documents` as the model in a folder was trained, and write `out`; returns its metrics.

    `encoder` gives the folder of the encoder of that name, which the first course starts from. What the courses before
    the last one make lies beside `out` until it is there; `resume` goes on from it. Raises `AnalyzerError`, before
    anything is trained, when `means` lacks something that the model was trained with.
    """
    courses = courses_of(model)
    _check_means(courses, model, means)
    beside = out.with_name(out.name + ".courses")
    made = [*(beside / f"{name}-{number}" for number in range(1, len(courses))), out]
    _check_place(made, beside, resume=resume)
    taught_by = [_teachers(course, model, made[:number], means) for number, course in enumerate(courses)]
    start = encoder(courses[0].start)
    metrics: dict[str, Any] = {}
    for number, (course, path, teachers) in enumerate(zip(courses, made, taught_by, strict=True)):
        options = replace(course.options, seed=seed)
        if path == out or not _is_made(path, options):
            if number and course.from_int8 and not options.marks_only:
                # With these beside it, it would not be read in int8.
                (start / TORCH_WEIGHTS).unlink(missing_ok=True)
            metrics = train_model(
                documents,
                schema,
                start,
                path,
                name=name if path == out else path.name,
                version=version,
                options=options,
                public=means.public if course.has_public else None,
                teachers=teachers,
                swaps=means.swaps if course.has_swaps else None,
                resume=is_begun(path),
                progress=partial(progress, number, len(courses)),
                on_read=on_read,
            )
        start = path
    shutil.rmtree(beside, ignore_errors=True)
    return metrics


def _course(training: Mapping[str, Any]) -> Course:
    numbers = {field.name: training[field.name] for field in fields(TrainingOptions) if field.name in training}
    return Course(
        TrainingOptions(**numbers),
        str(training["encoder"]),
        tuple(training.get("teachers", ())),
        has_public=bool(training["public"] and training["auxiliary_share"]),
        has_swaps=bool(training.get("swaps")),
        from_int8=bool(training.get("from_int8", training.get("above_int8"))),
    )


def _teachers(course: Course, model: Path, made: Sequence[Path], means: Means) -> list[Path]:
    """The folders of the models that taught a course: earlier courses and shipped models by their names; for others
    those that were given.
    """
    named = {f"{model.resolve().name}-{number}": path for number, path in enumerate(made, 1)}
    found: list[Path] = []
    for name in course.teachers:
        folder = named.get(name, folder_of(name))
        if name not in named and not folder.is_dir() and not means.teachers:
            raise AnalyzerError(
                f"{model}: was taught by a model {name!r}, which is not here; give one with --teacher in its place"
            )
        found += [folder] if name in named or folder.is_dir() else means.teachers
    return list(dict.fromkeys(found))


def _check_means(courses: Sequence[Course], model: Path, means: Means) -> None:
    if means.public is None and any(course.has_public for course in courses):
        raise AnalyzerError(f"{model}: was trained on public corpora as well; give their folder with --public")
    if means.swaps is None and any(course.has_swaps for course in courses):
        raise AnalyzerError(f"{model}: was trained with names exchanged; give a swap list with --swaps")


def _check_place(made: Sequence[Path], beside: Path, *, resume: bool) -> None:
    is_there = (beside.is_dir() and any(beside.iterdir())) or is_begun(made[-1])
    if is_there and not resume:
        raise AnalyzerError(f"{beside}: an interrupted run; go on with --resume, or delete the folder to start again")
    if resume and not is_there:
        raise AnalyzerError(f"{made[-1]}: no interrupted run to resume; start one without --resume")


def _is_made(path: Path, options: TrainingOptions) -> bool:
    return path.is_dir() and courses_of(path)[-1].options == options
