"""``duplicated``, ``drop_duplicates``, ``unique``, ``mode`` and counts of distinct values, against pandas."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from tests.brief import examples
from tests.programs.frames import DTYPES, Spec, specs
from tests.record.compare import outcome
from tests.sorting.programs import check, ours

KEEP = [{}, {"keep": "last"}, {"keep": False}]


def library(frame: Any) -> Any:
    return lazyframe if isinstance(frame, lazyframe.DataFrame) else pd


def with_key(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(k=np.arange(len(frame)) % 3)


@settings(max_examples=examples(40))
@given(specs(), st.data())
def test_rows(spec: Spec, data: st.DataObject) -> None:
    frame = with_key(spec.make())
    frame = pd.concat([frame, frame.iloc[::2]]) if data.draw(st.booleans()) else frame
    subset = data.draw(st.lists(st.sampled_from(list(frame.columns)), min_size=1, max_size=3, unique=True))
    options: dict[str, Any] = {**data.draw(st.sampled_from(KEEP))}
    if data.draw(st.booleans()):
        options["subset"] = subset[0] if data.draw(st.booleans()) else subset

    def picked(df: Any) -> Any:
        return df[df["k"] > 0]

    recorded = True if SINCE_3_1 else None  # some of it before
    numbered = recorded if len(frame) else None
    check(frame, lambda df: df.duplicated(**options), recorded)
    check(frame, lambda df: df.drop_duplicates(**options), recorded)
    check(frame, lambda df: picked(df).duplicated(**options), recorded)
    check(frame, lambda df: picked(df).drop_duplicates(**options), recorded)
    check(frame, lambda df: df.drop_duplicates(ignore_index=True, **options), numbered)
    check(frame, lambda df: picked(df).drop_duplicates(ignore_index=True, **options))
    check(frame, lambda df: picked(df.drop_duplicates(**options)).reset_index())
    check(frame, lambda df: df.drop_duplicates(**options).sort_values("k", kind="stable").head(3))


@settings(max_examples=examples(60))
@given(st.sampled_from(DTYPES), specs(), st.booleans(), st.booleans())
def test_values(dtype: str, spec: Spec, dropna: bool, sort: bool) -> None:
    frame = with_key(replace(spec, dtypes=(dtype,)).make())
    for options in KEEP:
        check(frame, lambda df: df["c0"].duplicated(**options))  # noqa: B023
        check(frame, lambda df: df["c0"].drop_duplicates(**options))  # noqa: B023
        check(frame, lambda df: df["c0"].drop_duplicates(ignore_index=True, **options))  # noqa: B023
        check(frame, lambda df: (df["c0"][df["k"] > 0]).drop_duplicates(**options))  # noqa: B023
    check(frame, lambda df: df["c0"].mode(dropna=dropna))
    check(frame, lambda df: df["c0"].rename("x").mode(dropna))
    check(frame, lambda df: df[["c0", "k"]].mode(dropna=dropna))
    check(frame, lambda df: str(df["c0"].factorize(sort=sort, use_na_sentinel=dropna)))
    check(frame, lambda df: str(library(df).factorize(df["c0"][df["k"] > 0], sort=sort)))
    check(frame, lambda df: df["c0"].nunique(dropna))
    check(frame, lambda df: df["c0"].value_counts(sort=False, dropna=dropna))
    check(frame, lambda df: (df["c0"][df["k"] > 0]).value_counts(dropna=dropna, normalize=sort))
    found = outcome(lambda df: df["c0"].unique(), ours(frame))
    expected = frame["c0"].unique()
    assert type(found) is type(expected)
    assert found.dtype == expected.dtype
    pd.testing.assert_series_equal(pd.Series(found), pd.Series(expected), check_exact=True)
    if expected.dtype.kind == "f":
        assert (np.signbit(found) == np.signbit(expected))[expected == expected].all()


@pytest.mark.parametrize("keys", [1, 3, 900])
def test_values_in_order_of_appearance(keys: int) -> None:
    random = np.random.default_rng(keys)
    frame = pd.DataFrame({"a": random.integers(0, keys, 900), "x": random.normal(size=900)})
    check(frame, lambda df: df.drop_duplicates("a"), True)
    check(frame, lambda df: df[df["x"] > 0.0].drop_duplicates("a"), True)
    check(frame, lambda df: df["a"].drop_duplicates(), True)
    check(frame, lambda df: str(df["a"].unique().tolist()))
    check(frame, lambda df: df.groupby("a", sort=False)["x"].max())
    check(frame, lambda df: df["a"].nunique())


def test_zeros_and_missing_values() -> None:
    frame = pd.DataFrame({"x": [-0.0, 0.0, np.nan, -np.nan, 1.0, 0.0], "y": [1, 1, 2, 2, 3, 1]})
    for options in KEEP:
        check(frame, lambda df: df.drop_duplicates(**options), True)  # noqa: B023
        check(frame, lambda df: df["x"].drop_duplicates(**options), True)  # noqa: B023
    check(frame, lambda df: df["x"].mode())
    check(frame, lambda df: df["x"].value_counts(dropna=False))


@pytest.mark.parametrize("keep", ["first", "last", False])
def test_a_series_loses_its_frequency(keep: Any) -> None:
    days = pd.date_range("2024-01-01", periods=8)
    frame = pd.DataFrame(
        {"a": [1, 2, 2, 2, 3, 2, 2, 2]}, index=days
    )  # every fourth day is left by keep=False
    check(frame, lambda df: df["a"].drop_duplicates(keep=keep))
    check(frame, lambda df: df.drop_duplicates(keep=keep))


@pytest.mark.parametrize("dtype", ["datetime64[ns]", "timedelta64[ns]"])
def test_the_missing_time_is_the_first_mode(dtype: str) -> None:
    frame = pd.DataFrame({"a": np.array([5, "NaT", 3, "NaT", 5], dtype=dtype)})
    check(frame, lambda df: df["a"].mode(dropna=False))
    check(frame, lambda df: df["a"].mode())


WORDS = pd.Series(["b", None, "a", "b", None, "", "a", "b"], dtype=object)


@pytest.mark.parametrize(
    "values",
    [
        WORDS,
        WORDS.where(WORDS.notna(), np.nan),
        pd.Series([(1, 2), "a", 3, None, (1, 2), "a", 3.0, 0], dtype=object),
        pd.Series([None] * 8, dtype=object),
        pd.Series([[], {}] * 4, dtype=object),
        pd.Series([3, None, 1, 3, None, 2, 2, 1], dtype="Int64"),
        WORDS.astype(pd.CategoricalDtype(["z", "b", "a", ""])),
        pd.Series(pd.to_datetime(["2021", None, "2020", "2021"] * 2, utc=True)).dt.tz_convert("Asia/Tokyo"),
    ],
)
def test_objects(values: pd.Series) -> None:
    frame = pd.DataFrame({"x": values, "k": [0, 1, 1, 0, 1, 2, 2, 0]})
    for options in KEEP:
        check(frame, lambda df: df.drop_duplicates("x", **options))  # noqa: B023
        check(frame, lambda df: df[df["k"] > 0].duplicated(**options))  # noqa: B023
        check(frame, lambda df: df["x"].drop_duplicates(**options))  # noqa: B023
    for dropna in (True, False):
        check(frame, lambda df: df["x"].value_counts(dropna=dropna))  # noqa: B023
        check(frame, lambda df: df["x"][df["k"] > 0].value_counts(dropna=dropna, sort=False))  # noqa: B023
        check(frame, lambda df: df.mode(dropna=dropna))  # noqa: B023
        check(frame, lambda df: df["x"].nunique(dropna))  # noqa: B023
    check(frame, lambda df: str(df["x"].unique()))
    check(frame, lambda df: str(df["x"].factorize(sort=True)))
    check(frame, lambda df: df["x"].argsort())
    check(frame, lambda df: df["x"].rank(ascending=False))
    check(frame, lambda df: df["x"].sort_values(ascending=False))
    check(frame, lambda df: df.sort_values("x", na_position="first"))
    check(frame, lambda df: df[df["k"] > 0].sort_values(["k", "x"], ascending=[True, False]))


def test_what_is_recorded_of_objects() -> None:
    frame = pd.DataFrame({"x": WORDS, "n": pd.array([1, 2, 3, 1] * 2, "Int64"), "k": range(8)})
    check(frame, lambda df: df.sort_values("x"), True)
    check(frame, lambda df: df["x"].sort_values(), True)
    check(frame, lambda df: df["x"].rank(), True)
    check(frame, lambda df: df["k"].argsort(), True)
    check(frame, lambda df: df.drop_duplicates("n", keep="last"), True)
    check(frame, lambda df: df.drop_duplicates(["x", "n"]), True)
    check(frame, lambda df: df[df["k"] > 2].duplicated(["x", "n"], keep=False), True)


def test_what_pandas_refuses() -> None:
    frame = with_key(Spec(("float64", "int64"), 9, "text", 1).make())
    check(frame, lambda df: df.drop_duplicates("missing"))
    check(frame, lambda df: df.duplicated(["c0", "missing"]))
    check(frame, lambda df: df.drop_duplicates(keep="none"))
    check(frame, lambda df: df.drop_duplicates(subset=[]))
    check(frame, lambda df: df.drop_duplicates(subset=("c0", "k")))
    check(frame, lambda df: df.drop_duplicates(ignore_index=1))
    check(frame, lambda df: df["c0"].drop_duplicates(keep="none"))
    check(frame.set_axis(["a", "a", "b"], axis=1), lambda df: df.drop_duplicates())
    check(frame.set_axis(["a", "a", "b"], axis=1), lambda df: df.duplicated("a"))
    check(frame[[]], lambda df: df.drop_duplicates())
    check(frame.astype(object), lambda df: df.drop_duplicates())


@pytest.mark.parametrize("keep", ["first", "last", False])
def test_kernels(kernels: None, keep: Any) -> None:
    frame = with_key(Spec(("float64", "int8", "str"), 40, "text", 1).make())
    check(frame, lambda df: df.drop_duplicates(["k", "c2"], keep=keep), True)
    check(frame, lambda df: df[df["k"] > 0].duplicated("c0", keep=keep), True)
