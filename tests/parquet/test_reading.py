"""What is read lazily is what ``pandas.read_parquet`` gives, whatever is in the files."""

from __future__ import annotations

from collections.abc import Callable
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
from lazyframe.run import morsels
from tests.parquet.tables import NUMBERS, layouts, tables
from tests.programs.compare import same


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


def is_lazy(frame: Any) -> bool:
    return "_mgr" not in frame.__dict__


def outcome(call: Callable[[], Any]) -> Any:
    """A result, or an exception's class."""
    try:
        return call()
    except Exception as error:
        return type(error)


@given(table=tables(), layout=layouts(), threads=st.sampled_from([1, 3]))
def test_one_file(place: Path, table: pyarrow.Table, layout: dict[str, Any], threads: int) -> None:
    path = str(place / "one.parquet")
    try:
        parquet.write_table(table, path, **layout)
    except (pyarrow.ArrowException, OSError):
        return  # not every writer writes every type
    wanted = outcome(lambda: pandas.read_parquet(path))
    with lazyframe.config(threads=threads):
        found = lazyframe.read_parquet(path) if isinstance(wanted, pandas.DataFrame) else None
        if found is None:
            return
        assert is_lazy(found)
        pandas.testing.assert_series_equal(found.dtypes.to_pandas(), wanted.dtypes)
        assert found.shape == wanted.shape
        same(found.to_pandas(), wanted)


@given(table=tables(), layout=layouts(), data=st.data())
def test_chosen_columns(
    place: Path, table: pyarrow.Table, layout: dict[str, Any], data: st.DataObject
) -> None:
    path = str(place / "chosen.parquet")
    try:
        parquet.write_table(table, path, **layout)
    except (pyarrow.ArrowException, OSError):
        return
    columns = data.draw(st.lists(st.sampled_from([*table.column_names, "missing"]), max_size=4))
    wanted = outcome(lambda: pandas.read_parquet(path, columns=columns))
    found = outcome(lambda: lazyframe.read_parquet(path, columns=columns).to_pandas())
    if isinstance(wanted, type):
        assert found is wanted
    else:
        same(found, wanted)


DataFrame = pandas.DataFrame
LEVELS = pandas.MultiIndex.from_tuples([("a", 1), ("a", 2)])
ORDERED = pandas.Categorical(["b", None, "a"], ["z", "b", "a"], ordered=True)
FRAMES: dict[str, Callable[[], DataFrame]] = {
    "range index": lambda: DataFrame({"a": [1, 2, 3]}),
    "other range": lambda: DataFrame({"a": [1, 2, 3]}, index=pandas.RangeIndex(10, 4, -2, name="r")),
    "named index": lambda: DataFrame({"a": [1, 2, 3]}, index=pandas.Index([5, 7, 5], name="k")),
    "text index": lambda: DataFrame({"a": [1, 2, 3]}, index=["x", "y", "x"]),
    "dates": lambda: DataFrame({"a": [1, 2, 3]}, index=pandas.date_range("2020", periods=3, freq="D")),
    "two levels": lambda: DataFrame({"a": [1, 2], "b": [3, 4], "c": [5.0, None]}).set_index(["a", "b"]),
    "number columns": lambda: DataFrame([[1, 2.0]], columns=pandas.Index([3, 4], name="n")),
    "date columns": lambda: DataFrame([[1, 2.0]], columns=pandas.to_datetime(["2020", "2021"])),
    "column levels": lambda: DataFrame([[1, 2]], columns=LEVELS),
    "masked": lambda: DataFrame({"a": pandas.array([1, None], "Int64"), "b": pandas.array([True, None])}),
    "arrow": lambda: DataFrame({"a": pandas.array([1, None], "int64[pyarrow]")}),
    "category": lambda: DataFrame({"a": ORDERED}),
    "periods": lambda: DataFrame({"a": pandas.period_range("2020", periods=2, freq="M")}),
    "objects": lambda: DataFrame({"a": ["x", None], "b": [b"x", None], "c": [True, None]}, dtype=object),
    "dots": lambda: DataFrame({"a": [1, 2], "a.b": [3, 4]}),
    "no rows": lambda: DataFrame({"a": [1.0], "b": ["x"]}).iloc[:0],
    "no columns": lambda: DataFrame(index=pandas.RangeIndex(3)),
}


