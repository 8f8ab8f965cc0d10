"""``lazyframe`` gives everything that ``pandas`` gives, and what returns data returns lazyframe's."""

from __future__ import annotations

import importlib
import inspect
import io
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.api.toplevel import RETURN_DATA, STORES, TAKE_NUMBERS

PUBLIC = sorted(
    name for name in dir(pandas) if not name.startswith("_") and name not in ("annotations", "pandas")
)
WRAPPED = {"DataFrame", "Series", "eval", "factorize", "testing", *RETURN_DATA, *STORES, *TAKE_NUMBERS}
SUBMODULES = [
    "api.extensions",
    "api.indexers",
    "api.types",
    "api.typing",
    "arrays",
    "errors",
    "io.formats.format",
    "io.json",
    "plotting",
    "tseries.frequencies",
    "tseries.holiday",
    "tseries.offsets",
]

CSV = "a,b\n1,2\n3,4\n5,6\n"


def is_ours(value: Any) -> bool:
    return type(value) is lazyframe.DataFrame or type(value) is lazyframe.Series


@pytest.mark.parametrize("kind", ["DataFrame", "Series"])
def test_methods_have_the_parameters_of_pandas_own(kind: str) -> None:
    """Also for those who do not look through wrappers, as pandas' own ``apply`` of a name does not."""
    ours, theirs = getattr(lazyframe, kind), getattr(pandas, kind)
    compared = 0
    for name, method in inspect.getmembers(theirs, inspect.isfunction):
        if not name.startswith("_") or name.startswith("__"):
            found = inspect.getfullargspec(getattr(ours, name))
            assert found[:6] == inspect.getfullargspec(method)[:6], name
            compared += getattr(ours, name) is not method
    assert compared > 100


@pytest.mark.parametrize("name", ["any", "sum", "mean", "max", "nunique", "idxmin", "cumsum"])
def test_apply_of_a_name_to_rows(name: str) -> None:
    def program(library: ModuleType) -> Any:
        return library.DataFrame({"a": [1, 2, 0], "b": [0, 2, 0]}).apply(name, axis=1)

    assert program(lazyframe).to_pandas().equals(program(pandas))


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name(name: str) -> None:
    ours, theirs = getattr(lazyframe, name), getattr(pandas, name)
    assert name in dir(lazyframe)
    if name in WRAPPED or name.startswith("read_"):
        assert ours is not theirs
        assert ours.__name__.removeprefix("lazyframe.") == theirs.__name__.removeprefix("pandas.")
        assert (ours.__doc__ == theirs.__doc__) or name == "testing"
    elif name == "api":
        assert {part for part in dir(theirs) if not part.startswith("_")} <= set(dir(ours))
    else:
        assert ours is theirs


@pytest.mark.parametrize(
    "name", sorted(RETURN_DATA | TAKE_NUMBERS | {"eval", "read_csv", "DataFrame", "Series", "HDFStore"})
)
def test_signatures_are_pandas(name: str) -> None:
    assert inspect.signature(getattr(lazyframe, name)) == inspect.signature(getattr(pandas, name))


def test_functions_that_return_data_are_all_known() -> None:
    """A pandas function that says it returns a frame or series, and is not wrapped, is a new one."""
    for name in PUBLIC:
        function = getattr(pandas, name)
        if not inspect.isfunction(function) or name in WRAPPED or name.startswith("read_"):
            continue
        returned = str(function.__annotations__.get("return", ""))
        assert not re.search(r"\b(DataFrame|Series|NDFrame)\b", returned), name


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        lazyframe.no_such_name  # noqa: B018
    with pytest.raises(ImportError):
        importlib.import_module("lazyframe.no_such_module")
    with pytest.raises(AttributeError, match="no_such_name"):
        lazyframe.api.no_such_name  # noqa: B018


def test_star_import_and_names() -> None:
    names: dict[str, Any] = {}
    exec("from lazyframe import *\nfrom lazyframe import Timestamp, NA", names)
    assert set(pandas.__all__) <= set(names)
    assert names["DataFrame"] is lazyframe.DataFrame
    assert names["Timestamp"] is pandas.Timestamp


@pytest.mark.parametrize("name", SUBMODULES)
def test_submodules_are_pandas(name: str) -> None:
    theirs = importlib.import_module(f"pandas.{name}")
    spec = theirs.__spec__
    assert importlib.import_module(f"lazyframe.{name}") is theirs
    assert theirs.__spec__ is spec
    assert spec.name == f"pandas.{name}"


def test_what_lazyframe_adds() -> None:
    from lazyframe.settings import config

    assert lazyframe.config is config
    assert {"config", "version"} <= set(dir(lazyframe))
    assert not set(lazyframe._OWN) & set(dir(pandas))


