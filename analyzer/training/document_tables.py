"""The tables of what was measured on labelled documents, by head, label, corpus and so on.

In go results, out come tables, one a measurement that was made, and nothing for one that was not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analyzer.schema import STANDARD_SCHEMA
from analyzer.training.result_tables import Results, Table, between, number
from analyzer.training.results import figure

_LINKS = {"gold_roles": "gold roles", "end_to_end": "end to end"}


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
            both = _figure(results, split, f"{path}.macro_f1_yes_no")
            rows.append([f"{name}, yes and no", *both, *[""] * (len(rows[-1]) - len(both) - 1)])
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
