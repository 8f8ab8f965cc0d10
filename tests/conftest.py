"""What every test shares: checked passes, and property tests that are the same each run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from lazyframe.run import tiers
from passes.rewrite.checks import checking

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("ci")


@pytest.fixture(autouse=True, scope="session")
def _checked_passes() -> Iterator[None]:
    with checking():
        yield


@pytest.fixture(autouse=True)
def _every_kernel_compiles() -> Iterator[None]:
    """NumPy stands in for a kernel that does not compile; in tests that is a failure."""
    before = len(tiers.failures)
    yield
    assert tiers.failures[before:] == []
