"""``isin`` of a series looks each value up, and finds what pandas finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from lazyframe.api import recording_series_values
from tests.joins.frames import POOLS, check, frames
from tests.joins.test_probing import tables

_NUMBERS = ["int64", "narrow", "unsigned", "bool", "float", "single", "date", "day", "span"]

pytestmark = pytest.mark.usefixtures("interpreted")


@given(st.sampled_from(sorted(POOLS)), st.data())
def test_values_of_every_kind(kind: str, data: Any) -> None:
    left, right = data.draw(frames((kind,), "left")), data.draw(frames((kind,), "right"))
    check(lambda pd, one, other: one.k0.isin(other.k0), left, right)
    check(lambda pd, one, other: one[~one.k0.isin(other[other.flag].k0)], left, right)


@pytest.mark.filterwarnings("ignore")
@given(st.sampled_from(sorted(POOLS)), st.sampled_from(sorted(POOLS)), st.data())
def test_values_of_two_kinds(one_kind: str, other_kind: str, data: Any) -> None:
    left, right = data.draw(frames((one_kind,), "left")), data.draw(frames((other_kind,), "right"))
    check(lambda pd, one, other: one.k0.isin(other.k0), left, right)


_LONG = 33
"""Values from which a list is looked up as an array."""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("given_as", [list, np.array, pandas.Index])
@given(st.sampled_from(_NUMBERS), st.sampled_from(_NUMBERS), st.data())
def test_many_values(given_as: Any, one_kind: str, other_kind: str, data: Any) -> None:
    left = data.draw(frames((one_kind,), "left"))
    some = data.draw(st.lists(st.sampled_from(list(POOLS[other_kind])), min_size=1, max_size=3))
    values = given_as(some * _LONG)
    check(lambda pd, one, other: one.k0.isin(values), left, left)


def test_arrays_are_not_looked_at_value_by_value(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pandas.DataFrame({"a": [1, 2, 99], "t": pandas.to_datetime(["2020", None, "2021"])})
    mine = lazyframe.DataFrame(frame)
    numbers, days = np.arange(2, 99), pandas.date_range("2020", periods=99)
    monkeypatch.setattr(recording_series_values, "listed_values", lambda values: pytest.fail("listed"))
    with lazyframe.config(min_rows=0):
        found = [mine.a.isin(numbers), mine.a.isin(pandas.Index(numbers)), mine.t.isin(days)]
    assert all("_mgr" not in each.__dict__ for each in found)
    numbers[:] = 1  # which changes nothing that was recorded
    assert [each.tolist() for each in found] == [[False, True, False]] * 2 + [[True, False, False]]


def test_values_by_column() -> None:
    text, days = pandas.array(["a", None, "b"], "str"), pandas.to_datetime(["2020", None, "2021"])
    frame = pandas.DataFrame({"a": [1, 2, 3], "s": text, "t": days, "b": [True, False, True]})
    asked: list[dict[str, Any]] = [
        {"a": [1, 2.5], "s": {"a", "c"}, "t": list(days[[0, 2]])},
        {"b": [True], "z": [1]},
        {"a": "x"},
        {},
    ]
    for values in asked:

        def program(pd: Any, one: Any, other: Any, values: Any = values) -> Any:
            found = one.isin(values)
            assert pd is pandas or "_mgr" not in found.__dict__
            return found

        check(program, frame, frame)
        check(lambda pd, one, other, f=program: f(pd, one[one.a > 1], other), frame, frame)


def test_values_that_are_filtered_are_looked_up_in_a_kernel() -> None:
    items, orders, _ = [lazyframe.DataFrame(frame) for frame in tables()]
    late = items[items.pieces > 40]
    found = orders[orders.order.isin(late.of)]
    assert "_mgr" not in found.__dict__
    plain_items, plain_orders, _ = tables()
    wanted = plain_orders[plain_orders.order.isin(plain_items[plain_items.pieces > 40].of)]
    pandas.testing.assert_frame_equal(found.to_pandas(), wanted)


def test_few_among_many_are_looked_up_lazily() -> None:
    few, many = pandas.Series([3, 1, 7]), pandas.Series(range(0, 100, 3))
    with lazyframe.config(min_rows=10):
        found = lazyframe.Series(few).isin(lazyframe.Series(many))
        assert "_mgr" not in found.__dict__
        frame = lazyframe.DataFrame({"a": few})
        kept = frame[~frame["a"].isin(lazyframe.Series(many))]
        pandas.testing.assert_series_equal(found.to_pandas(), few.isin(many))
        pandas.testing.assert_frame_equal(kept.to_pandas(), pandas.DataFrame({"a": few})[~few.isin(many)])
        assert "_mgr" in lazyframe.Series(few).isin(few).__dict__
