"""A kernel store of these tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import lazyframe


@pytest.fixture(scope="session")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kernels")


@pytest.fixture(autouse=True, scope="module")
def _own_store(kernels: Path) -> Iterator[None]:
    with lazyframe.config(cache_dir=kernels):
        yield
