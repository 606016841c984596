"""What a command says on standard error."""

from __future__ import annotations

import io
import sys

import pytest

from analyzer.cli.telling import progress, tell


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_note_is_one_line_that_the_terminal_can_write(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(written, encoding="ascii", newline="\n"))
    tell("“café\n\x1b[31m”: no such file")
    sys.stderr.flush()
    assert written.getvalue() == b'analyzer: "cafe ": no such file\n'


@pytest.mark.parametrize(("terminal", "is_long"), [(True, True), (True, False), (False, True)])
def test_what_takes_long_has_a_bar_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, is_long: bool
) -> None:
    written = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    with progress("reading a\x1b[7m[b].md", is_long=is_long) as advance:
        advance(1, 2)
    assert ("reading a[b].md" in written.getvalue()) == (terminal and is_long)
    assert "\x1b[7m" not in written.getvalue()
