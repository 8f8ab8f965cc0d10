"""Everything here is recorded, however small, and runs in NumPy where kernels would have to be compiled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import lazyframe
import lazyframe.run.execute


@pytest.fixture(autouse=True)
def _recorded_whatever_the_size() -> Iterator[None]:
    with lazyframe.config(min_rows=0):
        yield


@pytest.fixture(autouse=True)
def _interpreted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not getattr(request.module, "IN_KERNELS", False):
        monkeypatch.setattr(lazyframe.run.execute, "kernel_for", lambda *_: None)
