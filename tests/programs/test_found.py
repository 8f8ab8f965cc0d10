"""What random programs have found, each as the smallest program that shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lazyframe
from tests.programs.compare import same
from tests.programs.frames import INDEXES
from tests.programs.running import outcome, plain


@pytest.mark.parametrize("index", sorted(INDEXES))
@pytest.mark.parametrize("name", ["idxmin", "idxmax"])
def test_labels_of_the_extremes_of_frames(index: str, name: str) -> None:
    frame = pd.DataFrame({"a": [3.0, np.nan, -1.0, 2.0], "b": [1, 2, 2, 0]}, index=INDEXES[index](4))
    with lazyframe.config(min_rows=0):
        found = getattr(lazyframe.DataFrame(frame), name)()
    same(found.to_pandas(), getattr(frame, name)())


@pytest.mark.parametrize("rows", [0, 4])
def test_groups_by_categories_of_no_columns(rows: int) -> None:
    keys = pd.Categorical(list("abab")[:rows], categories=["b", "a", "unused"])
    frame = pd.DataFrame({"key": keys, "x": np.arange(rows)})
    with lazyframe.config(min_rows=0):
        found = lazyframe.DataFrame(frame).groupby("key", observed=False)[[]].sum()
    same(found.to_pandas(), frame.groupby("key", observed=False)[[]].sum())


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 2.0, np.int8(2)])
@pytest.mark.parametrize("rows", [0, 2])
def test_powers_of_booleans(exponent: float, rows: int) -> None:
    column = pd.Series([True, False][:rows], dtype=bool)
    with lazyframe.config(min_rows=0):
        found = lazyframe.Series(column) ** exponent
    same(found.to_pandas(), column**exponent)


def test_rows_that_a_branch_and_a_select_append_behind_one_filter() -> None:
    def program(df: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
        kept = df[df.a > 0]
        return kept.a, np.exp(np.sin(kept.b) ** 1.5) ** kept.b

    random = np.random.default_rng(0)
    frame = pd.DataFrame({"a": random.normal(size=500), "b": random.uniform(1, 2, 500)})
    with lazyframe.config(min_rows=0):
        computed = lazyframe.collect(*program(lazyframe.DataFrame(frame)))
    for found, wanted in zip(computed, program(frame), strict=True):
        pd.testing.assert_series_equal(found.to_pandas(), wanted)


def test_groups_whose_slots_are_inlined_wait_for_the_bounds_of_their_keys() -> None:
    def program(df: pd.DataFrame) -> pd.Series:
        kept = df[df.a > 0]
        return kept.groupby(["b", "c", kept.d % 5]).a.sum()

    columns = {
        "a": np.arange(-5, 45) * 1.0,
        "b": np.arange(50) % 4,
        "c": np.arange(50) % 3,
        "d": np.arange(50),
    }
    frame = pd.DataFrame(columns)
    with lazyframe.config(min_rows=0, disable=["drop_materialisations"]):
        found = program(lazyframe.DataFrame(frame)).to_pandas()
    same(found, program(frame))


@pytest.mark.parametrize("least", [0.0, 3.0, -1.0, 19.0])
def test_labels_of_rows_that_were_not_evenly_spaced_once(least: float) -> None:
    def program(df: pd.DataFrame) -> pd.DataFrame:
        kept = df[df.b != 1]
        return kept[kept.a < least]

    frame = pd.DataFrame({"a": np.arange(20) * 1.0, "b": [1, 1, 2, 3, 5, 1, 1, 5, 6, 7] * 2})
    with lazyframe.config(min_rows=0):
        found = program(lazyframe.DataFrame(frame)).to_pandas()
    pd.testing.assert_frame_equal(found, program(frame), check_index_type="exact")
    assert type(found.index) is type(program(frame).index)


def _every_third(df: pd.DataFrame) -> pd.DataFrame:
    return df[(df.a == -5) | (df.a == 3)]


def _every_third_of_some(df: pd.DataFrame) -> pd.DataFrame:
    some = df[df.a != 1]
    return some[some.a != 2]


def _every_third_by_a_mask(df: pd.DataFrame) -> pd.Series:
    return df.a[(df.a == -5) | (df.a == 3)]


@pytest.mark.parametrize("program", [_every_third, _every_third_of_some, _every_third_by_a_mask])
def test_the_frequency_of_times_that_rows_were_taken_of(program: Callable[[pd.DataFrame], Any]) -> None:
    days = pd.date_range("2000-01-01", periods=7, freq="D")
    frame = pd.DataFrame({"a": [1, -5, 1, 2, 3, 1, 1]}, index=days)
    with lazyframe.config(min_rows=0):
        found = program(lazyframe.DataFrame(frame)).to_pandas()
    assert found.index.freq == program(frame).index.freq
    same(found, program(frame))


CUT: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "sorted": lambda df: df.sort_values("b", kind="stable").head(3),
    "sorted again": lambda df: df.nlargest(5, "a").sort_values("b", kind="stable").head(3),
    "joined": lambda df: df.merge(df[["b", "c"]], on="b").head(5),
    "joined and sorted": lambda df: df.merge(df[["b", "c"]], on="b").sort_values("a").iloc[1:5],
    "one behind another": lambda df: pd.concat([df, df]).head(9),
    "groups": lambda df: df.groupby("b", as_index=False)[["a"]].max().tail(2),
    "sorted groups": lambda df: df.groupby("b", as_index=False)[["a"]].max().sort_values("a").head(2),
    "distinct": lambda df: df.drop_duplicates("b").sort_values("a").head(2),
}


@pytest.mark.parametrize("cut", CUT)
@pytest.mark.parametrize("together", [False, True])
def test_groups_of_the_first_rows_of_what_is_not_computed(cut: str, together: bool) -> None:
    def program(df: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        part = CUT[cut](df)
        return part, part.groupby("a").last()

    frame = pd.DataFrame({"a": [3, 1, 2, 5, 4, 0, 7], "b": [1, 1, 2, 2, 3, 3, 1], "c": np.arange(7) * 1.5})
    with lazyframe.config(min_rows=0):
        results = program(lazyframe.DataFrame(frame))
        if together:
            lazyframe.collect(*results)
        found = [result.to_pandas() for result in results[::-1]][::-1]
    for mine, theirs in zip(found, program(frame), strict=True):
        pd.testing.assert_frame_equal(mine, theirs)


def _groups(df: Any) -> Any:
    return df.groupby("key")["x"]


_OF_CATEGORIES: dict[str, Any] = {"by": "category", "observed": False}

DERIVED: dict[str, Callable[[Any], Any]] = {
    "ffill": lambda df: df["x"].ffill(),
    "bfill": lambda df: df["when"].bfill(),
    "interpolate": lambda df: df["x"].interpolate(),
    "nothing to interpolate": lambda df: df["key"].interpolate(),
    "rolling": lambda df: df["x"].rolling(2).sum(),
    "expanding": lambda df: df["x"].expanding().max(),
    "rank": lambda df: df["x"].rank(method="first"),
    "cumulative sums": lambda df: df["x"].cumsum(),
    "sorted": lambda df: df["x"].sort_values(),
    "counts": lambda df: df["key"].value_counts(),
    "distinct": lambda df: pd.Series(df["key"].unique(), copy=False),
    "medians of groups": lambda df: _groups(df).median(),
    "ranks in groups": lambda df: _groups(df).rank(),
    "sums in groups": lambda df: _groups(df).cumsum(),
    "windows of groups": lambda df: _groups(df).rolling(2).sum(),
    "quantiles of groups": lambda df: _groups(df).quantile([0.3, 0.4]),
    "a median for each row": lambda df: _groups(df).transform("median"),
    "counts in groups": lambda df: _groups(df).value_counts(),
    "sizes of categories": lambda df: df.groupby(**_OF_CATEGORIES).size(),
    "sums of categories": lambda df: df.groupby(**_OF_CATEGORIES)["x"].sum(),
}


def _frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "key": [1, 2, 1, 2],
            "number": [3, 5, 7, 9],
            "x": [1.0, np.nan, 2.5, -0.0],
            "when": pd.to_datetime(["2000-01-01", None, "2001-02-03", "1999-01-01"]),
            "category": pd.Categorical(["a", "b", "a", "b"], categories=["a", "b", "c"]),
        }
    )


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("name", sorted(DERIVED))
def test_what_is_written_to_a_result_is_seen_in_no_other(name: str, again: bool) -> None:
    frame = _frame()
    with lazyframe.config(min_rows=0):
        source = lazyframe.DataFrame(frame)
        found, later = DERIVED[name](source), DERIVED[name](source)
        if again:  # so that what it is computed of, and it itself, are kept
            assert later.dropna().tolist() == DERIVED[name](frame).dropna().tolist()
            assert len(later.dropna()) == len(DERIVED[name](frame).dropna())
        for result in (found, wanted := DERIVED[name](frame)):
            result[result.isna()] = result.iloc[-1]
            result.iloc[0] = result.iloc[-1]
        same(lazyframe.Series(found).to_pandas(), wanted)
        for untouched in (later, DERIVED[name](source)):
            same(lazyframe.Series(untouched).to_pandas(), DERIVED[name](frame))
    same(source.to_pandas(), frame)


LABELLED: dict[str, Callable[[Any], Any]] = {
    "as they are": lambda df: df.set_index("x", drop=False),
    "filtered": lambda df: df[df["key"] > 0].set_index("x", drop=False),
    "computed": lambda df: df.assign(x=df["x"] * 2).set_index("x", drop=False),
    "sorted": lambda df: df.sort_values("key").set_index("x", drop=False),
    "integers": lambda df: df[df["key"] > 0].set_index("key", drop=False),
    "a range": lambda df: df.set_index("number", drop=False),
    "times": lambda df: df.set_index("when", drop=False),
    "categories": lambda df: df.set_index("category", drop=False),
    "two": lambda df: df.set_index(["key", "x"], drop=False),
}


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("name", sorted(LABELLED))
def test_writing_to_a_column_leaves_the_labels_that_were_made_of_it(name: str, together: bool) -> None:
    def program(df: Any, collect: Any) -> list[Any]:
        labelled, again = LABELLED[name](df), LABELLED[name](df)
        column = labelled["x"]
        collect(*([again, labelled, column] if together else [labelled]))
        for changed in (labelled, df, column.to_frame()):
            for position in range(changed.shape[1]):
                changed.iloc[0, position] = changed.iloc[-1, position]
        return [labelled, again, column, df]

    wanted = program(_frame(), lambda *_: None)
    with lazyframe.config(min_rows=0):
        found = program(lazyframe.DataFrame(_frame()), lazyframe.collect)
    for mine, theirs in zip(found, wanted, strict=True):
        same(mine.to_pandas(), theirs)


@pytest.mark.usefixtures("interpreted")
def test_aggregations_that_are_the_same_are_two_columns() -> None:
    def program(df: Any) -> Any:
        found = df.groupby("category", observed=False).agg(p=("x", "sum"), q=("x", "sum"))
        found.iloc[0, 0] = 99.0
        return found

    with lazyframe.config(min_rows=0):
        found = program(lazyframe.DataFrame(_frame()))
    same(found.to_pandas(), program(_frame()))


SAME_COLUMN: dict[str, Callable[[Any, pd.DataFrame], Any]] = {
    "of the frame": lambda df, plain: df.groupby(df["key"], observed=True),
    "one of two": lambda df, plain: df.groupby([df["key"], "x"], observed=True),
    "renamed": lambda df, plain: df.groupby(df["key"].rename("x"), observed=True),
    "given its own name": lambda df, plain: df.groupby(df["key"].rename("key"), observed=True),
    "of the frame it shares": lambda df, plain: df.groupby(plain["key"], observed=True),
    "of a shallow copy": lambda df, plain: df.copy(deep=False).groupby(df["key"], observed=True),
    "of a deep copy": lambda df, plain: df.copy().groupby(df["key"], observed=True),
    "filtered": lambda df, plain: (lambda kept: kept.groupby(kept["key"], observed=True))(df[df["x"] > 0]),
    "of fewer columns": lambda df, plain: df[["key", "x"]].groupby(df["key"], observed=True),
    "before it was changed": lambda df, plain: (
        lambda key: (df.__setitem__("key", 5), df.groupby(key, observed=True))[1]
    )(df["key"]),
}


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("kind", ["str", "category", "int64"])
@pytest.mark.parametrize("name", sorted(SAME_COLUMN))
def test_a_series_that_is_a_column_is_a_key_and_no_column(name: str, kind: str) -> None:
    key = pd.Series(["1", "2", "1", "3"], dtype="str").astype(kind)
    plain = pd.DataFrame({"key": key, "x": [1.0, 2.0, np.nan, 3.0], "y": [1.0, 2.0, 3.0, 4.0]})
    with lazyframe.config(min_rows=0):
        found = SAME_COLUMN[name](lazyframe.DataFrame(plain), plain).count()
    same(found.to_pandas(), SAME_COLUMN[name](pd.DataFrame(plain), plain).count())


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("index", ["default", "duplicates", "text", "days", "levels"])
def test_pairs_are_counted_whatever_the_labels_of_their_frame(index: str) -> None:
    def program(pandas: Any, df: Any) -> list[Any]:
        kept, labelled = df[df["c1"] > 0], df.set_index("c0", drop=False)
        return [
            outcome(lambda one=one: pandas.crosstab(one["c0"], one["c1"])) for one in (df, kept, labelled)
        ]

    random = np.random.default_rng(1)
    columns = {"c0": random.integers(0, 3, 9), "c1": random.integers(0, 2, 9)}
    frame = pd.DataFrame(columns, index=INDEXES[index](9))
    with lazyframe.config(min_rows=0):
        found = program(lazyframe, lazyframe.DataFrame(frame))
    for mine, theirs in zip(
        found, program(pd, frame), strict=True
    ):  # pandas 3.0 raises for labels not distinct
        same(plain(mine), theirs)


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("index", sorted(INDEXES))
@pytest.mark.parametrize("count", [1, 2, 3, 9])
def test_the_largest_rows_are_taken_of_the_labels_at_once(count: int, index: str) -> None:
    def program(df: Any) -> list[Any]:
        kept = df[df["a"] > 1]
        return [
            df.nlargest(count, "a"),
            df.nsmallest(count, ["a", "b"]),
            df["a"].nlargest(count),
            kept.nlargest(count, "a"),
            df.sort_values("b").nlargest(count, "a"),
        ]

    frame = pd.DataFrame({"a": [4.0, 5.0, 2.0, 1.0], "b": [1, 0, 1, 0]}, index=INDEXES[index](4))
    with lazyframe.config(min_rows=0):
        found = program(lazyframe.DataFrame(frame))
    for mine, theirs in zip(found, program(frame), strict=True):
        same(mine.to_pandas(), theirs)


BEHIND_OTHERS: dict[str, Callable[[Any, Any], Any]] = {
    "computed parts in memory": lambda pd, df: pd.concat([df[df["b"] > 1].eval("new = 1"), df]),
    "under keys": lambda pd, df: pd.concat([df[df["b"] > 1].eval("new = 1"), df], keys=["A", "B"]),
    "with constants": lambda pd, df: pd.concat(
        [df[df["b"] > 1].eval("new = 1").assign(s="v"), df.assign(s="w")], keys=["A", "B"], names=["g", None]
    ),
    "merged by labels": lambda pd, df: df.merge(
        df[df["b"] > 1], how="inner", left_index=True, right_index=True, suffixes=("", "_r")
    ),
    "merged by labels of the right": lambda pd, df: df[["b"]].merge(
        df[df["b"] > 1][["a"]], how="right", left_index=True, right_index=True
    ),
    "filtered days": lambda pd, df: pd.concat([df.iloc[::2], df.iloc[1::2]]),
    "labels of groups": lambda pd, df: (lambda sums: sums.loc[sums.groupby("a")["a"].idxmin()])(
        df.groupby(["b", "s"])[["a"]].sum()
    ),
}


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("index", ["default", "days", "text"])
@pytest.mark.parametrize("name", sorted(BEHIND_OTHERS))
def test_rows_of_what_is_put_together_are_filtered_with_their_labels(name: str, index: str) -> None:
    def program(pandas: Any, df: Any) -> Any:
        made = BEHIND_OTHERS[name](pandas, df)
        made = made[made.columns[:2]]
        return [made, made[made["a"] >= 1], made[made["a"] >= 1].head(1)]

    columns = {"a": [1.0, np.nan, 2.0, 1.0], "b": [1, 2, 3, 2], "s": ["x", "y", "x", "y"]}
    frame = pd.DataFrame(columns, index=INDEXES[index](4))
    frame.index.name = "when"
    with lazyframe.config(min_rows=0):
        found = program(lazyframe, lazyframe.DataFrame(frame))
    for mine, theirs in zip(found, program(pd, frame), strict=True):
        same(plain(mine), theirs)


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("how", ["inner", "left", "right", "outer"])
@pytest.mark.parametrize("dtypes", [("int64", "float64"), ("str", "str")])
@pytest.mark.parametrize("keys", [(0, 1), (0, "k"), ("k", 0)])
def test_a_key_whose_label_is_no_string_shows_the_other_sides(
    keys: tuple[Any, Any], dtypes: tuple[str, str], how: Any
) -> None:
    def program(pandas: Any) -> list[Any]:
        frames = pandas.DataFrame(left), pandas.DataFrame(right)
        return [
            frames[0].merge(other, how=how, left_on=keys[0], right_on=keys[1])
            for other in (frames[1], frames[1].assign(more=1).rename(columns={"more": keys[0]}))
        ]

    left = pd.DataFrame({keys[0]: pd.Series([1, 2, 3]).astype(dtypes[0]), "x": [1, 2, 3]})
    right = pd.DataFrame({keys[1]: pd.Series([2, 4, 3]).astype(dtypes[1]), "y": [1.5, 2.0, 3.0]})
    with lazyframe.config(min_rows=0):
        found = program(lazyframe)
    for mine, theirs in zip(found, program(pd), strict=True):
        same(plain(mine), theirs)


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_groups_by_the_years_of_no_times(unit: str) -> None:
    def program(df: Any) -> Any:
        return df.groupby(["flag", df["t"].dt.year]).size()

    times = np.array(["NaT"] * 3, f"M8[{unit}]")
    frame = pd.DataFrame({"t": times, "flag": [True, False, True]})
    with lazyframe.config(min_rows=0):
        found = program(lazyframe.DataFrame(frame))
    same(found.to_pandas(), program(frame))
