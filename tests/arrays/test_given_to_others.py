"""Lazy arrays and scalars in the hands of pandas and pyarrow, whose compiled code reads memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pyarrow
import pytest

import lazyframe
from lazyframe.api.array import LazyArray

ROWS = 40


class Given:
    """Arrays of a library's series, as a program takes them."""

    def __init__(self, pd: Any) -> None:
        self.pd = pd
        self.series = pd.Series(np.arange(ROWS) % 5 + 0.5)
        self.floats = (self.series + 1).to_numpy()
        self.whole = (pd.Series(np.arange(ROWS) % 5) + 1).values
        self.mask = (self.series > 2).to_numpy()


PROGRAMS: list[Callable[[Any, Given], Any]] = [
    lambda pd, x: pd.Series([x.floats.sum(), x.floats.max()]),
    lambda pd, x: pd.Series({"a": x.floats.sum(), "b": 1}),
    lambda pd, x: pd.Series(x.floats.sum(), index=[1, 2]),
    lambda pd, x: pd.Series(x.floats, index=x.whole),
    lambda pd, x: pd.Series(x.floats).isin(x.whole),
    lambda pd, x: pd.DataFrame({"a": [x.floats.mean()], "b": x.whole.max()}),
    lambda pd, x: pd.DataFrame([{"a": x.floats.sum(), "b": x.whole.min()}]),
    lambda pd, x: pd.DataFrame([[x.floats.sum(), x.whole.min()]], index=[x.whole.max()]),
    lambda pd, x: pd.DataFrame.from_records([(x.floats.sum(), x.whole.min())]),
    lambda pd, x: pd.DataFrame(x.floats.reshape(-1, 4), columns=x.whole[:4]),
    lambda pd, x: pd.Series(pd.cut(x.floats, 3)),
    lambda pd, x: pd.cut(x.series, x.floats[:3] + np.array([0.0, 3.0, 6.0])),
    lambda pd, x: pd.Series(pd.qcut(x.floats, 3)),
    lambda pd, x: pd.Series(pd.to_numeric(x.floats, downcast="float")),
    lambda pd, x: pd.merge(
        pd.DataFrame({"a": x.whole}), pd.DataFrame({"b": [1, 2]}), left_on=x.whole, right_on="b"
    ),
    lambda pd, x: pd.DataFrame({"a": x.whole}).merge(
        pd.DataFrame({"b": [1, 2]}), left_on=x.whole, right_on="b"
    ),
    lambda pd, x: pd.Index(x.whole),
    lambda pd, x: pd.Index(np.arange(9)).intersection(pd.Index(x.whole)),
    lambda pd, x: pd.Index(np.arange(9)).union(x.whole),
    lambda pd, x: pd.Index(np.arange(9)).get_indexer(x.whole),
    lambda pd, x: pd.IntervalIndex.from_breaks(x.floats[:3]),
    lambda pd, x: pd.Series(pd.Categorical(x.floats, categories=np.unique(x.floats))),
    lambda pd, x: pd.MultiIndex.from_arrays([x.whole, x.floats]),
    lambda pd, x: pd.date_range("2020", periods=x.whole.max()),
    lambda pd, x: x.series.iloc[x.mask],
    lambda pd, x: x.series.set_axis(x.whole).loc[x.whole[0]],
]


@pytest.mark.parametrize("program", PROGRAMS, ids=map(str, range(len(PROGRAMS))))
def test_pandas_is_given_what_it_knows(program: Callable[[Any, Given], Any]) -> None:
    expected = program(pandas, Given(pandas))
    with lazyframe.config(min_rows=0):
        given = Given(lazyframe)
        assert {type(given.floats), type(given.whole.max())} == {LazyArray}
        found = program(lazyframe, given)
        if isinstance(expected, pandas.Series):
            pandas.testing.assert_series_equal(found.to_pandas(), expected, check_index_type=True)
        elif isinstance(expected, pandas.DataFrame):
            pandas.testing.assert_frame_equal(found.to_pandas(), expected, check_index_type=True)
        elif isinstance(expected, pandas.Index):
            pandas.testing.assert_index_equal(found, expected, exact=True)
        else:
            assert type(found) is type(expected)
            np.testing.assert_array_equal(found, expected, strict=True)


@pytest.mark.parametrize("dtype", ["u1", "i8", "f4"])
def test_bytes(dtype: str) -> None:
    with lazyframe.config(min_rows=0):
        array = (lazyframe.Series(np.arange(5, dtype=dtype)) + np.dtype(dtype).type(1)).to_numpy()
        assert type(array) is LazyArray
        assert bytes(array) == bytes(np.arange(1, 6, dtype=dtype))


ARROW: list[Callable[[Any], Any]] = [
    lambda series: pyarrow.array(series),
    lambda series: pyarrow.array(series, from_pandas=False),
    lambda series: pyarrow.array(series, pyarrow.float32()),
    lambda series: pyarrow.chunked_array([series]),
    lambda series: pyarrow.table({"a": series}),
    lambda series: pyarrow.array(series, mask=np.asarray(series) > 3),
    lambda series: pyarrow.array(series.to_numpy()),
    lambda series: pyarrow.table({"a": series.values}),
]


@pytest.mark.parametrize("program", ARROW, ids=map(str, range(len(ARROW))))
@pytest.mark.parametrize("missing", [False, True])
def test_pyarrow_reads_columns_and_arrays(program: Callable[[Any], Any], missing: bool) -> None:
    values = np.arange(6.0)
    values[2] = np.nan if missing else 2.0
    expected = program(pandas.Series(values) + 1)
    with lazyframe.config(min_rows=0):
        found = program(lazyframe.Series(values) + 1)
    assert str(found) == str(expected)  # NaN and what is missing look different


def test_nan_is_not_taken_for_a_value_where_it_may_be_wanted_as_missing() -> None:
    with lazyframe.config(min_rows=0):
        array = (lazyframe.Series([1.0, np.nan]) + 1).to_numpy()
        with pytest.raises(TypeError, match="give it numpy"):
            pyarrow.array(array, from_pandas=True)
        options = {"from_pandas": True}
        with pytest.raises(TypeError, match="give it numpy"):
            pyarrow.array(array, **options)
        assert pyarrow.array(np.asarray(array), **options).null_count == 1
        assert pyarrow.array(array[:1], from_pandas=True).null_count == 0
