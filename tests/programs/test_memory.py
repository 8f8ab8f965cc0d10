"""Borrowed memory is nobody else's while any array shows it, and is found again afterwards."""

from __future__ import annotations

import random
import threading
from collections import deque

import numpy as np
import pytest

import lazyframe
import lazyframe.numpy as lnp
from lazyframe import config
from lazyframe.run import memory
from lazyframe.run.memory import borrow, borrow_full, bytes_kept, release_idle, shortened
from lazyframe.run.regions import Region


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_regions", [])
    monkeypatch.setattr(memory, "_returned", deque())


@pytest.mark.usefixtures("interpreted")
def test_columns_of_frames_are_lent_and_arrays_own_their_memory() -> None:
    rows = 1 << 18
    with config(min_rows=0):
        doubled = lazyframe.collect(lazyframe.DataFrame({"x": np.arange(float(rows))}) * 2.0)
        array = np.asarray(lnp.asarray(np.arange(float(rows))) * 2.0)
    before = bytes_kept()
    np.testing.assert_array_equal(doubled["x"].to_numpy(), array)
    del doubled
    assert bytes_kept() == before + 8 * rows
    assert array.flags.owndata


@pytest.mark.parametrize("dtype", ["u1", "i4", "f8", "bool", "M8[us]", "m8[ns]"])
@pytest.mark.parametrize("shape", [0, 3, 1 << 21, (1 << 10, 1 << 11), (2, 3)], ids=str)
def test_arrays_are_of_the_shape_and_dtype_asked_for(shape: int | tuple[int, ...], dtype: str) -> None:
    array = borrow(shape, dtype)
    assert array.shape == (shape if isinstance(shape, tuple) else (shape,))
    assert array.dtype == np.dtype(dtype)
    assert array.flags.c_contiguous
    assert array.flags.writeable
    array[...] = np.zeros(1, dtype)[0]


def test_memory_comes_back_when_the_last_view_is_gone() -> None:
    array = borrow(1 << 20, np.int64)
    part = array[5:].view(np.uint8)[::3]
    del array
    assert bytes_kept() == 0
    del part
    assert bytes_kept() == 8 << 20
    again = borrow((1 << 20) - 1000, np.float64)
    assert bytes_kept() < 8192
    other = borrow(1 << 20, np.int64)
    assert not np.shares_memory(again, other)


def test_small_arrays_are_not_kept() -> None:
    array = borrow(100, np.int64)
    del array
    assert bytes_kept() == 0


def test_what_small_arrays_leave_serves_large_ones() -> None:
    arrays = [borrow(1 << 21, np.uint8) for _ in range(4)]
    where = {array.ctypes.data for array in arrays}
    arrays.clear()
    assert bytes_kept() == 1 << 23
    large = borrow(1 << 23, np.uint8)
    assert large.ctypes.data == min(where)
    assert bytes_kept() == 0


def test_what_was_used_before_is_lent_first() -> None:
    small, _between = borrow(1 << 20, np.uint8), borrow(1 << 21, np.uint8)
    wide = borrow(1 << 22, np.uint8)
    _behind = borrow(1 << 21, np.uint8)
    places = small.ctypes.data, wide.ctypes.data
    del small, wide
    assert borrow(3 << 20, np.uint8).ctypes.data == places[1]
    assert borrow(1 << 20, np.uint8).ctypes.data == places[0]


def test_no_more_is_kept_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MOST_KEPT", 5 << 20)
    arrays = [borrow(1 << 21, np.uint8) for _ in range(4)]
    arrays.clear()
    assert bytes_kept() == 5 << 20


def test_what_is_idle_is_released(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(memory, "monotonic", lambda: now[0])
    first, _between, second = (borrow(1 << size, np.uint8) for size in (21, 20, 22))
    del first, second
    now[0] += 9
    release_idle()
    assert bytes_kept() == (1 << 21) + (1 << 22)
    array = borrow_full(1 << 22, 7, np.uint8)
    assert (array == 7).all()
    now[0] += 9
    del array
    release_idle()
    assert bytes_kept() == 1 << 22
    now[0] += 11
    del _between
    now[0] += 11
    release_idle()
    assert bytes_kept() == 0
    assert memory._regions == []


def test_what_is_behind_the_rows_that_are_left_serves_others() -> None:
    array = borrow_full(1 << 20, 7, np.int64)
    left = shortened(array, 1000)
    assert bytes_kept() == 0  # nobody had used it before
    del array
    other = borrow_full(1 << 20, 3, np.int64)
    assert (left == 7).all()
    assert len(left) == 1000
    assert not np.shares_memory(left, other)
    assert other.ctypes.data < left.ctypes.data + (8 << 20)
    own = np.zeros(5)
    assert shortened(own, 2).base is own
    assert len(shortened(borrow(1 << 20, np.int64), 0)) == 0


def test_parts_never_overlap_whatever_comes_back_when(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MOST_KEPT", 12 << 20)
    chance = random.Random(0)
    held: list[tuple[np.ndarray, int]] = []
    for number in range(300):
        if held and chance.random() < 0.5:
            array, value = held.pop(chance.randrange(len(held)))
            assert (array == value).all()
        else:
            length = chance.randrange(1 << 20, 1 << 22)
            array = borrow_full(length, number % 251, np.uint8)
            if chance.random() < 0.3:
                array = shortened(array, chance.randrange(length))
            held.append((array, number % 251))
        assert bytes_kept() <= 12 << 20
    for array, value in held:
        assert (array == value).all()
    del array
    held.clear()
    assert all(region.is_free for region in memory._regions)


def test_threads_never_share_memory() -> None:
    wrong: list[int] = []

    def work(number: int) -> None:
        for _ in range(200):
            array = borrow_full(1 << 20, number, np.uint8)
            if not (array[:: 1 << 12] == number).all():
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_where_there_is_no_more_what_is_kept_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    borrow(1 << 22, np.uint8)
    old = memory._regions[0]
    forgotten: list[bool] = []

    def region(size: int) -> Region:
        if not forgotten:
            raise OSError
        return Region(size)

    monkeypatch.setattr(memory, "forget_all", lambda: forgotten.append(True))
    monkeypatch.setattr(memory, "Region", region)
    assert len(borrow(1 << 29, np.uint8)) == 1 << 29
    assert forgotten
    assert old not in memory._regions
    with pytest.raises(MemoryError, match="no memory for an array of"):
        borrow(1 << 62, np.uint8)