def with_attrs() -> pandas.DataFrame:
    frame = pandas.DataFrame({"a": [1, 2]})
    frame.attrs = {"unit": "m"}
    return frame


@pytest.mark.parametrize("make", [*FRAMES.values(), with_attrs], ids=[*FRAMES, "attrs"])
def test_what_pandas_wrote(tmp_path: Path, make: Callable[[], pandas.DataFrame]) -> None:
    path = tmp_path / "frame.parquet"
    make().to_parquet(path)
    wanted = pandas.read_parquet(path)
    found = lazyframe.read_parquet(path)
    assert found.attrs == wanted.attrs
    same(found.to_pandas(), wanted)
    pandas.testing.assert_index_equal(lazyframe.read_parquet(path).index, wanted.index, exact=True)
    pandas.testing.assert_index_equal(lazyframe.read_parquet(path).columns, wanted.columns, exact=True)


@pytest.mark.parametrize("least", [0, 100])
def test_attrs_that_pyarrow_wrote(tmp_path: Path, least: int) -> None:
    path = tmp_path / "attrs.parquet"
    parquet.write_table(pyarrow.Table.from_pandas(with_attrs()), path)
    with lazyframe.config(min_rows=least):
        for paths in (path, [path, path]):
            assert lazyframe.read_parquet(paths).attrs == pandas.read_parquet(paths).attrs == {"unit": "m"}


@given(table=tables(NUMBERS), layout=layouts())
def test_programs_over_a_file(place: Path, table: pyarrow.Table, layout: dict[str, Any]) -> None:
    path = str(place / "program.parquet")
    parquet.write_table(table, path, **layout)

    def program(pd: Any) -> list[Any]:
        df = pd.read_parquet(path)
        kept = df[df["c0"].notna()]
        return [kept, kept["c0"], df.count(), df.isna().sum(), kept.reset_index(drop=True), df["c0"].copy()]

    for found, wanted in zip(program(lazyframe), program(pandas), strict=True):
        same(found.to_pandas(), wanted)


NESTED = pyarrow.array([{"y": 10}, {"y": 20}, None])
ODD: dict[str, dict[str, Any]] = {
    "a column before a struct with its name": {"x.y": [1, 2, 3], "x": NESTED},
    "a column behind a struct with its name": {"x": NESTED, "x.y": [1, 2, 3]},
    "lists": {"x.y": [[1], None, []], "x": [[[1]], [[2]], [[3]]]},
    "halves": {"x.y": pyarrow.array(np.array([1, np.nan, 2], "float16")), "x": [1.5, None, np.nan]},
}


@pytest.mark.parametrize("columns", ODD.values(), ids=list(ODD))
def test_columns_that_statistics_say_little_of(tmp_path: Path, columns: dict[str, Any]) -> None:
    path = tmp_path / "odd.parquet"
    parquet.write_table(pyarrow.table(columns), path)

    def program(pd: Any) -> list[str]:
        kept = [pd.read_parquet(path).dropna(subset=[name]) for name in ("x.y", "x")]
        return [repr(df.to_dict("split")) for df in (pd.read_parquet(path), *kept)]

    assert program(lazyframe) == program(pandas)


def test_only_columns_that_are_needed_are_decoded(tmp_path: Path, decoded: list[Any]) -> None:
    path = tmp_path / "wide.parquet"
    wide = pandas.DataFrame({name: np.arange(10.0) for name in "abcdefgh"})
    wide.to_parquet(path, row_group_size=4)
    df = lazyframe.read_parquet(path)
    df["twice"] = df["b"] * 2
    df["unused"] = df["c"] + df["d"]
    assert list(df.columns) == [*"abcdefgh", "twice", "unused"]
    assert decoded == []
    assert df[df["a"] > 3]["twice"].sum() == wide[wide["a"] > 3]["b"].sum() * 2
    assert {name for _, names in decoded for name in names} == {"a", "b"}
    assert is_lazy(df)


