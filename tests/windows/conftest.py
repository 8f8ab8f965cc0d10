"""Everything is recorded, however small, and compared with pandas."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lazyframe import settings
from lazyframe.run import execute, reference


@pytest.fixture
def _by_reference(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Record everything, and compute node by node in NumPy."""
    monkeypatch.setattr(execute, "compute", reference.compute)
    with settings.config(min_rows=0):
        yield


@pytest.fixture
def _by_kernels() -> Iterator[None]:
    """Record everything, and compute in kernels."""
    with settings.config(min_rows=0):
        yield
