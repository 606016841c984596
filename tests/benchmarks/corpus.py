"""How fast `analyzer score` is, what it needs, and what it costs beside the encoder that it runs.

    python tests/benchmarks/corpus.py DATA -o corpus.json

DATA is a folder with articles as JSON lines (`polnear_*.jsonl`, `basil.jsonl`, `ptc.jsonl`), as labeled/README.md names
them. Measured, interleaved and repeated, medians and ranges given:

- speed: `score` end to end (start, reading and writing included), against the same encoder in PyTorch in a plain
  `transformers` pipeline (single sentences, batches of 32, no aggregation), against `Analyzer.analyze` one document
  after another, and against the int8 encoder alone on the same windows with the same threads
- ray: `score` with as many Ray workers as the local run has
- long: one document of 5,000 sentences, and what of its time is not the encoder's
- sizes: documents a second and peak memory (all processes) of corpora of short documents, the same ones repeated and
  shuffled

Give --documents and --sizes small numbers to try it. Needs the extras train, corpus and ray.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
from tokenizers import Tokenizer

from analyzer import Analyzer
from analyzer.model.folder import TOKENIZER, default_folder, open_folder
from analyzer.model.heads import DocumentHeads
from analyzer.model.onnx_runtime import OnnxEncoder
from analyzer.model.spans import TokenMarker
from analyzer.model.windows import Window, pack_windows, special_tokens
from analyzer.readers import read_text
from analyzer.segment import segment

Articles = list[dict[str, str]]
_SAMPLES = ("polnear_*.jsonl", "basil.jsonl", "ptc.jsonl")


def main() -> None:
    """Measure what was asked for; print a line a figure, write all of them as JSON."""
    given = _arguments()
    os.environ["OMP_NUM_THREADS"] = str(given.threads)
    articles = list(_articles(given.data))
    random.Random(0).shuffle(articles)
    articles = articles[: given.documents]
    results: dict[str, Any] = {"threads": given.threads, "documents": len(articles), "machine": _machine()}
    parts: dict[str, Callable[[], Any]] = {
        "speed": lambda: _speed(articles, given),
        "ray": lambda: _ray(articles, given),
        "long": lambda: _long(articles),
        "sizes": lambda: {size: _size(articles, size, given.threads) for size in given.sizes},
    }
    for name in given.only:
        results[name] = parts[name]()
        _print(name, results[name])
        if given.out:
            given.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with the articles")
    parser.add_argument("-o", "--out", type=Path, help="write all figures to this file, as JSON")
    parser.add_argument("--only", nargs="+", default=["speed", "ray", "long", "sizes"], help="parts to run")
    parser.add_argument("--documents", type=int, default=None, help="articles to measure on; all when left out")
    parser.add_argument("--sample", type=int, default=100, help="articles that the slower ways are measured on")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 50_000])
    return parser.parse_args()


def _machine() -> dict[str, Any]:
    return {"processors": os.cpu_count(), "memory_gb": round(psutil.virtual_memory().total / 1e9)}


def _articles(data: Path) -> Iterator[dict[str, str]]:
    for pattern in _SAMPLES:
        for path in sorted(data.glob(pattern)):
            for line in path.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                text = row.get("text") or "\n\n".join(" ".join(sentences) for sentences in row["paragraphs"])
                yield {"id": row["id"], "text": text}


def _speed(articles: Articles, given: argparse.Namespace) -> dict[str, Any]:
    """Sentences a second of every way; the slow ones on a sample, which is the same in every round."""
    sample = articles[: given.sample]
    windows, n_sentences = _windows(articles)
    _, n_sampled = _windows(sample)
    folder = open_folder(default_folder())
    encoder, mark = OnnxEncoder(folder, threads=given.threads), DocumentHeads(folder).mark_tokens
    plain, analyzer = _plain_pipeline(given.threads), Analyzer.load()
    sentences = _sentences(sample)

    def one_by_one() -> None:
        for article in sample:
            analyzer.analyze(article["text"])

    ways: dict[str, tuple[Callable[[], Any], int]] = {
        "score": (lambda: _score(articles, given.threads), n_sentences),
        "encoder alone": (lambda: _encode(encoder, windows, mark), n_sentences),
        "transformers pipeline": (lambda: plain(sentences), n_sampled),
        "Analyzer.analyze": (one_by_one, n_sampled),
    }
    rates = _interleaved(ways, given.rounds)
    documents_a_sentence = len(articles) / n_sentences
    medians = {name: found["median"] for name, found in rates.items()}
    return {
        "sentences": n_sentences,
        "sentences_a_second": rates,
        "documents_a_second": round(medians["score"] * documents_a_sentence, 2),
        "times_the_pipeline": round(medians["score"] / medians["transformers pipeline"], 2),
        "times_one_by_one": round(medians["score"] / medians["Analyzer.analyze"], 2),
        "share_of_other_work": round(1 - medians["score"] / medians["encoder alone"], 3),
    }


def _interleaved(ways: dict[str, tuple[Callable[[], Any], int]], rounds: int) -> dict[str, dict[str, float]]:
    """Units a second of every way, each run once a round."""
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (run, units) in ways.items():
            begin = time.perf_counter()
            run()
            rates[name].append(units / (time.perf_counter() - begin))
    return {name: _summary(found) for name, found in rates.items()}


def _summary(values: Sequence[float]) -> dict[str, float]:
    named = {"median": statistics.median(values), "least": min(values), "most": max(values)}
    return {name: round(value, 2) for name, value in named.items()}


def _sentences(articles: Articles) -> list[str]:
    documents = [read_text(article["text"]) for article in articles]
    return [d.text[s.start : s.end] for d in documents for s in segment(d)]


def _windows(articles: Articles) -> tuple[list[Window], int]:
    folder = open_folder(default_folder())
    tokenizer = Tokenizer.from_file(str(folder.path / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    cls_id, sep_id = special_tokens(tokenizer)
    windows: list[Window] = []
    count = 0
    for article in articles:
        texts = _sentences([article])
        tokens = [encoding.ids for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]
        windows += pack_windows(tokens, cls_id=cls_id, sep_id=sep_id, limit=folder.settings.window)
        count += len(texts)
    return windows, count


def _encode(encoder: OnnxEncoder, windows: Sequence[Window], mark: TokenMarker) -> None:
    for _ in encoder.encode(windows, mark):
        pass


def _plain_pipeline(threads: int) -> Callable[[Sequence[str]], None]:
    """The encoder's own weights, as `transformers` runs them out of the box."""
    import torch
    from transformers import PreTrainedTokenizerFast, pipeline

    from analyzer.model.torch_weights import load_encoder

    torch.set_num_threads(threads)
    encoder, tokenizer = load_encoder(default_folder())
    encoder.eval()
    pad = next(token for token in ("[PAD]", "<pad>") if tokenizer.token_to_id(token) is not None)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token=pad, model_max_length=512)
    extract = pipeline("feature-extraction", model=encoder, tokenizer=fast, batch_size=32, device="cpu")

    def run(sentences: Sequence[str]) -> None:
        extract(list(sentences), return_tensors=True, tokenize_kwargs={"truncation": True})

    return run


