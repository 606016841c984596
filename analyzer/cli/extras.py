"""Turns a missing optional package into a message that says what to install."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from analyzer.errors import AnalyzerError


@contextmanager
def needs_extra(extra: str) -> Iterator[None]:
    """Run imports of an extra's packages; `AnalyzerError` names the install command when one is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        message = f"this command needs {error.name}; install it with: pip install 'editorial-analyzer[{extra}]'"
        raise AnalyzerError(message) from error
