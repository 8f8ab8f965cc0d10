"""What every test shares: checked passes, and property tests that are the same each run."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from lazyframe.run import execute, reference, tiers
from lazyframe.settings import config
from passes.rewrite.checks import checking

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("ci")


def pytest_collection_finish() -> None:
    """Modules and tests live until the end: the collector of garbage need not walk them again and again."""
    gc.collect()
    gc.freeze()


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


@pytest.fixture
def interpreted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run loops in NumPy, so that a test of many programs does not wait for as many compilations."""
    monkeypatch.setattr(execute, "kernel_for", lambda *_: None)


@pytest.fixture
def _by_reference(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Record everything, however small, and compute node by node in NumPy."""
    monkeypatch.setattr(execute, "compute", reference.compute)
    with config(min_rows=0):
        yield


@pytest.fixture
def _by_kernels() -> Iterator[None]:
    """Record everything, however small, and compute in kernels."""
    with config(min_rows=0):
        yield
