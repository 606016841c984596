"""What runs inside a worker process: reads a document, analyses it, renders the report.

In go a model folder and a `Job`, out comes an `Answer`. Documents are parsed here and not in the server, because only
a process can be stopped for sure when a document takes too long, and dies alone when a parser crashes on it.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from analyzer.errors import AnalyzerError, place_of
from analyzer.pipeline import Analyzer
from analyzer.readers import read_bytes, read_text
from analyzer.render.html.page import render


@dataclass(frozen=True, kw_only=True)
class Job:
    """One document to analyse: pasted text, or the bytes of a file called `name`."""

    source: str | bytes
    name: str
    conclusions: tuple[str, ...]
    vague_credit: float
    format: Literal["html", "json"]


@dataclass(frozen=True)
class Answer:
    """A rendered report, UTF-8, and the id of its document (from the name of the file; empty for pasted text)."""

    body: bytes
    id: str


class WorkerError(Exception):
    """An error in our own code; tells its kind and place, and nothing of the document."""


def prepare(model: Path | None) -> None:
    """Load the model, so that the first document finds it loaded. Raises `AnalyzerError` for a bad model folder."""
    # Ctrl-C goes to every process of the terminal; the server decides when its workers stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _analyzer(model)


def work(model: Path | None, job: Job) -> Answer:
    """The report of one document. Raises `AnalyzerError` for what the user can mend, else `WorkerError`."""
    try:
        prepare(model)
        return _work(_analyzer(model), job)
    except AnalyzerError:
        raise
    except Exception as error:
        raise WorkerError(f"{type(error).__name__} in {place_of(error)}") from None


def _work(analyzer: Analyzer, job: Job) -> Answer:
    source = job.source
    document = read_text(source) if isinstance(source, str) else read_bytes(source, name=job.name)
    report = analyzer.analyze(document, conclusions=job.conclusions, vague_credit=job.vague_credit)
    content = report.to_json() if job.format == "json" else render([report], home="/")
    return Answer(content.encode("utf-8", "replace"), report.document.id)


# One model a process for as long as it lives: loading takes longer than most documents.
@lru_cache(maxsize=1)
def _analyzer(model: Path | None) -> Analyzer:
    return Analyzer.load(model)
