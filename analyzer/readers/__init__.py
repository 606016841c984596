"""Readers: from a file, bytes or a string to a `Document`.

`read_path`, `read_bytes` and `read_text` are all that other packages use. A format is one module with a
function `read(data, *, name)`, one line in `FORMATS`, and how it is known in `analyzer.readers.sniff`; it is imported
when a document of its kind comes.
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from pathlib import Path

from analyzer.document import Document
from analyzer.errors import AnalyzerError

__all__ = ["FORMATS", "LARGEST_FILE", "read_bytes", "read_path", "read_text"]

FORMATS = {
    "text": "analyzer.readers.text",
    "markdown": "analyzer.readers.markdown",
    "html": "analyzer.readers.html",
    "docx": "analyzer.readers.docx",
    "pdf": "analyzer.readers.pdf",
}

LARGEST_FILE = 50_000_000  # bytes; the longest novels have 3 million


def read_path(path: str | Path) -> Document:
    """The document in a file; `"-"` reads stdin. Raises `AnalyzerError` if it cannot be read."""
    if str(path) == "-":
        return read_bytes(sys.stdin.buffer.read(LARGEST_FILE + 1), name="stdin")
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise AnalyzerError(f"{path}: no such file; check the path") from None
    except IsADirectoryError:
        raise AnalyzerError(f"{path}: a folder, not a file; give the files in it") from None
    except PermissionError:
        reason = "a folder, not a file; give the files in it" if Path(path).is_dir() else "no permission to read it"
        raise AnalyzerError(f"{path}: {reason}") from None
    except (OSError, ValueError) as error:
        raise AnalyzerError(f"{path}: cannot be read ({error}); check the path") from None
    # A file may be called what is no text at all; what is published of it must be.
    name = str(path).encode("utf-8", "replace").decode("utf-8")
    return replace(read_bytes(data, name=name), path=name)


def read_bytes(data: bytes, *, name: str) -> Document:
    """The document in some bytes; `name` (a file name) gives the id and, where the content is unclear, the format."""
    _check_size(len(data), name)
    if not data.strip():
        raise AnalyzerError(f"{name}: empty; give a document that holds some sentences")
    from analyzer.readers.sniff import format_of

    module = importlib.import_module(FORMATS[format_of(data, name=name)])
    document: Document = module.read(data, name=name)
    return document


def read_text(text: str, *, id: str = "", title: str = "") -> Document:
    """The document in a string: plain text, Markdown or HTML. Raises `AnalyzerError` if there is no text in it."""
    from analyzer.readers.sniff import is_html

    name = id or "text"
    _check_size(len(text), name)
    if is_html(text):
        from analyzer.readers.html import document_from_html

        document = document_from_html(text, name=name, notes=["read as HTML"])
    else:
        from analyzer.readers.text import document_from_text

        document = document_from_text(text, name=name, notes=[])
    return replace(document, id=id, title=title or document.title)


def _check_size(size: int, name: str) -> None:
    if size > LARGEST_FILE:
        raise AnalyzerError(f"{name}: larger than {LARGEST_FILE // 1_000_000} MB; split it into documents")
