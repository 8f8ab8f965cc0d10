"""What group-bys give for each row, of every dtype, where all rows have a key and where some have none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from tests.groupby.grouped_frames import assert_same, check_recorded, make_frame
from tests.record.compare import outcome

pytestmark = pytest.mark.usefixtures("interpreted")

KEYS: list[Any] = ["k", "c", "g", "q", ["e", "k"]]
"""All but the first have missing values."""

NUMBERS = ["x", "f", "i", "s", "u", "j"]


def label(value: Any) -> str:
    return "-".join(value) if isinstance(value, list) else str(value)


@pytest.fixture(scope="module")
def data() -> pandas.DataFrame:
    made = make_frame(150, seed=4)
    r = np.random.default_rng(0)
    made["q"] = pandas.array(np.where(r.random(150) < 0.2, None, r.choice(["a", "b"], 150)), dtype="str")
    made["text"] = pandas.array(np.where(r.random(150) < 0.2, None, r.choice(["x", "y"], 150)), dtype="str")
    return made.set_index(pandas.Index(np.arange(150) % 37, name="label"))


USES = [
    lambda g: g.cumsum(),
    lambda g: g.cumprod(),
    lambda g: g.cummax(),
    lambda g: g.shift(),
    lambda g: g.shift(-2),
    lambda g: g.diff(),
    lambda g: g.pct_change(2),
    lambda g: g.rank(),
    lambda g: g.rank(method="dense", ascending=False),
    lambda g: g.rank(method="first", ascending=False),
    lambda g: g.rank(method="min", pct=True),
    lambda g: g.rank(method="dense", pct=True),
    lambda g: g.transform("sum"),
    lambda g: g.transform("min"),
    lambda g: g.transform("count"),
    lambda g: g.transform("mean"),
]


@pytest.mark.parametrize("by", KEYS, ids=label)
@pytest.mark.parametrize("number", range(len(USES)))
def test_numbers(data: pandas.DataFrame, by: Any, number: int) -> None:
    use = USES[number]
    values = data[[*NUMBERS, "k", "c", "g", "h", "e", "q", "b"]].assign(x=data["y"], i=data["i"] % 5)
    columns = [column for column in NUMBERS if column not in by]
    with np.errstate(all="ignore"):
        for selection in (columns, "i"):
            check_recorded(values, lambda df, s=selection: df.groupby(by)[s], use, rounded=True)  # type: ignore[misc]


@pytest.mark.parametrize("by", KEYS, ids=label)
@pytest.mark.parametrize(
    "use",
    [
        lambda g: g.cumcount(),
        lambda g: g.cumcount(ascending=False),
        lambda g: g.head(2),
        lambda g: g[["x", "text"]].tail(1),
        lambda g: g.nth(0),
        lambda g: g.nth(-2),
        lambda g: g.nth([0, 3, -1]),
        lambda g: g.text.nth(1),
        lambda g: g.nth(slice(1, 3)),
        lambda g: g[["t", "d", "text", "x"]].shift(2),
        lambda g: g[["t", "d"]].diff(),
        lambda g: g[["s", "u", "x"]].shift(2, fill_value=7),
        lambda g: g[["x", "f", "t", "text", "s"]].ffill(),
        lambda g: g[["x", "f", "t", "text", "s"]].bfill(),
        lambda g: g.t.transform("max"),
        lambda g: g[["x", "b", "text", "d"]].transform("last"),
        lambda g: g[["x", "b", "text"]].transform("any"),
        lambda g: g[["b", "t", "d"]].cummax(),
        lambda g: g.d.cumsum(),
        lambda g: g[["b", "t", "text"]].rank(na_option="top"),
        lambda g: g[["b", "x"]].diff(-2) if len(g.obj) else None,
        lambda g: g.b.bfill(),
    ],
)
def test_rows(data: pandas.DataFrame, by: Any, use: Any) -> None:
    with np.errstate(invalid="ignore"):  # pandas casts NaN to times
        check_recorded(data, lambda df: df.groupby(by), use)
    assert_same(use(lazyframe.DataFrame(data[:0]).groupby(by)), use(data[:0].groupby(by)))


@pytest.mark.parametrize("dropna", [True, False])
def test_numbers_of_groups(data: pandas.DataFrame, dropna: bool) -> None:
    for by in ("k", "c", "g", "q", ["g", "k"], ["q", "b"], ["g", "c"]):
        for ascending in (True, False):
            check_recorded(
                data,
                lambda df, by=by: df.groupby(by, dropna=dropna),  # type: ignore[misc]
                lambda g, a=ascending: g.ngroup(ascending=a),  # type: ignore[misc]
            )
        check_recorded(
            data, lambda df, by=by: df.groupby(by, dropna=dropna, sort=False), lambda g: g.ngroup()
        )  # type: ignore[misc]


@pytest.mark.parametrize("sort", [True, False])
@pytest.mark.parametrize("as_index", [True, False])
@pytest.mark.parametrize(
    "by",
    [["c", "g"], ["g", "c"], ["rare", "gone"], ["q", "c", "rare"], ["day", "c"], ["c", "rare", "k"]],
    ids=label,
)
@pytest.mark.parametrize(
    "use",
    [
        lambda g: g["x"].max(),
        lambda g: g.agg(n=("i", "size"), m=("u", "sum")),
        lambda g: g.size(),
        lambda g: g.ngroup(),
        lambda g: g["i"].cumsum(),
    ],
)
def test_categories_beside_keys_that_are_missing(
    data: pandas.DataFrame, use: Any, by: list[str], as_index: bool, sort: bool
) -> None:
    """A category of rows that are in no group is one of the level, as pandas has it."""
    rare = pandas.Categorical([None] * 149 + ["z"], categories=["y", "z"])
    given = data.assign(rare=rare, gone=data["g"].where(np.arange(len(data)) < 149), day=data["t"])
    given["day"] = given["day"].dt.normalize()

    def group(df: Any) -> Any:
        return df.groupby(by, sort=sort, as_index=as_index)

    for rows in (given, given[given["c"].notna()], given[:1]):
        if rows[by].notna().all(axis=1).any():
            check_recorded(rows, group, use)
        else:
            assert_same(use(group(lazyframe.DataFrame(rows))), use(group(rows)))


def test_flags_and_times(data: pandas.DataFrame) -> None:
    for name in ("cumsum", "cumprod", "cummin", "cummax", "rank"):
        check_recorded(data, lambda df: df.groupby("k").b, lambda g, n=name: getattr(g, n)())  # type: ignore[misc]
    for name in ("cummin", "cummax", "rank"):
        check_recorded(data, lambda df: df.groupby("k")[["t", "d"]], lambda g, n=name: getattr(g, n)())  # type: ignore[misc]
        # of rows without a key pandas rounds times, and ranks NaT
        got = getattr(lazyframe.DataFrame(data).groupby("g")[["t", "d"]], name)()
        assert_same(got, getattr(data.groupby("g")[["t", "d"]], name)())


def test_sums_that_do_not_fit_their_columns() -> None:
    data = pandas.DataFrame(
        {
            "k": [1, 1, 2, 2],
            "s": np.array([100, 100, 1, 2], np.int8),
            "t": np.array([1, 2, 3, 4], np.int8),
            "u": np.array([200, 3, 5, 7], np.uint8),
        }
    )
    for rows in (data, data[2:]):
        for selection in (["s", "t", "u"], "s", "t", "u"):
            for use in (
                lambda g: g.cumsum(),
                lambda g: g.transform("sum"),
                lambda g: g.transform("prod"),
                lambda g: g.cumprod(),
            ):
                check_recorded(rows, lambda df, s=selection: df.groupby("k")[s], use)  # type: ignore[misc]


def test_means_of_single_precision_in_the_order_of_the_groups() -> None:
    data = pandas.DataFrame({"k": [1, 1, 2, 3], "f": np.array([0.1, 0.2, 0.7, 5], np.float32)})
    for rows in (data, data[::-1], data.assign(f=data["f"].where(data["f"] < 1))):
        got = check_recorded(rows, lambda df: df.groupby("k").f, lambda g: g.transform("mean"), rounded=True)
        assert got.dtype == rows.groupby("k").f.transform("mean").dtype


def test_no_row_has_a_key() -> None:
    data = pandas.DataFrame({"g": [np.nan, np.nan], "x": [1.0, 2.0], "i": [1, 2]})
    for use in (
        lambda g: g.cumcount(),
        lambda g: g.x.transform("sum"),
        lambda g: g.i.shift(),
        lambda g: g.head(1),
        lambda g: g.ngroup(),
    ):
        assert_same(use(lazyframe.DataFrame(data).groupby("g")), use(data.groupby("g")))


def test_missing_keys_of_rows_that_a_filter_left_out(data: pandas.DataFrame) -> None:
    """Dtypes depend on whether there are rows without a key, which is known once they are counted."""
    for use in (lambda g: g.i.shift(), lambda g: g.i.cumsum(), lambda g: g.cumcount()):
        values = data.assign(i=data["i"] % 7)
        for limit in (0.0, -2.0):

            def grouped(df: Any, limit: float = limit) -> Any:
                return df[df.g > limit].groupby("g")

            check_recorded(values, grouped, use)
        assert_same(
            use(lazyframe.DataFrame(values)[values["g"] > np.inf].groupby("g")),
            use(values[values["g"] > np.inf].groupby("g")),
        )


@pytest.mark.parametrize("by", [0, "g", ["g", "k"], -1], ids=str)
def test_levels_that_set_index_made(data: pandas.DataFrame, by: Any) -> None:
    for names in (["g"], ["g", "k"]):
        if isinstance(by, list) and len(names) == 1:
            continue
        plain = data.reset_index(drop=True)[["g", "k", "x", "i"]]
        want = plain.set_index(names).groupby(level=by).max()
        assert_same(lazyframe.DataFrame(plain).set_index(names).groupby(level=by).max(), want)
    check_recorded(data, lambda df: df.set_index("k").groupby(level=0)[["x", "i"]], lambda g: g.max())
    if SINCE_3_1:  # pandas had made a range of these groups' labels before
        check_recorded(data, lambda df: df.reset_index().groupby(level=0).x, lambda g: g.max())


def test_categories_without_rows_do_not_change_what_rows_get(data: pandas.DataFrame) -> None:
    for name in ("first", "last", "min", "sum"):
        for column in ("b", "s", "x"):
            got = lazyframe.DataFrame(data).groupby("c", observed=False)[column].transform(name)
            assert_same(got, data.groupby("c", observed=False)[column].transform(name), rounded=True)


@pytest.mark.parametrize("by", ["k", "c", "g"])
@pytest.mark.parametrize(
    "options", [{}, {"observed": False}, {"as_index": False}, {"dropna": False}], ids=str
)
def test_categories_as_values(data: pandas.DataFrame, by: str, options: dict[str, bool]) -> None:
    values = data.assign(v=data["c"].where(data["k"] > 0), w=data["o"])
    for name in ("first", "last", "count"):
        check_recorded(
            values,
            lambda df: df.groupby(by, **options)[["v", "w", "x"]],
            lambda g, n=name: getattr(g, n)(),  # type: ignore[misc]
        )
    check_recorded(values, lambda df: df.groupby(by, **options)[["v", "w"]], lambda g: g.shift())


@pytest.mark.parametrize(
    "by",
    [["c", "g"], ["c", "o", "h"], ["c", "text"], ["g", "c", "text"], ["c", "k", "g"], ["o", "g", "h", "c"]],
    ids=str,
)
@pytest.mark.parametrize("rows", [0, 1, 4, 80])
@pytest.mark.parametrize("name", ["sum", "mean", "size", "min", "nunique"])
@pytest.mark.parametrize("as_index", [True, False])
def test_categories_without_rows_beside_keys_that_are_missing(
    by: list[str], rows: int, name: str, as_index: bool
) -> None:
    data = make_frame(rows, 3)
    words = np.array(["b", None, "a", ""], object)[np.random.default_rng(1).integers(0, 4, rows)]
    data["text"] = pandas.array(words, "str")

    def program(df: Any) -> Any:
        grouped = df.groupby(by, observed=False, as_index=as_index)
        return getattr(grouped[["y", "i", "b", "s"]], name)()

    want, got = outcome(program, data), outcome(program, lazyframe.DataFrame(data))
    if isinstance(want, Exception):
        assert (type(got), str(got)) == (type(want), str(want))
    else:
        assert_same(got, want, rounded=True)
    if rows > 4:  # of fewer, none of which has all keys, pandas 3.0 raises
        check_recorded(data, lambda df: df.groupby(by, observed=False)[["y", "i"]], lambda g: g.max())
