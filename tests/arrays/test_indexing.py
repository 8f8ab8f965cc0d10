"""Reading and writing by index, and what shares memory, against NumPy."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
import lazyframe.numpy as lnp
from lazyframe.api.array import LazyArray
from lazyframe.run.bindings import bound_to
from tests.arrays.compare import agree, lazily

X = np.array([3.0, np.nan, -0.0, 2.5, -np.inf, 7.0, 2.5])
TABLE = np.arange(20.0).reshape(5, 4)

VECTOR_KEYS = [
    slice(None),
    slice(2, None),
    slice(None, -1),
    slice(1, 6, 2),
    slice(None, None, -1),
    slice(5, 1, -2),
    slice(4, 2),
    slice(-100, 100),
    0,
    -1,
    7,
    -8,
    None,
    ...,
    (None, slice(None)),
    (slice(None), None),
    (..., None),
    [0, 2, -1],
    [],
    [True] * 7,
    [True] * 6,
    np.array([1, 1, 0]),
    np.array([9]),
    np.array([True, False] * 3 + [True]),
    (0, 0),
    1.5,
    "a",
    np.int64(3),
    True,
]
TABLE_KEYS = [
    1,
    -1,
    slice(1, 4),
    (slice(None), 1),
    (slice(None), -1),
    (slice(None), slice(1, 3)),
    (slice(None), slice(3, 1)),
    (slice(None, None, -1), slice(None, None, 2)),
    (2, 3),
    (slice(1, 3), 2),
    (..., 0),
    (None, slice(None)),
    (slice(None), None),
    [0, 2],
    (slice(None), [0, 2]),
    ([0, 1], [2, 3]),
    5,
    (slice(None), 4),
    np.array([True, False, True, False, True]),
    (np.array([True, False, True, False, True]), 1),
]


@pytest.mark.parametrize("key", VECTOR_KEYS, ids=str)
def test_reading_a_vector(key: Any) -> None:
    agree(lambda x: x[key], X)
    agree(lambda x: (x * 2)[key], X)


@pytest.mark.parametrize("key", TABLE_KEYS, ids=str)
def test_reading_a_table(key: Any) -> None:
    for table in (TABLE, np.asfortranarray(TABLE)):
        agree(lambda x: x[key], table)
        agree(lambda x: (x * 2)[key] + 1, table)
    agree(lambda x: x.T[key], np.ascontiguousarray(TABLE.T))


def test_reading_by_what_is_lazy() -> None:
    for program in (
        lambda x: x[x > 2],
        lambda x: x[x > 2][x[x > 2] < 5],
        lambda x: x[x > 2][1:],
        lambda x: x[x > 2][::-1],
        lambda x: x[x > 100],
        lambda x: x[x > 100].sum(),
        lambda x: x[x > 100].max(),
        lambda x: x[x > 100].mean(),
        lambda x: x[x > 2] + x[x > 2],
        lambda x: x[x > 2] + x[x < 2],
        lambda x: x[(x > 2).sum()],
        lambda x: x[np.arange(3) + (x > 2).sum()],
        lambda x: x[x > 2].shape,
        lambda x: len(x[x > 2]),
        lambda x: x[x[1:] > 2],
        lambda x: np.argmax(x[x > 2]),
        lambda x: x[x > 2] * np.array([1.0, 2.0, 3.0, 4.0]),
    ):
        agree(program, X)
    agree(lambda t: t[t[:, 0] > 5], TABLE)
    agree(lambda t: t[t[:, 0] > 5].sum(axis=0), TABLE)
    agree(lambda t: t[t > 5], TABLE)


VALUES = [5, 2.5, np.nan, True, np.float32(1.5), 10**400, "a", None, [1.0, 2.0], 1j]


@pytest.mark.parametrize("key", VECTOR_KEYS, ids=str)
@pytest.mark.parametrize("dtype", ["f8", "i4", "?"])
def test_writing_to_a_vector(key: Any, dtype: str) -> None:
    def write(x: Any, value: Any) -> Any:
        x = x + x
        x[key] = value
        return x

    start = np.nan_to_num(X, posinf=5, neginf=-5).astype(dtype)
    for value in VALUES:
        agree(lambda x: write(x, value), start)  # noqa: B023


@pytest.mark.parametrize("key", TABLE_KEYS, ids=str)
def test_writing_to_a_table(key: Any) -> None:
    def write(x: Any, value: Any) -> Any:
        x = x * 1
        x[key] = value
        return x

    for value in (7, 2.5, np.arange(5.0), np.arange(2)):
        agree(lambda x: write(x, value), TABLE)  # noqa: B023


def test_writing_by_what_is_lazy() -> None:
    def masked(x: Any) -> Any:
        y = x * 2
        y[y > 4] = 0.5
        y[x < 0] = x.min()
        y[np.isnan(y)] = y[0]
        return y

    def whole(x: Any) -> Any:
        y = x + 1
        y[:] = x * 3
        y[...] += 1
        return y

    def columns(t: Any) -> Any:
        u = t * 1
        u[:, 1] = u[:, 0] + u[:, 2]
        u[:, 2:] = 9
        u[u < 3] = -1
        u[u[:, 0] > 10, 3] = 0
        return u

    def counted(x: Any) -> Any:
        y = x * 1
        y[x > 2] = np.arange(4.0)
        return y

    agree(masked, X)
    agree(whole, X)
    agree(columns, TABLE)
    agree(counted, X)


def test_an_assignment_stays_lazy() -> None:
    x = lazily(X) * 2
    x[x > 4] = 0
    x[1:3] = 5
    x += 1
    assert x._array is None


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "u1", "?"])
def test_in_place_operators(dtype: str) -> None:
    start = np.nan_to_num(X, posinf=5, neginf=5).astype(dtype)

    def program(x: Any, function: str, value: Any) -> Any:
        y = x[:] * 1 if dtype != "?" else x | False
        z, before = y, y + y
        result = getattr(y, function)(value)
        assert result is y or result is NotImplemented
        return [y, z, before]

    for function in (
        "__iadd__",
        "__isub__",
        "__imul__",
        "__itruediv__",
        "__ifloordiv__",
        "__ipow__",
        "__iand__",
    ):
        for value in (2, 2.5, np.float64(1.5), np.arange(7.0), np.arange(3)):
            agree(lambda x: program(x, function, value), start, ulps=4)  # noqa: B023


# what shares memory ------------------------------------------------------------------------------------

VIEWS = {
    "slice": lambda x: x[1:],
    "step": lambda x: x[::-2],
    "twice": lambda x: x[1:][1:],
    "column": lambda x: x[:, None],
    "reshape": lambda x: x.reshape(1, -1),
    "ravel": lambda x: x.ravel(),
    "T": lambda x: x.T,
    "whole": lambda x: x[...],
    "asarray": np.asarray,
    "view": lambda x: x.view(),
    "flip": np.flip,
    "real": lambda x: x.real,
    "expand_dims": lambda x: np.expand_dims(x, 0),
    "flatten": lambda x: x.flatten(),
    "copy": lambda x: x.copy(),
    "computed": lambda x: x + 0,
    "masked": lambda x: x[x == x],
}
WRITES = {
    "item": lambda x: x.__setitem__(2, 99.0),
    "slice": lambda x: x.__setitem__(slice(0, 4), 99.0),
    "mask": lambda x: x.__setitem__(x > 2, 99.0),
    "in_place": lambda x: x.__iadd__(1.0),
    "out": lambda x: np.negative(x, out=x),
    "sort": lambda x: x.sort(),
    "fill": lambda x: x.fill(4.0),
    "put": lambda x: np.put(x, [1], 99.0),
    "copyto": lambda x: np.copyto(x, 4.0),
    "at": lambda x: np.add.at(x, [1, 1], 5.0),
    "flat": lambda x: x.flat.__setitem__(3, 99.0),
    "asarray": lambda x: np.asarray(x).__setitem__(3, 99.0),
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("computed", [False, True])
def test_views_see_what_is_written_to_either(view: str, write: str, computed: bool) -> None:
    def program(start: Any, to_view: bool) -> Any:
        x = start * 1
        if computed:
            _ = x.tolist()
        early = x * 10
        y = VIEWS[view](x)
        both = VIEWS[view](x)
        between = y + 1
        target = y.reshape(-1) if to_view else x
        WRITES[write](target)
        late = y * 2
        again = x[2:]
        x[3] = -5
        return [x, y, both, early, between, target, late, again, x + 1]

    start = np.array([3.0, 1.0, -2.0, 2.5, 8.0, 7.0, 2.5])
    for to_view in (False, True):
        agree(lambda x: program(x, to_view), start)  # noqa: B023


def test_columns_of_a_table_are_views() -> None:
    def program(table: Any) -> Any:
        t = table + 0
        column, pair, later = t[:, 1], t[:, 1:3], t.sum()
        column[0] = 50
        pair += 1
        t[2] = -1
        return [t, column, pair, later, t * 2]

    agree(program, TABLE)


def test_what_was_captured_does_not_change() -> None:
    mine = np.arange(5.0)
    x, root = lnp.asarray(mine), lnp.sqrt(mine)
    total, beside = x + 1, lazily(np.zeros(5)) + mine
    view = lnp.asarray(mine[1:])
    mine[:] = -1
    np.testing.assert_array_equal(x, np.arange(5.0))
    np.testing.assert_array_equal(total, np.arange(5.0) + 1)
    np.testing.assert_array_equal(beside, np.arange(5.0))
    np.testing.assert_array_equal(root, np.sqrt(np.arange(5.0)))
    np.testing.assert_array_equal(view, np.arange(1.0, 5.0))


def test_a_temporary_is_taken_over_and_a_read_only_array_is_not_copied() -> None:
    pointer: list[int] = []

    def fresh() -> np.ndarray:
        array = np.arange(10_000.0)
        pointer.append(array.ctypes.data)
        return array

    x = lnp.asarray(fresh())
    assert x._array.ctypes.data == pointer[0]
    kept = fresh()
    assert lnp.asarray(kept)._array.ctypes.data != pointer[1]
    arguments = (fresh(),)
    assert lnp.asarray(*arguments)._array.ctypes.data != pointer[2]
    kept.setflags(write=False)
    still = lnp.asarray(kept)
    assert still._array.ctypes.data == pointer[1]
    with pytest.raises(ValueError, match="read-only"):
        still[0] = 1
    assert not np.asarray(still).flags.writeable
    (once,), (again,) = still.operand().columns, still.operand().columns
    assert once is again
    assert bound_to(once.token).ctypes.data == pointer[1]
    base = np.arange(10_000.0)
    view = base[:]
    view.setflags(write=False)
    assert lnp.asarray(view)._array.ctypes.data != base.ctypes.data


def data_of_read(x: Any) -> int:
    from lazyframe.run.bindings import data_of

    [argument, _] = x.value.arguments
    address: int = data_of(argument.token).ctypes.data
    return address


def test_an_array_of_our_own_is_recorded_without_a_copy() -> None:
    x = lnp.asarray(np.arange(10_000.0))
    own = x._array.ctypes.data
    first, second = x + 1, x * 2
    assert data_of_read(first) == data_of_read(second) == own
    del first, second
    x += 1
    assert x._array is None
    y = lnp.asarray(np.arange(10_000.0))
    shared = np.asarray(y)
    assert data_of_read(y + 1) != shared.ctypes.data


def test_what_was_given_out_is_shared_as_numpy_shares_it() -> None:
    big = lazily(np.arange(10_000.0)) + 0
    given = np.asarray(big)
    later = big + 1
    given[0] = 99
    assert big[0] == 99
    assert later[0] == 1
    del given
    gc.collect()
    doubled = big * 2  # nobody else holds the array now: captured as it is
    big[1] = 55
    assert doubled[1] == 2
    assert big[1] == 55
    assert np.asarray(big)[1] == 55
    again = np.asarray(big)
    big += 1
    assert again[1] == 56


def test_what_is_kept_of_a_captured_array_does_not_hide_who_writes_to_it() -> None:
    big = lazily(np.arange(10_000.0)) + 0
    lazyframe.collect(big)
    assert (big + 1)[3] == 4
    pointer = data_of_read(big + 1)
    given = np.asarray(big)  # nothing recorded needs the array now: it is handed out as it is
    assert given.ctypes.data == pointer
    given[3] = 50
    assert (big + 1)[3] == 51
    beside = big[np.newaxis, :]
    waiting = big * 2
    big[3] = 7
    assert waiting[3] == 100
    assert beside[0, 3] == 7
    del waiting, given
    assert (big * 2)[3] == 14
    big += 1
    assert (big * 2)[3] == 16


def test_an_array_made_read_only_stays_so() -> None:
    x = lazily(np.arange(4.0)) + 1
    x.setflags(write=False)
    with pytest.raises(ValueError, match="read-only"):
        x += 1
    with pytest.raises(ValueError, match="read-only"):
        x[x > 2] = 0
    x.flags.writeable = True
    x += 1
    assert x.tolist() == [2.0, 3.0, 4.0, 5.0]


def test_values_of_a_series_are_read_only() -> None:
    from lazyframe.run.bindings import bind_array

    column = np.arange(4.0)
    x = LazyArray.from_value(bind_array(column))
    assert x.value is not None
    with pytest.raises(ValueError, match="assignment destination is read-only"):
        x[0] = 1
    with pytest.raises(ValueError, match="output array is read-only"):
        x += 1
    assert not np.asarray(x).flags.writeable
    assert np.shares_memory(np.asarray(x), column)
    copy = x.copy()
    copy[0] = 5
    assert column[0] == 0


@pytest.mark.parametrize(
    "key",
    [slice(20), slice(-3, None), slice(5, 5), slice(None, None, -150), (slice(4), None), (None, slice(4)), 7],
    ids=str,
)
def test_few_elements_of_a_column_are_picked_at_once(key: Any) -> None:
    with lazyframe.config(min_rows=1000):
        frame = lazyframe.DataFrame({"x": np.arange(1000.0)})
        values = frame["x"].to_numpy()
        assert type(values) is LazyArray
        few, wanted = values[key], frame.to_pandas()["x"].to_numpy()[key]

        with pytest.raises(IndexError) as found:
            values[1000, None]
        with pytest.raises(IndexError) as expected:
            np.asarray(values)[1000, None]
        frame.loc[:, "x"] = 0.0
    assert type(few) is type(wanted)
    assert few.dtype == wanted.dtype
    assert few.shape == wanted.shape
    np.testing.assert_array_equal(few, np.arange(1000.0)[key])
    assert few.ndim == 0 or not few.flags.writeable
    assert str(found.value) == str(expected.value)


ORDERED: dict[str, Callable[[Any, Any], Any]] = {
    "given out": lambda np, df: df[["x", "y"]].to_numpy(),
    "values": lambda np, df: df[["x", "y", "i"]].values,
    "filtered": lambda np, df: df[df["x"] > 0][["x", "y"]].to_numpy(),
    "by a number": lambda np, df: df[["x", "y"]].to_numpy() * 2,
    "by means": lambda np, df: df[["x", "y"]].to_numpy() - df[["x", "y"]].to_numpy().mean(axis=0),
    "compared": lambda np, df: df[["x", "y"]].to_numpy() > 0,
    "converted": lambda np, df: df[["x", "y"]].to_numpy().astype("float32"),
    "captured": lambda np, df: np.asarray(df[["x", "y"]].to_numpy() + 1) * 3,
    "picked": lambda np, df: df[["x", "y"]].to_numpy()[df["x"].to_numpy() > 0],
    "transposed": lambda np, df: df[["x", "y"]].to_numpy().T,
    "and back": lambda np, df: df[["x", "y"]].to_numpy().T.T,
    "running": lambda np, df: np.cumsum(df[["x", "y"]].to_numpy(), axis=0),
    "put together": lambda np, df: np.column_stack([df["x"].to_numpy(), df["y"].to_numpy()]) * 2,
    "of both kinds": lambda np, df: np.column_stack([df["x"], df["y"]]) + df[["x", "y"]].to_numpy(),
}


@pytest.mark.parametrize("name", ORDERED)
def test_elements_lie_in_memory_as_they_do_in_numpy(name: str) -> None:
    """What goes on to NumPy is as fast as pandas' own array only if it is laid out the same."""
    random = np.random.default_rng(3)
    columns = {"x": random.normal(size=50), "y": random.normal(size=50), "i": np.arange(50)}
    with lazyframe.config(min_rows=0):
        found = np.asarray(ORDERED[name](lnp, lazyframe.DataFrame(columns)))
    wanted = ORDERED[name](np, pandas.DataFrame(columns))
    np.testing.assert_allclose(found, wanted)
    assert found.flags.c_contiguous == wanted.flags.c_contiguous
    assert found.flags.f_contiguous == wanted.flags.f_contiguous


def test_a_slice_of_a_column_is_a_view_that_cannot_be_written_to() -> None:
    frame = lazyframe.DataFrame({"a": np.arange(6.0)})
    whole = frame["a"].to_numpy()
    for view, wanted in ((whole[::2], [0.0, 2.0, 4.0]), (whole[4:0:-1][1:], [3.0, 2.0, 1.0])):
        found = np.asarray(view)
        assert found.tolist() == wanted
        assert np.shares_memory(found, np.asarray(whole))
        assert not found.flags.writeable
    frame["a"] = frame["a"] + 1.0
    assert np.asarray(whole[::2]).tolist() == [0.0, 2.0, 4.0]
