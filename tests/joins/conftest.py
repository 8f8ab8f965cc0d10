"""Every frame here is recorded, whatever its size."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import lazyframe


@pytest.fixture(autouse=True)
def _recorded_whatever_the_size() -> Iterator[None]:
    with lazyframe.config(min_rows=0):
        yield
