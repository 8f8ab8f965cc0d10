"""``concat`` of rows gives what pandas gives, and is lazy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from lazyframe.record import rows_in_memory
from lazyframe.run import streaming
from passes.pipeline import OPTIONAL
from tests.brief import examples
from tests.joins.frames import outcome
from tests.programs.compare import same
from tests.programs.frames import DTYPES, INDEXES, LENGTHS, Spec

pytestmark = pytest.mark.usefixtures("interpreted")

NAMES = ("c0", "c1", "c2", "other")


def is_lazy(frame: Any) -> bool:
    return "_mgr" not in frame.__dict__


@st.composite
def parts(draw: st.DrawFn) -> list[pandas.DataFrame]:
    """Two or three frames, most of whose columns have names, and dtypes, in common."""
    common = draw(st.lists(st.sampled_from(DTYPES), min_size=1, max_size=3))
    index = draw(st.sampled_from([*INDEXES, "default", "default", "range"]))
    made = []
    for seed in range(draw(st.integers(2, 3))):
        dtypes = [
            draw(st.sampled_from(DTYPES)) if draw(st.integers(0, 3)) == 0 else dtype for dtype in common
        ]
        frame = Spec(tuple(dtypes), draw(st.sampled_from(LENGTHS)), index, seed).make()
        if draw(st.integers(0, 3)) == 0:
            frame = frame.rename(columns={"c0": "other"})
        made.append(frame)
    return made


def check(program: Any, frames: list[pandas.DataFrame]) -> None:
    want = outcome(lambda: program(pandas, [frame.copy() for frame in frames]))
    got = outcome(lambda: program(lazyframe, [lazyframe.DataFrame(frame) for frame in frames]))
    same(got.to_pandas() if hasattr(got, "to_pandas") else got, want)


@settings(max_examples=examples(50))
@given(parts(), st.sampled_from(["outer", "inner"]), st.booleans(), st.booleans())
def test_frames(frames: Any, join: Any, ignore_index: bool, sort: bool) -> None:
    options = {"join": join, "ignore_index": ignore_index, "sort": sort}
    check(lambda pd, them: pd.concat(them, **options), frames)
    check(lambda pd, them: pd.concat([frame.iloc[:, 0] for frame in them], ignore_index=ignore_index), frames)


def _filtered(pd: Any, them: Any, ignore_index: bool) -> Any:
    kept = [frame[frame.iloc[:, 0].notna()] for frame in them] if len(them) > 2 else them
    made = pd.concat([kept[0], *them[1:], kept[-1]], ignore_index=ignore_index)
    made = made[made.iloc[:, 0].notna() & (made.iloc[:, -1] == made.iloc[:, -1])]
    return made.head(9)


@settings(max_examples=examples(30))
@given(parts(), st.booleans(), st.sets(st.sampled_from(OPTIONAL)))
def test_filters_before_and_after(frames: Any, ignore_index: bool, disabled: Any) -> None:
    with lazyframe.config(disable=sorted(disabled)):
        check(lambda pd, them: _filtered(pd, them, ignore_index), frames)
        check(lambda pd, them: _filtered(pd, them, ignore_index).reset_index(), frames)


@settings(max_examples=examples(30))
@given(parts())
def test_what_is_made_of_the_rows(frames: Any) -> None:
    for frame in frames:
        frame["key"] = np.arange(len(frame)) % 3
        frame["n"] = np.arange(len(frame), dtype="int32")

    def program(pd: Any, them: Any) -> Any:
        made = pd.concat(them, ignore_index=True)
        totals = made[made.n != 1].groupby("key").n.agg(["sum", "count", "max"])
        return made.merge(totals, left_on="key", right_index=True).sort_values(["key", "n"], kind="stable")

    check(program, frames)
    check(lambda pd, them: pd.concat(them).drop_duplicates("key"), frames)
    check(lambda pd, them: pd.concat([pd.concat(them), *them])[["n", "key"]], frames)
    check(lambda pd, them: pd.concat(them)["n"].sum(), frames)


@pytest.mark.parametrize(
    "options",
    [
        {"keys": ["a", "b"]},
        {"axis": 1},
        {"axis": True},
        {"join": "sideways"},
        {"sort": None},
        {"ignore_index": 1},
        {"verify_integrity": True},
        {"ignore_index": True, "keys": ["a", "b"]},
    ],
)
def test_other_options(options: Any) -> None:
    frame = pandas.DataFrame({"a": [1, 2], "b": [1.0, 2.0]})
    check(lambda pd, them: pd.concat(them, **options), [frame, frame])
    check(lambda pd, them: pd.concat([them[0], None, them[1]], **options), [frame, frame])
    check(lambda pd, them: pd.concat([them[0], them[1].a], **options), [frame, frame])
    check(lambda pd, them: pd.concat([them[0]], **options), [frame])
    check(lambda pd, them: pd.concat([], **options), [])


@pytest.mark.parametrize("missing", [None, np.nan, pandas.NaT])
def test_objects_behind_strings_keep_their_missing_values(missing: Any) -> None:
    strings = pandas.Series(["a", None, "b"], dtype="str")
    objects = pandas.Series(["c", missing, "a"], dtype=object)
    for parts in ([strings, objects], [objects, strings], [objects, objects], [strings, objects, strings]):
        mine = [lazyframe.Series(part) for part in parts]
        for program in (
            lambda pd, of: pd.concat(of),
            lambda pd, of: pd.concat([one.to_frame("v") for one in of])["v"],
            lambda pd, of: pd.concat([one[one != "a"] for one in of]),
        ):
            found, wanted = program(lazyframe, mine), program(pandas, parts)
            assert [*map(repr, found)] == [*map(repr, wanted)]
            assert found.dtype == wanted.dtype


def test_rows_are_put_end_to_end_late_and_filtered_first() -> None:
    frame = lazyframe.DataFrame({"a": np.arange(9), "s": list("abcabcabc")})
    made = lazyframe.concat([frame, frame[frame.a > 3], frame])
    assert is_lazy(made)
    assert made.dtypes.tolist() == [np.dtype("int64"), frame.s.dtype]
    assert is_lazy(lazyframe.concat([frame.a, frame.a]))
    text = str(lazyframe.explain(made[made.a > 7]))
    assert "push_filters_into_concats: matched" in text
    grown = frame
    for _ in range(60):
        grown = lazyframe.concat([grown, frame], ignore_index=True)
    assert len(grown) == 61 * 9
    assert grown.a.sum() == 61 * 36


@pytest.mark.parametrize("threads", [1, 3])
def test_any_number_of_threads(threads: int) -> None:
    frame = pandas.DataFrame(
        {"a": np.arange(300_000) % 1000, "s": pandas.array(["x", None, "y"] * 100_000, dtype="str")}
    )
    with lazyframe.config(threads=threads):
        check(
            lambda pd, them: (
                pd.concat([them[0][them[0].a > 500], them[0]])
                .query("a % 7 == 0")
                .groupby("s", dropna=False)
                .a.sum()
            ),
            [frame],
        )


def test_frames_in_memory_are_read_by_the_loop_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_in_memory, "MORSEL_ROWS", 7)
    monkeypatch.setattr(streaming, "SMALL_COLUMN_BYTES", 0)
    frames = [
        pandas.DataFrame({"k": np.arange(n) % 3, "x": np.arange(n) * 0.5, "only": 1}) for n in (40, 20, 30)
    ]
    frames[1:1] = [pandas.DataFrame({"k": np.array([], float)}), frames[0][["x", "k"]]]

    def program(pd: Any, them: Any) -> Any:
        made = pd.concat([pd.concat(them[:2]), *them[2:]], ignore_index=True)
        return made[made.x > 3].groupby("k")[["x", "only"]].sum()

    check(program, frames)
    check(lambda pd, them: pd.concat(them)[["k"]], frames)
    check(lambda pd, them: pd.concat(them).reset_index().max(), frames)
    monkeypatch.delattr(rows_in_memory.PartsInMemory, "fetch")
    monkeypatch.setattr(rows_in_memory.PartsInMemory, "__abstractmethods__", frozenset())
    check(lambda pd, them: (lambda made: (made.x * made.only)[made.k != 1].sum())(pd.concat(them)), frames)


def test_frames_that_change_later_leave_a_concat_alone() -> None:
    frame = pandas.DataFrame({"a": [1, 2], "s": ["x", "y"]})

    def program(pd: Any, them: Any) -> Any:
        made = pd.concat([them[0], them[0]])
        them[0].loc[0, "a"] = 100
        them[0]["s"] = "z"
        made["b"] = made["a"] * 2
        return made

    check(program, [frame])


def test_long_columns_are_put_together_by_several_threads() -> None:
    rows = 70_000
    words = pandas.array(np.array(["p", "q", None, "rs"] * (rows // 4)), dtype="str")
    numbers = np.arange(rows)
    one = pandas.DataFrame({"x": numbers * 0.5, "i": numbers, "s": words, "c": pandas.Categorical(words)})
    other = one.iloc[: rows // 2].drop(columns="i").assign(z=numbers[: rows // 2])
    for parts in ([one, one], [one, other], [other, one, other.iloc[:0]]):
        want = pandas.concat(parts)
        with lazyframe.config(min_rows=1000, threads=3):
            found = lazyframe.concat([lazyframe.DataFrame(part) for part in parts])
            pandas.testing.assert_frame_equal(found.to_pandas(), want)
            found.iloc[0, 0] = 99.0
        assert one["x"].iloc[0] == 0.0


@pytest.mark.parametrize("dtype", ["str", "category"])
def test_filters_one_after_another_of_what_is_gathered(dtype: Any) -> None:
    words = pandas.Series(["a", "b", "a", "b"], dtype=dtype)
    frame = pandas.DataFrame({"k": words, "x": [1.0, -1.0, 2.0, 0.5], "y": 1})

    def program(pd: Any, them: Any) -> Any:
        both = pd.concat([them[0][them[0]["x"] > -5.0], them[0]], ignore_index=True)
        left = both[both["x"] > -0.3]
        return left.loc[left["x"] < 1.5, ["k", "x"]]

    check(program, [frame])


KINDS: dict[str, Any] = {
    "integers": np.array([1, 2, 3]),
    "floats": np.array([1.5, np.nan, -0.0]),
    "truths": np.array([True, False, True]),
    "days": np.array(["2001-01-01", "NaT", "1999-05-05"], "M8[s]"),
    "text": pandas.array(["a", None, "b"], dtype="str"),
    "objects": np.array(["a", 1, None], object),
    "categories": pandas.Categorical(["a", "b", None]),
    "other categories": pandas.Categorical(["q", "b", "a"], categories=["q", "b", "a"]),
    "ordered": pandas.Categorical(["a", "b", "b"], ordered=True),
    "categories of integers": pandas.Categorical([1, 2, 1]),
    "categories of floats": pandas.Categorical([1.5, None, 2.0]),
    "categories of days": pandas.Categorical(np.array(["2001-01-01", "NaT", "1999-05-05"], "M8[ns]")),
}


@st.composite
def of_any_kinds(draw: st.DrawFn) -> list[pandas.DataFrame]:
    made = []
    for _ in range(draw(st.integers(2, 3))):
        rows = draw(st.integers(0, 3))
        kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=2, max_size=2))
        columns = {label: KINDS[kind][:rows] for label, kind in zip("ab", kinds, strict=True)}
        frame = pandas.DataFrame({**columns, "x": np.arange(rows)})
        made.append(frame.drop(columns=draw(st.sampled_from(["x", "x", "a"]))).assign(y=1.5))
    return made


@given(of_any_kinds(), st.sampled_from(["inner", "outer"]), st.booleans())
def test_kinds_that_pandas_puts_together(frames: Any, join: Any, ignore_index: bool) -> None:
    options = {"join": join, "ignore_index": ignore_index}
    check(lambda pd, them: recorded(pd, pd.concat(them, **options)), frames)
    check(
        lambda pd, them: recorded(pd, pd.concat([frame[frame["y"] > 1] for frame in them], **options)), frames
    )
    check(lambda pd, them: pd.concat([frame["b"] for frame in them], ignore_index=ignore_index), frames)


def recorded(pd: Any, made: Any) -> Any:
    assert pd is pandas or is_lazy(made)
    return made


SIDES: dict[str, Any] = {
    "the same": ([0, 1, 2], [0, 1, 2]),
    "others": ([3, 1, 2], [2, 5, 3]),
    "a part": ([0, 1, 2, 3], [2, 1]),
    "text": (["a", "b"], ["b", "c"]),
    "repeating": ([1, 1], [1, 1]),
    "repeating there": ([1, 1], [1, 2]),
    "none": (np.arange(2), np.arange(0)),
    "a range and numbers": (range(2), np.arange(2)),
    "a range and nothing": (range(0), np.empty(0, object)),
    "days": (pandas.to_datetime(["2001-01-01", "2001-01-02"]), pandas.to_datetime(["2001-01-02"])),
    "days in a row": (pandas.date_range("2001-01-01", periods=3), pandas.date_range("2001-01-02", periods=3)),
}


@pytest.mark.parametrize("labels", sorted(SIDES))
@pytest.mark.parametrize("join", ["inner", "outer"])
def test_columns_of_differing_rows(labels: str, join: Any) -> None:
    one, other = [pandas.Index(some) for some in SIDES[labels]]
    left = pandas.DataFrame({"a": np.arange(len(one)), "s": "t", "f": True}, index=one)
    right = pandas.DataFrame({"a": 1.5, "c": pandas.Categorical(["q"] * len(other))}, index=other)
    for options in ({}, {"sort": True}, {"keys": ["l", "r"]}, {"ignore_index": True}):
        options["join"] = join
        check(lambda pd, them, o=options: recorded(pd, pd.concat(them, axis=1, **o)), [left, right])
        check(
            lambda pd, them, o=options: pd.concat(
                [them[0][them[0]["f"]], them[1]["a"], them[1]["c"]],
                axis=1,
                **{**o, "keys": None},  # type: ignore[arg-type]
            ),
            [left, right],
        )


@pytest.mark.filterwarnings("ignore:Sorting by default")
@pytest.mark.parametrize("places", [[3, 1, 2], [2, 3], []])
def test_days_side_by_side_are_sorted_unless_pandas_is_told_not_to(places: list[int]) -> None:
    days = pandas.date_range("2001-01-01", periods=4)
    left = pandas.DataFrame({"a": np.arange(4.0)}, index=days).iloc[::-1]
    right = pandas.DataFrame({"b": np.arange(4)}, index=days).iloc[places]
    for options in ({}, {"sort": False}, {"sort": True}, {"join": "inner"}):
        check(lambda pd, them, o=options: pd.concat(them, axis=1, **o), [left, right])
        check(lambda pd, them, o=options: pd.concat([them[0]["a"], them[0]["a"]], axis=1, **o), [left, right])
