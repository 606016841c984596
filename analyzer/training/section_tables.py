"""The tables of everything that is measured beside labelled documents: comparisons, contrast sets, swaps, benchmarks.

In go results, out come tables, one a measurement that was made, and nothing for one that was not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analyzer.training.benchmarks import BENCHMARKS
from analyzer.training.document_tables import confusion_tables, document_tables
from analyzer.training.result_tables import Results, Table, between, number, percent
from analyzer.training.results import figure


def all_tables(results: Results, split: str) -> Iterator[Table]:
    """Everything that a result has, in the order of a reader's interest."""
    yield from document_tables(results, split)
    yield from confusion_tables(results, split)
    yield from comparison_tables(results)
    yield from contrast_tables(results)
    yield from evenness_tables(results)


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
                *results.spread(f"comparisons.{name}.{path}.difference"),
            ]
            for path, found in compared.items()
            if not path.endswith(".accuracy")
        ]
        note = "Intervals: paired bootstrap over the documents. Of errors (ECE, mean absolute error), less is better."
        seeds = [f"difference, {header}" for header in results.spread_header]
        header = ["figure", "model", "other", "difference", "95 % interval", *seeds]
        yield Table(f"Compared with: {name}", header, rows, note)


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
            *results.spread(
                f"even_handedness.{'' if name in ('all', 'controls') else 'groups.'}{name}.changed.mean.mean"
            ),
            percent(row["changed"]["any"]),
            percent(row["meaningless_edit"]["mean"]),
        ]
        for name, row in found.items()
    ]
    names = [head for head in heads if head not in ("any", "mean")]
    yield Table(
        "Swapped names: labels changed",
        [
            "names",
            "sentences",
            "swaps",
            *names,
            "a label",
            *results.spread_header,
            "any label",
            "a label, by a meaningless edit",
        ],
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
