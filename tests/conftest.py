"""What every test shares: checked passes, and property tests that are the same each run."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from lazyframe.run import execute, reference, tiers
from lazyframe.settings import config
from passes.rewrite.checks import checking
from tests import brief

settings.register_profile(
    "whole",
    derandomize=True,
    deadline=None,
    max_examples=brief.WHOLE,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("brief", settings.get_profile("whole"), max_examples=brief.BRIEF)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--brief``, for a second pandas, and ``--every-case``, for who looks for a fault."""
    parser.addoption("--brief", action="store_true", help="each value of each parameter, few examples")
    parser.addoption("--every-case", action="store_true", help="all that the parameters of tests combine to")


def pytest_configure(config: pytest.Config) -> None:
    """Property tests without a number of their own have this many examples."""
    settings.load_profile("brief" if config.getoption("brief") else "whole")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not needed of what was asked for."""
    if config.getoption("every_case"):
        return
    is_brief = config.getoption("brief")
    asked = [item for item in items if not (is_brief and item.get_closest_marker("without_pandas"))]
    needed = brief.needed(asked, together=1 if is_brief else 2)
    config.hook.pytest_deselected(items=[item for item in items if item not in needed])
    items[:] = [item for item in items if item in needed]


def pytest_collection_finish() -> None:
    """Modules and tests live until the end: the collector of garbage need not walk them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def _checked_passes(request: pytest.FixtureRequest) -> Iterator[None]:
    """Passes know nothing of pandas: the brief run would check again what the whole run checks."""
    with checking(not request.config.getoption("brief")):
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
