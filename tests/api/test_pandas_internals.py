"""What lazyframe takes for granted of pandas' inside, checked on the pandas that is installed."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe import pandas_internals
from lazyframe.pandas_internals import (
    CHECKED_VERSIONS,
    block_identity,
    column_arrays,
    frame_from_manager,
    manager_from_arrays,
    manager_of,
    options_of_text,
    recast,
    series_from_manager,
    series_manager,
    shallow_copy,
    warn_if_chained,
    without_manager,
)

CHECKLIST = """lazyframe has not been checked on pandas {release}. Check that
1. this file passes;
2. only NDFrame.__init__, __setstate__ and assignments to self._mgr put a manager into an object, and
   NDFrame.__getattr__ still takes unknown attributes for labels (in pandas, grep '_mgr');
3. every write in place asks whether there are references first (grep '_has_no_reference' in core/internals);
4. DataFrame and Series make objects only with _constructor, _constructor_sliced, _constructor_expanddim and
   their _from_mgr;
5. new top-level functions that return data are in lazyframe.api.toplevel.RETURN_DATA;
6. find_stack_level still goes by file name.
Then add {release!r} to lazyframe.pandas_internals.CHECKED_VERSIONS."""


def test_this_pandas_was_checked() -> None:
    release = ".".join(pandas.__version__.split(".")[:2])
    assert release in CHECKED_VERSIONS, CHECKLIST.format(release=release)


# Writes that identity must see -------------------------------------------------------------------------


def mixed_frame() -> pandas.DataFrame:
    return pandas.DataFrame(
        {
            "i": [1, 2, 3],
            "j": [4, 5, 6],
            "x": [1.0, np.nan, -0.0],
            "flag": [True, False, True],
            "when": pandas.to_datetime(["2020-01-01", "2020-01-02", None]),
            "utc": pandas.to_datetime(["2020-01-01", "2020-01-02", None]).tz_localize("UTC"),
            "masked": pandas.array([1, None, 3], dtype="Int64"),
            "text": pandas.array(["a", None, "c"], dtype="str"),
            "kind": pandas.Categorical(["u", "v", "u"]),
            "thing": pandas.Series([1, "b", None], dtype=object),
        }
    )


def put(frame: pandas.DataFrame, write: str) -> Any:
    return lambda: exec(write, {"df": frame, "np": np, "pd": pandas})


FRAME_WRITES = [
    "df.iloc[0, 0] = 9",
    "df.iloc[0] = df.iloc[1]",
    "df.iloc[:, 1] = [7, 8, 9]",
    "df.iloc[1:, [0, 1]] = 0",
    "df.loc[0, 'x'] = 5.0",
    "df.loc[:, 'i'] = df['j']",
    "df.loc[df.i > 1, 'x'] = 0.5",
    "df.loc[7] = df.loc[0]",
    "df.at[0, 'i'] = 9",
    "df.iat[0, 2] = 9.5",
    "df.at[0, 'when'] = pd.Timestamp('1999-01-01')",
    "df.at[0, 'utc'] = pd.Timestamp('1999-01-01', tz='UTC')",
    "df.at[0, 'masked'] = 7",
    "df.at[0, 'text'] = 'z'",
    "df.at[0, 'kind'] = 'v'",
    "df.at[0, 'thing'] = 'z'",
    "df['i'] = 0",
    "df['i'] = df['i']",
    "df['new'] = 1",
    "df[['i', 'j']] = 0",
    "df[df[['i', 'j']] > 2] = 0",
    "df.i = 5",
    "df.isetitem(0, [7, 8, 9])",
    "df.insert(0, 'new', 1)",
    "df.pop('i')",
    "del df['i']",
    "df.update(pd.DataFrame({'i': [8, 8, 8]}))",
    "df.drop(columns='i', inplace=True)",
    "df.drop(0, inplace=True)",
    "df.dropna(inplace=True)",
    "df.drop_duplicates('kind', inplace=True)",
    "df.fillna({'x': 1.0}, inplace=True)",
    "df.replace({'i': {1: 9}}, inplace=True)",
    "df.sort_values('i', ascending=False, inplace=True)",
    "df.sort_index(ascending=False, inplace=True)",
    "df.reset_index(inplace=True)",
    "df.set_index('i', inplace=True)",
    "df.rename(columns={'i': 'k'}, inplace=True)",
    "df.query('i > 1', inplace=True)",
    "df.eval('i = i + 1', inplace=True)",
    "df.columns = list('abcdefghij')",
    "df.index = [3, 4, 5]",
    "df.index.name = 'row'",
    "df.columns.name = 'column'",
    "df.rename_axis('row', inplace=True)",
    "df[['i', 'j']].__iadd__(1); df.__init__(df + df[['i', 'j']])",
]


def write_or_skip(write: Callable[[], Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some of these are deprecated; they must be seen all the same
        write()


@pytest.mark.parametrize("consolidated", [True, False], ids=["one block a dtype", "one block a column"])
@pytest.mark.parametrize("write", FRAME_WRITES)
def test_identity_sees_writes_to_frames(write: str, consolidated: bool) -> None:
    frame = mixed_frame()
    if not consolidated:
        frame = frame_from_manager(
            pandas.DataFrame, manager_from_arrays(column_arrays(frame), frame.columns, frame.index)
        )
    held = shallow_copy(manager_of(frame))
    before, as_it_was = block_identity(frame), frame_from_manager(pandas.DataFrame, held)
    copied = mixed_frame()
    assert block_identity(frame) == before
    write_or_skip(put(frame, write))
    assert block_identity(frame) != before
    if ".name = " not in write:  # the names of an index are the index's own, and shared
        pandas.testing.assert_frame_equal(as_it_was, copied)


DTYPES = ["int64", "float64", "Int64", "int64[pyarrow]", "timedelta64[ns]", "object"]
SERIES_WRITES = [
    "df.iloc[0] = 9",
    "df.iloc[1:] = 0",
    "df.loc[0] = 9",
    "df.loc[9] = 9",
    "df.at[0] = 9",
    "df.iat[0] = 9",
    "df[0] = 9",
    "df[df > 1] = 0",
    "df[:] = 0",
    "df.update(pd.Series([8, 8, 8]))",
    "df.pop(0)",
    "del df[0]",
    "df += 1",
    "df *= 2.5",
    "df.fillna(0, inplace=True)",
    "df.replace(1, 9, inplace=True)",
    "df.clip(2, 2, inplace=True)",
    "df.mask(df > 1, 0, inplace=True)",
    "df.where(df > 1, 0, inplace=True)",
    "df.drop(0, inplace=True)",
    "df.dropna(inplace=True)",
    "df.sort_values(ascending=False, inplace=True)",
    "df.index = [3, 4, 5]",
    "df.index.name = 'row'",
    "df.reset_index(drop=True, inplace=True); df.index = [5, 6, 7]",
]


@pytest.mark.parametrize(
    "dtype", ["int64", "float64", "Int64", "int64[pyarrow]", "timedelta64[ns]", "object"]
)
@pytest.mark.parametrize("write", SERIES_WRITES)
def test_identity_sees_writes_to_series(write: str, dtype: str) -> None:
    series = pandas.Series([1, 2, 3]).astype(dtype)
    held = shallow_copy(manager_of(series))
    before, as_it_was = block_identity(series), series_from_manager(pandas.Series, held)
    scope = {"df": series, "pd": pandas}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(write, scope)
    except (TypeError, ValueError):
        pass  # not a write that this dtype takes; it must have left the values alone, or be seen
    if scope["df"] is series and not same(series, as_it_was):
        assert block_identity(series) != before
    if ".name = " not in write:
        pandas.testing.assert_series_equal(as_it_was, pandas.Series([1, 2, 3]).astype(dtype))


def same(series: pandas.Series, other: pandas.Series) -> bool:
    return series.equals(other) and series.index.equals(other.index) and series.index.name == other.index.name


def test_writes_through_relatives_leave_the_frame_alone() -> None:
    frame = mixed_frame()
    held = shallow_copy(manager_of(frame))
    before = block_identity(frame)
    column, rows, transposed = frame["i"], frame[1:], frame[["i", "j"]].T
    column.iloc[0] = 9
    rows.iloc[0, 0] = 9
    transposed.iloc[0, 0] = 9
    assert block_identity(frame) == before
    del held


def test_reading_does_not_change_identity() -> None:
    frame = mixed_frame()
    held = shallow_copy(manager_of(frame))
    before = block_identity(frame)
    read = [repr(frame), frame.sum(numeric_only=True), frame.i + 1, frame.values, list(frame.items())]
    read += [frame.groupby("kind", observed=True).i.sum(), frame.sort_values("i"), frame.copy(), frame.T]
    read += [pandas.concat([frame, frame]), frame.merge(frame, on="i"), frame.iloc[0], frame.describe()]
    assert block_identity(frame) == before
    del held, read


def test_values_cannot_be_written_without_force() -> None:
    series = pandas.Series([1, 2, 3])
    for values in (series.values, series.to_numpy(), np.asarray(series), mixed_frame()[["i", "j"]].values):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 9


@pytest.mark.parametrize("reach", ["forced", "array"])
def test_writes_that_pandas_does_not_see_are_not_seen(reach: str) -> None:
    """The limit that `block_identity` names: such a write changes every shallow copy, so pandas' too."""
    series = pandas.Series([1, 2, 3])
    relative, before = series.copy(deep=False), block_identity(series)
    if reach == "forced":
        values = series.values
        values.flags.writeable = True
        values[0] = 9
    else:
        series.array[0] = 9
    assert series.tolist() == relative.tolist() == [9, 2, 3]
    assert block_identity(series) == before


