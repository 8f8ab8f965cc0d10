"""Everything here is recorded, however small, and compared with pandas.

What is recorded is computed node by node by NumPy: these tests are of what a program is recorded as. That
kernels compute the same is tested with the passes and the runner.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lazyframe import settings
from lazyframe.run import execute, reference


@pytest.fixture(autouse=True)
def _record_everything(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(execute, "compute", reference.compute)
    with settings.config(min_rows=0):
        yield
