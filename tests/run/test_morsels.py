"""How rows are divided for threads."""

from __future__ import annotations

import pytest

from lazyframe.codegen.emit_reductions import BLOCK_ROWS
from lazyframe.run import kernels, morsels
from lazyframe.run.kernels import long_calls
from lazyframe.run.morsels import LEAST_MORSEL_ROWS, MORSEL_ROWS, morsel_rows
from lazyframe.run.outputs import Layout
from lazyframe.run.progress import Progress

LENGTHS = (
    *range(3),
    *(
        limit + more
        for limit in (LEAST_MORSEL_ROWS, 2 * LEAST_MORSEL_ROWS, MORSEL_ROWS)
        for more in (-1, 0, 1)
    ),
    100_000,
    1_000_000,
    6_001_215,
    9_998_244,
    10_000_000,
    59_986_052,
)


@pytest.mark.parametrize("rows", LENGTHS)
def test_threads_get_as_many_morsels_of_one_length(rows: int) -> None:
    length = morsel_rows(rows)
    count = -(-rows // length)
    assert 0 < length <= MORSEL_ROWS
    assert count <= 1 or count % 2 == 0
    assert count <= 8 or count % 4 == 0
    assert count <= 16 or count % 8 == 0
    assert count < 2 or length >= LEAST_MORSEL_ROWS // 2
    if count > 1:
        assert rows - (count - 1) * length > length // 2, "the last one is no remnant"


def test_morsels_may_be_of_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(morsels, "MORSEL_ROWS", 1)
    assert [morsel_rows(rows) for rows in (0, 1, 2, 3, 1000)] == [1] * 5


@pytest.mark.parametrize("threads", [1, 2, 7])
@pytest.mark.parametrize("rows", LENGTHS)
@pytest.mark.parametrize("most", [BLOCK_ROWS, 100 * BLOCK_ROWS, 1 << 30])
def test_calls_that_leave_no_parts_begin_whole_blocks(rows: int, threads: int, most: int) -> None:
    layout = Layout(rows, 1, morsel_rows(rows))
    begin = layout.whole_blocks(layout.morsel_rows / 2)
    spans = layout.spans(threads, begin, most)
    ends = [high for _, high in spans]
    assert [low for low, _ in spans] == [begin, *ends][: len(spans)]
    assert ends[-1:] == [rows] * (rows > begin)
    assert all(low % BLOCK_ROWS == 0 for low, _ in spans)
    lengths = [high - low for low, high in spans]
    assert lengths == sorted(lengths, reverse=True)
    assert max(lengths, default=0) <= most
    assert threads > 1 or len(spans) == -(-max(rows - begin, 0) // most)


def test_calls_over_pairs_begin_at_any_row() -> None:
    layout = Layout(3162, 3162, 82)
    assert layout.spans(1, 5, 4000) == [(5, 3162)]
    assert layout.spans(2, 5, 4000)[0] == (5, 5 + -(-3157 // 4))
    assert layout.spans(2, 5, 4000)[-1][1] == 3162
    assert len(layout.spans(2, 5, 4000)) < layout.morsels
    assert Layout(3, 0, 1).spans(1, 1, 7) == [(1, 3)]


@pytest.mark.parametrize(
    ("nanoseconds_a_row", "lengths"),
    [((1, 1), [10, 90]), ((1e6, 1e6), [10, 20, 20, 20, 20, 10]), ((5e5, 1e9), [10, 40, 10, 10, 20, 10])],
    ids=["quick", "slow", "slower and slower"],
)
def test_calls_are_no_longer_than_ctrl_c_may_wait(
    nanoseconds_a_row: tuple[float, float], lengths: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    called: list[tuple[int, int]] = []

    def call(low: int, high: int) -> None:
        nonlocal now
        now += (high - low) * nanoseconds_a_row[low > 0] * 1e-9
        called.append((low, high))

    monkeypatch.setattr(kernels, "perf_counter", lambda: now)
    long_calls(Layout(100, 1, 10), call, 1, Progress())
    assert [high - low for low, high in called] == lengths
    assert [low for low, _ in called] == [0, *[high for _, high in called]][:-1]
