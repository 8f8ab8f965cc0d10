"""Random graphs computed by kernels and by NumPy mean what the reference says, whichever passes run."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from lazyframe.run import execute
from lazyframe.run.execute import compute
from passes.ir.values import Value
from passes.pipeline import OPTIONAL
from tests.brief import examples
from tests.passes.data import assert_same_bits, run
from tests.passes.graphs import graphs
from tests.run.exact import exactly


@pytest.fixture
def _no_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute, "kernel_for", lambda *loop: None)


def same(results: list[Value], **options: Any) -> None:
    values = exactly(results)
    with lazyframe.config(**options):
        computed = compute(values)
    assert_same_bits(computed, run(values))


# A fixture for all examples of a test is enough: it only says that there are no kernels.
@settings(max_examples=examples(200))
@given(graphs(largest=24))
@pytest.mark.usefixtures("_no_kernels")
def test_numpy_tier(results: list[Value]) -> None:
    same(results)


@settings(max_examples=examples(6))
@given(results=graphs(largest=24))
@pytest.mark.parametrize("name", OPTIONAL)
@pytest.mark.usefixtures("_no_kernels")
def test_any_one_pass_off(name: str, results: list[Value]) -> None:
    same(results, disable=[name])


@settings(max_examples=examples(200))
@given(graphs(largest=24), st.sets(st.sampled_from(OPTIONAL)))
@pytest.mark.usefixtures("_no_kernels")
def test_any_subset_of_passes(results: list[Value], disabled: set[str]) -> None:
    same(results, disable=sorted(disabled))


@settings(max_examples=examples(15))
@given(graphs(largest=10), st.sets(st.sampled_from(OPTIONAL), max_size=3))
def test_kernel_tier(results: list[Value], disabled: set[str]) -> None:
    same(results, min_rows=0)
    same(results, min_rows=0, disable=sorted(disabled))
