"""How fast sentences are labelled, beside other ways to do it and beside what the machine can do at most.

    python tests/benchmarks/speed.py annotated.jsonl -o speed.json

The file holds labelled documents, as labeled/README.md describes them. Measured in one run, interleaved and repeated,
with medians and ranges; F1 is that of all documents of the dev split, so that speed is not bought with it unseen:

- (a) this project, int8 on the CPU; in single precision too, and on a GPU where PyTorch finds one
- (b) the same encoder and heads through a `transformers` text-classification pipeline, fp32, batches of 32
- (c) the same in PyTorch, bfloat16, batches sorted by length
- (d) sentence-transformers with a logistic regression a head (left out where it is not installed)
- (e) the mean of static word embeddings with a logistic regression a head
- the rate of matrix products of the encoder's shapes, and the share of it that the encoder reaches
- `analyzer report` as a whole process, on an article of 25 sentences and on one of 80

(b) to (e) see one sentence at a time. Needs the extra train. Give --sentences, --dev and --rounds small numbers to try it.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analyzer.training.data import LabelledDocument
    from tests.benchmarks.methods import Way

REPOSITORY = Path(__file__).parents[2]
PARTS = ("ways", "limits", "start")
# What a process that has ended had at the peak: `getrusage` would count what it inherited from this one.
REPORT = """
import atexit, pathlib, sys
status = pathlib.Path("/proc/self/status")
def note():
    peaks = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    pathlib.Path(sys.argv.pop()).write_text(peaks[0])
