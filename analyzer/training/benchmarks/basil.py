"""BASIL (Fan et al. 2019), lexical bias: whether sentences with such a span are called loaded. Out of domain.

Its annotators marked words that sway a reader for or against the main figure of a story, which is narrower than loaded
framing. What stands in a quotation is not the author's wording: sentences with such spans only are counted apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from analyzer.errors import AnalyzerError
from analyzer.model.folder import ModelFolder
from analyzer.training.benchmarks import BENCHMARKS
from analyzer.training.benchmarks.job import Benchmark, Job
from analyzer.training.benchmarks.yes_no import yes_no_figures
from analyzer.training.data import LabelledDocument
from analyzer.training.evaluation import predict_documents
from analyzer.training.resampling import share_interval

_FILE = BENCHMARKS["basil"].file
_HEAD = "loaded"
_NONE, _QUOTED, _LEXICAL = range(3)


def _measure(job: Job, folder: ModelFolder) -> dict[str, Any]:
    if all(head.name != _HEAD for head in folder.schema.sentence_heads):
        raise AnalyzerError(f"{folder.path}: has no head {_HEAD!r}; give a model that has one")
    rows = job.rows(_FILE)
    documents = [_document(row) for row in rows]
    predictions = predict_documents(
        folder, documents, progress=lambda done: job.progress("articles", done / len(documents))
    )
    kinds = np.concatenate([_kinds(row) for row in rows])
    found = np.concatenate([p.probabilities[_HEAD][:, 0] for p in predictions])
    threshold = folder.settings.thresholds.get(_HEAD, 0.5)
    quoted = kinds == _QUOTED
    in_quotes = int((found[quoted] >= threshold).sum())
    return {
        "articles": len(documents),
        "sentences": len(kinds),
        **yes_no_figures((kinds[~quoted] == _LEXICAL).astype(np.int64), found[~quoted], threshold),
        "quoted": {
            "sentences": int(quoted.sum()),
            "called_loaded": in_quotes / max(int(quoted.sum()), 1),
            "interval": share_interval(in_quotes, int(quoted.sum())),
        },
    }


def _document(row: dict[str, Any]) -> LabelledDocument:
    texts = [(text, number) for number, paragraph in enumerate(row["paragraphs"]) for text in paragraph]
    return LabelledDocument(
        row["id"], "basil", "", tuple(text for text, _ in texts), tuple(number for _, number in texts), {}, None
    )


def _kinds(row: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Of every sentence: whether it has lexical bias of the author's, or only in a quotation, or none."""
    texts = [text for paragraph in row["paragraphs"] for text in paragraph]
    kinds = np.full(len(texts), _NONE, dtype=np.int64)
    for place, is_quoted in _lexical(row, texts):
        kinds[place] = max(kinds[place], _QUOTED if is_quoted else _LEXICAL)
    return kinds


def _lexical(row: dict[str, Any], texts: list[str]) -> Iterator[tuple[int, bool]]:
    """Sentence of each span of lexical bias: the one it says, or else the first that has its words."""
    for span in row["spans"]:
        if not span["bias"].startswith("lex"):
            continue
        said = int(span["id"][1:]) if span["id"][1:].isdigit() else -1
        places = [place for place, text in enumerate(texts) if span["txt"] in text]
        if places:
            yield said if said in places else places[0], span["quote"] == "yes"


BENCHMARK = Benchmark(
    ("f1", "precision", "recall", "quoted.called_loaded"),
    measures=_measure,
)
