"""Every test here records whatever its size, and computes by the reference unless it asks for kernels.

What is tested is the recording; kernels are held against the reference by their own tests.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import lazyframe.settings
from lazyframe.run import execute, reference


@pytest.fixture(autouse=True)
def _recorded(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if "in_kernels" not in request.node.name:
        monkeypatch.setattr(execute, "compute", reference.compute)
    with lazyframe.settings.config(min_rows=0):
        yield
