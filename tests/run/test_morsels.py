"""How rows are divided for threads."""

from __future__ import annotations

import pytest

from lazyframe.run import morsels
from lazyframe.run.morsels import LEAST_MORSEL_ROWS, MORSEL_ROWS, morsel_rows

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
