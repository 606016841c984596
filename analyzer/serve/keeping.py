"""Keeping reports, which happens only when the user named a folder for them.

In goes an answer, out comes a new file that nobody but the user can read.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
from datetime import datetime, timezone
from pathlib import Path

from anyio import to_thread

from analyzer.errors import AnalyzerError
from analyzer.serve.worker import Answer


def open_folder(folder: Path) -> None:
    """Make the folder if it is not there; raises `AnalyzerError` when it cannot hold files."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise AnalyzerError(f"cannot keep reports in {folder}: {error.strerror}; choose another folder") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise AnalyzerError(f"cannot keep reports in {folder}: no permission to write there; choose another folder")


async def keep(answer: Answer, folder: Path, *, suffix: str) -> None:
    """Write a report to a new file in `folder`. A full disk costs a line on stderr, not the reader's report."""
    try:
        await to_thread.run_sync(_write, answer.body, folder / f"{_name(answer.id)}.{suffix}")
    except OSError as error:
        print(f"analyzer: a report was not kept in {folder}: {error.strerror}", file=sys.stderr)


def _write(body: bytes, path: Path) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(body)


def _name(id: str) -> str:
    """A name that sorts by time, tells the document, never repeats and holds nothing but letters, digits and dashes."""
    told = re.sub(r"[^a-z0-9]+", "-", id.lower()).strip("-")[:60] or "text"
    return f"{datetime.now(timezone.utc):%Y%m%d-%H%M%S}-{told}-{secrets.token_hex(4)}"
