"""Trains as a model was trained: the courses that its `metrics.json` tells of, each from where the one before ended."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

from analyzer.errors import AnalyzerError
from analyzer.model.folder import METRICS, TORCH_WEIGHTS, folder_of, open_folder
from analyzer.schema import STANDARD_SCHEMA
from analyzer.training.data import LabelledDocument
from analyzer.training.encoder import fingerprint_of, n_layers_of
from analyzer.training.options import TrainingOptions
from analyzer.training.recipe import train_model
from analyzer.training.swaps import load_swaps
from analyzer.training.workplace import RUN, check_same, check_target, is_begun, run_of, write_run


@dataclass(frozen=True)
class Course:
    """One training of the several that made a model.

    `teachers` are names of models; `from_int8` says that layers were left as they were in the int8 encoder,
    `above_int8` that all of them were.
    """

    options: TrainingOptions
    start: str
    teachers: tuple[str, ...]
    has_public: bool
    has_swaps: bool
    from_int8: bool
    above_int8: bool


@dataclass(frozen=True)
class Means:
    """What a model cannot say of its training but by name: corpora, models that taught, a swap list."""

    public: Path | None
    teachers: Sequence[Path]
    swaps: Path | None


def courses_of(folder: Path) -> list[Course]:
    """The courses that made the model in a folder, the first one first; `AnalyzerError` when it does not say, or has
    labels of its own.
    """
    path = folder / METRICS
    if open_folder(folder).schema != STANDARD_SCHEMA:
        raise AnalyzerError(f"{folder}: was taught labels of its own; its card has the command that does it again")
    try:
        metrics = json.loads(path.read_text(encoding="utf-8"))
        # Older metrics do not tell it of each course.
        has_public = any(part["documents"] for use, part in metrics["data"].items() if "public" in use)
        training: Mapping[str, Any] | None = metrics["training"]
        courses: list[Course] = []
        while training:
            courses.append(_course({"public": has_public and training["auxiliary_share"] > 0, **training}))
            training = training.get("before")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AnalyzerError(
            f"{path}: does not say how the model was trained ({error!r}); give one made by `analyzer train`"
        ) from error
    return courses[::-1]


def train_like(
    model: Path,
    documents: Sequence[LabelledDocument],
    encoder: Callable[[str], Path],
    out: Path,
    *,
    name: str,
    version: str,
    seed: int | None,
    means: Means,
    resume: bool = False,
    progress: Callable[[int, int, float], None] = lambda step, total, loss: None,
    on_read: Callable[[int, int], None] = lambda tokens, total: None,
    say: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Train on `documents` as the model in a folder was trained, and write `out`; returns its metrics.

    `encoder` gives the folder of the encoder of that name, which the first course starts from; `seed` takes the place
    of those of the courses. What the courses before the last one make lies beside `out` until it is there; `resume`
    goes on from it. `say` gets a line after every epoch. Raises `AnalyzerError`, before anything is trained, when
    `means` lacks something that the model was trained with, or has something that it was not.
    """
    courses, out = courses_of(model), out.resolve()
    beside = out.with_name(out.name + ".courses")
    made = [*(beside / f"{name}-{number}" for number in range(1, len(courses))), out]
    earlier = [_names(courses, model, made[:number]) for number in range(len(courses))]
    taught_by = [_teachers(course, model, named, means) for course, named in zip(courses, earlier, strict=True)]
    _check_means(courses, taught_by, model, means)
    check_target(out)
    start = encoder(courses[0].start)
    _open_place(beside, out, _run(courses, documents, start, means, seed), resume=resume)
    metrics: dict[str, Any] = {}
    for number, (course, path, teachers) in enumerate(zip(courses, made, taught_by, strict=True)):
        options = course.options if seed is None else replace(course.options, seed=seed)
        if course.above_int8:
            options = replace(options, freeze=n_layers_of(start))
        if path == out or not path.is_dir():
            if number and course.from_int8 and not options.marks_only:
                # With these beside it, it would not be read in int8.
                (start / TORCH_WEIGHTS).unlink(missing_ok=True)
            metrics = train_model(
                documents,
                STANDARD_SCHEMA,
                start,
                path,
                name=name if path == out else path.name,
                version=version,
                options=options,
                public=means.public if course.has_public else None,
                teachers=teachers,
                swaps=means.swaps if course.has_swaps else None,
                resume=is_begun(path),
                progress=progress,
                on_read=on_read,
                say=partial(_say_of_course, say, number + 1, len(courses)),
            )
        start = path
    shutil.rmtree(beside)
    return metrics