def _score(articles: Articles, workers: int, *options: str) -> dict[str, Any]:
    """Run the command; the event that ended its log, with the peak memory of all of its processes added."""
    with tempfile.TemporaryDirectory() as folder:
        corpus, log = Path(folder, "corpus.jsonl"), Path(folder, "log.jsonl")
        with corpus.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(article) + "\n" for article in articles)
        command = [sys.executable, "-c", "from analyzer.cli import main; main()", "score", str(corpus)]
        command += ["-o", str(Path(folder, "out")), "--workers", str(workers), "--log", str(log), *options]
        process = subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"})
        peak = _PeakMemory(process.pid)
        if process.wait():
            raise SystemExit(f"score ended with {process.returncode}")
        ended: dict[str, Any] = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
        return {**ended, "peak_mb": peak.stop()}


class _PeakMemory:
    """The most memory that a process and its children have held, shared pages counted once (PSS)."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(1.0):
            try:
                found = [self._process, *self._process.children(recursive=True)]
                self._peak = max(self._peak, sum(p.memory_full_info().pss for p in found))
            except psutil.Error:
                continue

    def stop(self) -> int:
        """Megabytes."""
        self._ended.set()
        self._thread.join()
        return self._peak // 1_000_000


def _ray(articles: Articles, given: argparse.Namespace) -> dict[str, Any]:
    rates: dict[str, list[float]] = {"local": [], "ray": []}
    for _ in range(given.rounds):
        for engine, found in rates.items():
            found.append(_score(articles, given.threads, "--engine", engine)["sentences_a_second"])
    summaries = {engine: _summary(found) for engine, found in rates.items()}
    share = round(summaries["ray"]["median"] / summaries["local"]["median"], 3)
    return {"sentences_a_second": summaries, "ray_of_local": share}


def _long(articles: Articles) -> dict[str, Any]:
    """One document of 5,000 sentences, made of the articles as often as it takes."""
    sentences = _sentences(articles)
    texts = (sentences * (5_000 // len(sentences) + 1))[:5_000]
    text = "\n\n".join(" ".join(texts[at : at + 5]) for at in range(0, len(texts), 5))
    spent = [0.0]

    class Timed(OnnxEncoder):
        def encode(self, windows: Sequence[Window], mark: TokenMarker) -> Iterator[Any]:
            encoded = super().encode(windows, mark)
            while True:
                begin = time.perf_counter()
                hidden = next(encoded, None)
                spent[0] += time.perf_counter() - begin
                if hidden is None:
                    return
                yield hidden

    analyzer = Analyzer(default_folder(), runtime=Timed)
    begin = time.perf_counter()
    report = analyzer.analyze(text)
    whole = time.perf_counter() - begin
    counts = {"sentences": len(report.sentences), "nodes": len(report.graph.nodes), "links": len(report.graph.links)}
    return {**counts, "seconds": round(whole, 1), "seconds_beside_the_encoder": round(whole - spent[0], 1)}


def _size(articles: Articles, size: int, workers: int) -> dict[str, float]:
    """A corpus of short documents: three sentences of an article each, repeated and shuffled."""
    short = [" ".join(_sentences([article])[:3]) for article in articles]
    order = random.Random(size)
    texts = [short[number % len(short)] for number in range(size)]
    order.shuffle(texts)
    found = _score([{"id": str(number), "text": text} for number, text in enumerate(texts)], workers)
    rate = found["documents_a_second"]
    return {"documents_a_second": rate, "ms_a_document": round(1000 / rate, 2), "peak_mb": found["peak_mb"]}


def _print(name: str, result: Any, indent: str = "") -> None:
    if not isinstance(result, dict):
        print(f"{indent}{name}: {result}", flush=True)
        return
    print(f"{indent}{name}", flush=True)
    for key, value in result.items():
        _print(str(key), value, indent + "  ")


if __name__ == "__main__":
    main()
