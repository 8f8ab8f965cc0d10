"""Everything recorded, whatever its size, over an empty kernel store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import lazyframe


@pytest.fixture(autouse=True)
def _recorded(tmp_path: Path) -> Iterator[None]:
    with lazyframe.config(min_rows=1, threads=2, cache_dir=tmp_path / "store"):
        yield