# Making managers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("consolidate", [True, False])
def test_frame_of_arrays_is_the_frame(consolidate: bool) -> None:
    frame = mixed_frame()
    manager = manager_from_arrays(column_arrays(frame), frame.columns, frame.index, consolidate=consolidate)
    made = frame_from_manager(pandas.DataFrame, manager)
    pandas.testing.assert_frame_equal(made, frame)
    made.loc[0, "x"] = 1.0
    made["i"] += 1
    made.sort_values("i", ascending=False).groupby("kind", observed=True)[["i", "x"]].sum()


def test_columns_are_taken_over_without_copying() -> None:
    arrays = [np.arange(4), np.arange(4.0), np.arange(4).astype("datetime64[s]")]
    manager = manager_from_arrays(arrays, pandas.Index(list("abc")), pandas.RangeIndex(4))
    frame = frame_from_manager(pandas.DataFrame, manager)
    assert [str(dtype) for dtype in frame.dtypes] == ["int64", "float64", "datetime64[s]"]
    for array, column in zip(arrays, column_arrays(frame), strict=True):
        assert np.shares_memory(array, np.asarray(column))


@pytest.mark.parametrize("array", [np.arange(3), np.array([1, 2], "m8[ms]"), pandas.array([1, None])])
def test_series_is_taken_over_without_copying(array: Any) -> None:
    series = series_from_manager(pandas.Series, series_manager(array, pandas.RangeIndex(len(array))), "name")
    pandas.testing.assert_series_equal(series, pandas.Series(array, name="name"))
    inside = column_arrays(series)[0]
    assert inside is array or np.shares_memory(inside, array)


