"""Every frame here is recorded, whatever its size."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import lazyframe
import lazyframe.run.execute


@pytest.fixture(autouse=True)
def _recorded_whatever_the_size() -> Iterator[None]:
    with lazyframe.config(min_rows=0):
        yield


@pytest.fixture
def interpreted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run loops in NumPy, so that a test of many programs does not wait for as many compilations."""
    monkeypatch.setattr(lazyframe.run.execute, "kernel_for", lambda *_: None)
