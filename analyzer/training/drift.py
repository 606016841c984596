"""How far the labels of a model moved when others were taught beside them.

Both models read the same texts on the CPU runtime, once as documents of their own and once several as one, since the
role of a sentence and its links need others around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from analyzer.model.folder import ModelFolder
from analyzer.model.predictions import Predictions
from analyzer.schema import HeadKind
from analyzer.training.data import LabelledDocument
from analyzer.training.evaluation import predict_documents

_SENTENCES_TOGETHER = 12


def measure_drift(before: ModelFolder, after: ModelFolder, documents: Sequence[LabelledDocument]) -> dict[str, Any]:
    """By head of `before`: the share of sentences that have another label in `after`, and the mean change of
    probabilities, both 0 where nothing moved.
    """
    articles = _articles(documents)
    pairs = [*zip(predict_documents(before, articles), predict_documents(after, articles), strict=True)]
    drift: dict[str, Any] = {}
    for head in before.schema.sentence_heads:
        threshold = before.settings.thresholds.get(head.name, 0.5)
        labels, changes = [], []
        for old, new in pairs:
            p, q = old.probabilities[head.name], new.probabilities[head.name]
            changes.append(np.abs(p - q).max(1))
            is_single = head.kind is HeadKind.SINGLE
            labels.append(p.argmax(1) != q.argmax(1) if is_single else ((p >= threshold) != (q >= threshold)).any(1))
        drift[head.name] = _row(np.concatenate(labels), np.concatenate(changes))
    n_spans = len(before.schema.span_labels)
    if n_spans:
        p, q = (np.concatenate([_marks(pair[k])[:, :n_spans] for pair in pairs]) for k in (0, 1))
        drift["marked words"] = _row((p >= 0.5) != (q >= 0.5), np.abs(p - q))
    return {"sentences": sum(len(article.texts) for article in articles), "heads": drift}


def _articles(documents: Sequence[LabelledDocument]) -> list[LabelledDocument]:
    """The documents; those of one sentence put together, so that roles have something to be roles in."""
    short = [document.texts[0] for document in documents if len(document.texts) == 1]
    made = [document for document in documents if len(document.texts) > 1]
    for at in range(0, len(short), _SENTENCES_TOGETHER):
        texts = tuple(short[at : at + _SENTENCES_TOGETHER])
        made.append(LabelledDocument(f"together {at}", "", "dev", texts, (0,) * len(texts), {}, None))
    return made


def _marks(prediction: Predictions) -> Any:
    return np.concatenate([tokens.probabilities for tokens in prediction.tokens])


def _row(changed: Any, change: Any) -> dict[str, float]:
    return {"other_label": float(np.mean(changed)), "mean_change": float(np.mean(change))}