def test_frame_without_columns_or_rows() -> None:
    nothing = pandas.Index([])
    made = frame_from_manager(pandas.DataFrame, manager_from_arrays([], nothing, pandas.RangeIndex(3)))
    assert made.shape == (3, 0)
    empty = manager_from_arrays([np.array([], "i4")], pandas.Index(["a"]), pandas.RangeIndex(0))
    assert frame_from_manager(pandas.DataFrame, empty).dtypes.tolist() == [np.dtype("i4")]


def test_columns_of_one_block_are_views_of_it() -> None:
    frame = pandas.DataFrame({"a": [1, 2], "b": [3, 4]})
    a, b = column_arrays(frame)
    assert a.base is b.base is not None
    assert [a.tolist(), b.tolist()] == [[1, 2], [3, 4]]


def test_duplicate_and_odd_labels() -> None:
    columns = pandas.Index(["a", "a", None, ("t", 1), 3], dtype=object)
    arrays = [np.arange(2) + i for i in range(5)]
    made = frame_from_manager(pandas.DataFrame, manager_from_arrays(arrays, columns, pandas.RangeIndex(2)))
    assert made.iloc[:, 4].tolist() == [4, 5]
    assert [array.tolist() for array in column_arrays(made)] == [array.tolist() for array in arrays]


def test_recast_shares_until_written() -> None:
    frame = mixed_frame()
    frame.attrs["unit"] = ["m"]
    frame.flags.allows_duplicate_labels = False

    class Mine(pandas.DataFrame):
        pass

    made = recast(frame, Mine)
    assert type(made) is Mine
    assert made.attrs == frame.attrs
    assert made.attrs["unit"] is not frame.attrs["unit"]
    assert not made.flags.allows_duplicate_labels
    assert np.shares_memory(column_arrays(made)[0], column_arrays(frame)[0])
    made.iloc[0, 0] = 9
    frame.iloc[1, 0] = 8
    assert (frame["i"].tolist(), made["i"].tolist()) == ([1, 8, 3], [9, 2, 3])


