"""Fixtures for tests of pages: one browser for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.render.browser import Browser, chromium


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile")) as started:
        yield started
