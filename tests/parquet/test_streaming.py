"""Loops that read a file row group by row group, and leave out those that cannot matter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from weakref import ref

import numpy as np
import pandas
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

import lazyframe
from lazyframe.run import late, outputs, streaming
from lazyframe.run.parquet import scan
from tests.parquet.tables import NUMBERS, layouts, tables
from tests.programs.compare import same


@pytest.fixture(autouse=True)
def _stream_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "SMALL_COLUMN_BYTES", -1)
    monkeypatch.setattr(streaming, "LONGEST_MORSEL", 5)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("streamed")


def plain(found: Any) -> Any:
    return found.to_pandas() if hasattr(found, "to_pandas") else found


PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "sum": lambda df: df["x"].sum(),
    "sums": lambda df: df[["x", "n"]].sum(),
    "filtered sum": lambda df: df[df["k"] > 3]["x"].sum(),
    "nothing passes": lambda df: df[df["k"] > 300]["x"].sum(),
    "nothing is left": lambda df: df[df["k"] > 300],
    "filtered rows": lambda df: df[(df["k"] > 3) & (df["x"] < 40)],
    "either": lambda df: df[(df["k"] < 2) | (df["k"] == 7)],
    "filtered column": lambda df: (df["x"] * 2)[df["k"] == 4],
    "filtered twice": lambda df: df[df["k"] > 3][["x", "k"]].query("x < 40"),
    "labels": lambda df: df[df["k"] == 5].index.to_series(),
    "groups": lambda df: df[df["k"] > 2].groupby("n")["x"].agg(["sum", "count", "min"]),
    "all groups": lambda df: df.groupby("k", sort=False)["x"].mean(),
    "times": lambda df: df[df["t"] >= "2020-01-20"]["x"].count(),
    "missing times": lambda df: df[df["t"] < "2020-01-05"][["k", "t"]],
    "a mean of a filter": lambda df: df[df["k"].between(3, 5)]["x"].mean(),
    "unequal": lambda df: df[df["k"] != 5]["k"].count(),
    "nullable": lambda df: df[df["n"] == 1]["x"].max(),
    "float column": lambda df: df[df["x"] > 17.5].shape,
    "literal on the left": lambda df: df[3 < df["k"]]["x"].min(),  # noqa: SIM300
    "two loops": lambda df: ((df["x"] - df["x"].mean()) ** 2).sum(),
    "head of a filter": lambda df: df[df["k"] > 5].head(3),
    "running": lambda df: df[df["k"] > 5]["x"].cumsum(),
}


def make(rows: int) -> pandas.DataFrame:
    rng = np.random.default_rng(rows)
    x = rng.integers(0, 100, rows) / 2
    x[::7] = np.nan
    t = pandas.Series(pandas.date_range("2020-01-01", periods=rows, freq="D")).astype("datetime64[us]")
    t[3::10] = pandas.NaT
    n = pandas.Series(rng.integers(0, 3, rows)).astype("float64")
    return pandas.DataFrame({"k": np.arange(rows) // 6, "x": x, "t": t, "n": n})


def write(frame: pandas.DataFrame, path: Path, **options: Any) -> None:
    table = pyarrow.Table.from_pandas(frame)
    # integers with missing values, as Parquet has them
    numbers = pyarrow.array([None if k % 9 == 4 else k % 3 for k in range(len(frame))], pyarrow.int32())
    table = table.set_column(table.schema.get_field_index("n"), "n", numbers)
    parquet.write_table(table, path, **options)


@pytest.mark.parametrize("name", list(PROGRAMS))
@pytest.mark.parametrize("threads", [1, 3])
def test_a_program(tmp_path: Path, name: str, threads: int) -> None:
    path = tmp_path / "streamed.parquet"
    write(make(60), path, row_group_size=6)
    program = PROGRAMS[name]
    wanted = program(pandas.read_parquet(path))
    with lazyframe.config(threads=threads):
        df = lazyframe.read_parquet(path)
        for _ in range(2):
            same(plain(program(df)), wanted, "sum" if name == "two loops" else "exact")


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("corrupt", [False, True])
def test_one_group_table_is_filled_while_others_read_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decoded: list[Any], threads: int, corrupt: bool
) -> None:
    monkeypatch.setattr(outputs, "SMALL_TABLE", 1)
    monkeypatch.setattr(outputs, "_TABLE_BYTES", 1)  # no room for a second table
    path = tmp_path / "ahead.parquet"
    frame = pandas.DataFrame({"k": np.arange(60.0) % 7, "x": np.arange(60.0), "g": np.arange(60) % 5})
    options = {"use_dictionary": False, "compression": "none", "write_page_checksum": True}
    parquet.write_table(pyarrow.Table.from_pandas(frame), path, row_group_size=6, **options)
    if corrupt:
        column = parquet.ParquetFile(path).metadata.row_group(7).column(1)
        content = bytearray(path.read_bytes())
        content[column.data_page_offset + column.total_compressed_size - 3] ^= 1
        path.write_bytes(content)
    with lazyframe.config(threads=threads):
        df = lazyframe.read_parquet(path)
        if corrupt:
            with pytest.raises(OSError, match="row group 7 of"):
                df[df["k"] > 2].groupby("g")["x"].sum().to_pandas()
            return
        same(
            df[df["k"] > 2].groupby("g")["x"].sum().to_pandas(),
            frame[frame["k"] > 2].groupby("g")["x"].sum(),
        )
    read = [number for number, names in decoded if "x" in names]
    assert sorted(read) == list(range(10))


@pytest.mark.parametrize("wrong", ["", "narrow", "wide"])
@pytest.mark.parametrize("threads", [1, 3])
def test_bounds_of_keys_are_those_that_the_file_notes_if_they_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decoded: list[Any], wrong: str, threads: int
) -> None:
    path = tmp_path / "keys.parquet"
    frame = make(60).drop(columns=["n", "t"])
    write_plainly(frame, path)
    theirs = scan.Scan.bounds

    def other(self: Any, column: Any, piece: int) -> Any:
        found = theirs(self, column, piece)
        if column.name != "k" or piece != 4 or found is None:
            return found
        by = {"narrow": -1, "wide": 5, "": 0}[wrong]
        return late.Bounds(found.low - by, found.high + by)

    monkeypatch.setattr(scan.Scan, "bounds", other)
    with lazyframe.config(threads=threads):
        df = lazyframe.read_parquet(path)
        same(df.groupby("k")["x"].sum().to_pandas(), frame.groupby("k")["x"].sum())
    keys = [names for _, names in decoded if "k" in names]
    if not wrong:
        assert len(keys) == 10
        assert sum("x" in names for _, names in decoded) == 10
    assert df["k"].min() == 0
    assert df["k"].max() == 9


def write_plainly(frame: pandas.DataFrame, path: Path) -> None:
    parquet.write_table(pyarrow.Table.from_pandas(frame), path, row_group_size=6)


LITERALS = [0, 1, -1, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), 1.5, float("inf"), float("nan")]


@given(
    table=tables(NUMBERS),
    layout=layouts(),
    operation=st.sampled_from(["lt", "le", "gt", "ge", "eq", "ne"]),
    literal=st.sampled_from(
        [0, 1, -1, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), 1.5, float("inf"), float("nan")]
    ),
    off=st.sampled_from([(), ("turn_branches_into_selects",), ("fuse_producers",), ("merge_filters",)]),
)
def test_any_filter(
    place: Path, table: pyarrow.Table, layout: dict[str, Any], operation: str, literal: Any, off: Any
) -> None:
    path = place / "any.parquet"
    parquet.write_table(table, path, **layout)

    def program(pd: Any) -> Any:
        df = pd.read_parquet(path)
        return df[getattr(df["c0"], operation)(literal)]

    try:
        wanted = program(pandas)
    except TypeError:
        return  # times are not compared with numbers
    with lazyframe.config(threads=1, disable=off):
        same(program(lazyframe).to_pandas(), wanted)


def test_row_groups_that_cannot_matter_are_not_read(tmp_path: Path, decoded: list[Any]) -> None:
    path = tmp_path / "pruned.parquet"
    write(make(60), path, row_group_size=6)
    df = lazyframe.read_parquet(path)
    found = df[(df["k"] >= 3) & (df["k"] < 5) & (df["t"] < "2020-01-28")]["x"].sum()
    wanted = pandas.read_parquet(path)
    assert found == wanted[wanted["k"].isin([3, 4]) & (wanted["t"] < "2020-01-28")]["x"].sum()
    assert {number for number, _ in decoded} == {3, 4}


def test_without_statistics_all_row_groups_are_read(tmp_path: Path, decoded: list[Any]) -> None:
    path = tmp_path / "kept.parquet"
    write(make(60), path, row_group_size=6, write_statistics=False)
    df = lazyframe.read_parquet(path)
    assert df[df["k"] == 3]["k"].count() == 6
    assert {number for number, _ in decoded} == set(range(10))


def text_of(row: int) -> str | None:
    return None if row > 55 else f"text {row // 12}"


BY_TEXT: dict[str, tuple[Callable[[Any], Any], set[int]]] = {
    "equal": (lambda df: df["s"] == "text 2", {4, 5}),
    "one of several": (lambda df: df["s"].isin(["text 0", "text 4"]), {0, 1, 8, 9}),
    "none": (lambda df: df["s"] == "another", set()),
    "beginning": (lambda df: df["s"].str.startswith("text 3"), {6, 7}),
    "behind": (lambda df: df["s"] > "text 3", {8, 9}),
    "and": (lambda df: (df["s"] <= "text 1") & (df["k"] >= 3), {3}),
    "part": (lambda df: df["s"].str.contains("1|2"), {2, 3, 4, 5}),
}


@pytest.mark.parametrize("name", list(BY_TEXT))
@pytest.mark.parametrize("dictionary", [True, False])
def test_row_groups_without_the_text_are_not_read(
    tmp_path: Path, decoded: list[Any], name: str, dictionary: bool
) -> None:
    path = tmp_path / "text.parquet"
    frame = make(60).drop(columns=["t", "n"])
    frame["s"] = pandas.Series([text_of(row) for row in range(60)], dtype="str")
    parquet.write_table(pyarrow.Table.from_pandas(frame), path, row_group_size=6, use_dictionary=dictionary)
    mask, needed = BY_TEXT[name]
    df = lazyframe.read_parquet(path)
    assert df[mask(df)]["x"].sum() == frame[mask(frame)]["x"].sum()
    assert {number for number, names in decoded if "x" in names} == needed


@pytest.mark.parametrize("how", ["isin", "merge", "two keys"])
@pytest.mark.parametrize("keys", [[3, 4], [], [50], [0, 9]])
def test_row_groups_without_a_partner_are_not_read(
    tmp_path: Path, decoded: list[Any], how: str, keys: list[int]
) -> None:
    path, other = tmp_path / "many.parquet", tmp_path / "few.parquet"
    frame = make(60)[["k", "x"]]
    parquet.write_table(pyarrow.Table.from_pandas(frame), path, row_group_size=6)
    pandas.DataFrame({"q": np.arange(60), "two": np.arange(60) % 2, "w": 1.5}).to_parquet(other)

    def program(pd: Any) -> Any:
        many, few = pd.read_parquet(path), pd.read_parquet(other)
        few = few[few["q"].isin(keys)]
        if how == "isin":
            return many[many["k"].isin(few["q"])]["x"].sum()
        if how == "merge":
            return many.merge(few, left_on="k", right_on="q")["x"].sum()
        many["two"] = many["k"] % 2
        return many.merge(few, left_on=["k", "two"], right_on=["q", "two"])["x"].sum()

    assert program(lazyframe) == program(pandas)
    between = set(range(min(keys, default=50), max(keys, default=50) + 1)) & set(range(10))
    assert {number for number, names in decoded if "x" in names} == between


@pytest.mark.parametrize("compression", ["snappy", "gzip"])
@pytest.mark.parametrize("room", [True, False])
def test_what_is_read_often_or_was_dear_to_read_is_kept_while_there_is_room(
    tmp_path: Path, decoded: list[Any], monkeypatch: pytest.MonkeyPatch, room: bool, compression: str
) -> None:
    if not room:
        monkeypatch.setattr(late._budget, "limit_bytes", 0)
    path = tmp_path / "twice.parquet"
    write(make(60), path, row_group_size=6, compression=compression)
    df = lazyframe.read_parquet(path)
    sums = [(df["k"] * k).sum() for k in range(1, 5)]
    assert sums == [270, 540, 810, 1080]
    kept = 10 if compression == "gzip" else 30  # which takes long to unpack
    assert len(decoded) == (kept if room else 40)
    assert df["k"].to_list() == [k // 6 for k in range(60)]  # the pieces together
    assert len(decoded) == (kept if room else 50)


def test_explain_tells_what_is_read(tmp_path: Path, decoded: list[Any]) -> None:
    path = tmp_path / "explained.parquet"
    write(make(60), path, row_group_size=6)
    df = lazyframe.read_parquet(path)
    kept = df[df["k"] >= 4]["x"]
    for analyze in (False, True):
        text = kept.explain(analyze=analyze).text
        assert "explained.parquet: k, x" in text
        assert "6 of 10 row groups" in text
        assert "ruled out" in text
        assert analyze or not decoded


def test_a_page_that_is_corrupt_is_reported_from_within_a_loop(tmp_path: Path) -> None:
    path = tmp_path / "corrupt.parquet"
    table = pyarrow.table({"a": np.arange(1000.0)})
    options = {"write_page_checksum": True, "use_dictionary": False, "compression": "none"}
    parquet.write_table(table, path, row_group_size=100, **options)
    start = parquet.ParquetFile(path).metadata.row_group(7).column(0).data_page_offset
    content = bytearray(path.read_bytes())
    content[start + 400] ^= 1
    path.write_bytes(content)
    df = lazyframe.read_parquet(path)
    with pytest.raises(OSError, match=r"row group 7 of .*corrupt\.parquet"):
        df["a"].sum()


@pytest.mark.parametrize("threads", [1, 3])
def test_what_kernels_do_not_know_in_the_middle_of_a_row_group_arrow_reads(
    tmp_path: Path, decoded: list[Any], threads: int
) -> None:
    path = tmp_path / "missing.parquet"
    x = [None if 70 < row < 75 or row > 190 else row / 2 for row in range(200)]
    table = pyarrow.table({"x": x, "k": np.arange(200) % 7})
    options = {"write_statistics": False, "use_dictionary": False, "compression": "none"}
    parquet.write_table(table, path, row_group_size=50, data_page_size=64, write_batch_size=8, **options)
    with lazyframe.config(threads=threads):
        df, theirs = lazyframe.read_parquet(path), pandas.read_parquet(path)
        same(plain(df[df["k"] > 2][["x"]]), theirs[theirs["k"] > 2][["x"]])
        assert df["x"].sum() == theirs["x"].sum()
    by_arrow = {number for number, names in decoded if names == ("x",)}
    assert by_arrow == {0, 1, 2, 3}


def test_what_is_forgotten_is_read_again(tmp_path: Path, decoded: list[Any]) -> None:
    path = tmp_path / "forgotten.parquet"
    write(make(60), path, row_group_size=6)
    df = lazyframe.read_parquet(path)
    for _ in range(3):
        assert (df["k"] * 2).to_list() == [2 * (k // 6) for k in range(60)]
    before = len(decoded)
    late.forget_all()
    assert df["k"].sum() == 270
    assert len(decoded) > before


def test_what_is_where_something_else_was_is_forgotten_too() -> None:
    class Found:
        nbytes = 10
        forgotten = False

        def forget(self) -> None:
            self.forgotten = True

    budget, found, other = late.Budget(100), Found(), Found()
    budget._order[id(found)] = ref(other)
    del other
    assert budget.admits(found, 10)  # type: ignore[arg-type]
    budget.forget_all()
    assert found.forgotten
