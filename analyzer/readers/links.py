"""Links on their way through a reader: characters that no text has mark where their words begin and end.

In goes text with these marks, out comes the text without them, with where its links stand and lead.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from analyzer.document import Reference

# Characters that Unicode keeps for such a use, and XML allows.
_BEGIN, END = "\ufdd0", "\ufdd1"
_MARK = re.compile(f"{_BEGIN}([0-9]{{1,7}}){_BEGIN}|{END}")


class Links:
    """Where the links of a text lead that is being read."""

    def __init__(self) -> None:
        self._targets: list[str] = []

    def begin(self, target: str) -> str:
        """What stands before the words of a link; `END` stands behind them."""
        self._targets.append(target)
        return f"{_BEGIN}{len(self._targets) - 1}{_BEGIN}"

    def unmark(self, text: str) -> tuple[str, list[Reference]]:
        """The text without marks, with single spaces, and the links whose words stand in it."""
        marks = [*_MARK.finditer(text)]
        if not marks:
            return " ".join(text.split()), []
        plain = _Plain()
        found: list[Reference] = []
        opened: tuple[int, str] | None = None
        position = 0
        for mark in marks:
            plain.add(text[position : mark.start()])
            position = mark.end()
            if mark[1]:
                opened = (len(plain.parts), self._targets[int(mark[1])]) if int(mark[1]) < len(self._targets) else None
            elif opened is not None:
                if opened[1] and (words := "".join(plain.parts[opened[0] :]).strip()):
                    end = plain.length - plain.ends_in_space
                    found.append(Reference(end - len(words), end, opened[1]))
                opened = None
        plain.add(text[position:])
        return "".join(plain.parts).rstrip(), found


def host_of(address: str) -> str:
    """The host of an address of the web, without its "www."; `""` for another one."""
    try:
        parts = urlsplit(address)
        return (parts.hostname or "").removeprefix("www.") if parts.scheme in ("http", "https", "") else ""
    except ValueError:
        return ""


class _Plain:
    """Text that grows piece by piece, in which white space is single spaces."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.ends_in_space = True

    def add(self, text: str) -> None:
        words = " ".join(text.split())
        before = " " if text[:1].isspace() and not self.ends_in_space else ""
        after = " " if words and text[-1:].isspace() else ""
        if part := before + words + after:
            self.parts.append(part)
            self.length += len(part)
            self.ends_in_space = part[-1] == " "
