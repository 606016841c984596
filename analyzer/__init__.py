"""Editorial bias and rhetoric analyzer: how an article argues, and what its conclusions rest on.

>>> from analyzer import Analyzer
>>> report = Analyzer.load().analyze(text)  # doctest: +SKIP
>>> report.conclusions[0].dependence  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analyzer.document import Document
    from analyzer.errors import AnalyzerError
    from analyzer.pipeline import Analyzer
    from analyzer.report import Report

__version__ = "0.1.0"
__all__ = ["Analyzer", "AnalyzerError", "Document", "Report", "__version__"]

_HOMES = {
    "Analyzer": "analyzer.pipeline",
    "AnalyzerError": "analyzer.errors",
    "Document": "analyzer.document",
    "Report": "analyzer.report",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that `import analyzer` stays instant."""
    if name not in _HOMES:
        raise AttributeError(f"module 'analyzer' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
