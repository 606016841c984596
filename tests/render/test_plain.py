"""Cleaning text for a line of output: what must go, and what readers of any script must keep."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.render.plain import plain, writable


@given(st.text())
def test_what_is_left_is_one_harmless_line(text: str) -> None:
    shown = plain(text)
    assert len(shown.splitlines()) <= 1
    assert {unicodedata.category(char) for char in shown} <= {
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "Sm", "Sc", "Sk", "So", "Zs", "Cf", "Co", "Cn",
    }  # fmt: skip
    assert {char for char in shown if unicodedata.category(char) == "Cf"} <= {"\u200c", "\u200d"}


@given(st.text(), st.sampled_from(["ascii", "cp1252", "cp437", "latin-1", "utf-8"]))
def test_every_text_can_be_written_in_every_encoding(text: str, encoding: str) -> None:
    writable(plain(text), encoding).encode(encoding)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31;1mred\x1b[0m", "ared"),
        ("a\x9b2Jb", "ab"),
        ("title\x1b]0;evil\x07", "title0;evil"),
        ("two\r\n\tlines\u2028more", "two lines more"),
        ("abc\u202edef\u202c", "abcdef"),
        ("می‌خواهم", "می‌خواهم"),
        ("\ud800", "\ufffd"),
        ("a\uffffb\ufffe\ufdd0\U0010ffff", "a\ufffdb\ufffd\ufffd\ufffd"),
    ],
)
def test_examples(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_what_an_encoding_has_is_kept() -> None:
    assert writable("“é” → 東", "cp1252") == "“é” -> ?"
    assert writable("“é” → 東", "utf-8") == "“é” → 東"
    assert writable("é", "no-such-encoding") == "e"
