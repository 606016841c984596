"""This project's metrics as modules for the `evaluate` library: local folders, loaded without any download.

>>> import evaluate
>>> links = evaluate.load(module_path("link_f1"))
>>> links.compute(predictions=[[[1, 0], [2, 0]]], references=[[[1, 0]]])["f1"]
0.6666666666666666
"""

from __future__ import annotations

from pathlib import Path

from analyzer.errors import AnalyzerError

MODULES = ("label_f1", "calibration_error", "link_f1", "span_f1", "dependence_error")


def module_path(name: str) -> str:
    """The folder to give to `evaluate.load`; `AnalyzerError` when there is no metric of that name."""
    if name not in MODULES:
        raise AnalyzerError(f"no metric {name!r}; choose one of {', '.join(MODULES)}")
    return str(Path(__file__).parent / name)
