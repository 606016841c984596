"""What two simple methods reach on the same documents: keyword rules, and TF-IDF with logistic regression."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import Pipeline, make_pipeline, make_union

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
        column = None if head.kind is HeadKind.SINGLE else 0
        gold_train, gold_test = _column(train, head, column), _column(test, head, column)
        words = [keyword_label(head.name, text) for text in test_texts]
        keywords = np.array(
            [head.labels.index(w) for w in words] if head.kind is HeadKind.SINGLE else [int(w != "") for w in words]
        )
        learned = np.full(len(gold_test), gold_train[0])
        if len(set(gold_train.tolist())) > 1:
            learned = _tfidf().fit(train_texts, gold_train).predict(test_texts)
        scores["keywords"][head.name] = _score(head, gold_test, keywords)
        scores["tfidf_logistic_regression"][head.name] = _score(head, gold_test, learned)
    return scores


def simple_f1(
    train: Sequence[LabelledDocument], test: Sequence[LabelledDocument], schema: LabelSchema
) -> dict[str, dict[str, float]]:
    """What two methods that know nothing of language reach on a user's heads, by method and head: always the most
    frequent label, and TF-IDF with logistic regression. Macro-F1, of yes and no for a multi head.
    """
    train_texts = [text for document in train for text in document.texts]
    test_texts = [text for document in test for text in document.texts]
    scores: dict[str, dict[str, float]] = {"most_frequent": {}, "tfidf_logistic_regression": {}}
    for head in schema.sentence_heads:
        is_single = head.kind is HeadKind.SINGLE
        columns = [_column(train, head, k) for k in ((None,) if is_single else range(len(head.labels)))]
        gold = [_column(test, head, k) for k in ((None,) if is_single else range(len(head.labels)))]
        # Of a single head over the labels that occur, as its own macro-F1 is.
        labels = None if is_single else [0, 1]
        found: dict[str, list[float]] = {method: [] for method in scores}
        for learned, wanted in zip(columns, gold, strict=True):
            frequent = np.full(len(wanted), np.bincount(learned).argmax())
            predicted = {"most_frequent": frequent, "tfidf_logistic_regression": frequent}
            if len(set(learned.tolist())) > 1:
                model = _tfidf(least=1).fit(train_texts, learned)
                predicted["tfidf_logistic_regression"] = model.predict(test_texts)
            for method, answer in predicted.items():
                found[method].append(f1_score(wanted, answer, average="macro", labels=labels, zero_division=0.0))
        for method, values in found.items():
            scores[method][head.name] = float(np.mean(values))
    return scores


def _column(documents: Sequence[LabelledDocument], head: Head, column: int | None) -> NDArray[np.int64]:
    labels = np.concatenate([document.labels[head.name] for document in documents])
    return np.asarray(labels if column is None else labels[:, column])


def _tfidf(least: int = 2) -> Pipeline:
    """Words and pieces of words that stand in at least so many texts (pieces: one more)."""
    return make_pipeline(
        make_union(
            TfidfVectorizer(ngram_range=(1, 2), min_df=least, sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=least + 1, sublinear_tf=True),
        ),
        LogisticRegression(C=4.0, max_iter=400, class_weight="balanced"),
    )


def _score(head: Head, gold: NDArray[np.int64], predicted: NDArray[np.int64]) -> float:
    if head.kind is HeadKind.SINGLE:
        return float(f1_score(gold, predicted, average="macro", zero_division=0.0))  # over the labels that occur
    return float(f1_score(gold, predicted, zero_division=0.0))
