"""Borrowed memory is nobody else's while any array shows it, and is found again afterwards."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from lazyframe.run import memory
from lazyframe.run.memory import borrow, borrow_full, bytes_kept, release_idle


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_kept", {})


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
    assert bytes_kept() >= 8 << 20
    again = borrow((1 << 20) - 1000, np.float64)
    assert bytes_kept() == 0
    other = borrow(1 << 20, np.int64)
    assert not np.shares_memory(again, other)


def test_small_arrays_are_not_kept() -> None:
    array = borrow(100, np.int64)
    del array
    assert bytes_kept() == 0


def test_no_more_is_kept_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MOST_KEPT", 5 << 20)
    arrays = [borrow(1 << 21, np.uint8) for _ in range(4)]
    arrays.clear()
    assert 0 < bytes_kept() <= 5 << 20


def test_what_is_idle_is_released(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(memory, "monotonic", lambda: now[0])
    for size in (21, 22, 21):
        borrow(1 << size, np.uint8)
    now[0] += 9
    release_idle()
    assert bytes_kept() == (1 << 21) + (1 << 22)
    array = borrow_full(1 << 22, 7, np.uint8)
    assert (array == 7).all()
    now[0] += 9
    del array
    release_idle()
    assert bytes_kept() == 1 << 22


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
    forgotten: list[bool] = []
    monkeypatch.setattr(memory, "forget_all", lambda: forgotten.append(True))
    monkeypatch.setattr(memory, "_rounded", lambda size: 1 << 62)  # more than any machine has
    assert len(borrow(1 << 21, np.uint8)) == 1 << 21
    assert forgotten
    assert 1 << 22 not in memory._kept
