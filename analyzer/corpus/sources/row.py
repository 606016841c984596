"""`Row`: one document as a source gives it, before columns are named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Row:
    """A row of a table (`values`), a file that is a document (`path`), or what could not be read (`problem`).

    `source` says where it stands; `read` is how many bytes of the source have been read with it.
    """

    source: str
    values: Mapping[str, Any] = field(default_factory=dict)
    path: str | None = None
    group: str | None = None
    problem: str | None = None
    read: int = 0
