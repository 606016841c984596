"""How a format names the file of a report: relative to the current folder, with forward slashes."""

from __future__ import annotations

import os
from pathlib import Path

from analyzer.report import Report


def shown_path(report: Report) -> str:
    """The document's path as people and tools know it; its title or id when it came from no file."""
    path = report.document.path
    if path is None:
        return report.document.title or report.document.id or "stdin"
    return relative_path(path) or path


def relative_path(path: str) -> str | None:
    """The path relative to the current folder, with forward slashes; None when the file is not below it."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # on another drive of Windows
        return None
    return None if relative == os.pardir or relative.startswith(os.pardir + os.sep) else Path(relative).as_posix()