def _say_of_course(say: Callable[[str], None], number: int, courses: int, line: str) -> None:
    say(f"course {number} of {courses}: {line}")


def _course(training: Mapping[str, Any]) -> Course:
    numbers = {field.name: training[field.name] for field in fields(TrainingOptions) if field.name in training}
    above_int8 = bool(training.get("above_int8"))
    return Course(
        TrainingOptions(**numbers),
        str(training["encoder"]),
        tuple(training.get("teachers", ())),
        has_public=bool(training["public"]),
        has_swaps=bool(training.get("swaps")),
        from_int8=bool(training.get("from_int8", above_int8)),
        above_int8=above_int8,
    )


def _names(courses: Sequence[Course], model: Path, made: Sequence[Path]) -> dict[str, Path]:
    """What the models that courses made are called: as the next course calls its start, and as the card does."""
    numbers = {f"{model.resolve().name}-{number}": path for number, path in enumerate(made, 1)}
    return numbers | {course.start: path for course, path in zip(courses[1:], made, strict=False)}


def _teachers(course: Course, model: Path, named: Mapping[str, Path], means: Means) -> list[Path]:
    """The folders of the models that taught a course: earlier courses (`named`), given ones and shipped ones by their
    names; for others those that were given.
    """
    known = {**{path.name: path for path in means.teachers}, **named}
    found: list[Path] = []
    for name in course.teachers:
        folder = known.get(name, folder_of(name))
        if name in known or folder.is_dir():
            found.append(folder)
        elif means.teachers:
            found += means.teachers
        else:
            raise AnalyzerError(
                f"{model}: was taught by a model {name!r}, which is not here; give one with --teacher in its place"
            )
    return list(dict.fromkeys(found))


def _check_means(courses: Sequence[Course], taught_by: Sequence[Sequence[Path]], model: Path, means: Means) -> None:
    has_public, has_swaps = any(c.has_public for c in courses), any(c.has_swaps for c in courses)
    if means.public is None and has_public:
        raise AnalyzerError(f"{model}: was trained on public corpora as well; give their folder with --public")
    if means.swaps is None and has_swaps:
        raise AnalyzerError(f"{model}: was trained with names exchanged; give a swap list with --swaps")
    idle = [path for path in means.teachers if not any(path in teachers for teachers in taught_by)]
    if means.public is not None and not has_public:
        idle.append(means.public)
    if means.swaps is not None and not has_swaps:
        idle.append(means.swaps)
    if idle:
        raise AnalyzerError(f"{idle[0]}: nothing of that kind is asked for where {model} was trained; leave it out")
    if means.swaps is not None:
        load_swaps(means.swaps)
    for teacher in means.teachers:
        open_folder(teacher)


def _run(
    courses: Sequence[Course], documents: Sequence[LabelledDocument], start: Path, means: Means, seed: int | None
) -> dict[str, Any]:
    """What tells this run from any other."""
    corpora = [] if means.public is None else sorted(means.public.glob("*.jsonl"))
    return run_of(
        documents,
        STANDARD_SCHEMA,
        start,
        courses[-1].options,
        courses=[asdict(course) for course in courses],
        corpora=[[path.name, path.stat().st_size] for path in corpora],
        teachers=[fingerprint_of(teacher) for teacher in means.teachers],
        swaps=None if means.swaps is None else hashlib.sha256(means.swaps.read_bytes()).hexdigest(),
        seed=seed,
    )


def _open_place(beside: Path, out: Path, run: dict[str, Any], *, resume: bool) -> None:
    """Begin the run in the folder `beside`, or go on with the one that is there."""
    path = beside / RUN
    if resume:
        check_same(path, run)
    elif path.is_file():
        raise AnalyzerError(f"{beside}: an interrupted run; go on with --resume, or delete the folder to start again")
    elif is_begun(out):
        raise AnalyzerError(f"{out}: another run that writes it was interrupted; finish that, or give another -o")
    else:
        shutil.rmtree(beside, ignore_errors=True)
        try:
            write_run(path, run)
        except OSError as error:
            raise AnalyzerError(f"{beside}: cannot be written ({error.strerror or error}); check -o") from error
