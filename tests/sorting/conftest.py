"""Every frame here is recorded, whatever its size; loops run in NumPy unless a test asks for kernels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import lazyframe.run.execute
from lazyframe import settings


@pytest.fixture(autouse=True)
def _recorded_whatever_the_size(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    if "kernels" not in request.fixturenames:
        monkeypatch.setattr(lazyframe.run.execute, "kernel_for", lambda *_: None)
    with settings.config(min_rows=0):
        yield


@pytest.fixture
def kernels() -> None:
    """Compile every loop."""
