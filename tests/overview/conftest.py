"""Fixtures for tests of the overview: a browser, and scored corpora written as tables."""

from __future__ import annotations

import pytest

from tests.render.conftest import browser

__all__ = ["browser"]

pytest.importorskip("pyarrow", reason="pyarrow is not installed (extra corpus)")
pytest.importorskip("altair", reason="altair is not installed (extra corpus)")