def test_object_without_manager_has_all_else() -> None:
    series: Any = without_manager(lazyframe.Series, _name="s")
    assert (series.name, series.attrs, series.flags.allows_duplicate_labels) == ("s", {}, True)
    assert "_mgr" not in series.__dict__
    complete = pandas.Series([1], name="s")
    assert set(complete.__dict__) - set(series.__dict__) == {"_mgr"}
    frame: Any = without_manager(lazyframe.DataFrame)
    assert (frame.attrs, frame.flags.allows_duplicate_labels) == ({}, True)
    frame.attrs["unit"] = "m"
    assert frame.attrs == {"unit": "m"}
    assert without_manager(lazyframe.DataFrame).attrs == {}
    assert set(pandas.DataFrame().__dict__) - set(frame.__dict__) == {"_mgr"}


class Between(pandas.Series):
    """Methods that stand before pandas', as the recording ones do."""

    def fillna(self, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("inplace"):
            warn_if_chained(sys.getrefcount(self), self)
        return pandas.Series.fillna(self, *args, **kwargs)

    def __setitem__(self, key: Any, value: Any) -> None:
        warn_if_chained(sys.getrefcount(self), self, setting=True)
        pandas.Series.__setitem__(self, key, value)


@pytest.mark.parametrize("kind", [pandas.Series, Between])
def test_chained_assignment_is_told_from_a_method_between(kind: type) -> None:
    for chained in (
        lambda: kind([1, 2]).__getitem__(slice(None)).pipe(kind).fillna(0, inplace=True),
        lambda: exec("kind([1, 2])[0] = 1", {"kind": kind}),
    ):
        with pytest.warns(pandas.errors.ChainedAssignmentError) as caught:
            chained()
        assert len(caught) == 1
        assert caught[0].filename in (__file__, "<string>")


@pytest.mark.parametrize("kind", [pandas.Series, Between])
def test_assignment_to_what_has_a_name_is_not_chained(kind: type) -> None:
    series, holder = kind([1, 2]), [kind([1, 2])]
    series[0] = 3
    series.fillna(0, inplace=True)
    holder[0][0] = 3
    holder[0].fillna(0, inplace=True)
    assert series.tolist() == holder[0].tolist() == [3, 2]


def test_warnings_name_the_caller() -> None:
    @pandas_internals.blame_caller
    def wrapper() -> Any:
        return pandas.to_datetime(["13/01/2020"])

    with pytest.warns(UserWarning, match="dayfirst") as caught:
        wrapper()
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("how", "left", "right"),
    [
        ("inner", [1, 1, 3], [0, 2, 1]),
        ("left", [0, 1, 1, 2, 3], [-1, 0, 2, -1, 1]),
        ("right", [1, 3, 1, -1], [0, 1, 2, 3]),
        ("outer", [0, 1, 1, -1, 3, 2], [-1, 0, 2, 3, 1, -1]),
    ],
)
def test_codes_are_paired_in_the_order_of_merge(how: str, left: list[int], right: list[int]) -> None:
    found = pandas_internals.pair_codes(np.array([0, 1, 5, 4]), np.array([1, 4, 1, 3]), 6, how)
    assert [side.tolist() for side in found] == [left, right]
    assert [side.dtype for side in found] == [np.int64, np.int64]


LABELS: list[pandas.Index] = [
    pandas.Index(["a", "b", "c"]),
    pandas.Index(["a", "b", "a"]),
    pandas.Index(["a", "b", None]),
    pandas.Index(["a", "b", 3], dtype=object),
    pandas.Index(["a", "b", "c"], dtype="category"),
    pandas.Index([("a", 1), ("b", 2), ("a", 2)]),
    pandas.Index([1, 2, 3]),
]


@pytest.mark.parametrize("columns", LABELS, ids=repr)
@pytest.mark.parametrize("label", ["a", "b", "missing"])
def test_a_computed_column_is_the_one_that_pandas_gives(columns: pandas.Index, label: str) -> None:
    frame = pandas.DataFrame({0: [1, 2], 1: [1.5, 2.5], 2: ["x", "y"]}, index=[7, 5])
    frame.columns = columns
    found = pandas_internals.computed_column(frame, label, pandas.Series)
    if found is not None:
        expected = frame[label]
        pandas.testing.assert_series_equal(found, expected)
        assert type(found.name) is type(expected.name)
        found.iloc[0] = found.iloc[1]
        pandas.testing.assert_series_equal(frame[label], expected)
    else:
        assert columns is not LABELS[0] or label == "missing"


