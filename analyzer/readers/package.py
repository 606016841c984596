"""The parts of a DOCX file, taken from its zip archive without trusting a size that it states.

In go bytes and a name, out come parsed XML parts; broken, encrypted and bomb-like archives raise
`AnalyzerError` before they can fill the memory.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from analyzer.errors import AnalyzerError

# A book of 3 million characters is some 30 MB as document.xml; XML of prose packs 10 to 20 times.
_LARGEST_PART = 64_000_000
_LARGEST_TOTAL = 1_000_000_000
_HIGHEST_RATIO = 200
_RATIO_FROM = 5_000_000  # small parts may pack however well they like


class Package:
    """An open DOCX archive."""

    def __init__(self, data: bytes, *, name: str) -> None:
        """Opens the archive in `data`; `name` is for error messages."""
        self.name = name
        try:
            self._archive = zipfile.ZipFile(BytesIO(data))
            members = self._archive.infolist()
        except Exception as error:  # zipfile raises many kinds on broken input
            raise self._broken() from error
        self._refuse_bombs(members)

    def has(self, part: str) -> bool:
        """Whether the archive has such a part."""
        return part in self._archive.namelist()

    def xml(self, part: str) -> Any:
        """The root element of a part; no entity is resolved and nothing is fetched."""
        from lxml import etree

        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            return etree.fromstring(self._read(part), parser)
        except etree.LxmlError as error:
            raise self._broken() from error

    def related(self, source: str, what: str) -> str | None:
        """The part that a part has a relationship of this kind to ("" is the archive); None where none is stated."""
        for relationship in self._relationships(source):
            if relationship.get("Type", "").endswith(f"/{what}"):
                folder = posixpath.dirname(source)
                part = posixpath.normpath(posixpath.join("/", folder, relationship.get("Target", ""))).lstrip("/")
                return part if self.has(part) else None
        return None

    def addresses(self, source: str) -> dict[str, str]:
        """Where a part leads outside the archive, by the names that it has for these places."""
        outside = (found for found in self._relationships(source) if found.get("TargetMode") == "External")
        return {found.get("Id", ""): found.get("Target", "") for found in outside}

    def _relationships(self, source: str) -> Iterator[Any]:
        folder, base = posixpath.split(source)
        stated = posixpath.join(folder, "_rels", f"{base}.rels")
        if self.has(stated):
            yield from self.xml(stated).iter("{*}Relationship")

    def _read(self, part: str) -> bytes:
        try:
            info = self._archive.getinfo(part)
            if info.flag_bits & 1:
                raise AnalyzerError(f"{self.name}: password-protected; save it without a password")
            with self._archive.open(info) as file:
                data = file.read(_LARGEST_PART + 1)
        except AnalyzerError:
            raise
        except Exception as error:  # a checksum, a compression method, a cut-off stream …
            raise self._broken() from error
        if len(data) > _LARGEST_PART:
            raise self._bomb()
        return data

    def _refuse_bombs(self, members: list[zipfile.ZipInfo]) -> None:
        if sum(member.file_size for member in members) > _LARGEST_TOTAL:
            raise self._bomb()
        for member in members:
            suspicious = member.file_size > _HIGHEST_RATIO * max(member.compress_size, 1)
            if member.file_size > _RATIO_FROM and suspicious:
                raise self._bomb()

    def _broken(self) -> AnalyzerError:
        return AnalyzerError(f"{self.name}: a broken DOCX file; open it in its program and save it anew")

    def _bomb(self) -> AnalyzerError:
        return AnalyzerError(
            f"{self.name}: unpacks to far more than a document holds (a zip bomb?); save its text as .txt"
        )