def test_versions() -> None:
    assert lazyframe.__version__ == pandas.__version__
    declared = Path(__file__).parents[2].joinpath("pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{lazyframe.version}"' in declared


def test_options_are_shared() -> None:
    with lazyframe.option_context("display.max_rows", 7):
        assert pandas.get_option("display.max_rows") == lazyframe.options.display.max_rows == 7


FRAME = lazyframe.DataFrame({"a": [1, 2, 3], "b": [1.5, None, -0.0], "k": list("xyx")})
SERIES = FRAME["a"]
TIMES = lazyframe.Series(lazyframe.date_range("2020", periods=3))


def piece_by_piece() -> Any:
    with lazyframe.read_csv(io.StringIO(CSV), chunksize=2) as reader:
        assert type(reader).__name__ == "TextFileReader"
        return [*reader]


MAKERS = {
    "DataFrame": lambda: lazyframe.DataFrame({"a": [1]}),
    "Series": lambda: lazyframe.Series([1]),
    "from_dict": lambda: lazyframe.DataFrame.from_dict({"a": [1]}),
    "from_records": lambda: lazyframe.DataFrame.from_records([(1, 2)]),
    "concat": lambda: lazyframe.concat([FRAME, FRAME]),
    "concat of plain": lambda: lazyframe.concat([FRAME.to_pandas(), FRAME.to_pandas()]),
    "merge": lambda: lazyframe.merge(FRAME, FRAME, on="a"),
    "get_dummies": lambda: lazyframe.get_dummies(FRAME["k"]),
    "cut": lambda: lazyframe.cut(SERIES, 2),
    "cut with bins": lambda: lazyframe.cut(SERIES, 2, retbins=True)[0],
    "to_datetime": lambda: lazyframe.to_datetime(lazyframe.Series(["2020-01-01"])),
    "to_numeric": lambda: lazyframe.to_numeric(lazyframe.Series(["1"])),
    "json_normalize": lambda: lazyframe.json_normalize([{"a": {"b": 1}}]),
    "crosstab": lambda: lazyframe.crosstab(FRAME["a"], FRAME["k"]),
    "pivot": lambda: lazyframe.pivot(FRAME, index="a", columns="k", values="b"),
    "eval": lambda: lazyframe.eval("SERIES + 1", local_dict={"SERIES": SERIES}),
    "read_csv": lambda: lazyframe.read_csv(io.StringIO(CSV)),
    "pieces of read_csv": piece_by_piece,
    "get_chunk": lambda: lazyframe.read_csv(io.StringIO(CSV), iterator=True).get_chunk(1),
    "pieces of read_json": lambda: list(
        lazyframe.read_json(io.StringIO('{"a": 1}\n{"a": 2}'), lines=True, chunksize=1)
    ),
    "arithmetic": lambda: FRAME[["a", "b"]] * 2,
    "column": lambda: FRAME["a"],
    "filter": lambda: FRAME[SERIES > 1],
    "reduction": lambda: FRAME[["a", "b"]].sum(),
    "row": lambda: FRAME.iloc[0],
    "groupby": lambda: FRAME.groupby("k")["a"].sum(),
    "describe of groups": lambda: FRAME.groupby("k").describe(),
    "to_frame": lambda: SERIES.to_frame(),
    "transpose": lambda: FRAME.T,
    "dtypes": lambda: FRAME.dtypes,
    "describe": lambda: FRAME.describe(),
    "value_counts": lambda: SERIES.value_counts(),
    "value_counts of rows": lambda: FRAME.value_counts(),
    "apply": lambda: FRAME[["a", "b"]].apply(["sum", "mean"]),
    "agg": lambda: FRAME.agg({"a": "sum"}),
    "agg of series": lambda: SERIES.agg(["sum", "mean"]),
    "frame eval": lambda: FRAME.eval("a + b"),
    "dt property": lambda: TIMES.dt.year,
    "dt method": lambda: TIMES.dt.floor("D"),
    "dt frame": lambda: TIMES.dt.isocalendar(),
    "str": lambda: FRAME["k"].str.upper(),
    "str frame": lambda: FRAME["k"].str.extract("(x)"),
    "str item": lambda: FRAME["k"].str[0],
    "cat": lambda: FRAME["k"].astype("category").cat.codes,
    "rolling": lambda: SERIES.rolling(2).mean(),
    "resample": lambda: TIMES.to_frame("t").assign(v=1).set_index("t").resample("2D").sum(),
}


@pytest.mark.parametrize("maker", MAKERS)
def test_data_is_ours(maker: str) -> None:
    made = MAKERS[maker]()
    assert all(map(is_ours, made)) if isinstance(made, list) else is_ours(made)


def test_arrow(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"a": [1, 2]})
    assert is_ours(lazyframe.DataFrame.from_arrow(table))
    assert is_ours(lazyframe.Series.from_arrow(table["a"]))
    FRAME.to_parquet(tmp_path / "f.parquet")
    back = lazyframe.read_parquet(tmp_path / "f.parquet")
    assert is_ours(back)
    lazyframe.testing.assert_frame_equal(back, FRAME)
    assert pyarrow.Table.from_pandas(FRAME).num_rows == 3
    assert pyarrow.array(SERIES).to_pylist() == [1, 2, 3]