def test_a_column_of_a_frame_that_passes_more_on_is_left_to_pandas() -> None:
    frame = pandas.DataFrame({"a": [1, 2]})
    frame.attrs["source"] = "here"
    assert pandas_internals.computed_column(frame, "a", pandas.Series) is None
    unique = pandas.DataFrame({"a": [1, 2]}).set_flags(allows_duplicate_labels=False)
    assert pandas_internals.computed_column(unique, "a", pandas.Series) is None


class Tagged(pandas.Series):
    _metadata = ["_name", "tag"]  # noqa: RUF012  # as pandas tells users to write it


@pytest.mark.parametrize("more", ["nothing", "attrs", "flags"])
@pytest.mark.parametrize("kinds", ["ss", "sf", "fs", "ff", "ts", "st", "tt"])
def test_taking_over_is_finalizing(kinds: str, more: str) -> None:
    def make(kind: str, name: str) -> Any:
        if kind == "f":
            return pandas.DataFrame({name: [1]})
        made: Any = (Tagged if kind == "t" else pandas.Series)([1], name=name)
        if kind == "t":
            made.tag = name
        return made

    source = make(kinds[1], "source")
    if more == "attrs":
        source.attrs["a"] = 1
    if more == "flags":
        source.flags.allows_duplicate_labels = False
    expected, made = make(kinds[0], "made"), make(kinds[0], "made")
    expected.__finalize__(source)
    done = pandas_internals.takes_over(made, source)
    assert done == (more == "nothing" and "t" not in kinds)
    if done:
        assert getattr(made, "name", None) == getattr(expected, "name", None)
        assert made.attrs == expected.attrs
        assert made.flags == expected.flags


def test_options_of_text_are_those_that_decide_its_dtype() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        usual = options_of_text()
    assert options_of_text() == usual
    text = pandas.Index(["text"]).dtype
    with pandas.option_context("mode.string_storage", "python"):
        assert pandas.Index(["text"]).dtype != text
        assert options_of_text() != usual
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pandas.option_context("future.infer_string", False):
            assert pandas.Index(["text"]).dtype != text
            assert options_of_text() != usual


def test_expressions_are_python_and_find_their_names() -> None:
    python = pandas_internals.as_python("`a b` > @bound & index < 3")
    assert compile(python, "", "eval").co_names == (
        pandas_internals.column_in_expressions("a b"), "__pd_eval_local_bound", "index",
    )  # fmt: skip
    columns, variables = {"a": pandas.Series([1, 2]), "index": pandas.Series([3, 4])}, {"bound": 2}
    scope = pandas_internals.scope_of_expression(columns, variables, None)
    visitor = pandas_internals.ExpressionVisitor(scope, "python", "pandas")
    tree = visitor.visit("a < @bound and index == 3")
    operations = pandas_internals.operations_of_eval
    assert isinstance(tree, operations.BinOp)
    assert isinstance(tree.lhs.lhs, operations.Term)
    assert np.dtype(tree.return_type) == np.dtype(np.bool_)
    assert tree(scope).tolist() == [True, False]


def test_numexpr_is_used_where_pandas_uses_it() -> None:
    frame = pandas.DataFrame({"a": np.array([100], dtype=np.int8)})
    for wanted in (True, False):
        with pandas.option_context("compute.use_numexpr", wanted):
            assert pandas_internals.uses_numexpr() is (wanted and pandas_internals.has_numexpr())
            assert bool(frame.eval("a + a").iloc[0] == 200) is pandas_internals.uses_numexpr()


@pytest.mark.parametrize("keys", [["a"], ["a", "b"]], ids=str)
def test_groups_that_are_told_are_those_that_pandas_finds(keys: list[str]) -> None:
    data = pandas.DataFrame({"a": [3.0, np.nan, 1.0, 3.0], "b": list("xyxx"), "v": [1, 2, 3, 4]})
    few, numbers = data.loc[[0, 1, 2], keys].rename(columns=str.upper), np.array([0, 1, 2, 0])
    for options in ({"sort": True, "dropna": True}, {"sort": False, "dropna": False}):
        plain = data.groupby(keys, **options)  # type: ignore[call-overload]
        for name in ("sum", "value_counts"):
            small = few.groupby([key.upper() for key in keys], **options)  # type: ignore[call-overload]
            told = pandas_internals.grouper_told(
                small, numbers, [(key, True) for key in keys], data.columns, coded=name == "value_counts"
            )
            told = pandas_internals.groupby_told(data, told, set(keys), keys, None, options)
            assert told.ngroups == plain.ngroups
            got, want = getattr(told, name)(), getattr(plain, name)()
            assert got.equals(want)
            pandas.testing.assert_index_equal(got.index, want.index)
