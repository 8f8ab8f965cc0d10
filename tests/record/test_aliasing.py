"""What is recorded does not change when its sources do, in whatever way they change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import lazyframe
from lazyframe.record import dictionaries
from tests.record.compare import assert_same, is_lazy


def by_item(d: Any) -> None:
    d["a"] = 0.0


def by_loc(d: Any) -> None:
    d.loc[1, "a"] = 99.0


def by_iloc(d: Any) -> None:
    d.iloc[1, 0] = 99.0


def by_at(d: Any) -> None:
    d.at[1, "a"] = 99.0


def by_mask(d: Any) -> None:
    d.loc[d.a > 1, "a"] = 99.0


def by_fill(d: Any) -> None:
    d.fillna(7.0, inplace=True)


def by_addition(d: Any) -> None:
    d += 1


def by_insert(d: Any) -> None:
    d.insert(0, "z", 5.0)


def by_deletion(d: Any) -> None:
    del d["a"]


def by_pop(d: Any) -> None:
    d.pop("a")


def by_clip(d: Any) -> None:
    d.clip(2, 3, inplace=True)


def by_index(d: Any) -> None:
    d.index = [5, 6, 7]


def by_name(d: Any) -> None:
    d.index.name = "other"


def by_columns(d: Any) -> None:
    d.columns = ["x", "y"]


def by_update(d: Any) -> None:
    d.update(lazyframe.DataFrame({"a": [50.0, 60.0, 70.0]}))


def by_replace(d: Any) -> None:
    d.replace(2.0, 50.0, inplace=True)


def by_frame_mask(d: Any) -> None:
    d[d > 1] = 0.0


CHANGES = [
    by_item, by_loc, by_iloc, by_at, by_mask, by_fill, by_addition, by_insert, by_deletion, by_pop, by_clip,
    by_index, by_name, by_columns, by_update, by_replace, by_frame_mask,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("computed", [True, False])
def test_a_frame_that_changes(change: Any, computed: bool) -> None:
    data = lazyframe.DataFrame({"a": [1.0, 2.0, np.nan], "b": [1.0, 2.0, 3.0]})
    if not computed:
        data = data + 0
    column, derived, kept, other = data["a"], data["a"] + 1, data[data.b > 1], data.assign(c=1)
    assert is_lazy(derived)
    assert is_lazy(kept)
    change(data)
    np.testing.assert_array_equal(derived.to_pandas(), [2.0, 3.0, np.nan])
    np.testing.assert_array_equal(column.to_pandas(), [1.0, 2.0, np.nan])
    np.testing.assert_array_equal(kept.to_pandas(), [[2.0, 2.0], [np.nan, 3.0]])
    np.testing.assert_array_equal(other.to_pandas(), [[1.0, 1.0, 1], [2.0, 2.0, 1], [np.nan, 3.0, 1]])
    for result in (derived, kept, other):
        assert result.index.name is None
    assert list(derived.index) == [0, 1, 2]


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_recorded_afterwards_sees_the_change(change: Any) -> None:
    source = {"a": [1.0, 2.0, np.nan], "b": [1.0, 2.0, 3.0]}
    data, plain = lazyframe.DataFrame(source), pd.DataFrame(source)
    keep = data["b"] + 1
    change(data)
    change(plain)
    pd.testing.assert_frame_equal((data * 2).to_pandas(), plain * 2)
    assert keep.tolist() == [2.0, 3.0, 4.0]


def test_an_array_that_its_owner_changes() -> None:
    array = np.arange(3.0)
    series = lazyframe.Series(array, copy=False)
    frame = lazyframe.DataFrame({"a": array}, copy=False)
    matrix = np.arange(6.0).reshape(3, 2)
    whole = lazyframe.DataFrame(matrix, copy=False)
    later = [series + 1, frame.a + 1, frame[frame.a >= 0].a + 1, whole[0] + 1, (whole + 1)[0]]
    array[:] = -1
    matrix[:] = -1
    for result in later[:3]:
        assert result.tolist() == [1.0, 2.0, 3.0]
    for result in later[3:]:
        assert result.tolist() == [1.0, 3.0, 5.0]
    assert (series + 1).tolist() == [0.0, 0.0, 0.0]


def test_an_assigned_array_that_its_owner_changes() -> None:
    array = np.arange(3.0)
    data = lazyframe.DataFrame({"a": [1, 2, 3]})
    data["b"] = array
    array[:] = -1
    assert data.b.tolist() == [0.0, 1.0, 2.0]


def test_results_do_not_share_what_they_may_write_to() -> None:
    data = lazyframe.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    copied, picked, again = data.copy(), data[["a"]], data[["a", "a"]]
    for result in (copied, picked, again):
        result.iloc[0, 0] = 99.0
    assert data.a.tolist() == [1.0, 2.0]
    assert again.iloc[:, 1].tolist() == [1.0, 2.0]
    first, second = data.a + 1, data.a + 1
    lazyframe.collect(first, second)
    first.iloc[0] = -5.0
    assert second.tolist() == [2.0, 3.0]


@pytest.mark.parametrize(
    ("source", "derive", "put"),
    [
        (["a", None, "c"], lambda s: s.isna(), True),
        (["a", None, "c"], lambda s: s.str.upper(), "z"),
        (["a", None, "c"], lambda s: s.str.contains("a"), False),
        (pd.Categorical(["a", "b", "c"]), lambda s: s.cat.codes, 2),
    ],
)
def test_answers_of_pandas_are_the_users_to_write_to(
    source: Any, derive: Any, put: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dictionaries, "_is_short", lambda entries, rows: False)
    data, plain = lazyframe.Series(source), pd.Series(source)
    first = derive(data)
    second = first.copy()
    third = derive(data)
    first.iloc[0] = put
    changed = derive(plain)
    changed.iloc[0] = put
    pd.testing.assert_series_equal(first.to_pandas(), changed)
    pd.testing.assert_series_equal(second.to_pandas(), derive(plain))
    pd.testing.assert_series_equal(third.to_pandas(), derive(plain))
    pd.testing.assert_series_equal(data.to_pandas(), plain)


def test_writing_to_values_is_refused_as_pandas_does() -> None:
    values = (lazyframe.Series([1.0, 2.0]) + 1).values
    with pytest.raises(ValueError, match="read-only"):
        values[0] = 5.0


@pytest.mark.parametrize("by", ["values", "to_numpy"])
@pytest.mark.parametrize(
    "derive",
    [
        lambda d: d.assign(c=d.a * 2)[["a", "c"]],
        lambda d: d.assign(c=d.a * 2)[["a", "b", "c"]].dropna(),
        lambda d: d.assign(c=np.log1p(d.a), e=np.log1p(d.b))[["c", "e"]],
        lambda d: d.assign(c=d.a * 2)[["a", "c"]].iloc[1:],
        lambda d: d.assign(c=d.a * 2).sort_values("b")[["a", "c"]],
        lambda d: d.merge(d.rename(columns={"b": "c"}), on="n")[["a_x", "c"]],
        lambda d: d.groupby("n").agg(p=("a", "sum"), q=("b", "mean")),
        lambda d: d[["n", "a"]],
        lambda d: d[["a"]],
        lambda d: d[["a", "b"]],
        lambda d: d[d.a > 1][["b", "a"]],
        lambda d: d[["a", "b"]].dropna(),
        lambda d: d[["a", "b"]].iloc[1:],
    ],
)
def test_values_of_frames_are_written_to_where_pandas_copies_them(derive: Any, by: str) -> None:
    source = pd.DataFrame({"n": [3, 1, 2, 0], "a": [1.0, 2.0, np.nan, 4.0], "b": [0.5, 4.0, 2.0, 3.0]})
    data, plain = derive(lazyframe.DataFrame(source)), derive(source)
    found, wanted = [frame.values if by == "values" else frame.to_numpy() for frame in (data, plain)]
    assert found.flags.writeable == wanted.flags.writeable
    if wanted.flags.writeable:
        for values in (found, wanted):
            values[values > 2] = -1.0
            values[:, 0] += 1.0
        np.testing.assert_array_equal(np.asarray(found), wanted)
    pd.testing.assert_frame_equal(data.to_pandas(), derive(source))


def test_a_capture_ends_with_the_graphs_that_use_it() -> None:
    data = lazyframe.DataFrame({"a": np.arange(4.0)})
    address = data._mgr.blocks[0].values.__array_interface__["data"][0]
    assert (data.a + 1).sum() == 10.0
    data.iloc[0, 0] = 5.0
    assert data._mgr.blocks[0].values.__array_interface__["data"][0] == address


def test_two_uses_of_one_frame_share_their_inputs() -> None:
    data = lazyframe.DataFrame({"a": np.arange(4.0)})
    first, second = data["a"] * 2, data["a"] * 2
    assert first._recorded.value is second._recorded.value


def test_chained_assignment_is_warned_of_where_pandas_warns() -> None:
    data = lazyframe.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    with pytest.warns(pd.errors.ChainedAssignmentError):
        data[["a", "b"]]["a"] = 5.0
    part = data[["a", "b"]]
    part["a"] = 5.0
    assert data.a.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    "question",
    [
        lambda data: data["c0"] // data["c1"],
        lambda data: data["c0"] % data["c1"],
        lambda data: data["c2"].astype("int8"),
        lambda data: data["c1"].map({1: 1, 2: 4}),
        lambda data: data["c1"].map({1: 1, 2: 4, 0: 5, 200: 7}),
        lambda data: data["c1"].map({True: 1, 2.0: 4, 200: 5, 0: 6}),
    ],
)
def test_what_was_found_of_a_column_is_forgotten_with_it(question: Any) -> None:
    def program(module: Any) -> list[Any]:
        data = module.DataFrame({"c0": [7, -7, 5], "c1": [1, 2, 1], "c2": [1.0, 2.0, 3.0]})
        first, again = question(data), question(data)
        data.loc[1, "c1"] = 0
        data.loc[2, "c2"] = 300.0
        changed = question(data)
        other = question(data[data["c1"] > 0])
        return [first, again, changed, other]

    for ours, theirs in zip(program(lazyframe), program(pd), strict=True):
        assert_same(ours, theirs)
