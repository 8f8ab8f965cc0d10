"""``from_arrow``: pandas' frames and series, in Arrow's memory where that is laid out as NumPy's."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas
import pyarrow
import pytest

import lazyframe
from tests.programs.compare import same


@pytest.fixture(autouse=True)
def _nothing_is_short() -> Iterator[None]:
    with lazyframe.config(min_rows=0):
        yield


UNCOPIED = ("x", "i", "t", "d")


def make() -> pyarrow.Table:
    return pyarrow.table(
        {
            "x": [0.5, np.nan, -0.0, 2.5],
            "i": pyarrow.array([3, 1, 2, -1], pyarrow.int16()),
            "t": pyarrow.array([5, 6, 7, 8], pyarrow.timestamp("us")),
            "d": pyarrow.array([5, 6, 7, 8], pyarrow.duration("ms")),
            "s": ["a", None, "b", "a"],
            "b": [True, False, True, True],
            "n": [1, None, 3, 4],
            "h": pyarrow.array(np.array([1, 2, 3, 4], "float16")),
            "z": pyarrow.array([5, 6, 7, 8], pyarrow.timestamp("ns", "Europe/Berlin")),
            "c": pyarrow.array(["p", "q", "p", None]).dictionary_encode(),
            "l": [[1], [], None, [2, 3]],
        }
    )


def described(change: Callable[[pandas.DataFrame], pandas.DataFrame]) -> pyarrow.Table:
    """A table in which pandas notes what the frame was like."""
    return pyarrow.Table.from_pandas(change(pandas.DataFrame({"x": [0.5, 1.5, 2.5], "k": [1, 2, 3]})))


def with_attrs(df: pandas.DataFrame) -> pandas.DataFrame:
    df.attrs = {"unit": "m"}
    return df


TABLES: dict[str, Callable[[], pyarrow.Table]] = {
    "whole": make,
    "sliced": lambda: make().slice(1, 2),
    "no rows": lambda: make().slice(0, 0),
    "no columns": lambda: make().select([]),
    "in chunks": lambda: pyarrow.concat_tables([make(), make().slice(2)]),
    "in empty chunks": lambda: pyarrow.concat_tables([make().slice(0, 0), make(), make().slice(4)]),
    "one name": lambda: make().select(["x", "i"]).rename_columns(["x", "x"]),
    "numbered rows": lambda: described(lambda df: df.set_axis(pandas.RangeIndex(4, 10, 2, name="r"), axis=0)),
    "cut rows": lambda: described(lambda df: df.set_axis(pandas.RangeIndex(4, 10, 2), axis=0)).slice(1),
    "labelled rows": lambda: described(lambda df: df.set_index("k")),
    "dates for names": lambda: described(
        lambda df: df.set_axis(pandas.to_datetime(["2020", "2021"]), axis=1)
    ),
    "masked": lambda: described(lambda df: df.astype({"k": "Int64"})),
    "attrs": lambda: described(with_attrs),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_frames_of_tables(table: Callable[[], pyarrow.Table]) -> None:
    wanted = pandas.DataFrame.from_arrow(table())
    found = lazyframe.DataFrame.from_arrow(table())
    assert type(found) is lazyframe.DataFrame
    if wanted.columns.is_unique:
        assert repr(found.to_dict("split")) == repr(wanted.to_dict("split"))
    assert found.dtypes.to_list() == wanted.dtypes.to_list()
    assert found.attrs == wanted.attrs
    pandas.testing.assert_index_equal(found.index, wanted.index, exact=True)
    pandas.testing.assert_index_equal(found.columns, wanted.columns, exact=True)
    for name in wanted.columns.unique()[:1]:
        assert repr(found[name].isna().sum()) == repr(wanted[name].isna().sum())


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
def test_labels_follow_options_of_pandas() -> None:
    for infer in (True, False):
        with pandas.option_context("future.infer_string", infer):
            wanted = pandas.DataFrame.from_arrow(make())
            found = lazyframe.DataFrame.from_arrow(make())
        assert found.columns.dtype == wanted.columns.dtype
        assert found.dtypes.to_list() == wanted.dtypes.to_list()


@pytest.mark.parametrize(
    "what", [lambda table: table, lambda table: table.to_reader(), lambda table: table.slice(1)]
)
def test_numbers_and_times_are_not_copied(what: Callable[[pyarrow.Table], Any]) -> None:
    table = make()
    frame = lazyframe.DataFrame.from_arrow(what(table))
    again = pyarrow.table(frame)
    for name in UNCOPIED:
        ours, theirs = (one[name].chunk(0).buffers()[1] for one in (again, table))
        assert theirs.address <= ours.address < theirs.address + theirs.size
    series = lazyframe.Series.from_arrow(table["x"].chunk(0))
    assert series.to_pandas().to_numpy().ctypes.data == table["x"].chunk(0).buffers()[1].address


def test_memory_lives_as_long_as_its_views() -> None:
    frame = lazyframe.DataFrame.from_arrow(make())
    kept, view = frame["i"], frame.to_pandas()["t"].to_numpy()
    doubled = frame["x"] * 2
    del frame
    gc.collect()
    assert (kept + 1).to_list() == [4, 2, 3, 0]
    assert view.astype("int64").tolist() == [5, 6, 7, 8]
    same(doubled.to_pandas(), pandas.Series([1.0, np.nan, -0.0, 5.0], name="x"))


def _in_place(df: Any) -> None:
    df.fillna({"x": 0.0}, inplace=True)
    df["i"] += 1


def _labels(df: Any) -> None:
    df.index = df["i"]
    df.loc[2, "i"] = 9


def _alone(df: Any) -> None:
    column = df.pop("x")
    gc.collect()
    column.iloc[0] = 3.5
    df["y"] = column


WRITERS: dict[str, Callable[[Any], None]] = {
    "iloc": lambda df: df.iloc.__setitem__((0, 0), 7.5),
    "loc": lambda df: df.loc.__setitem__((df["x"] > 0, "i"), 7),
    "at": lambda df: df.at.__setitem__((0, "t"), pandas.Timestamp("2020")),
    "in place": _in_place,
    "labels": _labels,
    "alone": _alone,
    "update": lambda df: df.update(pandas.DataFrame({"x": [1.5]})),
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=list(WRITERS))
def test_whoever_writes_copies_first(write: Callable[[Any], None]) -> None:
    table = make().select([*UNCOPIED, "s"])
    before = repr(table.to_pydict())
    frames = []
    for pd in (pandas, lazyframe):
        df = pd.DataFrame.from_arrow(table)
        gc.collect()
        write(df)
        write_again = df.copy()
        write_again.iloc[1, 0] = 2.5 if write_again.dtypes.iloc[0].kind == "f" else 2
        frames.append((df, write_again))
    for wanted, found in zip(*frames, strict=True):
        same(found.to_pandas(), wanted)
    assert repr(table.to_pydict()) == before


@pytest.mark.parametrize(
    "array",
    [
        make()["x"],
        make()["x"].chunk(0),
        make()["t"].slice(1),
        make()["n"],
        make()["s"],
        pyarrow.chunked_array([[1, 2], [3]]),
        pyarrow.chunked_array([], pyarrow.int64()),
        make().to_batches()[0]["i"],
        pandas.Series([1.5, 2.5], name="named"),
    ],
    ids=str,
)
def test_series_of_arrays(array: Any) -> None:
    wanted = pandas.Series.from_arrow(array)
    found = lazyframe.Series.from_arrow(array)
    assert type(found) is lazyframe.Series
    same(found.to_pandas(), wanted)
    assert found.name == wanted.name


@pytest.mark.parametrize("data", [3, {"a": [1]}, [1, 2], pyarrow.array([1])], ids=repr)
def test_what_is_no_table(data: Any) -> None:
    for kind in ("DataFrame", "Series"):
        if kind == "Series" and isinstance(data, pyarrow.Array):
            continue
        errors = []
        for pd in (pandas, lazyframe):
            with pytest.raises((TypeError, ValueError)) as caught:
                getattr(pd, kind).from_arrow(data)
            errors.append((caught.type, str(caught.value)))
        assert errors[0] == errors[1]
