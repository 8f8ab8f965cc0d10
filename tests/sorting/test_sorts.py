"""``sort_values``, ``sort_index``, ``nlargest`` and ``nsmallest`` against pandas' stable sorts."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from operator import methodcaller
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from tests.brief import examples
from tests.programs.frames import DTYPES, INDEXES, Spec, specs, values
from tests.record.compare import is_lazy
from tests.sorting.programs import check, ours

NUMBERS_AND_TIMES = [d for d in DTYPES if d not in ("str", "category")]
ORDERS = st.fixed_dictionaries(
    {}, optional={"na_position": st.sampled_from(["first", "last"]), "ignore_index": st.booleans()}
)


def with_key(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(k=np.arange(len(frame)) % 3)


def is_always_lazy(spec: Spec, options: dict[str, Any]) -> bool | None:
    """True, or None where it depends on the rows: times have a frequency, no rows keep labels on 3.0."""
    by_rows = spec.index == "days" or (options.get("ignore_index", False) and not SINCE_3_1)
    return None if by_rows else True


@settings(max_examples=examples(30))
@given(specs(), st.data())
def test_sort_values(spec: Spec, data: st.DataObject) -> None:
    frame = with_key(spec.make())
    by = data.draw(st.lists(st.sampled_from(list(frame.columns)), min_size=1, max_size=3))
    ascending = data.draw(st.lists(st.booleans(), min_size=len(by), max_size=len(by)))
    options = data.draw(ORDERS)
    if len(by) == 1 and data.draw(st.booleans()):
        by, ascending = by[0], ascending[0]
    count = data.draw(st.integers(-5, 8))

    def ordered(df: Any) -> Any:
        return df.sort_values(by, ascending=ascending, kind="stable", **options)

    lazy = is_always_lazy(spec, options)
    check(frame, ordered, lazy)
    check(frame, lambda df: ordered(df[df["k"] > 0]), lazy)
    check(frame, lambda df: ordered(df).head(count), lazy)
    check(frame, lambda df: ordered(df).tail(count), lazy)
    check(frame, lambda df: ordered(df[df["k"] > 0]).head(count).reset_index(drop=True), lazy)
    check(frame, lambda df: (lambda s: s[s["k"] > 0])(ordered(df)), lazy)
    check(frame, lambda df: ordered(ordered(df)).iloc[1:4])


@given(st.sampled_from(DTYPES), specs(), st.data())
def test_sort_a_series(dtype: str, spec: Spec, data: st.DataObject) -> None:
    frame = replace(spec, dtypes=(dtype,)).make()
    options = {**data.draw(ORDERS), "ascending": data.draw(st.booleans()), "kind": "stable"}
    lazy = is_always_lazy(spec, options)
    check(frame, lambda df: df["c0"].rename("x").sort_values(**options), lazy)
    check(frame, lambda df: df["c0"].sort_values(**options).head(3), lazy)
    check(frame, lambda df: df["c0"].sort_values(**options).iloc[::-2])
    check(frame, lambda df: df["c0"].sort_index(**options))


@pytest.mark.parametrize("options", [{}, {"na_position": "first"}, {"ignore_index": True}], ids=str)
@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("dtype", [d for d in DTYPES if d != "category"])
def test_sort_index(dtype: str, ascending: bool, options: dict[str, Any]) -> None:
    random = np.random.default_rng(3)

    def ordered(data: Any) -> Any:
        return data.sort_index(ascending=ascending, kind="stable", **options)

    for rows in (0, 1, 2, 30):
        index = pd.Index(values(dtype, rows, random), name="n")
        frame = pd.DataFrame({"x": np.arange(rows) * 0.5}, index=index)
        check(frame, ordered)
        check(frame, lambda df: ordered(df["x"]))
        check(frame, lambda df: ordered((df * 2)[df["x"] > 1]))


@pytest.mark.parametrize("keep", ["first", "last", "all"])
@pytest.mark.parametrize("dtype", NUMBERS_AND_TIMES)
@pytest.mark.parametrize("method", ["nlargest", "nsmallest"])
def test_largest(method: str, dtype: str, keep: str) -> None:
    for rows, index in ((0, "text"), (1, "levels"), (7, "duplicates"), (40, "floats")):
        frame = with_key(Spec((dtype, "float64"), rows, index, rows).make())
        for count in (0, 3, 7, 50) if rows > 3 else (0, 3):
            most = methodcaller(method, count, "c0", keep=keep)
            check(frame, most)
            check(frame, lambda df, most=most: most(df[df["k"] > 0]))  # type: ignore[misc]
            of_series = methodcaller(method, count, keep=keep)
            check(frame, lambda df, most=of_series: most(df["c0"]))  # type: ignore[misc]
    check(frame, methodcaller(method, 5, ["k", "c0"]))


@pytest.mark.parametrize("keep", ["first", "last", "all"])
@pytest.mark.parametrize("method", ["nlargest", "nsmallest"])
def test_labels_of_the_largest_are_a_range_where_they_are_evenly_spaced(method: str, keep: str) -> None:
    frame = pd.DataFrame({"a": [1, 5, 7, 2, 9, 8], "x": [1.0, np.nan, 7.0, 2.0, 9.0, 8.0]})
    for count in (1, 2, 3, 6):
        for program in (
            methodcaller(method, count, "a", keep=keep),
            methodcaller(method, count, "x", keep=keep),
            methodcaller(method, count, ["a", "x"], keep=keep),
            lambda df, count=count: getattr(df["a"], method)(count, keep=keep),
        ):
            pd.testing.assert_frame_equal(
                pd.DataFrame(program(ours(frame)).to_pandas()),
                pd.DataFrame(program(frame)),
                check_index_type=True,
            )


def test_what_is_recorded() -> None:
    frame = with_key(Spec(("float64", "str", "category"), 40, "text", 1).make())
    check(frame, lambda df: df.nlargest(3, "c0"), True)
    check(frame, lambda df: df["c0"].nsmallest(3), True)
    check(frame, lambda df: df.nlargest(3, "k", keep="last"), True)
    check(frame, lambda df: df.nlargest(3, "k", keep="all"), True)
    check(frame, lambda df: df["k"].nsmallest(9, keep="all"), True)
    check(frame, lambda df: df["c0"].nsmallest(9, keep="last"), True)
    check(frame, lambda df: df[df["k"] > 0].nlargest(9, "c0", keep="all"), True)
    check(frame, lambda df: df.set_index("c0").sort_index(kind="stable"), True)
    check(frame, lambda df: df.sort_index(kind="stable"), True)
    check(frame, lambda df: df.sort_index(kind="stable", key=lambda index: index.str[::-1]), True)


def test_what_pandas_refuses() -> None:
    frame = with_key(Spec(("float64", "str", "category"), 9, "text", 1).make())
    check(frame, lambda df: df.sort_values("missing"))
    check(frame, lambda df: df.sort_values([]))
    check(frame, lambda df: df.sort_values("c0", kind="none"))
    check(frame, lambda df: df.sort_values("c0", na_position="none"))
    check(frame, lambda df: df.sort_values(["c0", "k"], ascending=[True]))
    check(frame, lambda df: df.sort_values("c0", ascending=None))
    check(frame, lambda df: df.sort_values("c0", ascending=1, kind="stable"))
    check(frame, lambda df: df.sort_values("letters", kind="stable"))
    check(frame, lambda df: df.sort_values("c0", key=abs, kind="stable"))
    check(frame, lambda df: df.sort_values("row 0", axis=1))
    check(frame, lambda df: df.sort_index(axis=1))
    check(frame, lambda df: df.sort_index(level=0))
    check(frame, lambda df: df.nlargest(3, "c1"))
    check(frame, lambda df: df["c2"].nsmallest(3))
    check(frame, lambda df: df.nlargest(3, "missing"))
    check(frame, lambda df: df["k"].nlargest(3, keep="none"))
    for keep in ("first", "last", "all"):
        check(frame.rename_axis(index="k"), lambda df: df.nlargest(3, ["k", "c0"], keep=keep))  # noqa: B023
        check(frame.rename_axis(index="k"), lambda df: df.nlargest(3, "k", keep=keep))  # noqa: B023
    check(frame.rename_axis(index="k"), lambda df: df.sort_values("k"))
    check(frame.astype({"c1": object}), lambda df: df.fillna("").sort_values("c1", kind="stable"))


def test_sorted_rows_go_on() -> None:
    frame = with_key(Spec(("float64", "int8", "str"), 40, "text", 1).make())

    def ordered(df: Any) -> Any:
        return df.sort_values(["k", "c1"], kind="stable")

    check(frame, lambda df: ordered(df).groupby("k")["c1"].sum().reset_index())
    check(frame, lambda df: ordered(df).groupby("k")["c0"].first())
    check(frame, lambda df: ordered(df)["c1"].max())
    check(frame, lambda df: len(ordered(df).head(100)))
    check(frame, lambda df: len(ordered(df)[ordered(df)["c1"] > 0]))
    check(frame, lambda df: ordered(df).assign(d=lambda s: s["c1"] * 2)[["d", "c2"]].iloc[5:9])
    check(frame, lambda df: ordered(df).reset_index())
    check(frame, lambda df: ordered(df).set_index("c2").head())
    check(frame, lambda df: ordered(df)["c0"].to_numpy().tolist()[0])
    check(frame, lambda df: ordered(df.groupby("c1", as_index=False)["k"].sum()))
    check(frame, lambda df: df.groupby(["k", "c2"])["c1"].sum().sort_values(kind="stable").head(4))
    check(frame, lambda df: df.groupby("c2").agg(n=("c1", "max")).sort_index(ascending=False))

    def assigned(df: Any) -> Any:
        table = ordered(df)
        table["numbers"] = np.arange(len(table))
        table["one"] = 1
        return table

    check(frame, assigned)


def test_kernels(kernels: None) -> None:
    frame = with_key(Spec(("float64", "int8", "str"), 40, "text", 1).make())
    check(frame, lambda df: df.sort_values(["k", "c0"], ascending=[False, True], kind="stable"), True)
    check(frame, lambda df: df[df["c1"] > 0].sort_values("c0", kind="stable").head(4), True)


@pytest.mark.parametrize("disabled", ["", "drop_unobserved_sorts", "push_filters_down", "fuse_producers"])
def test_passes_change_nothing(disabled: str) -> None:
    frame = with_key(Spec(("float64", "int8", "str"), 40, "text", 1).make())

    def ordered(df: Any) -> Any:
        return df.sort_values(["c1", "c0"], kind="stable")

    with lazyframe.config(disable=[disabled] if disabled else []):
        check(frame, lambda df: ordered(df)["c1"].sum())
        check(frame, lambda df: ordered(df)[ordered(df)["k"] > 0]["c1"].min())
        check(frame, lambda df: ordered(df).groupby("k")["c1"].sum())
        check(frame, lambda df: ordered(df).groupby("k")["c0"].first())
        check(frame, lambda df: ordered(df).groupby("k", sort=False)["c1"].sum())
        check(frame, lambda df: ordered(df).head(7)["c1"].sum())
        check(frame, lambda df: len(ordered(df)[ordered(df)["c0"] > 0]))


KEYS: dict[str, Any] = {
    "abs": lambda column: abs(column),
    "lower": lambda column: column.str.lower(),
    "negative": lambda column: -column,
    "as array": lambda column: column.to_numpy()[::-1],
    "shorter": lambda column: column[1:],
    "name": lambda column: column if column.name == "k" else column.isna(),
}


@settings(max_examples=examples(40))
@given(specs(), st.sampled_from(sorted(KEYS)), st.booleans())
def test_sort_by_what_a_key_makes(spec: Spec, key: str, ascending: bool) -> None:
    frame = with_key(spec.make())
    options = {"key": KEYS[key], "ascending": ascending, "kind": "stable"}
    check(frame, lambda df: df.sort_values(["c0", "k"], **options))
    check(frame, lambda df: df["c0"].sort_values(**options))
    check(frame, lambda df: df[df["k"] > 0].sort_values("c0", **options))


@pytest.mark.parametrize("text", [["b", "a"], ["b", None, "a"], ["a", "b"], ["b", 1]], ids=str)
def test_sorted_objects_are_what_pandas_infers(text: list[Any]) -> None:
    frame = pd.DataFrame({"x": pd.Series(text, dtype=object)})
    check(frame, lambda df: df["x"].sort_values())
    check(frame, lambda df: df["x"].sort_values(key=lambda column: column.astype(str)))
    check(frame, lambda df: df["x"].sort_values(key=lambda column: column.isna()))
    check(frame, lambda df: df.sort_values("x", key=lambda column: column.astype(str)))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("ways", [[False, True], [True, False]], ids=str)
def test_missing_floats_that_come_first_beside_infinities(dtype: str, ways: list[bool]) -> None:
    x = np.array([1.5, -np.inf, np.nan, np.inf, -0.0, np.nan, -np.inf, 0.0, np.inf, np.nan] * 2, dtype)
    frame = pd.DataFrame({"g": np.arange(len(x)) % 2, "x": x, "j": np.arange(len(x)) // 3})
    for by in (["g", "x"], ["x", "g"]):
        check(frame, lambda df, by=by: df.sort_values(by, ascending=ways, na_position="first"), True)
    check(frame, lambda df: df.sort_values("x", ascending=ways[0], na_position="first", kind="stable"), True)
    check(frame, lambda df: df.set_index(["g", "x"]).sort_index(ascending=ways, na_position="first"))


@settings(max_examples=examples(40))
@given(specs(), st.booleans(), st.sampled_from(["first", "last"]))
def test_sort_several_levels(spec: Spec, ascending: bool, na_position: str) -> None:
    frame = with_key(spec.make())
    options = {"ascending": ascending, "na_position": na_position, "kind": "stable"}
    check(frame, lambda df: df.set_index(["k", "c0"]).sort_index(**options))
    check(frame, lambda df: df.set_index(["c0", "k"], drop=False)["c0"].sort_index(**options))
    check(frame, lambda df: df.sort_index(**options))
    check(frame, lambda df: df[df["k"] > 0].set_index(["k", "c0"]).sort_index(**options).reset_index())


IN_PLACE: dict[str, Any] = {
    "sort_values": lambda df: df.sort_values("k", kind="stable", inplace=True),
    "sort_index": lambda df: df.sort_index(inplace=True, ascending=False),
    "reset_index": lambda df: df.reset_index(inplace=True),
    "drop index": lambda df: df.reset_index(drop=True, inplace=True),
    "set_index": lambda df: df.set_index("k", inplace=True),
    "drop": lambda df: df.drop(columns="k", inplace=True),
    "drop what is not there": lambda df: df.drop(columns="no such column", inplace=True),
    "rename": lambda df: df.rename(columns={"k": "K"}, inplace=True),
    "drop_duplicates": lambda df: df.drop_duplicates("k", inplace=True),
    "dropna": lambda df: df.dropna(inplace=True),
    "not in place": lambda df: df.drop(columns="k", inplace=False),
    "neither": lambda df: df.sort_values("k", inplace=None),
}


@pytest.mark.filterwarnings("ignore:The inplace keyword")
@pytest.mark.parametrize("name", IN_PLACE)
@pytest.mark.parametrize("index", ["default", "text", "levels"])
def test_in_place(name: str, index: str) -> None:
    frame = with_key(Spec(("float64", "str"), 9, index, 2).make())

    def changed(df: Any) -> Any:
        before = df[df["k"] > -1]
        after = before.copy()
        given = IN_PLACE[name](after)
        after["seen"] = given is None
        return lazyframe.concat(
            [before.reset_index(), after.reset_index(names=["p", "q"][: after.index.nlevels])]
        )

    check(frame, changed)


@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_a_series_in_place() -> None:
    frame = with_key(Spec(("float64", "str"), 9, "text", 2).make())

    def changed(df: Any) -> Any:
        series = df["c0"]
        other = series.copy()
        assert series.sort_values(inplace=True) is None
        other.reset_index(drop=True, inplace=True)
        df["other"] = other.to_numpy()
        df["sorted"] = series.to_numpy()
        return df

    check(frame, changed)
    check(frame, lambda df: df["c0"].reset_index(inplace=True))


def test_in_place_is_deprecated_at_the_line_of_the_user() -> None:
    frame = ours(pd.DataFrame({"k": [2, 1]}))
    if not SINCE_3_1:
        pytest.skip("it is not")
    with pytest.warns(pd.errors.Pandas4Warning, match=r"inplace keyword in DataFrame\.sort_values") as caught:
        frame.sort_values("k", inplace=True)
    assert caught[0].filename == __file__
    assert is_lazy(frame)


@pytest.mark.parametrize("method", ["nlargest", "nsmallest"])
def test_extremes_by_several_columns(method: str) -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "a": rng.integers(0, 3, 40),
            "b": rng.integers(0, 3, 40) / 2,
            "c": np.where(np.arange(40) % 7 == 3, np.nan, rng.integers(0, 3, 40)),
            "d": rng.permutation(40).astype("uint8"),
            "t": pd.date_range("2020", periods=40),
            "z": pd.date_range("2020", periods=40, tz="UTC")[::-1],
            "s": ["x"] * 40,
        },
        index=np.arange(40) // 2,
    )
    frame.loc[frame.index[:4], "b"] = -0.0
    every = (["a", "b"], ["b", "a", "d"], ["a", "a"], ["a", "z", "t"], ["c", "a"], ["a", "c"], ["a", "s"])
    sizes = {
        "first": ((1, 40), (7, 40), (50, 40), (0, 40), (3, 5), (1, 1), (1, 0)),
        "last": ((7, 40), (50, 40)),
    }
    for by, keep in product(every, ("first", "last", "all")):
        for count, rows in sizes.get(keep, ((1, 40), (33, 40))):

            def program(df: Any, by: Any = by, count: int = count, keep: str = keep) -> Any:
                return getattr(df, method)(count, by, keep=keep)

            lazy = True if by not in (["a", "a"], ["a", "s"]) and rows and count else None
            check(frame.iloc[:rows], program, lazy)
    check(frame, lambda df: getattr(df[df["a"] > 0], method)(3, ["a", "b"]))


@pytest.mark.parametrize("index", [*INDEXES, "floats"])
def test_labels_sorted_by_a_key(index: str) -> None:
    frame = with_key(Spec(("float64", "str"), 9, "default" if index == "floats" else index, 1).make())
    if index == "floats":
        frame.index = pd.Index([2.0, np.nan, -0.0, 0.0, -3.0, 2.0, np.inf, 1.0, np.nan])
    for options in ({}, {"ascending": False}, {"na_position": "first"}, {"ignore_index": True}):
        for key in (
            lambda i: i[::-1],
            lambda i: i.map(str),
            lambda i: i.to_series(),
            lambda i: i[:1],
            len,
            np.abs,
        ):
            check(frame, lambda df, o=options, k=key: df.sort_index(key=k, kind="stable", **o))
            check(frame, lambda df, o=options, k=key: df["k"].sort_index(key=k, kind="stable", **o))
        check(frame, lambda df, o=options: df[df["k"] > 0].sort_index(key=lambda i: i, kind="stable", **o))
