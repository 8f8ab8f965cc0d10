"""What morsels append comes in their order, however they overlap."""

from __future__ import annotations

import ctypes

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from lazyframe.run.appending import Appends
from lazyframe.run.outputs import Layout, Output
from passes.ir.loops import Builder
from passes.ir.rows import Range
from passes.ir.values import RowNumber

ROW = RowNumber(Range(1))


def _append(appends: Appends, memory: list[np.ndarray] | None, values: list[list[int]]) -> None:
    for pointer, own, dtype in zip(
        appends.pointers(memory), values, (ctypes.c_int64, ctypes.c_int8), strict=True
    ):
        for k, value in enumerate(own):
            dtype.from_address(pointer + k * ctypes.sizeof(dtype)).value = value


@given(st.data(), st.integers(1, 9), st.integers(1, 4), st.integers(1, 5), st.booleans())
def test_rows_come_in_the_order_of_morsels(
    data: st.DataObject, morsels: int, threads: int, inner: int, long_tasks: bool
) -> None:
    each = 3
    layout = Layout(morsels * each - data.draw(st.integers(0, each - 1)), inner, each)
    arrays = [np.empty(layout.rows, np.int64), np.empty(layout.rows, np.int8)]
    outputs = [Output(Builder(ROW, ROW), array) for array in arrays]
    counts = np.zeros((2, layout.morsels), np.int64)
    appends = Appends(outputs, [1, 0], counts, layout, threads)
    expected: list[list[int]] = [[], []]
    given_rows = []
    for morsel in range(layout.morsels):
        low, high = layout.bounds(morsel)
        rows = st.lists(st.integers(-100, 100), max_size=(high - low) * inner)
        given_rows.append([data.draw(rows), data.draw(rows)])
        for own, new in zip(expected, given_rows[-1], strict=True):
            own += new
    # each thread takes every so-manieth morsel, or as many in a row
    share = -(-layout.morsels // threads)
    numbers = range(layout.morsels)
    queues = [
        list(numbers[k * share : (k + 1) * share] if long_tasks else numbers[k::threads])
        for k in range(threads)
    ]
    running: dict[int, tuple[int, list[np.ndarray] | None]] = {}
    while any(queues) or running:
        thread = data.draw(st.sampled_from([k for k in range(threads) if queues[k] or k in running]))
        if thread not in running:
            morsel = queues[thread].pop(0)
            memory = appends.begin(morsel)
            running[thread] = morsel, memory
            _append(appends, memory, given_rows[morsel])
            counts[:, morsel] = [len(own) for own in given_rows[morsel]][::-1]
        else:
            appends.end(*running.pop(thread))
    appends.finish()
    assert [output.parts.tolist() for output in outputs] == expected


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("above", [-1.0, 0.3, 0.999, 2.0])
def test_filtered_frames_are_pandas(threads: int, above: float) -> None:
    random = np.random.default_rng(0)
    frame = pandas.DataFrame({"a": random.random(300_000), "b": random.integers(0, 9, 300_000, np.int8)})
    expected = frame[frame["a"] > above].assign(c=lambda kept: kept["a"] * 2.0)
    with lazyframe.config(min_rows=0, threads=threads):
        lazy = lazyframe.DataFrame(frame)
        found = lazy[lazy["a"] > above].assign(c=lambda kept: kept["a"] * 2.0).to_pandas()
    pandas.testing.assert_frame_equal(found, expected)


def test_few_rows_that_wait_take_little_memory() -> None:
    layout = Layout(8000, 1, 1000)
    array = np.zeros(8000, np.int64)
    counts = np.zeros((1, 8), np.int64)
    appends = Appends([Output(Builder(ROW, ROW), array)], [0], counts, layout, 2)
    lent = set()
    assert appends.begin(0) is None
    for morsel in range(1, 8):
        memory = appends.begin(morsel)
        assert memory is not None
        lent.add(id(memory[0]))
        memory[0][:morsel] = morsel
        counts[0, morsel] = morsel
        appends.end(morsel, memory)
    assert not array.any()  # nothing has touched what is behind the end
    assert len(lent) == 1
    appends.end(0, None)
    appends.finish()
    assert array[:28].tolist() == [number for number in range(8) for _ in range(number)]
