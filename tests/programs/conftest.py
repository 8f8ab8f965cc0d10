"""A kernel store of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import lazyframe


@pytest.fixture(autouse=True, scope="package")
def _own_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with lazyframe.config(cache_dir=tmp_path_factory.mktemp("kernels")):
        yield