def test_sql_pieces() -> None:
    sqlite3 = pytest.importorskip("sqlite3")
    connection = sqlite3.connect(":memory:")
    try:
        FRAME.to_sql("t", connection, index=False)
        pieces = lazyframe.read_sql("select * from t", connection, chunksize=2)
        assert inspect.isgenerator(pieces)
        assert [(is_ours(piece), len(piece)) for piece in pieces] == [(True, 2), (True, 1)]
    finally:
        connection.close()


def test_eval_and_query_see_the_users_variables() -> None:
    limit, frame = 1, FRAME  # noqa: F841
    assert lazyframe.eval("limit + 1") == 2
    assert lazyframe.eval("frame.a + limit").tolist() == [2, 3, 4]
    assert frame.query("a > @limit")["a"].tolist() == [2, 3]
    assert frame.eval("a + @limit").tolist() == [2, 3, 4]
    with pytest.raises(TypeError, match="expr"):
        lazyframe.eval()


def test_classes_count_as_pandas() -> None:
    plain = FRAME.to_pandas()
    assert type(plain) is pandas.DataFrame
    assert isinstance(FRAME, pandas.DataFrame)
    assert isinstance(plain, lazyframe.DataFrame)
    assert not isinstance(plain, lazyframe.Series)
    assert not isinstance(SERIES, lazyframe.DataFrame)
    assert issubclass(pandas.Series, lazyframe.Series)
    assert lazyframe.Series == pandas.Series
    assert pandas.Series == lazyframe.Series
    assert lazyframe.Series != pandas.DataFrame
    assert {pandas.Series: 1}[lazyframe.Series] == 1
    assert repr(lazyframe.DataFrame) == repr(pandas.DataFrame)
    assert (lazyframe.Series.__name__, lazyframe.Series.__module__) == ("Series", "pandas")


def test_users_subclasses_mean_themselves() -> None:
    class Mine(lazyframe.DataFrame):
        _metadata = ["unit"]  # noqa: RUF012

        @property
        def _constructor(self) -> Any:
            return Mine

    made = Mine({"a": [1, 2]})
    made.unit = "m"
    assert type(made + 1) is Mine
    assert made[made.a > 1].unit == "m"
    assert type(made["a"]) is lazyframe.Series
    assert not isinstance(FRAME, Mine)
    assert not issubclass(pandas.DataFrame, Mine)
    assert isinstance(made, lazyframe.DataFrame)


def test_pandas_testing_takes_both_kinds() -> None:
    plain, plain_series = FRAME.to_pandas(), SERIES.to_pandas()
    for left in (FRAME, plain):
        for right in (FRAME, plain):
            pandas.testing.assert_frame_equal(left, right)
            lazyframe.testing.assert_frame_equal(left, right)
    for left in (SERIES, plain_series):
        for right in (SERIES, plain_series):
            pandas.testing.assert_series_equal(left, right)
            lazyframe.testing.assert_series_equal(left, right)
    with pytest.raises(AssertionError, match=r"Expected type"):
        lazyframe.testing.assert_frame_equal(FRAME, SERIES)
    with pytest.raises(AssertionError, match="different"):
        lazyframe.testing.assert_frame_equal(FRAME, FRAME + FRAME)


def test_to_pandas_copies_on_write() -> None:
    frame = lazyframe.DataFrame({"a": [1, 2, 3]})
    plain = frame.to_pandas()
    assert np.shares_memory(plain["a"].values, frame["a"].values)
    plain.iloc[0, 0] = 9
    frame.iloc[1, 0] = 8
    assert (plain["a"].tolist(), frame["a"].tolist()) == ([9, 2, 3], [1, 8, 3])


def modules_after(imported: str) -> set[str]:
    program = (
        f"import sys, {imported} as pd; pd.DataFrame({{'a': [1, 2]}}).sum(); print(*sorted(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(found.stdout.split())


def test_import_is_light() -> None:
    """Beyond pandas', only our own and small modules are imported: no compiler, no more of pyarrow."""
    added = modules_after("lazyframe") - modules_after("pandas")
    outside = {name.partition(".")[0] for name in added} - set(sys.stdlib_module_names)
    assert outside == {"lazyframe"} | (outside & {"passes"})
    assert not {"multiprocessing", "concurrent", "asyncio", "ssl"} & added


def test_our_own_modules_are_not_pandas() -> None:
    assert importlib.import_module("lazyframe.api.frame").__name__ == "lazyframe.api.frame"
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("lazyframe.api.frame.nothing")


def test_warnings_name_the_users_line() -> None:
    with pytest.warns(UserWarning, match="dayfirst") as caught:
        lazyframe.to_datetime(["13/01/2020"])
    assert caught[0].filename == __file__
