"""What group-bys give for each row, and statistics that look at all rows of a group, against pandas."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from tests.groupby.grouped_frames import ROUNDED, assert_same, check_recorded, make_frame
from tests.record.compare import outcome

pytestmark = pytest.mark.usefixtures("interpreted")

KEYS: list[Any] = ["k", "o", "wide", ["b", "j"], ["wide", "k"]]


def label(value: Any) -> str:
    return "-".join(value) if isinstance(value, list) else str(value)


@pytest.fixture
def data(frame: pandas.DataFrame) -> pandas.DataFrame:
    return frame.set_index(pandas.Index(np.arange(400) % 37, name="label"))


@pytest.mark.parametrize("by", KEYS, ids=label)
@pytest.mark.parametrize(
    "operation", ["sum", "mean", "min", "max", "count", "var", "first", "any", "median", "nunique"]
)
def test_transform(data: pandas.DataFrame, by: Any, operation: str) -> None:
    columns = ["x", "i", "y"] if operation != "first" else ["x", "i", "y", "t", "s"]
    for selection in (columns, "x", "i"):
        check_recorded(
            data,
            lambda df, s=selection: df.groupby(by)[s],  # type: ignore[misc]
            lambda g: g.transform(operation),
            operation in ROUNDED,
        )


def test_transformed_columns_go_on_lazily(data: pandas.DataFrame) -> None:
    def program(df: Any) -> Any:
        share = df["y"] / df.groupby("k")["y"].transform("max")
        df = df.assign(share=share)
        return df.loc[df.share > 0.1, ["k", "share"]]

    data = data.reset_index()
    got = program(lazyframe.DataFrame(data))
    assert "_mgr" not in got.__dict__
    assert_same(got, program(data))
    check_recorded(data, lambda df: df.groupby("k").x, lambda g: g.transform("size"))


@pytest.mark.parametrize("sort", [True, False])
@pytest.mark.parametrize("by", KEYS, ids=label)
@pytest.mark.parametrize(
    "use",
    [
        lambda g: g.cumcount(),
        lambda g: g.cumcount(ascending=False),
        lambda g: g.ngroup(),
        lambda g: g[["x", "i", "y"]].cumsum(),
        lambda g: g.i.cumprod(),
        lambda g: g[["x", "s", "f"]].cummax(),
        lambda g: g.u.cummin() if g.obj is not None else None,
        lambda g: g[["x", "f", "t"]].shift(),
        lambda g: g.x.shift(-2),
        lambda g: g.x.diff(),
        lambda g: g.y.diff(3),
        lambda g: g.y.transform("cumsum"),
        lambda g: g.head(2),
        lambda g: g[["x", "s"]].head(3),
        lambda g: g.x.tail(1),
        lambda g: g.tail(0),
    ],
)
def test_each_row(data: pandas.DataFrame, by: Any, sort: bool, use: Any) -> None:
    check_recorded(data, lambda df: df.groupby(by, sort=sort), use)


@pytest.mark.parametrize("by", [*KEYS, "c", "g", ["h", "j"], ["e", "k"]], ids=label)
@pytest.mark.parametrize(
    "use",
    [
        lambda g: g[["x", "f", "i", "s"]].median(),
        lambda g: g[["x", "i"]].quantile(0.3),
        lambda g: g.s.quantile(),
        lambda g: g[["x", "f", "i", "s", "y", "t", "d"]].nunique(),
        lambda g: g.x.agg(["median", "nunique", "sum"]),
        lambda g: g.agg(m=("x", "median"), n=("s", "nunique"), total=("y", "sum")),
    ],
)
@pytest.mark.parametrize("options", [{}, {"sort": False}, {"as_index": False}, {"dropna": False}], ids=str)
def test_all_rows_of_a_group(data: pandas.DataFrame, by: Any, use: Any, options: dict[str, bool]) -> None:
    check_recorded(data, lambda df: df.groupby(by, **options), use, rounded=True)


@pytest.mark.parametrize("by", ["k", "g", "wide", ["b", "j"]], ids=label)
@pytest.mark.parametrize("operation", ["idxmin", "idxmax"])
def test_labels_of_extremes(data: pandas.DataFrame, by: Any, operation: str) -> None:
    dates = data.set_index(pandas.date_range("2020", periods=len(data)))
    for source in (data, data.reset_index(), dates):
        check_recorded(source, lambda df: df.groupby(by)[["x", "i", "y"]], lambda g: getattr(g, operation)())
        check_recorded(source, lambda df: df.groupby(by).s, lambda g: getattr(g, operation)())
        check_recorded(
            source[20:90], lambda df: df.groupby(by, sort=False).i, lambda g: getattr(g, operation)()
        )
    check_recorded(data, lambda df: df.groupby(by, as_index=False).i, lambda g: getattr(g, operation)())
    check_recorded(
        data, lambda df: df.groupby(by, as_index=False)[["i", "s"]], lambda g: getattr(g, operation)()
    )


def _both(df: Any) -> Any:
    return df.groupby("k").agg({"i": "idxmax", "s": "sum"})


@pytest.mark.parametrize("by", ["k", "g", "c", ["b", "j"]], ids=label)
def test_labels_of_extremes_beside_aggregations(data: pandas.DataFrame, by: Any) -> None:
    programs: list[Any] = [
        lambda g: g.agg(where=("i", "idxmax"), most=("i", "max"), spread=("y", lambda s: s.max() - s.min())),
        lambda g: g.agg({"i": ["idxmin", "mean"], "s": "idxmax"}),
        lambda g: g["s"].agg(["idxmin", "count"]),
    ]
    for options in ({}, {"sort": False}, {"as_index": False}):
        for program in programs[: 2 if options else 3]:
            check_recorded(data, lambda df, o=options: df.groupby(by, **o), program, rounded=True)  # type: ignore[misc]
    check_recorded(data, lambda df: df.groupby(by)[["i", "s"]], lambda g: g.agg("idxmin"))
    none = data.assign(i=np.where(data["k"] == 0, np.nan, data["s"]))
    for frame in (none, none.set_index("t"), data[:0]):
        want, got = outcome(_both, frame), outcome(_both, lazyframe.DataFrame(frame))
        if isinstance(want, Exception):
            assert (type(got), str(got)) == (type(want), str(want))
        else:
            assert_same(got, want)


@pytest.mark.parametrize("by", ["c", "o", ["c", "k"], ["j", "o"]], ids=label)
def test_correlations_by_categories(frame: pandas.DataFrame, by: Any) -> None:
    data = frame.assign(n=frame["s"].astype(np.int64))
    check_matrices(data, by, {}, ["x", "n", "y"], "corr")
    check_matrices(data, by, {}, ["x", "n"], "cov")
    check_recorded(data, lambda df: df.groupby(by)["x"], lambda g: g.corr(g.obj * 2 + 1), rounded=True)


@pytest.mark.parametrize("name", ["corr", "cov"])
def test_correlations_without_the_keys_of_groups(frame: pandas.DataFrame, name: str) -> None:
    for options in ({"group_keys": False}, {"as_index": False}):
        check_matrices(frame, "k", options, ["x", "y"], name)
        check_matrices(frame, ["o", "k"], options, ["x", "y"], name)


@pytest.mark.parametrize("by", ["k", "g", "wide", ["b", "j"], ["t", "k"], ["h", "g"]], ids=label)
@pytest.mark.parametrize("options", [{}, {"sort": False}, {"dropna": False}], ids=str)
def test_correlations(frame: pandas.DataFrame, by: Any, options: dict[str, bool]) -> None:
    data = frame.assign(z=frame["x"] * 2 + frame["y"], constant=0.1, n=frame["s"].astype(np.int64))
    for columns in (["x", "z"], ["x", "constant", "n", "y"]):
        check_matrices(data, by, options, columns, "corr")
    check_matrices(data, by, options, ["x", "constant", "n"], "cov")


@pytest.mark.parametrize("name", ["corr", "cov"])
def test_infinities_are_left_out_as_pandas_does(name: str) -> None:
    random = np.random.default_rng(0)
    data = pandas.DataFrame({"k": random.integers(0, 3, 60), **{c: random.normal(size=60) for c in "xyz"}})
    data.loc[5, "x"], data.loc[9, "y"], data.loc[20, "x"] = np.inf, -np.inf, np.nan
    with np.errstate(all="ignore"):
        want = getattr(data.groupby("k")[["x", "y", "z"]], name)()
        got = getattr(lazyframe.DataFrame(data).groupby("k")[["x", "y", "z"]], name)()
    pandas.testing.assert_frame_equal(got.to_pandas(), want)


def check_matrices(data: pandas.DataFrame, by: Any, options: Any, columns: list[str], name: str) -> None:
    with warnings.catch_warnings(action="ignore"):  # of one row, from NumPy
        want = getattr(data.groupby(by, **options)[columns], name)()
    grouped = lazyframe.DataFrame(data).groupby(by, **options)[columns]
    got = getattr(grouped, name)()
    assert grouped._grouped._plain is None
    pandas.testing.assert_frame_equal(got.to_pandas(), want, rtol=1e-9, atol=1e-11)
    levels = [getattr(found.index, "levels", [found.index]) for found in (got, want)]
    for mine, theirs in zip(*levels, strict=True):
        pandas.testing.assert_index_equal(mine, theirs)


def test_no_extreme_where_all_values_are_missing() -> None:
    data = pandas.DataFrame({"k": [1, 2, 2], "x": [np.nan, 1.0, 2.0]})
    with pytest.raises(ValueError) as want:  # noqa: PT011  # whatever pandas says
        data.groupby("k").x.idxmin()
    with pytest.raises(ValueError) as got:  # noqa: PT011  # the same
        lazyframe.DataFrame(data).groupby("k").x.idxmin()
    assert str(got.value) == str(want.value)


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_few_rows(rows: int) -> None:
    data = make_frame(rows, seed=5)
    for by in ("k", "wide", ["k", "b"]):
        for use in (
            lambda g: g[["x", "i"]].median(),
            lambda g: g.x.nunique(),
            lambda g: g.x.cumsum(),
            lambda g: g.cumcount(),
            lambda g: g.x.transform("max"),
            lambda g: g.head(1),
        ):
            check_recorded(data, lambda df, by=by: df.groupby(by), use)  # type: ignore[misc]


@pytest.mark.parametrize(
    "use",
    [
        lambda g: g.cumcount(),
        lambda g: g.x.transform("sum"),
        lambda g: g.x.cumsum(),
        lambda g: g.head(2),
        lambda g: g.ngroup(),
    ],
)
@pytest.mark.parametrize("by", ["c", "g", "t"])
def test_rows_in_no_group(data: pandas.DataFrame, by: str, use: Any) -> None:
    for dropna in (True, False):
        got = use(lazyframe.DataFrame(data).groupby(by, dropna=dropna))
        assert_same(got, use(data.groupby(by, dropna=dropna)), rounded=True)


@pytest.mark.parametrize(
    "use",
    [
        lambda g: g.transform("nothing"),
        lambda g: g.x.transform("sum", 1),
        lambda g: g.cumsum(axis=3),
        lambda g: g.x.shift("one"),
        lambda g: g.head("one"),
        lambda g: g.x.quantile(2.0),
        lambda g: g.x.cumcount(1, 2),
    ],
)
def test_errors_are_pandas_own(data: pandas.DataFrame, use: Any) -> None:
    with pytest.raises(Exception) as want:  # noqa: PT011  # whatever pandas raises
        use(data.groupby("k"))
    with pytest.raises(type(want.value)) as got:
        use(lazyframe.DataFrame(data).groupby("k"))
    assert str(got.value) == str(want.value)
