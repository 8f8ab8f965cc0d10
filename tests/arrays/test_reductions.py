"""The composites of `lazyframe.record.reductions` against NumPy and pandas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
import lazyframe.numpy as lnp
from lazyframe.record import reductions as r
from lazyframe.record.elementwise import apply
from lazyframe.run import execute
from lazyframe.run.bindings import bind_array
from lazyframe.run.execute import compute
from passes.ir.rows import Filter, Group, Product
from passes.ir.values import Outer, Take

COLUMNS: dict[str, np.ndarray] = {
    "float64": np.array([3.0, np.nan, -0.0, 2.5, -np.inf, 7.0, 2.5]),
    "finite": np.array([3.0, 1e9, -0.0, 2.5, -4.0, 7.0, 2.5]),
    "all_nan": np.array([np.nan, np.nan, np.nan]),
    "float32": np.array([3.0, 2.5, 1e8, 1.0, 2.5], np.float32),
    "int8": np.array([100, 100, -128, 7], np.int8),
    "uint8": np.array([200, 200, 0, 7], np.uint8),
    "int64": np.array([2**62, 2**62, 3, -9]),
    "bool": np.array([True, False, True]),
    "one": np.array([2.5]),
}
NUMPY: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "sum": (r.total, np.sum),
    "prod": (r.product, np.prod),
    "min": (r.lowest, np.min),
    "max": (r.highest, np.max),
    "mean": (r.mean, np.mean),
    "any": (r.any_of, np.any),
    "all": (r.all_of, np.all),
    "argmin": (r.first_position_of_minimum, np.argmin),
    "argmax": (r.first_position_of_maximum, np.argmax),
    "count_nonzero": (r.count_nonzero, np.count_nonzero),
}


def same(found: Any, wanted: Any) -> None:
    wanted = np.asarray(wanted)
    assert np.asarray(found).dtype == wanted.dtype
    if wanted.dtype.kind == "f":
        np.testing.assert_allclose(found, wanted, rtol=1e-6 if wanted.dtype.itemsize == 4 else 1e-12)
    else:
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("function", NUMPY)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_whole_as_in_numpy(name: str, function: str) -> None:
    ours, theirs = NUMPY[function]
    column = bind_array(COLUMNS[name])
    [found] = compute([ours(r.Whole(column.rows), column)])
    same(found, theirs(COLUMNS[name]))


PANDAS: dict[str, Callable[..., Any]] = {
    "sum": r.total,
    "prod": r.product,
    "min": r.lowest,
    "max": r.highest,
    "mean": r.mean,
    "var": r.variance,
    "std": r.standard_deviation,
    "sem": r.standard_error,
    "any": r.any_of,
    "all": r.all_of,
    "count": r.count_valid,
}


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("function", PANDAS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_whole_as_in_pandas(name: str, function: str) -> None:
    column = bind_array(COLUMNS[name])
    options = {} if function == "count" else {"skipna": True}
    [found] = compute([PANDAS[function](r.Whole(column.rows), column, **options)])
    wanted = getattr(pandas.Series(COLUMNS[name]), function)()
    if function == "count":
        assert found == wanted
    elif name == "float32":
        assert np.float32(found) == pytest.approx(np.float32(wanted), rel=1e-5)
    else:
        same(found, wanted)


@pytest.mark.parametrize("function", ["sum", "min", "max", "mean", "any", "all", "argmin", "argmax"])
def test_one_axis_of_an_outer_product(function: str) -> None:
    left, right = np.array([3.0, 1.0, 2.0, 2.0]), np.array([1.0, -1.0, 0.5])
    a, b = bind_array(left), bind_array(right)
    pairs = Product(a.rows, b.rows)  # type: ignore[arg-type]
    column = apply("multiply", Outer(a, pairs, 0), Outer(b, pairs, 1))
    matrix = left[:, None] * right
    ours, theirs = NUMPY[function]
    for axis in (0, 1):
        [found] = compute([ours(r.Folded(pairs, axis), column)])
        same(found, theirs(matrix, axis=axis))
    [found] = compute([ours(r.Whole(pairs), column)])
    same(found, theirs(matrix))


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        (np.array(["2020-01-03", "NaT", "2020-01-01"], "datetime64[ns]"), True),
        (np.array([3, 5, 1], "timedelta64[s]"), False),
    ],
)
def test_times(values: np.ndarray, missing: bool) -> None:
    column = bind_array(values)
    whole = r.Whole(column.rows)  # type: ignore[arg-type]
    low, high, strict, count = compute(
        [
            r.lowest(whole, column, skipna=True),
            r.highest(whole, column, skipna=True),
            r.lowest(whole, column),
            r.count_valid(whole, column),
        ]
    )
    assert low == np.nanmin(values)
    assert high == np.nanmax(values)
    assert np.isnat(strict) == missing
    assert count == np.count_nonzero(~np.isnat(values))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("kernels", [True, False])
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("dtype", ["float64", "float32", "int8", "uint64", "bool"])
def test_what_is_computed_behind_folds(
    dtype: str, axis: int, kernels: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the loop that folds, a row at a time, on any number of threads."""
    if not kernels:
        monkeypatch.setattr(execute, "kernel_for", lambda *loop: None)
    rng = np.random.default_rng(5)
    for sizes in ((700, 900), (3, 0), (0, 3), (1, 1)):
        left, right = (rng.integers(0, 100, size).astype(dtype) for size in sizes)
        side = (right, left)[axis]

        def program(xp: Any, x: Any, y: Any, z: Any) -> list[Any]:
            pairs = x[:, None] + y[None, :]
            total, any_one = xp.sum(pairs, axis=axis), xp.any(pairs > 150, axis=axis)
            return [total + z, any_one, ~any_one, xp.where(any_one, total, z) * 2]

        wanted = program(np, left, right, side)
        for threads in (1, 3):
            with lazyframe.config(min_rows=0, threads=threads):
                x, y = lnp.array(left), lnp.array(right)
                found = program(lnp, x, y, (y, x)[axis])
                if min(sizes) > 1:
                    plan = lazyframe.explain(*found)
                    assert (len(plan.kernels), len(plan.materialized)) == (1, 0)
                for mine, theirs in zip(lazyframe.collect(*found), wanted, strict=True):
                    same(mine, theirs)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_filtered_rows_and_no_rows() -> None:
    values = np.array([4.0, -1.0, np.nan, 6.0])
    column = bind_array(values)
    for limit in (-np.inf, 0.0, np.inf):
        mask = apply("greater", column, bind_array(np.full(4, limit)), dtype=np.dtype(bool))
        rows = Filter(column.rows, mask)  # type: ignore[arg-type]
        kept = Take(column, rows)
        wanted = values[values > limit]
        count, total, mean = compute(
            [r.count_rows(r.Whole(rows)), r.total(r.Whole(rows), kept), r.mean(r.Whole(rows), kept)]
        )
        assert count == len(wanted)
        assert total == wanted.sum()
        assert not np.signbit(total)
        same(mean, wanted.mean())


