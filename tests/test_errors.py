"""Where an error happened."""

from __future__ import annotations

import re

from analyzer.errors import place_of


def test_an_error_is_where_it_was_raised() -> None:
    def fail() -> None:
        raise ValueError

    try:
        fail()
    except ValueError as error:
        assert re.fullmatch(r"test_errors\.py:\d+", place_of(error))


def test_an_error_that_was_never_raised_is_nowhere() -> None:
    assert place_of(ValueError()) == "?"
