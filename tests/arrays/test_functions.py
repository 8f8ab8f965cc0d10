"""NumPy's functions, methods and namespace on lazy arrays against NumPy."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest

import lazyframe
import lazyframe.numpy as lnp
from lazyframe.api.array import LazyArray
from tests.arrays.compare import agree, lazily

VECTORS = {
    "float64": np.array([3.0, np.nan, -0.0, 2.5, -np.inf, 7.0, 2.5]),
    "finite": np.array([3.0, 1e9, -0.0, 2.5, -4.0, 7.0, 2.5]),
    "float32": np.array([3.0, 2.5, 100.0, 1.0, 2.5], np.float32),
    "int8": np.array([100, 100, -128, 7], np.int8),
    "uint8": np.array([200, 200, 0, 7], np.uint8),
    "int64": np.array([2**62, 2**62, 3, -9]),
    "bool": np.array([True, False, True]),
    "one": np.array([2.5]),
    "empty": np.array([]),
    "no_ints": np.array([], np.int32),
}
TABLE = np.array([[1.0, -2.0, 3.5], [4.0, np.nan, 0.5], [2.0, 8.0, -1.0], [0.0, 1.0, 1.0]])
REDUCTIONS = ["sum", "prod", "mean", "std", "var", "min", "max", "argmin", "argmax", "any", "all"]
FUNCTIONS = [*REDUCTIONS, "nansum", "nanmean", "nanmin", "nanmax", "nanstd", "nanvar", "count_nonzero", "ptp",
             "average", "cumsum", "cumprod", "median", "sort", "unique"]  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("vector", VECTORS)
def test_reductions_of_vectors(name: str, vector: str) -> None:
    agree(getattr(np, name), VECTORS[vector], ulps=16)
    agree(lambda x: getattr(np, name)(x[::2]), VECTORS[vector], ulps=16)
    if name in REDUCTIONS:
        agree(lambda x: getattr(x, name)(), VECTORS[vector], ulps=16)
        agree(lambda x: getattr(x[x == x], name)(), VECTORS[vector], ulps=16)


@pytest.mark.parametrize("name", [*REDUCTIONS, "nansum", "nanmean", "nanmax", "count_nonzero", "ptp"])
@pytest.mark.parametrize("table", [TABLE, TABLE.astype("f4"), (TABLE > 1), np.nan_to_num(TABLE).astype("i4")])
@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 1), 2])
def test_reductions_of_tables(name: str, table: np.ndarray, axis: Any) -> None:
    if name == "ptp" and table.dtype == bool:
        pytest.skip("numpy cannot subtract booleans")
    function = getattr(np, name)
    for shaped in (table, np.asfortranarray(table), table.T):
        agree(lambda x: function(x, axis=axis), shaped, ulps=16)
        agree(lambda x: function(x, axis=axis, keepdims=True), shaped, ulps=16)


def test_arguments_of_reductions() -> None:
    x = VECTORS["finite"]
    for program in (
        lambda a: a.std(ddof=1),
        lambda a: np.var(a, ddof=7),
        lambda a: np.var(a, ddof=0.5),
        lambda a: np.std(a, correction=1),
        lambda a: a.sum(dtype="f4"),
        lambda a: np.sum(a[2:], dtype="i1"),
        lambda a: a.mean(dtype="f4"),
        lambda a: np.sum(a, initial=5),
        lambda a: np.sum(a, where=a > 0),
        lambda a: a.sum(0),
        lambda a: a.sum(axis=1),
        lambda a: np.average(a, weights=a * a),
        lambda a: np.cumsum(a, dtype="f4"),
        lambda a: np.sum(a, nonsense=1),
        lambda a: np.percentile(a, [25, 50]),
        lambda a: np.linalg.norm(a),
        lambda a: np.histogram(a, 3),
        lambda a: np.diff(a),
        lambda a: np.diff(a > 0),
        lambda a: np.diff(a, n=2),
    ):
        agree(program, x, ulps=64)


def test_row_by_row_functions() -> None:
    x, y = VECTORS["float64"], np.roll(VECTORS["float64"], 2)
    ints = np.arange(7, dtype="i2")
    for program in (
        lambda a, b, i: np.where(a > 2, a, b),
        lambda a, b, i: np.where(a > 2, i, 1.5),
        lambda a, b, i: np.where(i, 1, i),
        lambda a, b, i: np.where(a > 2),
        lambda a, b, i: np.where(a, i, 300000),
        lambda a, b, i: np.select([a > 2, b > 2], [a, i], default=-1),
        lambda a, b, i: np.select([a > 2], [i]),
        lambda a, b, i: np.select([a > 2, b > 2], [i.astype("uint32"), 100]),
        lambda a, b, i: np.select([a > 2], [i.astype("uint8")], default=100),
        lambda a, b, i: np.select([i], [a]),
        lambda a, b, i: np.clip(a, 0, 3),
        lambda a, b, i: np.clip(np.round(a * 0.0), np.round(b * -0.0), 3),
        lambda a, b, i: np.clip(a, -3, np.round(b * 0.0)),
        lambda a, b, i: a.clip(min=1),
        lambda a, b, i: np.clip(i, 2, 4.5),
        lambda a, b, i: np.clip(i, 2, 400000),
        lambda a, b, i: np.clip(a, b, 3),
        lambda a, b, i: np.clip(a, None, 2),
        lambda a, b, i: i.clip(1, 3),
        lambda a, b, i: np.round(a * 1.26, 1),
        lambda a, b, i: (a * 12.6).round(-1),
        lambda a, b, i: a.round(),
        lambda a, b, i: i.round(2),
        lambda a, b, i: i.round(-1),
        lambda a, b, i: np.isclose(a, b),
        lambda a, b, i: np.isclose(a, a, equal_nan=True),
        lambda a, b, i: np.nan_to_num(a),
        lambda a, b, i: np.nan_to_num(a, nan=5, posinf=1, neginf=2),
        lambda a, b, i: np.allclose(a, b),
        lambda a, b, i: np.zeros_like(a),
        lambda a, b, i: np.full_like(i, 3),
        lambda a, b, i: np.ones_like(a, dtype="i4"),
        lambda a, b, i: np.full_like(i, 2.5),
        lambda a, b, i: np.shape(a),
        lambda a, b, i: a.astype("f4"),
        lambda a, b, i: i.astype(bool),
        lambda a, b, i: i.astype("c16"),
        lambda a, b, i: i.astype(str),
        lambda a, b, i: np.sinc(i),
        lambda a, b, i: np.isin(i, [2, 3]),
        lambda a, b, i: np.interp(i, [0, 5], [1.0, 3.0]),
    ):
        agree(program, x, y, ints)


def test_products() -> None:
    table, square, wide = TABLE[[0, 2, 3]], np.arange(9.0).reshape(3, 3), np.arange(12).reshape(3, 4)
    v = np.array([1.0, -2.0, 0.5])
    for program in (
        lambda t, q, w, x: t @ x,
        lambda t, q, w, x: x @ t,
        lambda t, q, w, x: x @ x,
        lambda t, q, w, x: np.dot(t, np.array([1.0, 2.0, 3.0])),
        lambda t, q, w, x: t @ q,
        lambda t, q, w, x: q @ w,
        lambda t, q, w, x: w.T @ w,
        lambda t, q, w, x: w @ w,
        lambda t, q, w, x: np.dot(x, 2.0),
        lambda t, q, w, x: t.dot(x).sum(),
        lambda t, q, w, x: np.array([1.0, 2.0, 3.0]) @ t,
        lambda t, q, w, x: np.matmul(t, q),
        lambda t, q, w, x: (w > 3) @ np.ones(4, bool),
        lambda t, q, w, x: np.einsum("i,i", x, x),
    ):
        agree(program, table, square, wide, v, ulps=16)


def test_whitening_stays_lazy() -> None:
    features = np.random.default_rng(1).normal(size=(50, 4))

    def program(x: Any) -> Any:
        return 1 / (1 + np.exp(-np.dot((x - x.mean(axis=0)) / x.std(axis=0), np.array([1.0, 2, 3, 4]))))

    assert type(program(lazily(features))) is LazyArray
    assert program(lazily(features))._array is None
    agree(program, features, ulps=64)


def test_broadcasting() -> None:
    x, y = np.array([1.0, 2.0, np.nan]), np.array([10.0, 20.0])
    for program in (
        lambda a, b, t: a[:, None] * b,
        lambda a, b, t: a[:, None] - a,
        lambda a, b, t: a[:, np.newaxis] - b[np.newaxis, :],
        lambda a, b, t: (a[:, None] * b[None, :]).sum(axis=1),
        lambda a, b, t: (a[:, None] * b[None, :]).max(axis=0),
        lambda a, b, t: (a[:, None] < b[None, :]).any(),
        lambda a, b, t: (a[:, None] + b[None, :]).T,
        lambda a, b, t: np.expand_dims(a, 1) + np.expand_dims(b, 0),
        lambda a, b, t: a.reshape(-1, 1) + b.reshape(1, -1),
        lambda a, b, t: a.reshape(3, 1).ravel() + a,
        lambda a, b, t: t + a,
        lambda a, b, t: t * a[:1],
        lambda a, b, t: t - t.mean(axis=1, keepdims=True),
        lambda a, b, t: t.T - t.T.mean(axis=0),
        lambda a, b, t: t + b,
        lambda a, b, t: (t > 1) & (t < 4),
        lambda a, b, t: np.array([[1.0], [2.0], [3.0], [4.0]]) * t,
        lambda a, b, t: np.array([1.0, 2.0, 3.0]) * t,
        lambda a, b, t: np.stack([a, a + 1]),
        lambda a, b, t: np.stack([a, a + 1], axis=1).sum(axis=0),
        lambda a, b, t: np.column_stack([a, a > 1]),
        lambda a, b, t: np.vstack((a, a)),
        lambda a, b, t: np.hstack((a, b)),
        lambda a, b, t: np.concatenate([a, b]),
        lambda a, b, t: np.concatenate([t, t], axis=1),
        lambda a, b, t: np.stack([a, b]),
        lambda a, b, t: np.squeeze(a[:, None]),
        lambda a, b, t: t.reshape(3, 4),
        lambda a, b, t: t.flatten(),
        lambda a, b, t: t[:, None, :] * a[:, None],
        lambda a, b, t: np.tile(a, 2),
        lambda a, b, t: np.outer(a, b),
        lambda a, b, t: np.meshgrid(a, b),
        lambda a, b, t: np.broadcast_to(a, (2, 3)),
        lambda a, b, t: np.array([a, a]),
    ):
        agree(program, x, y, TABLE, ulps=4)


def test_a_scalar_stands_for_numpys() -> None:
    x = lazily(np.array([1.0, 2.0, 4.0]))
    mean, count = x.mean(), (x > 1).sum()
    assert type(mean) is LazyArray
    assert isinstance(mean, float)
    assert isinstance(mean, np.floating)
    assert isinstance(count, np.integer)
    assert f"{mean:.2f} {count:>3d}" == "2.33   2"
    assert math.sqrt(mean) == math.sqrt(7 / 3)
    assert list(range(count)) == [0, 1]
    assert ["a", "b", "c"][count] == "c"
    assert hash(mean) == hash(7 / 3)
    assert {2: "two"}[count] == "two"
    assert round(mean, 1) == 2.3
    assert repr(mean) == repr(np.float64(7 / 3))
    assert mean.item() == 7 / 3
    assert mean.is_integer() is False
    assert 2 < mean < 3
    assert "%d %.1f" % (count, mean) == "2 2.3"  # noqa: UP031
    assert sum([mean, mean]) == 14 / 3
    assert mean.shape == ()
    before = mean
    mean += 1
    assert float(before) == 7 / 3
    assert float(mean) == 10 / 3


def test_an_array_behaves_as_an_ndarray() -> None:
    values = np.array([3.0, 1.0, 2.0])
    x = lazily(values) + 0
    assert isinstance(x, np.ndarray)
    assert repr(x) == repr(values)
    assert str(x) == str(values)
    assert len(x) == 3
    assert list(x) == [3.0, 1.0, 2.0]
    assert x.tolist() == [3.0, 1.0, 2.0]
    assert 2.0 in x
    assert (x.ndim, x.shape, x.size, x.nbytes, x.itemsize) == (1, (3,), 3, 24, 8)
    assert x.flags.c_contiguous
    assert x.strides == (8,)
    assert not hasattr(x, "columns")
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = x.nonsense
    with pytest.raises(ValueError, match="truth value of an array"):
        bool(x)
    with pytest.raises(TypeError, match="unhashable"):
        hash(x)
    x.sort()
    assert x.tolist() == [1.0, 2.0, 3.0]
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # since NumPy 2.5
        x.shape = (3, 1)
    assert (x + 1).shape == (3, 1)


def test_pickles_and_copies() -> None:
    import copy
    import pickle

    x = lazily(np.arange(3.0)) + 1
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(x)), [1, 2, 3])
    assert pickle.loads(pickle.dumps(x.sum())) == 6.0
    for duplicate in (copy.copy(x), copy.deepcopy(x), x.copy(), np.array(x), np.copy(x), lnp.array(x)):
        duplicate[0] = 9
        assert x[0] == 1


@pytest.mark.parametrize(
    "arguments", [(0, 1), (0.0, 7.0, 11), (-3, 2.5, 1001), (0, 1, 7, False), (5, 5, 9), (1, 0)]
)
def test_linspace(arguments: Any) -> None:
    np.testing.assert_array_equal(lnp.linspace(*arguments), np.linspace(*arguments), strict=True)


@pytest.mark.parametrize("arguments", [(10,), (2, 9), (9, 2, -3), (0.0, 1.0, 0.1), (5, 5), (0,)])
def test_arange(arguments: Any) -> None:
    np.testing.assert_array_equal(lnp.arange(*arguments), np.arange(*arguments), strict=True)


def test_filled_arrays() -> None:
    for ours, theirs in (
        (lnp.zeros(3), np.zeros(3)),
        (lnp.ones(3, dtype="i4"), np.ones(3, "i4")),
        (lnp.full(3, 2.5), np.full(3, 2.5)),
        (lnp.full(3, -0.0), np.full(3, -0.0)),
        (lnp.full((2, 3), 7), np.full((2, 3), 7)),
        (lnp.zeros((3,), bool), np.zeros(3, bool)),
        (lnp.zeros(3, complex), np.zeros(3, complex)),
    ):
        np.testing.assert_array_equal(ours, theirs, strict=True)
        assert np.signbit(np.asarray(ours).real).tolist() == np.signbit(theirs.real).tolist()
    assert type(lnp.zeros(3)) is LazyArray
    assert (lnp.zeros(3) + 1).sum() == 3


def test_the_namespace_is_numpys() -> None:
    for name in np.__all__:
        assert hasattr(lnp, name), name
    assert lnp.ndarray is np.ndarray
    assert lnp.pi == np.pi
    assert lnp.linalg is np.linalg
    assert lnp.add.__name__ == "add"
    assert lnp.add.nin == 2
    assert lnp.add.reduce([1, 2]) == 3
    assert type(lnp.sqrt(np.arange(4.0))) is LazyArray
    assert type(lnp.where(np.arange(4) > 1, 1.0, np.arange(4))) is LazyArray
    with pytest.raises(AttributeError, match="nonsense"):
        _ = lnp.nonsense
    from lazyframe.numpy import sqrt

    assert sqrt is lnp.sqrt
    assert sqrt(4) == 2


@pytest.mark.parametrize(
    "name", ["sum", "mean", "std", "any", "all", "cumsum", "min", "argmax", "clip", "round"]
)
def test_a_method_refuses_arguments_as_the_ndarray_does(name: str) -> None:
    for options in ({"initial": "z"}, {"nonsense": 1}, {"keepdims": 1, "out": 3}):
        agree(lambda a, options=options: getattr(a, name)(**options), np.array([1.0, 2.0]))


@pytest.mark.parametrize("function", [np.sum, np.mean, np.min, np.max, np.any, np.all, np.argmin, np.argmax])
@pytest.mark.parametrize("dtype", ["float64", "float32", "int8", "uint64", "bool"])
def test_reductions_of_short_computed_arrays_are_numpys(function: Any, dtype: str) -> None:
    array = np.array([3.0, 1.0, 0.0, 5.0, 2.0] * 10).astype(dtype)
    with lazyframe.config(min_rows=20):
        ours = lnp.asarray(array)
        assert type(ours) is LazyArray
        found = (function(ours), getattr(ours, function.__name__)(), function(ours, axis=0))
    wanted = function(array)
    for one in found:
        assert type(one) is type(wanted)
        assert one == wanted
    with lazyframe.config(min_rows=10):
        assert type(function(lnp.asarray(array))) is LazyArray
    with lazyframe.config(min_rows=20):
        assert type(function(lnp.asarray(array.reshape(-1, 2)), axis=1)) is LazyArray
