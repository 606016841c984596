"""Results of `analyzer evaluate` put together: into the metrics of a model, and over seeds.

In go dictionaries as the commands print them, out come one dictionary, and means with their spread by figure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.errors import AnalyzerError

SEEDS = "seeds"
# Where a result says that it was measured on so many documents only.
LIMIT = "limit"


def read_result(path: Path) -> dict[str, Any]:
    """A result that was written with `--json`."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise AnalyzerError(
            f"{path}: cannot be read ({error}); give what `analyzer evaluate … --json` wrote"
        ) from error
    if not isinstance(found, dict):
        raise AnalyzerError(f"{path}: not a result; give what `analyzer evaluate … --json` wrote")
    return found


def merged(result: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both; where they have a figure in common it is that of `other`."""
    found = dict(result)
    for key, value in other.items():
        old = found.get(key)
        found[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return found


def figures_of(result: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, float]]:
    """Every number of a nested result with its path, the keys joined by full stops."""
    for key, value in result.items():
        where = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            yield from figures_of(value, where)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield where, float(value)


def over_seeds(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Mean and standard deviation (n - 1) of every figure that all results have, by path."""
    if len(results) < 2:
        raise AnalyzerError(f"{len(results)} result for a spread over seeds, expected at least 2")
    figures = [dict(figures_of(result)) for result in results]
    shared = [path for path in figures[0] if all(path in other for other in figures[1:])]
    columns = {path: [of_seed[path] for of_seed in figures] for path in shared}
    return {
        "results": len(results),
        "figures": {
            path: {"mean": float(np.mean(column)), "sd": float(np.std(column, ddof=1))}
            for path, column in columns.items()
        },
    }


def figure(result: Mapping[str, Any], path: str) -> Any:
    """The figure at that path, which may hold names with full stops; None where there is none."""
    if path in result:
        return result[path]
    for place in (place for place, letter in enumerate(path) if letter == "."):
        inner = result.get(path[:place])
        found = figure(inner, path[place + 1 :]) if isinstance(inner, Mapping) else None
        if found is not None:
            return found
    return None
