"""Merges of files: what is read to find out how to join them, and what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.run import streaming, uniqueness
from tests.programs.compare import same

ROWS = 400


@pytest.fixture(autouse=True)
def _stream_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "SMALL_COLUMN_BYTES", -1)
    monkeypatch.setattr(uniqueness, "_FIRST", 8)


def write(tmp_path: Path, key: np.ndarray) -> tuple[str, str]:
    """A file of rows with distinct keys, and one in which each key is found many times."""
    one, many = str(tmp_path / "one.parquet"), str(tmp_path / "many.parquet")
    pandas.DataFrame({"k": key, "a": np.arange(len(key)) / 4}).to_parquet(one)
    keys = np.repeat(key, ROWS // len(key))
    frame = pandas.DataFrame({"key": keys, "x": np.arange(len(keys)) % 7, "y": np.arange(len(keys)) / 2})
    frame.to_parquet(many, row_group_size=40)
    return one, many


def total(pd: Any, one: str, many: str) -> Any:
    left, right = pd.read_parquet(one), pd.read_parquet(many)
    joined = left.merge(right, left_on="k", right_on="key")
    return joined[joined["x"] > 2]["a"].sum()


@pytest.mark.parametrize("key", [np.arange(20), np.arange(20) * 10**9 - 10**10, np.arange(20, dtype="u1")])
def test_keys_that_repeat_are_read_as_they_are_joined(
    tmp_path: Path, decoded: list[tuple[int, tuple[str, ...]]], key: np.ndarray
) -> None:
    one, many = write(tmp_path, key)
    same(total(lazyframe, one, many), total(pandas, one, many))
    if not SINCE_3_1:
        return  # such a merge runs in pandas
    for name in ("key", "x"):
        assert sorted(number for number, names in decoded if name in names)[-10:] == list(range(10))
    assert sum("key" in names and number > 0 for number, names in decoded) == 9


def test_keys_are_distinct_however_the_statistics_look(tmp_path: Path) -> None:
    one, many = write(tmp_path, np.array([3, 1, 10**12, 2]))
    same(total(lazyframe, one, many), total(pandas, one, many))
