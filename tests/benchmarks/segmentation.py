"""Compares sentence segmenters on the hard cases in `tests/segmentation/boundaries.jsonl`.

Run `python tests/benchmarks/segmentation.py`; libraries that are not installed are left out. It prints precision,
recall and F1 of the boundaries inside the cases, speed, cost of the first call, whether the offsets are
exact, and the F1 of each category. `--errors NAME` prints the cases that NAME gets wrong.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

CASES = Path(__file__).parents[1] / "segmentation" / "boundaries.jsonl"
REPOSITORY = Path(__file__).parents[2]
SPEED_CHARACTERS = 300_000

Spans = list[tuple[int, int]]
Splitter = Callable[[str], Spans]


class Case(NamedTuple):
    """A text with its sentences; `split` is `develop` (rules may be tuned on it) or `check` (they may not)."""

    category: str
    split: str
    text: str
    sentences: list[str]


class Score(NamedTuple):
    """Counts of boundaries between sentences; the trivial one at the end of a text is not counted."""

    hits: int
    predicted: int
    gold: int

    @property
    def precision(self) -> float:
        return self.hits / self.predicted if self.predicted else 1.0

    @property
    def recall(self) -> float:
        return self.hits / self.gold if self.gold else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.hits / (self.predicted + self.gold) if self.predicted + self.gold else 1.0


def read_cases(path: Path = CASES) -> list[Case]:
    return [Case(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def boundaries(sentences: Iterable[str]) -> set[int]:
    """Where sentences begin (but for the first), counted in characters that are not white space.

    So segmenters that trim, and those that keep the space between sentences, are measured alike.
    """
    positions = set()
    position = 0
    for sentence in sentences:
        positions.add(position)
        position += len("".join(sentence.split()))
    return positions - {0, position}


def measure(split: Splitter, cases: Iterable[Case]) -> Score:
    hits = predicted = gold = 0
    for case in cases:
        expected = boundaries(case.sentences)
        found = boundaries(case.text[start:end] for start, end in split(case.text))
        hits, predicted, gold = hits + len(expected & found), predicted + len(found), gold + len(expected)
    return Score(hits, predicted, gold)


def lossless(split: Splitter, text: str) -> bool:
    """Whether the spans are in order and cover every character that is not white space, once."""
    spans = split(text)
    ordered = all(left[1] <= right[0] for left, right in pairwise(spans))
    return ordered and "".join("".join(text[a:b] for a, b in spans).split()) == "".join(text.split())


def find_in_order(text: str, sentences: Iterable[str]) -> Spans:
    """Offsets for a library that returns only strings; raises ValueError where it changed the text."""
    spans: Spans = []
    position = 0
    for sentence in sentences:
        position = text.index(sentence.strip(), position)
        spans.append((position, position + len(sentence.strip())))
        position = spans[-1][1]
    return spans


def load_analyzer() -> Splitter:
    sys.path.insert(0, str(REPOSITORY))
    from analyzer.document import Block, BlockKind, Document
    from analyzer.segment import segment

    def split(text: str) -> Spans:
        document = Document(text, (Block(BlockKind.PARAGRAPH, 0, len(text)),))
        return [(sentence.start, sentence.end) for sentence in segment(document)]

    return split


def load_sentencex() -> Splitter:
    import sentencex

    return lambda text: [(s["start_index"], s["end_index"]) for s in sentencex.get_sentence_boundaries("en", text)]


def load_nupunkt() -> Splitter:
    import nupunkt

    return nupunkt.sent_spans


def load_syntok() -> Splitter:
    from syntok import segmenter

    def split(text: str) -> Spans:
        sentences = (tokens for paragraph in segmenter.analyze(text) for tokens in paragraph)
        return [(tokens[0].offset, tokens[-1].offset + len(tokens[-1].value)) for tokens in sentences]

    return split


def load_pysbd() -> Splitter:
    import pysbd

    segmenter = pysbd.Segmenter(language="en", clean=False)
    return lambda text: find_in_order(text, segmenter.segment(text))


def load_blingfire() -> Splitter:
    import blingfire

    def split(text: str) -> Spans:
        offsets = blingfire.text_to_sentences_and_offsets(text)[1]
        return [(int(start), int(end)) for start, end in offsets]

    return split


LOADERS: dict[str, Callable[[], Splitter]] = {
    "analyzer": load_analyzer,
    "sentencex": load_sentencex,
    "nupunkt": load_nupunkt,
    "syntok": load_syntok,
    "pysbd": load_pysbd,
    "blingfire": load_blingfire,
}


def peak_memory() -> float:
    """Peak resident memory of this process in MiB (Linux; elsewhere nan).

    Not from `getrusage`, whose peak a new process inherits from the one that started it.
    """
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), float("nan"))


def cost_of_first_call(name: str) -> tuple[float, float]:
    """Milliseconds to import the library and split one sentence, and MiB of peak memory it adds, in a fresh process."""
    program = (
        "import sys, time\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from segmentation import LOADERS, peak_memory\n"
        "before = peak_memory(); start = time.perf_counter()\n"
        f"LOADERS[{name!r}]()('It rained. It was cold.')\n"
        "print(1000 * (time.perf_counter() - start), peak_memory() - before)"
    )
    outputs = [subprocess.check_output([sys.executable, "-c", program], text=True).split() for _ in range(5)]
    return min(float(output[0]) for output in outputs), max(float(output[1]) for output in outputs)


def characters_per_second(split: Splitter, paragraphs: list[str]) -> float:
    start = time.perf_counter()
    for paragraph in paragraphs:
        split(paragraph)
    return sum(map(len, paragraphs)) / (time.perf_counter() - start)


def news_paragraphs(cases: list[Case]) -> list[str]:
    """Paragraphs of five cases each, as long as those of an article."""
    paragraphs = [" ".join(case.text for case in cases[at : at + 5]) for at in range(0, len(cases), 5)]
    return paragraphs * (SPEED_CHARACTERS // sum(map(len, paragraphs)) + 1)


def print_errors(split: Splitter, cases: Iterable[Case]) -> None:
    for case in cases:
        found = [case.text[start:end].strip() for start, end in split(case.text)]
        if boundaries(found) != boundaries(case.sentences):
            print(f"{case.split} {case.category}: {' ‖ '.join(found)}\n    gold: {' ‖ '.join(case.sentences)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--errors", choices=LOADERS, help="print the cases that this segmenter gets wrong")
    parser.add_argument("--split", choices=("develop", "check"), help="only cases of this split")
    options = parser.parse_args()
    cases = [case for case in read_cases() if options.split in (None, case.split)]
    if options.errors:
        print_errors(LOADERS[options.errors](), cases)
        return

    splitters = {n: load() for n, load in LOADERS.items() if n == "analyzer" or importlib.util.find_spec(n)}
    paragraphs = news_paragraphs(cases)
    print(f"{len(cases)} cases, {sum(len(case.sentences) - 1 for case in cases)} boundaries inside them\n")
    print(
        f"{'':<22}{'P':>7}{'R':>7}{'F1':>7}{'develop':>9}{'check':>7}{'char/s':>12}{'first ms':>10}{'MiB':>6}  offsets"
    )
    for name, split in splitters.items():
        score = measure(split, cases)
        develop, check = (measure(split, [c for c in cases if c.split == s]).f1 for s in ("develop", "check"))
        milliseconds, memory = cost_of_first_call(name)
        offsets = "exact" if all(lossless(split, case.text) for case in cases) else "lossy"
        print(
            f"{name:<22}{score.precision:>7.3f}{score.recall:>7.3f}{score.f1:>7.3f}{develop:>9.3f}{check:>7.3f}"
            f"{characters_per_second(split, paragraphs):>12,.0f}{milliseconds:>10.0f}{memory:>6.0f}  {offsets}"
        )
    print(f"\n{'F1 by category':<22}" + "".join(f"{name:>11}" for name in splitters))
    for category in dict.fromkeys(case.category for case in cases):
        members = [case for case in cases if case.category == category]
        print(f"{category:<22}" + "".join(f"{measure(split, members).f1:>11.3f}" for split in splitters.values()))


if __name__ == "__main__":
    main()
