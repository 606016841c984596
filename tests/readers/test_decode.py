from __future__ import annotations

import codecs
import random

import pytest

from analyzer.errors import AnalyzerError
from analyzer.readers.declared import decode_declared
from analyzer.readers.decode import decode

ENGLISH = "The café’s owner said “no” – and nobody at the ministry asked why.\nIt cost £4 million, officials said.\n"


def test_plain_utf8_needs_no_note() -> None:
    assert decode(ENGLISH.encode(), name="a.txt") == (ENGLISH, [])


def test_utf8_with_a_byte_order_mark_loses_the_mark() -> None:
    assert decode(codecs.BOM_UTF8 + ENGLISH.encode(), name="a.txt") == (ENGLISH, [])


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_with_a_mark(encoding: str) -> None:
    text, notes = decode(("\ufeff" + ENGLISH).encode(encoding), name="a.txt")
    assert text == ENGLISH
    assert notes and "byte order mark" in notes[0]
    # What is declared of a page cannot be true then.
    assert decode_declared(("\ufeff" + ENGLISH).encode(encoding), "iso-8859-1", name="a.html") == (text, notes)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [ENGLISH, "Short."])
def test_utf16_without_a_mark_is_guessed_and_noted(encoding: str, text: str) -> None:
    decoded, notes = decode(text.encode(encoding), name="a.txt")
    assert decoded == text
    assert "UTF-16" in notes[0] and "guess" in notes[0]


def test_windows_1252_keeps_its_curly_quotes() -> None:
    text, notes = decode(ENGLISH.encode("cp1252"), name="a.txt")
    assert text == ENGLISH
    assert "Windows-1252" in notes[0]


def test_a_byte_that_windows_1252_does_not_define_costs_no_other() -> None:
    text, notes = decode(b"A caf\xe9 with a stray \x81 byte, \x93and quotes\x94.", name="a.txt")
    assert "café" in text and "“and quotes”" in text
    assert notes == ["decoded as Windows-1252, a guess: it is not valid UTF-8"]


def test_a_line_pasted_from_windows_1252_into_utf_8_is_read() -> None:
    pasted = "“We had no choice,” she said. It didn’t pass.\n"
    text, notes = decode(ENGLISH.encode() * 3 + b"\n" + pasted.encode("cp1252"), name="a.txt")
    assert text.endswith(pasted) and text.startswith(ENGLISH)
    assert notes == ["decoded 1 line as Windows-1252, a guess: not valid UTF-8"]


def test_a_text_mostly_of_high_bytes_is_guessed() -> None:
    russian = "Министр сказал, что договор будет стоить четыре миллиарда рублей, и никто его об этом не спросил. " * 5
    text, notes = decode(russian.encode("cp1251"), name="a.txt")
    assert text == russian
    assert "guess" in notes[0]


def test_a_broken_byte_in_utf8_is_replaced_and_noted() -> None:
    text, notes = decode((ENGLISH * 3).encode().replace("é".encode(), b"\xc3", 1), name="a.txt")
    assert text.count("\ufffd") == 1 and "“no”" in text
    assert notes == ["replaced 1 sequence not valid in UTF-8"]


def test_an_odd_last_byte_of_utf16_is_noted() -> None:
    text, notes = decode(("\ufeff" + ENGLISH).encode("utf-16-le") + b"x", name="a.txt")
    assert text.startswith(ENGLISH)
    assert any("replaced 1" in note for note in notes)


@pytest.mark.parametrize("seed", range(5))
def test_random_bytes_are_refused(seed: int) -> None:
    with pytest.raises(AnalyzerError, match=r"^noise\.txt: binary data"):
        decode(random.Random(seed).randbytes(2_000), name="noise.txt")


def test_zeros_are_refused() -> None:
    with pytest.raises(AnalyzerError, match="binary data"):
        decode(bytes(1_000), name="zeros.txt")
