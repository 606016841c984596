"""The texts of corpora that labels point into: JSON-lines files in a folder, as their owners let people have them.

A row has an `id` and either `text` or `paragraphs` (strings, or lists of sentences). The files of a corpus are those
whose names begin with its name: `ptc.jsonl`, `polnear_train.jsonl` and `polnear_dev.jsonl`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analyzer.errors import AnalyzerError
from analyzer.labelling.documents import rows_of_file


class Corpora:
    """A folder of corpora; each is read when the first of its documents is asked for."""

    def __init__(self, folder: Path) -> None:
        """Open the folder; `AnalyzerError` when there is none."""
        if not folder.is_dir():
            raise AnalyzerError(f"{folder}: no such folder; give the one that holds ptc.jsonl and the other corpora")
        self._folder = folder
        self._texts: dict[str, dict[str, tuple[str, str]]] = {}

    def text(self, corpus: str, id: str) -> str | None:
        """The text of a document; None when the corpus is not in the folder or lacks it."""
        found = self._corpus(corpus).get(id)
        return found[0] if found else None

    def title(self, corpus: str, id: str) -> str:
        """The title that the corpus gives a document; empty when it gives none."""
        found = self._corpus(corpus).get(id)
        return found[1] if found else ""

    def has(self, corpus: str) -> bool:
        """Whether the folder holds any document of the corpus."""
        return bool(self._corpus(corpus))

    def _corpus(self, name: str) -> dict[str, tuple[str, str]]:
        if name not in self._texts:
            self._texts[name] = dict(self._read(name))
        return self._texts[name]

    def _read(self, name: str) -> Iterator[tuple[str, tuple[str, str]]]:
        files = [path for path in sorted(self._folder.glob("*.jsonl")) if name and path.name.startswith(name)]
        for path in files:
            for line, row in rows_of_file(path):
                if not isinstance(row, dict) or "id" not in row:
                    raise AnalyzerError(f"{path}:{line}: no row of a corpus; give an object with id and text")
                yield str(row["id"]), (text_of_row(row), str(row.get("title") or ""))


def text_of_row(row: dict[str, Any]) -> str:
    """The text of a corpus row: its `text`, or its paragraphs with a blank line between, their sentences with a space.

    Offsets of stand-off labels count code points of this text.
    """
    if isinstance(row.get("text"), str):
        return str(row["text"])
    paragraphs = row.get("paragraphs")
    if not isinstance(paragraphs, list):
        return ""
    return "\n\n".join(" ".join(map(str, p)) if isinstance(p, list) else str(p) for p in paragraphs)