def test_what_is_decoded_is_kept_for_the_next_computation(tmp_path: Path, decoded: list[Any]) -> None:
    path = tmp_path / "kept.parquet"
    pandas.DataFrame({"a": [1.0, 2.0, 3.0]}).to_parquet(path)
    df = lazyframe.read_parquet(path)
    assert (df["a"] + 1).to_list() == [2, 3, 4]
    assert (df["a"] + 2).to_list() == [3, 4, 5]
    assert (df["a"] + 3).to_list() == [4, 5, 6]
    before = len(decoded)
    assert (df["a"] + 4).to_list() == [5, 6, 7]
    assert len(decoded) == before


@pytest.mark.parametrize(
    "derive",
    [
        lambda df: df.assign(b=df["a"] * 2),
        lambda df: df.copy(),
        lambda df: df[["a"]],
        lambda df: df.rename(columns={"t": "u"}),
        lambda df: df[df["a"] > 0],
        lambda df: df.drop(columns="t"),
    ],
)
def test_frames_made_from_one_that_is_read_share_what_was_read(
    tmp_path: Path, decoded: list[Any], derive: Callable[[Any], Any]
) -> None:
    path = tmp_path / "shared.parquet"
    pandas.DataFrame({"a": [1.0, 2.0, 3.0], "t": ["x", "y", "z"]}).to_parquet(path)
    df = lazyframe.read_parquet(path)
    for _ in range(3):
        assert derive(df)["a"].sum() == 6.0
    assert [names for _, names in decoded] == [("a",)]


@pytest.mark.parametrize("name", ["a", "t", "s"])
def test_writing_to_a_result_leaves_the_file_s_columns_alone(tmp_path: Path, name: str) -> None:
    path = tmp_path / "written.parquet"
    times = pandas.to_datetime(["2020-01-01", "2020-01-02"])
    pandas.DataFrame({"a": [1.0, 2.0], "t": times, "s": ["x", "y"]}).to_parquet(path)
    df = lazyframe.read_parquet(path)
    first = df[name].copy()
    wanted = first.to_list()
    first.iloc[0] = wanted[1]
    second = df[[name]]
    assert second[name].to_list() == wanted
    second.iloc[0, 0] = wanted[1]
    assert df[name].to_list() == wanted
    df.loc[0, name] = wanted[1]
    assert lazyframe.read_parquet(path)[name].to_list() == wanted


def test_statistics_that_lie_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lazyframe.run.parquet.scan import Scan

    path = tmp_path / "lies.parquet"
    parquet.write_table(pyarrow.table({"a": [1, None, 3], "b": [1, 2, 3], "c": [True, True, None]}), path)
    monkeypatch.setattr(Scan, "null_count", lambda self, name: {"a": 0, "b": 1, "c": 0}[name])
    for name in "abc":
        with pytest.raises(pyarrow.ArrowInvalid, match="statistics"):
            lazyframe.read_parquet(path)[name].to_list()


@pytest.mark.parametrize("width", [1, 40])
def test_files_of_few_rows_are_read_late_where_they_are_wide(place: Path, width: int) -> None:
    rng = np.random.default_rng(width)
    frame = pandas.DataFrame({f"c{k}": rng.random(5_000) for k in range(width)})
    path = str(place / "few.parquet")
    frame.to_parquet(path)
    with lazyframe.config(min_rows=200_000):
        found = lazyframe.read_parquet(path)
        assert is_lazy(found) == (width > 1)
        same((found["c0"] * 2).sum(), (frame["c0"] * 2).sum())
        same(found.to_pandas(), frame)


def test_columns_of_several_files_are_fetched_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = {
        name: pandas.DataFrame({"k": np.arange(9) * step, name: np.arange(9) / 4, "s": list("abcabcabc")})
        for name, step in (("one", 1), ("two", 2), ("three", 3))
    }
    for name, frame in frames.items():
        frame.to_parquet(tmp_path / f"{name}.parquet", row_group_size=4)
    together: list[int] = []
    real = morsels.run

    def run(tasks: Any, *more: Any, **options: Any) -> None:
        together.append(len(tasks))
        real(tasks, *more, **options)

    monkeypatch.setattr(morsels, "run", run)

    found = [lazyframe.read_parquet(tmp_path / f"{name}.parquet") for name in frames]
    lazyframe.collect(*found)
    for frame, wanted in zip(found, frames.values(), strict=True):
        same(frame.to_pandas(), wanted)
    assert max(together) >= 3 * 3 * 3  # three row groups of three columns of three files