def test_groups() -> None:
    keys = np.array([1, 0, 1, 2, 0, 1])
    values = np.array([np.nan, 2.0, 5.0, np.nan, 3.0, 8.0])
    key, column = bind_array(keys), bind_array(values)
    by = r.Grouped(Group(key.rows, (key,), True))  # type: ignore[arg-type]
    frame = pandas.Series(values).groupby(keys)
    variance, trusted = r.variance_and_trust(by, column, skipna=True)
    functions = {
        "sum": r.total(by, column, True),
        "mean": r.mean(by, column, True),
        "min": r.lowest(by, column, True),
        "max": r.highest(by, column, True),
        "count": r.count_valid(by, column),
        "size": r.count_rows(by),
        "first": r.first_valid(by, column),
        "last": r.last_valid(by, column),
        "var": variance,
    }
    found = compute([*functions.values(), trusted])
    for name, result in zip(functions, found, strict=False):
        same(result, getattr(frame, name)().to_numpy())
    assert found[-1].all()


def test_variances_that_cancel_are_not_trusted() -> None:
    keys = np.array([0, 0, 1, 1])
    values = np.array([1e9, 1e9 + 1, -1e9, -1e9 + 1])
    key, column = bind_array(keys), bind_array(values)
    by = r.Grouped(Group(key.rows, (key,), True))  # type: ignore[arg-type]
    _, trusted = r.variance_and_trust(by, column)
    assert not compute([trusted])[0].any()
