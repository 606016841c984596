"""What two simple methods reach on the same documents: keyword rules, and TF-IDF with logistic regression."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline, make_union

from analyzer.schema import Head, HeadKind, LabelSchema
from analyzer.training.data import LabelledDocument

_SPEECH = re.compile(r"\b(?:said|says?|told|according to|wrote|announced|reported|argued|added|tweeted|stated)\b", re.I)
_VAGUE = re.compile(r"\b(?:critics|experts|sources|officials|analysts|some|many|observers|studies|reports)\b", re.I)
_HEDGE = re.compile(r"\b(?:may|might|could|would|will|likely|perhaps|possibly|appears?|seems?|expected|if)\b", re.I)
_JUDGEMENT = re.compile(
    r"\b(?:should|must|need|clearly|because|therefore|thus|means|shows|suggests?|better|worse)\b", re.I
)
_LOADED = re.compile(
    r"\b(?:radical|extrem\w+|outrag\w+|disgrac\w+|shock\w+|so-called|regime|corrupt\w*|evil|lies|hysteri\w+|thugs?)\b",
    re.I,
)
_THESIS = re.compile(r"\b(?:therefore|thus|in short|must|should|it is time|ought|we need)\b", re.I)
_REASON = re.compile(r"\b(?:because|since|for example|for instance|after all|indeed)\b", re.I)


def keyword_label(head: str, text: str) -> str:
    """The label that a hand-written list of words gives; every head of the standard schema has one."""
    if head == "loaded":
        return "loaded" if _LOADED.search(text) else ""
    if head == "sourcing":
        if not _SPEECH.search(text):
            return "none"
        return "vague" if _VAGUE.search(text) else "named"
    if head == "role":
        return "conclusion" if _THESIS.search(text) else "premise" if _REASON.search(text) else "background"
    if text.endswith("?") or len(text.split()) < 4:
        return "non_assertive"
    if head == "type" and _SPEECH.search(text):
        return "factual_claim"
    return "speculation" if _HEDGE.search(text) else "inference" if _JUDGEMENT.search(text) else "factual_claim"


def baseline_f1(
    train: Sequence[LabelledDocument], test: Sequence[LabelledDocument], schema: LabelSchema
) -> dict[str, dict[str, float]]:
    """Macro-F1 (F1 of the class for a one-label multi head) by method and head."""
    train_texts = [text for document in train for text in document.texts]
    test_texts = [text for document in test for text in document.texts]
    scores: dict[str, dict[str, float]] = {"keywords": {}, "tfidf_logistic_regression": {}}
    for head in schema.sentence_heads:
        gold_train, gold_test = _flat(train, head), _flat(test, head)
        words = [keyword_label(head.name, text) for text in test_texts]
        keywords = np.array(
            [head.labels.index(w) for w in words] if head.kind is HeadKind.SINGLE else [int(w != "") for w in words]
        )
        model = make_pipeline(
            make_union(
                TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
                TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=3, sublinear_tf=True),
            ),
            LogisticRegression(C=4.0, max_iter=400, class_weight="balanced"),
        )
        model.fit(train_texts, gold_train)
        scores["keywords"][head.name] = _score(head, gold_test, keywords)
        scores["tfidf_logistic_regression"][head.name] = _score(head, gold_test, model.predict(test_texts))
    return scores


def _flat(documents: Sequence[LabelledDocument], head: Head) -> NDArray[np.int64]:
    labels = np.concatenate([document.labels[head.name] for document in documents])
    return labels if head.kind is HeadKind.SINGLE else np.asarray(labels[:, 0])


def _score(head: Head, gold: NDArray[np.int64], predicted: NDArray[np.int64]) -> float:
    if head.kind is HeadKind.SINGLE:
        return float(f1_score(gold, predicted, average="macro", labels=range(len(head.labels)), zero_division=0.0))
    return float(f1_score(gold, predicted, zero_division=0.0))