place = sys.argv.pop()
atexit.register(lambda: (sys.argv.append(place), note()))
from analyzer.cli import main
main()
"""


def main() -> None:
    """Measure what was asked for; print tables, write all figures as JSON."""
    given = _arguments()
    # Before NumPy and PyTorch are imported, which read it once.
    os.environ["OMP_NUM_THREADS"] = str(given.threads)
    sys.path.insert(0, str(REPOSITORY))
    results: dict[str, Any] = {"machine": _machine(), "threads": given.threads, "rounds": given.rounds}
    print(f"{results['machine']}, {given.threads} threads, medians of {given.rounds} rounds (least to most)\n")
    documents = _documents(given.data)
    parts: dict[str, Callable[[], Any]] = {
        "ways": lambda: _ways(documents, given),
        "limits": lambda: _limits(documents, given),
        "start": lambda: _start(documents, given),
    }
    for name in given.only:
        results[name] = parts[name]()
        print()
        if given.out:
            given.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="labelled documents, JSON lines")
    parser.add_argument("-o", "--out", type=Path, help="write all figures to this file, as JSON")
    parser.add_argument("--only", nargs="+", default=list(PARTS), choices=PARTS, help="parts to run")
    parser.add_argument("--sentences", type=int, default=600, help="sentences of the dev split that are timed")
    parser.add_argument("--dev", type=int, default=None, help="dev documents that F1 is measured on; all when left out")
    parser.add_argument("--train-sentences", type=int, default=4000, help="sentences that (d) and (e) are fitted on")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--without", nargs="+", default=[], help="ways to leave out, by their letter")
    return parser.parse_args()


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    named = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    units = [unit for unit in ("avx2", "avx_vnni", "avx512_vnni", "amx_int8") if unit in flags]
    return f"{named[0] if named else platform.processor()} ({', '.join(units) or 'no vector units known'})"


def _documents(data: Path) -> dict[str, list[LabelledDocument]]:
    from analyzer.schema import STANDARD_SCHEMA
    from analyzer.training.data import load_labelled

    documents = load_labelled(data, STANDARD_SCHEMA)
    return {split: [d for d in documents if d.split == split] for split in ("train", "dev")}


def _ways(documents: dict[str, list[LabelledDocument]], given: argparse.Namespace) -> dict[str, Any]:
    """Sentences a second from text to labels, F1 by head, and the share of sentences labelled as in (a) in fp32."""
    from tests.benchmarks.methods import gold_labels

    dev, timed = documents["dev"][: given.dev], _as_many_as(documents["dev"], given.sentences)
    texts, sample = [document.texts for document in dev], [document.texts for document in timed]
    n_timed = sum(map(len, sample))
    ways, left_out = _load_ways(_as_many_as(documents["train"], given.train_sentences), given)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way(sample[:2])
    for turn in range(given.rounds):
        for name in random.Random(turn).sample(list(ways), len(ways)):
            begin = time.perf_counter()
            ways[name](sample)
            seconds[name].append(time.perf_counter() - begin)
    exact = ways["a, fp32"](texts)
    results: dict[str, Any] = {}
    for name, way in ways.items():
        found = exact if name == "a, fp32" else way(texts)
        heads = {head: _f1(gold_labels(dev, head), labels, head) for head, labels in found.items()}
        same = sum((labels == exact[head]).mean() for head, labels in found.items()) / len(found)
        results[name] = {
            **_summary([n_timed / s for s in seconds[name]]),
            "f1": heads,
            "mean_f1": sum(heads.values()) / len(heads),
            "same_labels_as_fp32": float(same),
        }
    _print_ways(results, n_timed)
    for name, reason in left_out.items():
        print(f"({name}) left out: {reason}")
    return {"ways": results, "left_out": left_out, "timed_sentences": n_timed}


def _load_ways(train: Sequence[LabelledDocument], given: argparse.Namespace) -> tuple[dict[str, Way], dict[str, str]]:
    import torch

    from analyzer.model.folder import default_folder, open_folder
    from analyzer.model.onnx_runtime import OnnxEncoder
    from analyzer.model.torch_encoder import TorchEncoder
    from tests.benchmarks import methods

    torch.set_num_threads(given.threads)
    folder = open_folder(default_folder())
    loaders: dict[str, Callable[[], Way]] = {
        "a": lambda: methods.this_project(folder, OnnxEncoder(folder, threads=given.threads)),
        "a, fp32": lambda: methods.this_project(folder, TorchEncoder(folder, device="cpu")),
        "a, GPU": lambda: methods.this_project(folder, TorchEncoder(folder, device="cuda")),
        "b": lambda: methods.plain_pipeline(folder),
        "c": lambda: methods.half_precision(folder),
        "d": lambda: methods.sentence_transformers(folder, train),
        "e": lambda: methods.static_embeddings(folder, train),
    }
    left_out = dict.fromkeys(given.without, "as asked for")
    if not torch.cuda.is_available():
        left_out["a, GPU"] = "PyTorch finds no GPU"
    if importlib.util.find_spec("sentence_transformers") is None:
        left_out["d"] = "sentence-transformers is not installed"
    return {name: load() for name, load in loaders.items() if name not in left_out}, left_out


def _print_ways(results: dict[str, Any], n_timed: int) -> None:
    heads = list(results["a"]["f1"])
    base = results.get("b", results["a"])["median"]
    print(f"{n_timed} sentences, text to labels; F1 on the dev split")
    print(f"{'':10}{'sentences/s':>12}{'range':>18}{'to (b)':>8}{'same':>7}{'mean F1':>9}", *(f"{h:>9}" for h in heads))
    for name, row in results.items():
        spread = f"{row['least']:,.0f} to {row['most']:,.0f}"
        print(
            f"({name})".ljust(10) + f"{row['median']:12,.0f}{spread:>18}{row['median'] / base:7.2f}x"
            f"{row['same_labels_as_fp32']:7.1%}{row['mean_f1']:9.3f}",
            *(f"{row['f1'][head]:9.3f}" for head in heads),
        )


def _limits(documents: dict[str, list[LabelledDocument]], given: argparse.Namespace) -> dict[str, Any]:
    """The rate of matrix products, and that of the encoder on windows that are tokenised already."""
    import torch
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    from analyzer.model.folder import CONFIG, TOKENIZER, TORCH_WEIGHTS, default_folder, open_folder
    from analyzer.model.heads import DocumentHeads
    from analyzer.model.onnx_runtime import OnnxEncoder
    from analyzer.model.torch_encoder import TorchEncoder
    from analyzer.model.weights import read_weights
    from analyzer.training.export import calibration_windows
    from tests.benchmarks import limits

    folder = open_folder(default_folder())
    config = json.loads((folder.path / CONFIG).read_text(encoding="utf-8"))
    tensors = load_file(folder.path / TORCH_WEIGHTS)
    weights = read_weights(config, {n[8:]: t for n, t in tensors.items() if n.startswith("encoder.")})
    tokenizer = Tokenizer.from_file(str(folder.path / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    texts = [document.texts for document in documents["dev"]]
    windows = calibration_windows(texts, tokenizer, folder.settings.window)
    operations = limits.operations_of(weights, windows) / 1e9
    mark = DocumentHeads(folder).mark_tokens

    def encode(encoder: OnnxEncoder | TorchEncoder, times: int = 1) -> Callable[[], float]:
        def rate() -> float:
            begin = time.perf_counter()
            for _ in encoder.encode([*windows] * times, mark):
                pass
            return times * operations / (time.perf_counter() - begin)

        return rate

    rates: dict[str, Callable[[], float]] = {
        "int8 products": lambda: limits.int8_rate(weights, given.threads),
        "encoder, int8": encode(OnnxEncoder(folder, threads=given.threads)),
        "fp32 products": lambda: limits.single_rate(weights, given.threads),
        "bfloat16 products": lambda: limits.bfloat16_rate(weights, given.threads),
    }
    if torch.cuda.is_available():
        rates["GPU products, fp16"] = lambda: limits.gpu_rate(weights)
        rates["GPU encoder, fp16"] = encode(TorchEncoder(folder, device="cuda"), times=200)
    found: dict[str, list[float]] = {name: [] for name in rates}
    for _ in range(given.rounds):
        for name, rate in rates.items():
            found[name].append(rate())
    results = {name: _summary(values) for name, values in found.items()}
    print("billions of operations a second, shapes of the encoder")
    for name, row in results.items():
        print(f"{name:22}{row['median']:10,.1f}   {row['least']:,.1f} to {row['most']:,.1f}")
    for limit, reached in (("int8 products", "encoder, int8"), ("GPU products, fp16", "GPU encoder, fp16")):
        if limit in results:
            print(f"{reached} reaches {results[reached]['median'] / results[limit]['median']:.0%} of {limit}")
    return results


def _start(documents: dict[str, list[LabelledDocument]], given: argparse.Namespace) -> dict[str, Any]:
    """Seconds and peak memory of `analyzer report` as a whole process."""
    results = {}
    with tempfile.TemporaryDirectory() as scratch:
        for wanted in (25, 80):
            document = min(documents["dev"], key=lambda d: abs(len(d.texts) - wanted))
            article, peak = Path(scratch, f"{wanted}.txt"), Path(scratch, "peak")
            article.write_text(_text(document, wanted), encoding="utf-8")
            command = [sys.executable, "-c", REPORT, "report", str(article), str(peak)]
            environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
            seconds, peaks = [], []
            for _ in range(max(given.rounds, 1)):
                begin = time.perf_counter()
                subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
                seconds.append(time.perf_counter() - begin)
                peaks.append(int(peak.read_text()) / 1000)
            results[f"{wanted} sentences"] = {"seconds": _summary(seconds), "peak_mb": max(peaks)}
            row = results[f"{wanted} sentences"]["seconds"]
            spread = f"{row['least']:.2f} to {row['most']:.2f}"
            print(f"report of {wanted} sentences: {row['median']:.2f} s ({spread}), {max(peaks):.0f} MB at the peak")
    return results


def _text(document: LabelledDocument, n_sentences: int) -> str:
    """The document, or its beginning over and over, with so many sentences."""
    texts = [document.texts[k % len(document.texts)] for k in range(n_sentences)]
    return "\n\n".join(" ".join(texts[at : at + 3]) for at in range(0, len(texts), 3))


def _as_many_as(documents: Sequence[LabelledDocument], n_sentences: int) -> list[LabelledDocument]:
    """The first documents of a shuffled list, with about so many sentences."""
    chosen: list[LabelledDocument] = []
    for document in random.Random(0).sample(list(documents), len(documents)):
        if sum(len(d.texts) for d in chosen) >= n_sentences:
            break
        chosen.append(document)
    return chosen


def _f1(gold: Any, found: Any, head: str) -> float:
    from sklearn.metrics import f1_score

    average = "binary" if head == "loaded" else "macro"
    return float(f1_score(gold, found, average=average, zero_division=0.0))


def _summary(values: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


if __name__ == "__main__":
    main()
