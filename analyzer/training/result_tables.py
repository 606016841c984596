"""The tables that results are shown in, on a terminal and in the model card alike.

In go results as `analyzer evaluate … --json` prints them, out come tables of text, one a measurement that was made, and
nothing for one that was not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.schema import STANDARD_SCHEMA
from analyzer.training.benchmarks import BENCHMARKS
from analyzer.training.results import SEEDS, figure

_HEAD_FIGURES = ("macro_f1", "ece")
_LINKS = {"gold_roles": "gold roles", "end_to_end": "end to end"}
_NOTHING = "–"


@dataclass(frozen=True)
class Table:
    """Rows of text under a heading; every row is as long as `header`."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


def aligned(table: Table) -> str:
    """The table for a terminal: first column to the left, the others to the right."""
    lines = [table.header, *table.rows]
    widths = [max(len(line[k]) for line in lines) for k in range(len(table.header))]
    text = [
        "  ".join(
            cell.ljust(w) if k < 1 else cell.rjust(w) for k, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    return "\n".join([table.title, *(line.rstrip() for line in text), *([table.note] if table.note else [])])


def markdown(table: Table, *, level: int = 3) -> str:
    """The table under a heading of that level."""
    rows = [table.header, ["---"] * len(table.header), *table.rows]
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([f"{'#' * level} {table.title}", "", *lines, *(["", table.note] if table.note else [])])


def number(value: float | None, *, signed: bool = False) -> str:
    """A figure with three decimals."""
    if value is None:
        return _NOTHING
    return f"{value:+.3f}" if signed else f"{value:.3f}"


def between(interval: Sequence[float] | None, *, signed: bool = False) -> str:
    """An interval, from and to."""
    return _NOTHING if not interval else " to ".join(number(value, signed=signed) for value in interval)


def percent(share: Mapping[str, Any] | None, key: str = "mean") -> str:
    """A share in percent with its interval."""
    if not share or share[key] is None:
        return _NOTHING
    found = f"{100 * share[key]:.1f} %"
    low_high = share["interval"]
    return f"{found} ({100 * low_high[0]:.1f} to {100 * low_high[1]:.1f})" if low_high else found


class Results:
    """Results, read by path; a figure may have a spread over seeds beside it."""

    def __init__(self, results: Mapping[str, Any]) -> None:
        self._results = results
        self._seeds = results.get(SEEDS, {})

    @property
    def seeds(self) -> int:
        """How many seeds the spread is over; 0 without any."""
        return int(self._seeds.get("results", 0))

    def get(self, path: str) -> Any:
        """What is at that path; None where nothing is."""
        return figure(self._results, path)

    def section(self, path: str) -> Mapping[str, Any]:
        """The mapping at that path, empty where nothing is."""
        found = self.get(path)
        return found if isinstance(found, Mapping) else {}

    def spread(self, path: str) -> list[str]:
        """A cell with mean ± standard deviation over the seeds; no cell at all without seeds."""
        if not self.seeds:
            return []
        found = self._seeds["figures"].get(path)
        return [_NOTHING if found is None else f"{found['mean']:.3f} ± {found['sd']:.3f}"]

    @property
    def spread_header(self) -> list[str]:
        """The heading of such cells."""
        return [f"{self.seeds} seeds"] if self.seeds else []


def all_tables(results: Results, split: str) -> Iterator[Table]:
    """Everything that a result has, in the order of a reader's interest."""
    yield from document_tables(results, split)
    yield from confusion_tables(results, split)
    yield from comparison_tables(results)
    yield from contrast_tables(results)
    yield from evenness_tables(results)


def document_tables(results: Results, split: str) -> Iterator[Table]:
    """What was measured on labelled documents: heads, labels, confusions, links, score, spans, sources."""
    measured = results.section(split)
    if not measured:
        return
    yield _heads(results, split)
    yield _labels(results, split)
    yield from _argument(results, split)
    yield from _spans(results, split)
    yield from _sources(measured)


def _heads(results: Results, split: str) -> Table:
    baselines = results.section(f"baselines_{split}")
    rows = []
    for name, path in _head_paths(results.section(split)):
        rows.append(
            [
                name,
                *_figure(results, split, f"{path}.macro_f1"),
                number(results.get(f"{split}.{path}.ece")),
                *results.spread(f"{split}.{path}.ece"),
                *[number(methods.get(name)) for methods in baselines.values()],
            ]
        )
        if not STANDARD_SCHEMA.has(name) and results.get(f"{split}.{path}.macro_f1_yes_no") is not None:
            figure = _figure(results, split, f"{path}.macro_f1_yes_no")
            rows.append([f"{name}, yes and no", *figure, *[""] * (len(rows[-1]) - len(figure) - 1)])
    header = ["head", *_figure_header(results, "macro-F1"), "ECE", *[f"ECE, {h}" for h in results.spread_header]]
    names = [method.replace("_", " ") for method in baselines]
    note = "For `loaded` the figure is the F1 of the loaded class. Intervals: bootstrap over the documents."
    return Table("By head", [*header, *names], rows, note)


def _head_paths(measured: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, result in measured["heads"].items():
        yield name, f"heads.{name}"
        if "attributed" in result:
            yield f"{name}, attributed only", f"heads.{name}.attributed"


def _figure(results: Results, split: str, path: str) -> list[str]:
    return [
        number(results.get(f"{split}.{path}")),
        between(results.section(f"{split}.intervals").get(path)),
        *results.spread(f"{split}.{path}"),
    ]


def _figure_header(results: Results, name: str) -> list[str]:
    return [name, "95 % interval", *results.spread_header]


def _labels(results: Results, split: str) -> Table:
    rows = []
    for name, path in _head_paths(results.section(split)):
        for label, row in results.section(f"{split}.{path}.labels").items():
            figures = _figure(results, split, f"{path}.labels.{label}.f1")
            rows.append(
                [f"{name}: {label}", number(row["precision"]), number(row["recall"]), *figures, f"{row['support']:,}"]
            )
    header = ["label", "precision", "recall", *_figure_header(results, "F1"), "sentences"]
    return Table("By label", header, rows)


def confusion_tables(results: Results, split: str) -> Iterator[Table]:
    """How often a label (rows) was given as which (columns)."""
    for name, result in results.section(f"{split}.heads").items():
        confusion = result.get("confusion")
        if isinstance(confusion, Mapping):
            for label, table in confusion.items():
                yield _confusion(f"{name}: {label}" if len(confusion) > 1 else name, ["no", "yes"], table)
        elif confusion:
            yield _confusion(name, list(result["labels"]), confusion)


def _confusion(name: str, labels: Sequence[str], table: Sequence[Sequence[int]]) -> Table:
    rows = [[label, *(f"{count:,}" for count in counts)] for label, counts in zip(labels, table, strict=True)]
    return Table(f"Confusion of {name}", ["is, called", *labels], rows)


def _argument(results: Results, split: str) -> Iterator[Table]:
    links, score = results.section(f"{split}.links"), results.section(f"{split}.dependence")
    if links:
        rows = [
            [
                _LINKS[kind],
                number(row["precision"]),
                number(row["recall"]),
                *_figure(results, split, f"links.{kind}.f1"),
                f"{row['support']:,}",
            ]
            for kind, row in links.items()
        ]
        yield Table("Support links", ["roles", "precision", "recall", *_figure_header(results, "F1"), "links"], rows)
    if score.get("spearman") is not None:
        names = {
            "spearman": "Spearman",
            "mean_absolute_error": "mean absolute error",
            "opinion_share_mean_absolute_error": "mean absolute error of the opinion share",
        }
        rows = [[name, *_figure(results, split, f"dependence.{key}")] for key, name in names.items()]
        note = (
            f"Over {score['documents']} documents that have conclusions in both; conclusions missed altogether in "
            f"{score['missed']}, invented in {score['invented']}."
        )
        yield Table(
            "Dependence of a document, against the one from gold labels",
            ["", *_figure_header(results, "figure")],
            rows,
            note,
        )


def _spans(results: Results, split: str) -> Iterator[Table]:
    spans = results.section(f"{split}.spans")
    if spans:
        rows = [
            [
                label,
                number(found["words"]["f1"]),
                *results.spread(f"{split}.spans.{label}.words.f1"),
                number(found["words"]["precision"]),
                number(found["words"]["recall"]),
                number(found["spans"]["f1"]),
                *results.spread(f"{split}.spans.{label}.spans.f1"),
                f"{found['words']['support']:,}",
            ]
            for label, found in spans.items()
        ]
        seeds = results.spread_header
        header = ["words", "F1 of words", *seeds, "precision", "recall", "F1 of exact spans", *seeds, "marked words"]
        yield Table("Marked words", header, rows)


def _sources(measured: Mapping[str, Any]) -> Iterator[Table]:
    sources = measured.get("sources", {})
    if sources:
        heads = list(measured["heads"])
        rows = [
            [
                name,
                f"{found['documents']:,}",
                f"{found['sentences']:,}",
                *[number(figure(found, f"heads.{head}.macro_f1")) for head in heads],
                *[number(figure(found, f"links.{kind}.f1")) for kind in _LINKS],
                number(figure(found, "dependence.mean_absolute_error")),
            ]
            for name, found in sources.items()
        ]
        links = [f"links, {name}" for name in _LINKS.values()]
        header = ["corpus", "documents", "sentences", *heads, *links, "error of the score"]
        yield Table(
            "By corpus", header, rows, "Macro-F1 by head, F1 of links. Labels that a corpus lacks do not count."
        )


def comparison_tables(results: Results) -> Iterator[Table]:
    """The model beside others, or beside itself read in another way."""
    for name, compared in results.section("comparisons").items():
        rows = [
            [
                path.removeprefix("heads.").replace(".labels.", ": ").replace("_", " ").replace(".", " "),
                number(found["figure"]),
                number(found["other"]),
                number(found["difference"], signed=True),
                between(found["interval"], signed=True),
            ]
            for path, found in compared.items()
            if not path.endswith(".accuracy")
        ]
        note = "Intervals: paired bootstrap over the documents. Of errors (ECE, mean absolute error), less is better."
        yield Table(f"Compared with: {name}", ["figure", "model", "other", "difference", "95 % interval"], rows, note)


def contrast_tables(results: Results) -> Iterator[Table]:
    """How often both sides of a pair that differs in one edit are judged rightly."""
    contrast = results.section("contrast")
    if not contrast:
        return
    found = {"all": contrast["all"], **contrast["kinds"]}
    rows = [
        [
            name.replace("_", " "),
            row.get("head", ""),
            f"{row['pairs']:,}",
            percent(row["both_right"], "share"),
            *results.spread("contrast." + ("" if name == "all" else "kinds.") + f"{name}.both_right.share"),
            *(f"{100 * row[key]['share']:.1f} %" for key in ("a_right", "b_right", "moved_right")),
        ]
        for name, row in found.items()
    ]
    header = [
        "edit",
        "head",
        "pairs",
        "both right",
        *results.spread_header,
        "first right",
        "second right",
        "moved rightly",
    ]
    note = "Moved rightly: the edit makes the label that it should bring likelier. In brackets the 95 % interval."
    yield Table("Contrast sets", header, rows, note)


def evenness_tables(results: Results) -> Iterator[Table]:
    """What swapping names changes, by group of names."""
    even = results.section("even_handedness")
    found = {
        name: row
        for name, row in {"all": even.get("all"), **even.get("groups", {}), "controls": even.get("controls")}.items()
        if row
    }
    if not found:
        return
    heads = list(next(iter(found.values()))["changed"])
    rows = [
        [
            name.replace("_", " "),
            f"{row['sentences']:,}",
            f"{row['swaps']:,}",
            *[percent({**row["changed"][head], "interval": None}) for head in heads if head not in ("any", "mean")],
            percent(row["changed"]["mean"]),
            percent(row["changed"]["any"]),
            percent(row["meaningless_edit"]["mean"]),
        ]
        for name, row in found.items()
    ]
    names = [head for head in heads if head not in ("any", "mean")]
    yield Table(
        "Swapped names: labels changed",
        ["names", "sentences", "swaps", *names, "a label", "any label", "a label, by a meaningless edit"],
        rows,
        "A label: of all labels of all swapped sentences. A meaningless edit puts a footnote mark after the same "
        "sentences; `controls` swaps names that mean nothing to anybody, such as weekdays.",
    )
    rows = [[name.replace("_", " "), *_lean(row["loaded"])] for name, row in found.items() if "loaded" in row]
    if rows:
        yield Table(
            "Swapped names: how loaded a sentence is",
            ["names", "P, first to second", "P, second to first", "P, second minus first", "rate, second minus first"],
            rows,
            "Mean change of P(loaded), and of the share of sentences labelled loaded, with 95 % intervals.",
        )


def _lean(loaded: Mapping[str, Any]) -> list[str]:
    cells = []
    for direction, key in (
        ("first_to_second", "probability"),
        ("second_to_first", "probability"),
        ("second_minus_first", "probability"),
        ("second_minus_first", "rate"),
    ):
        found = loaded[direction][key]
        interval = f" ({between(found['interval'], signed=True)})" if found["interval"] else ""
        cells.append(number(found["mean"], signed=True) + interval)
    return cells


def benchmark_tables(results: Results) -> Iterator[Table]:
    """Public benchmarks, their main figures."""
    rows = []
    for name, measured in results.section("benchmarks").items():
        for path in measured["shown"]:
            found = figure(measured, path)
            in_folds = isinstance(found, Mapping)
            shown = f"{found['mean']:.3f} ± {found['sd']:.3f}" if in_folds and found["sd"] is not None else None
            value = found["mean"] if in_folds else found
            seeds = results.spread(f"benchmarks.{name}.{path}" + (".mean" if in_folds else ""))
            how = f"trained from {measured['encoder']}" if "encoder" in measured else "the model"
            if measured.get("trained_on_it"):
                how += ", which was trained on texts of this corpus"
            label = path.replace("_", " ").replace(".", " ")
            rows.append([f"{name}: {label}", shown or number(value), *seeds, how])
    if rows:
        note = "; ".join(BENCHMARKS[name].summary for name in results.section("benchmarks") if name in BENCHMARKS)
        header = ["benchmark", "figure", *results.spread_header, "measured on"]
        yield Table("Public benchmarks", header, rows, f"± is the standard deviation over folds. {note}.")
