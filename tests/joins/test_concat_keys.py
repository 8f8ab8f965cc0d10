"""``concat`` of rows under keys, of frames with series, and of columns that change dtype, against pandas."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import lazyframe
from tests.brief import examples
from tests.joins.frames import outcome
from tests.joins.test_concat_rows import is_lazy, parts
from tests.joins.test_join_labels import is_recorded
from tests.programs.compare import same
from tests.programs.frames import INDEXES, Spec

pytestmark = pytest.mark.usefixtures("interpreted")

KEYS: list[Any] = [
    ["b", "a"],
    [2, 1],
    ["a", "a"],
    ["b", 1],
    [1.5, 2.5],
    [("a", 1), ("b", 2)],
    [None, "a"],
    ["a"],
    [("a", 1), "b"],
    [("a", 1), ("b",)],
    [(None, 1), ("b", 2)],
    [pandas.Timestamp("2020-01-01"), pandas.Timestamp("2021-01-01")],
    [datetime.date(2020, 1, 1), datetime.date(2021, 1, 1)],
    [True, False],
    [True, 1],
    [np.nan, 1.0],
    [0.0, -0.0],
    ("b", "a"),
    np.array([2, 1]),
    np.array(["b", "a"]),
    pandas.Index(["b", "a"]),
    pandas.Index([2.5, 1.5]),
    pandas.Index(["b", "a"], name="outer"),
    pandas.MultiIndex.from_arrays([["b", "a"], [1, 2]]),
]
NAMES: list[Any] = [None, ["part"], ["part", "row"], [None], ["x", "y", "z"], "part", []]


def check(program: Any, frames: list[pandas.DataFrame]) -> None:
    """The same result, index levels included."""
    want = outcome(lambda: program(pandas, [frame.copy() for frame in frames]))
    got = outcome(lambda: program(lazyframe, [lazyframe.DataFrame(frame) for frame in frames]))
    got = got.to_pandas() if hasattr(got, "to_pandas") else got
    same(got, want)
    if isinstance(getattr(want, "index", None), pandas.MultiIndex):
        for mine, theirs in zip(got.index.levels, want.index.levels, strict=True):
            pandas.testing.assert_index_equal(mine, theirs)


@settings(max_examples=examples(120))
@given(parts(), st.sampled_from(KEYS), st.sampled_from(NAMES), st.data())
def test_keys(frames: Any, keys: Any, names: Any, data: Any) -> None:
    frames = frames[:2]
    filtered = data.draw(st.booleans())

    def program(pd: Any, them: Any) -> Any:
        kept = [frame[frame.iloc[:, 0].notna()] for frame in them] if filtered else them
        return pd.concat(kept, keys=keys, names=names)

    check(program, frames)
    check(lambda pd, them: program(pd, them).head(4), frames)
    check(lambda pd, them: program(pd, them).iloc[::-2], frames)
    check(lambda pd, them: (lambda made: made[made.iloc[:, 0].notna()])(program(pd, them)), frames)
    check(lambda pd, them: program(pd, [frame.iloc[:, 0] for frame in them]), frames)


@settings(max_examples=examples(40))
@given(parts(), st.sampled_from(KEYS[:4]), st.sampled_from(NAMES[:3]), st.booleans())
def test_what_is_made_of_the_levels(frames: Any, keys: Any, names: Any, filtered: bool) -> None:
    frames = [frame.assign(n=np.arange(len(frame))) for frame in frames[:2]]
    assume(any(map(len, frames)))  # without rows levels keep what they know of others

    def program(pd: Any, them: Any) -> Any:
        kept = [frame[frame.n != 1] for frame in them] if filtered else them
        return pd.concat(dict(zip(keys, kept, strict=True)), names=names)

    check(lambda pd, them: program(pd, them).reset_index(), frames)
    check(lambda pd, them: program(pd, them).reset_index(level=0), frames)
    check(lambda pd, them: program(pd, them).reset_index(drop=True), frames)
    check(lambda pd, them: program(pd, them).groupby(level=0).n.sum(), frames)
    check(lambda pd, them: program(pd, them).groupby(level=[0, 1]).n.max(), frames)
    check(lambda pd, them: program(pd, them).sort_index(kind="stable"), frames)
    check(lambda pd, them: program(pd, them).droplevel(0), frames)
    check(lambda pd, them: program(pd, them)["n"].loc[keys[0]], frames)


@pytest.mark.parametrize("keys", KEYS[:3] + KEYS[4:6] + KEYS[11:14] + KEYS[17:22])
def test_keys_of_any_type_are_lazy(keys: Any) -> None:
    frame = lazyframe.DataFrame({"a": np.arange(9), "s": list("abcabcabc")})
    assert is_recorded(lazyframe.concat([frame, frame[frame.a > 3]], keys=keys))
    check(lambda pd, them: pd.concat(them, keys=keys).reset_index(), [frame.to_pandas(), frame.to_pandas()])


@settings(max_examples=examples(20))
@given(parts(), st.booleans())
def test_parts_that_come_one_by_one(frames: Any, ignore_index: bool) -> None:
    check(lambda pd, them: pd.concat(iter(them), ignore_index=ignore_index), frames)
    check(lambda pd, them: pd.concat((one for one in them), ignore_index=ignore_index), frames)
    check(lambda pd, them: pd.concat(map(pd.DataFrame, them), ignore_index=ignore_index), frames)
    check(lambda pd, them: pd.concat([None, *them, None], ignore_index=ignore_index), frames)
    check(lambda pd, them: pd.concat([None, None]), frames)
    check(lambda pd, them: pd.concat(one for one in ()), frames)
    check(lambda pd, them: pd.concat([None, *them], keys=["a", "b", "c", "d"][: len(them) + 1]), frames)
    ours = [lazyframe.DataFrame({"a": [1, 2]}), None, lazyframe.DataFrame({"a": [3]})]
    assert is_recorded(lazyframe.concat(ours))
    assert is_recorded(lazyframe.concat(one for one in ours))


def test_keys_are_lazy() -> None:
    frame = lazyframe.DataFrame({"a": np.arange(9), "s": list("abcabcabc")})
    made = lazyframe.concat({"x": frame, "y": frame[frame.a > 3]}, names=["part"])
    assert is_lazy(made)
    flat = made.reset_index()
    assert is_lazy(flat)
    assert flat.dtypes.tolist() == [frame.s.dtype, np.dtype("int64"), np.dtype("int64"), frame.s.dtype]
    assert is_lazy(made.groupby(level="part").a.sum())
    assert "concat" in str(lazyframe.explain(made[made.a > 7]))


@settings(max_examples=examples(40))
@given(
    parts(), st.sampled_from(["c0", "fresh", None, 0, 7]), st.booleans(), st.sampled_from(["outer", "inner"])
)
def test_frames_with_series(frames: Any, name: Any, ignore_index: bool, join: Any) -> None:
    options = {"ignore_index": ignore_index, "join": join}
    for order in (slice(None), slice(None, None, -1)):
        check(
            lambda pd, them, o=order: pd.concat(  # type: ignore[misc]
                [them[0], them[1].iloc[:, 0].rename(name)][o], **options
            ),
            frames,
        )
    numbered = [frame.set_axis(range(frame.shape[1]), axis=1) for frame in frames]
    check(lambda pd, them: pd.concat([them[0], them[1][0].rename(name)], **options), numbered)


MIXED = ["int64", "float64", "bool", "str", "datetime64[ns]", "datetime64[us]", "timedelta64[ns]", "category"]


@settings(max_examples=examples(60))
@given(
    st.lists(st.sampled_from(MIXED), min_size=2, max_size=3),
    st.sampled_from(sorted(INDEXES)),
    st.lists(st.sampled_from([0, 1, 5]), min_size=3, max_size=3),
    st.booleans(),
)
def test_columns_that_change_dtype(dtypes: list[str], index: str, rows: list[int], filtered: bool) -> None:
    frames = [Spec((dtype, "int64"), rows[k], index, k).make() for k, dtype in enumerate(dtypes)]

    def program(pd: Any, them: Any) -> Any:
        return pd.concat([frame[frame.c1 != 1] if filtered else frame for frame in them])

    check(program, frames)
    check(lambda pd, them: program(pd, them).c0, frames)
    check(lambda pd, them: (lambda made: made[made.c1 > 0])(program(pd, them)), frames)
    check(lambda pd, them: pd.concat([program(pd, them), them[0]]), frames)


def test_columns_that_change_dtype_are_lazy() -> None:
    words = lazyframe.DataFrame({"a": ["x", "y", None]})
    times = {
        unit: lazyframe.DataFrame({"a": np.array(["2020-01-01", "NaT"], f"M8[{unit}]")})
        for unit in ("s", "ns")
    }
    numbers = lazyframe.DataFrame({"a": [1, 2]})
    mixed = lazyframe.concat([words, numbers, times["s"]])
    assert is_lazy(mixed)
    assert mixed.dtypes.tolist() == [np.dtype(object)]
    assert [type(value) for value in mixed.a] == [
        str,
        str,
        float,
        int,
        int,
        pandas.Timestamp,
        type(pandas.NaT),
    ]
    dated = lazyframe.concat([times["s"], times["ns"]])
    assert is_lazy(dated)
    assert dated.dtypes.tolist() == [np.dtype("M8[ns]")]


def test_a_time_that_does_not_fit_the_other_unit_is_an_error_at_the_line() -> None:
    far = pandas.DataFrame({"a": np.array(["3000-01-01"], "M8[s]")})
    near = pandas.DataFrame({"a": np.array(["2000-01-01"], "M8[ns]")})
    check(lambda pd, them: pd.concat(them), [far, near])


@pytest.mark.parametrize(
    "keys",
    [
        pandas.CategoricalIndex(["y", "x"], categories=list("xyz"), ordered=True),
        pandas.RangeIndex(2),
        pandas.Index([1, 2], dtype="uint8"),
        pandas.Index([1, 2], dtype="float32"),
        pandas.date_range("2020", periods=2),
        pandas.Index(["a", None], dtype="str"),
        pandas.Index([2, 1]),
    ],
    ids=lambda keys: f"{type(keys).__name__} {keys.dtype}",
)
def test_the_level_of_keys_that_are_an_index(keys: Any) -> None:
    data = pandas.DataFrame({"x": [1.0, 2.0]})
    want = pandas.concat([data, data], keys=keys).index.levels[0]
    ours = lazyframe.DataFrame(data)
    found = lazyframe.concat([ours, ours], keys=keys).index.levels[0]
    assert (type(found), found.dtype, list(found)) == (type(want), want.dtype, list(want))
