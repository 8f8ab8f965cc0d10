"""``filters=``: what Arrow leaves of the rows, found lazily where pandas' masks mean the same."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

import lazyframe
from tests.programs.compare import same


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("filtered")


LITERALS: dict[str, st.SearchStrategy[Any]] = {
    "i": st.sampled_from([0, 1, 3, -1, 2**40]),
    "n": st.sampled_from([1, 2]),
    "f": st.sampled_from([0, 1.5, -0.0, float("nan"), float("inf"), 2]),
    "s": st.sampled_from(["", "a", "b", "é", "c"]),
    "t": st.sampled_from([datetime.datetime(2020, 1, 3), datetime.datetime(2020, 1, 9, 12)]),
    "b": st.booleans(),
}


def make(rows: int, missing: bool) -> pyarrow.Table:
    def some(values: list[Any]) -> list[Any]:
        return [None if missing and k % 5 == 3 else value for k, value in enumerate(values)]

    return pyarrow.table(
        {
            "i": pyarrow.array([k % 4 for k in range(rows)], pyarrow.int16()),
            "n": pyarrow.array(some([k % 3 for k in range(rows)]), pyarrow.int64()),
            "f": pyarrow.array(some([(0.0, 1.5, float("nan"), -2.0, 2.0)[k % 5] for k in range(rows)])),
            "s": pyarrow.array(some([("a", "", "é", "b")[k % 4] for k in range(rows)]), pyarrow.string()),
            "t": pyarrow.array(
                some([datetime.datetime(2020, 1, 1 + k % 20) for k in range(rows)]), pyarrow.timestamp("us")
            ),
            "b": pyarrow.array([k % 2 == 0 for k in range(rows)], pyarrow.bool_()),
        }
    )


@st.composite
def terms(draw: st.DrawFn) -> tuple[str, str, Any]:
    name = draw(st.sampled_from(sorted(LITERALS)))
    comparison = draw(st.sampled_from(["=", "==", "!=", "<", "<=", ">", ">=", "in", "not in"]))
    literal = LITERALS[name]
    if comparison in ("in", "not in"):
        return name, comparison, draw(st.lists(literal, min_size=1, max_size=3))
    return name, comparison, draw(literal)


def outcome(pd: Any, path: Path, given: dict[str, Any]) -> Any:
    try:
        found = pd.read_parquet(path, **given)
        return found.to_pandas() if pd is lazyframe else found
    except Exception as error:
        return type(error), str(error)


@given(
    rows=st.sampled_from([0, 1, 23]),
    missing=st.booleans(),
    filters=st.lists(terms(), min_size=1, max_size=3)
    | st.lists(st.lists(terms(), min_size=1, max_size=2), min_size=1, max_size=3),
    columns=st.none() | st.lists(st.sampled_from(sorted(LITERALS)), min_size=1, max_size=3, unique=True),
)
def test_any_filters(place: Path, rows: int, missing: bool, filters: Any, columns: Any) -> None:
    path = place / "any.parquet"
    parquet.write_table(make(rows, missing), path, row_group_size=6)
    given = {"filters": filters, "columns": columns}
    wanted, found = (outcome(pd, path, given) for pd in (pandas, lazyframe))
    if isinstance(wanted, pandas.DataFrame):
        same(found, wanted)
        assert type(found.index) is type(wanted.index)
    else:
        assert found == wanted


def test_filters_are_recorded_and_rule_row_groups_out(
    tmp_path: Path, decoded: list[tuple[int, tuple[str, ...]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pruned.parquet"
    frame = pandas.DataFrame({"k": np.arange(60) // 6, "x": np.arange(60) / 4, "unused": "text"})
    frame.to_parquet(path, row_group_size=6)
    with monkeypatch.context() as patched:
        patched.setattr("lazyframe.run.streaming.SMALL_COLUMN_BYTES", -1)
        found = lazyframe.read_parquet(path, columns=["x"], filters=[("k", ">", 6), ("x", "<", 13.0)])
        assert not decoded
        assert found["x"].sum() == frame[(frame["k"] > 6) & (frame["x"] < 13.0)]["x"].sum()
    assert {number for number, _ in decoded} == {7, 8}
    assert not any("unused" in names for _, names in decoded)


@pytest.mark.parametrize("index", [range(2, 62), range(0, 120, 2), list(range(60))])
def test_labels_that_were_written_are_pandas_own_to_choose(tmp_path: Path, index: Any) -> None:
    path = tmp_path / "labelled.parquet"
    pandas.DataFrame({"k": np.arange(60)}, index=index).to_parquet(path)
    for least in (-1, 3):
        given = {"filters": [("k", ">", least)]}
        same(lazyframe.read_parquet(path, **given).to_pandas(), pandas.read_parquet(path, **given))
