"""Every frame here is recorded, whatever its size."""

from __future__ import annotations

from collections.abc import Iterator

import pandas
import pytest

import lazyframe
from tests.groupby.grouped_frames import make_frame


@pytest.fixture(autouse=True)
def _recorded_whatever_the_size() -> Iterator[None]:
    with lazyframe.config(min_rows=0):
        yield


@pytest.fixture(scope="session")
def frame() -> pandas.DataFrame:
    """Four hundred rows."""
    return make_frame(400)
