"""What is asked for twice is computed once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import lazyframe
import lazyframe.numpy as lnp
from lazyframe.run import kept, reference
from lazyframe.run.bindings import bind_array
from lazyframe.run.execute import compute
from passes.ir.rows import Filter, Slice, Sort
from passes.ir.values import Gather, Literal, Map, Position, Reduce, Take, Value

FLOAT64, BOOL = np.dtype(np.float64), np.dtype(np.bool_)


@pytest.fixture(autouse=True)
def _recorded() -> Iterator[None]:
    with lazyframe.config(min_rows=10**9):
        yield


def _filtered(mask_of: str) -> tuple[Filter, Value]:
    values = bind_array(np.random.default_rng(0).normal(size=500))
    mask = Map("greater", (Map(mask_of, (values,), FLOAT64), Literal(0.4)), BOOL)
    rows = Filter(values.rows, mask)
    return rows, Take(values, rows)


def test_a_dear_filter_is_kept_the_second_time() -> None:
    rows, column = _filtered("tanh")
    sums = [Reduce(name, column, FLOAT64) for name in ("sum", "maximum")]
    results: list[Value] = [column, *sums, column]
    for number, value in enumerate(results):
        (found,) = compute([value])
        np.testing.assert_allclose(found, reference.compute([value])[0], rtol=1e-14)
        assert (rows in kept._kept_rows) == (number >= 1)


def test_a_cheap_filter_is_evaluated_again() -> None:
    rows, column = _filtered("absolute")
    for _ in range(3):
        compute([column])
    assert rows not in kept._kept_rows


def test_a_filter_of_a_kept_filter_is_right() -> None:
    rows, column = _filtered("tanh")
    inner = Filter(rows, Map("less", (Map("sin", (column,), FLOAT64), Literal(0.8)), BOOL))
    value = Take(column, inner)
    for _ in range(4):
        np.testing.assert_array_equal(compute([value])[0], reference.compute([value])[0])
    assert inner in kept._kept_rows


def test_a_sort_is_kept_when_all_of_it_is_needed_again() -> None:
    key = bind_array(np.random.default_rng(0).integers(0, 50, 500))
    rows = Sort(key.rows, (key,), (False,))
    column = Gather(bind_array(np.arange(500.0)), Position(rows, 0))
    first = Take(column, Slice(rows, None, 5, None))
    largest = Reduce("maximum", column, FLOAT64)
    for value, is_kept in [(first, False), (first, False), (first, False), (column, False), (column, True),
                           (first, True), (largest, True), (column, True)]:  # fmt: skip
        np.testing.assert_array_equal(compute([value])[0], reference.compute([value])[0])
        assert (rows in kept._kept_rows) == is_kept


def test_a_scalar_that_somebody_holds_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    values = bind_array(np.arange(1000.0))
    total = Reduce("sum", values, FLOAT64)
    first = Map("add", (values, total), FLOAT64)
    second = Map("subtract", (values, total), FLOAT64)
    compute([first])
    assert total in kept._kept_values
    monkeypatch.setattr(kept, "_folds_to_vector", lambda node: False)
    assert not [n for n in kept.rebase([second]).summaries if isinstance(n, Reduce)]
    np.testing.assert_array_equal(compute([second])[0], np.arange(1000.0) - 499500.0)


def test_what_nobody_holds_is_forgotten() -> None:
    values = bind_array(np.arange(1000.0))
    compute([Map("add", (values, Reduce("sum", values, FLOAT64)), FLOAT64)])
    assert not any(isinstance(v, Reduce) and v.column is values for v in kept._kept_values)


def test_results_of_one_outer_product_share_its_folds() -> None:
    with lazyframe.config(min_rows=0):
        x = lnp.asarray(np.random.default_rng(0).normal(size=60))
        distances = lnp.sqrt((x[:, None] - x[None, :]) ** 2 + 1.0)
        nearest, furthest = distances.min(axis=1) + 1.0, distances.min(axis=1) * 2.0
        plain = np.asarray(x)
        expected = np.sqrt((plain[:, None] - plain[None, :]) ** 2 + 1.0).min(axis=1)
        np.testing.assert_allclose(np.asarray(nearest), expected + 1.0, rtol=1e-14)
        np.testing.assert_allclose(np.asarray(furthest), expected * 2.0, rtol=1e-14)


def test_small_vectors_are_held_for_their_outer_products() -> None:
    with lazyframe.config(min_rows=200_000):
        x = lnp.asarray(np.random.default_rng(0).normal(size=1100))
        outer = x[:, None] * x[None, :]
        assert isinstance(outer, lnp.ndarray)
        assert type(outer).__name__ == "LazyArray"
        plain = np.asarray(x)
        np.testing.assert_array_equal(np.asarray(outer), plain[:, None] * plain[None, :])
