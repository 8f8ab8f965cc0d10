"""The table of recorded operations: each runs in pandas, changes nothing, and agrees under lazyframe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench import contenders, operations
from bench.operations import OPERATIONS, Operation


def test_names_are_unique() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_leaves_its_frame_alone(operation: Operation) -> None:
    frame = operations.make_frame(pd, operations.make_columns(50, seed=1))
    kept = frame.copy(deep=True)
    operation(pd, np, frame)
    pd.testing.assert_frame_equal(frame, kept)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_lazyframe_gives_the_answer_of_pandas(operation: Operation) -> None:
    assert_answers([operation], lambda frame: frame)


AT_ONCE = 8
"""Chains of which one program is made, so that they share kernels as they share what they begin with."""


@pytest.mark.parametrize("first", range(0, len(OPERATIONS), AT_ONCE))
def test_chains_of_five_give_the_answer_of_pandas(first: int) -> None:
    assert_answers(OPERATIONS[first : first + AT_ONCE], operations.prefix)


def assert_answers(chosen: Sequence[Operation], form: Callable[[Any], Any]) -> None:
    import lazyframe
    import lazyframe.numpy

    columns = operations.make_columns(200, seed=2)
    frame = form(operations.make_frame(pd, columns))
    expected = {operation.name: operation(pd, np, frame) for operation in chosen}
    with lazyframe.config(min_rows=0):
        lazy = form(operations.make_frame(lazyframe, columns))
        found = contenders.collected(
            {operation.name: operation(lazyframe, lazyframe.numpy, lazy) for operation in chosen}
        )
    for name, answer in expected.items():
        assert_same(found[name], answer)


def assert_same(found: Any, expected: Any) -> None:
    if isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected, rtol=1e-12, atol=1e-12)
    elif isinstance(expected, pd.Series):
        pd.testing.assert_series_equal(found, expected, rtol=1e-12, atol=1e-12)
    elif isinstance(expected, pd.Timestamp):
        assert type(found) is type(expected)
        assert (found, found.unit) == (expected, expected.unit)
    else:
        assert np.asarray(found).dtype == np.asarray(expected).dtype
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
