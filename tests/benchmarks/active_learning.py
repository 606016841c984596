"""Measures whether labelling what `analyzer labels export --uncertain` picks beats labelling at random.

Run `python tests/benchmarks/active_learning.py annotated.jsonl` (documents of the split `train` are the pool, those of
`dev` the test). Every sentence has one fixed vector, made once and kept in `--cache`; a logistic regression a head
learns from what is chosen so far, and what is chosen next is chosen with that model alone. Each round adds sentences
until the next budget is spent, one by one or in whole documents. The curve is the mean macro-F1 of the five heads on
`dev`, over seeds that decide where both begin. Needs the extra `train`.

The encoder of a model that was trained on the pool knows its labels before any is bought, and its curve is flat: give
another with `--model`, or see `--vectors lsa` (TF-IDF and SVD), which knows none.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

sys.path.insert(0, str(Path(__file__).parents[2]))
from analyzer.labelling.documents import AnnotatedDocument, read_documents
from analyzer.labelling.selection import choose, uncertainty
from analyzer.model.folder import default_folder, open_folder
from analyzer.schema import STANDARD_SCHEMA, HeadKind

BUDGETS = (250, 400, 640, 1024, 1640, 2620)
HEADS = STANDARD_SCHEMA.sentence_heads
Array = Any


@dataclass(frozen=True)
class Sentences:
    """Vectors (n, d), label numbers by head (n,), and the document that each sentence is of (n,)."""

    vectors: Array
    labels: dict[str, Array]
    document: Array

    @property
    def count(self) -> int:
        return len(self.document)


def sentences_of(documents: list[AnnotatedDocument], vectors: Array) -> Sentences:
    rows = [s for d in documents for s in d.sentences]
    labels = {
        head.name: np.array(
            [
                head.labels.index(s.labels[head.name]) if head.kind is HeadKind.SINGLE else int(s.labels[head.name])
                for s in rows
            ]
        )
        for head in HEADS
    }
    return Sentences(vectors, labels, np.repeat(np.arange(len(documents)), [len(d.sentences) for d in documents]))


def encoder_vectors(documents: list[AnnotatedDocument], model: Path) -> Array:
    from analyzer.model.heads import DocumentHeads
    from analyzer.model.onnx_runtime import OnnxEncoder

    folder = open_folder(model)
    encoder, heads = OnnxEncoder(folder), DocumentHeads(folder)
    read = []
    for number, document in enumerate(documents, 1):
        read.append(encoder.read([s.text for s in document.sentences], heads.mark_tokens).vectors)
        if number % 50 == 0:
            print(f"encoded {number} of {len(documents)} documents", file=sys.stderr)
    return np.concatenate(read)


def lsa_vectors(documents: list[AnnotatedDocument]) -> Array:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [s.text for d in documents for s in d.sentences]
    weights = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2).fit_transform(texts)
    return TruncatedSVD(min(256, weights.shape[1] - 1), random_state=0).fit_transform(weights).astype(np.float32)


def cached(key: str, folder: Path | None, make: Callable[[], Array]) -> Array:
    if folder is None:
        return make()
    path = folder / f"vectors-{hashlib.sha256(key.encode()).hexdigest()[:16]}.npy"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        np.save(path, make())
    return np.load(path)


def fit_and_predict(pool: Sentences, chosen: Array, vectors: Array) -> dict[str, Array]:
    """Probabilities (n, labels) by head, in the form that the model gives them."""
    found = {}
    for head in HEADS:
        gold = pool.labels[head.name][chosen]
        width = len(head.labels) if head.kind is HeadKind.SINGLE else 2
        p = np.zeros((len(vectors), width))
        if len(np.unique(gold)) == 1:
            p[:, gold[0]] = 1.0
        else:
            model = LogisticRegression(C=0.1, max_iter=300).fit(pool.vectors[chosen], gold)
            p[:, model.classes_] = model.predict_proba(vectors)
        found[head.name] = p if head.kind is HeadKind.SINGLE else p[:, 1:]
    return found


def macro_f1(predicted: dict[str, Array], dev: Sentences) -> float:
    scores = []
    for head in HEADS:
        p, gold = predicted[head.name], dev.labels[head.name]
        labels = p.argmax(1) if head.kind is HeadKind.SINGLE else (p[:, 0] >= 0.5).astype(int)
        scores.append(f1_score(gold, labels, labels=np.unique(gold), average="macro", zero_division=0.0))
    return float(np.mean(scores))


# From uncertainties (n,) and vectors (n, d) to an order, at least as long as the next budget has sentences.
Strategy = Callable[[Array, Array, int, np.random.Generator], "list[int]"]
STRATEGIES: dict[str, Strategy] = {
    "random": lambda unsure, vectors, most, rng: rng.permutation(len(unsure)).tolist(),
    "entropy alone": lambda unsure, vectors, most, rng: np.argsort(-unsure, kind="stable").tolist(),
    "--uncertain": lambda unsure, vectors, most, rng: choose(unsure, vectors, most),
}


def curve(pool: Sentences, dev: Sentences, strategy: Strategy, unit: str, budgets: list[int], seed: int) -> list[float]:
    """Macro-F1 on `dev` at each budget; the first is spent at random, alike for all strategies of a seed."""
    rng = np.random.default_rng(seed)
    group = pool.document if unit == "document" else np.arange(pool.count)
    sizes = np.bincount(group)
    bought = np.zeros(len(sizes), dtype=bool)
    scores, order = [], rng.permutation(len(sizes)).tolist()
    for budget, following in zip(budgets, [*budgets[1:], 0], strict=True):
        for number in order:
            if sizes[bought].sum() >= budget:
                break
            bought[number] = True
        chosen = np.flatnonzero(bought[group])
        everything = fit_and_predict(pool, chosen, np.concatenate([dev.vectors, pool.vectors]))
        scores.append(macro_f1({name: p[: dev.count] for name, p in everything.items()}, dev))
        if not following:
            break
        unsure = uncertainty({name: p[dev.count :] for name, p in everything.items()}, STANDARD_SCHEMA)
        left = np.flatnonzero(~bought)
        mean = np.bincount(group, unsure) / sizes
        vectors = means(pool.vectors, group, sizes)[left]
        order = left[strategy(mean[left], vectors, following - budget, rng)].tolist()
    return scores


def means(vectors: Array, group: Array, sizes: Array) -> Array:
    if len(sizes) == len(vectors):
        return vectors
    sums = np.zeros((len(sizes), vectors.shape[1]))
    np.add.at(sums, group, vectors)
    return sums / sizes[:, None]


def report(curves: dict[str, Array], budgets: list[int], unit: str) -> list[str]:
    """A table of means over seeds; the difference to random is paired by seed, with a 95 % t interval."""
    lines = [f"chosen by {unit}: mean macro-F1 of the five heads on dev (standard deviation over seeds)"]
    lines.append(f"{'sentences':>9}" + "".join(f"{name:>18}" for name in curves) + f"{'--uncertain − random':>28}")
    for k, budget in enumerate(budgets):
        figures = "".join(f"{c[:, k].mean():>10.3f} ({c[:, k].std():.3f})" for c in curves.values())
        lines.append(f"{budget:>9}{figures}{interval(curves['--uncertain'][:, k] - curves['random'][:, k])}")
    area = interval((curves["--uncertain"] - curves["random"])[:, 1:].mean(axis=1))
    return [*lines, f"{'mean after the first budget':>{9 + 18 * len(curves)}}{area}", ""]


def interval(differences: Array) -> str:
    half = stats.sem(differences) * stats.t.ppf(0.975, len(differences) - 1) if len(differences) > 1 else float("nan")
    return f"{differences.mean():>+14.4f} ± {half:.4f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("labels", type=Path, help="labelled documents, JSON lines")
    parser.add_argument("--vectors", choices=("encoder", "lsa"), default="encoder")
    parser.add_argument("--model", type=Path, default=default_folder(), help="model folder whose encoder reads")
    parser.add_argument("--cache", type=Path, help="folder to keep sentence vectors in")
    parser.add_argument("--documents", type=int, help="only so many documents of each split, for a trial")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--budgets", type=int, nargs="+", default=list(BUDGETS))
    parser.add_argument("-o", "--out", type=Path, help="write the curves to this file as JSON")
    options = parser.parse_args()
    started = time.perf_counter()
    everything = read_documents(options.labels, STANDARD_SCHEMA)
    splits = {s: [d for d in everything if d.split == s][: options.documents] for s in ("train", "dev")}
    documents = splits["train"] + splits["dev"]
    key = json.dumps([options.vectors, str(options.model), [(d.id, len(d.sentences)) for d in documents]])
    make = (
        (lambda: encoder_vectors(documents, options.model))
        if options.vectors == "encoder"
        else (lambda: lsa_vectors(documents))
    )
    vectors = cached(key, options.cache, make)
    n_pool = sum(len(d.sentences) for d in splits["train"])
    scaled = (vectors - vectors[:n_pool].mean(0)) / (vectors[:n_pool].std(0) + 1e-6)
    pool, dev = sentences_of(splits["train"], scaled[:n_pool]), sentences_of(splits["dev"], scaled[n_pool:])
    print(f"pool: {pool.count} sentences of {len(splits['train'])} documents; dev: {dev.count} sentences")
    measured: dict[str, dict[str, list[list[float]]]] = {}
    for unit in ("sentence", "document"):
        curves = {
            name: np.array([curve(pool, dev, strategy, unit, options.budgets, seed) for seed in range(options.seeds)])
            for name, strategy in STRATEGIES.items()
        }
        print("\n".join(report(curves, options.budgets, unit)))
        measured[unit] = {name: c.tolist() for name, c in curves.items()}
    print(f"{time.perf_counter() - started:.0f} s")
    if options.out:
        settings = {"vectors": options.vectors, "budgets": options.budgets, "seeds": options.seeds}
        options.out.write_text(json.dumps(settings | {"macro_f1": measured}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
