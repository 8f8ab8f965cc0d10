"""Joins by distinct keys are part of the loop that uses them, and give what pandas gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from tests.joins.frames import check

ROWS = 3000


def tables(shift: int = 0, seed: int = 0) -> tuple[pandas.DataFrame, pandas.DataFrame, pandas.DataFrame]:
    """Items of orders of customers; the keys of orders and of customers are distinct, and in no order."""
    random = np.random.default_rng(seed)
    orders = pandas.DataFrame(
        {
            "order": (random.permutation(ROWS)[: ROWS // 3] << shift) + 7,
            "customer": random.integers(0, 40, ROWS // 3),
            "day": np.datetime64("2020-01-01", "s")
            + random.integers(0, 700, ROWS // 3) * np.timedelta64(86400, "s"),
            "urgency": random.integers(0, 5, ROWS // 3),
        }
    )
    items = pandas.DataFrame(
        {
            "of": (random.integers(0, ROWS, ROWS) << shift) + 7,
            "price": random.integers(0, 1000, ROWS).astype(float),
            "pieces": random.integers(0, 50, ROWS),
        }
    )
    customers = pandas.DataFrame(
        {
            "customer": random.permutation(40)[:35],
            "kind": random.choice(["shop", "person", "state"], 35),
            "discount": random.random(35).round(2),
        }
    )
    return items, orders, customers


def walk_left(items: Any, orders: Any, customers: Any) -> Any:
    joined = items.merge(orders, left_on="of", right_on="order")
    return joined.groupby("urgency").price.sum()


def walk_right(items: Any, orders: Any, customers: Any) -> Any:
    joined = orders.merge(items, left_on="order", right_on="of")
    return joined.groupby("urgency").agg({"price": "sum", "pieces": "max"})


def chain(items: Any, orders: Any, customers: Any) -> Any:
    joined = customers.merge(orders, on="customer").merge(items, left_on="order", right_on="of")
    joined = joined[(joined.kind == "shop") & (joined.day < "2021-03-01") & (joined.pieces > 10)]
    return joined.groupby(["urgency", "customer"]).pieces.sum()


def rows(items: Any, orders: Any, customers: Any) -> Any:
    joined = (
        items[items.pieces > 3].merge(orders, left_on="of", right_on="order").merge(customers, on="customer")
    )
    return joined[joined.price * joined.discount > 100.0]


def rows_of_the_right(items: Any, orders: Any, customers: Any) -> Any:
    return customers.merge(orders, on="customer").merge(items, left_on="order", right_on="of")


def groups(items: Any, orders: Any, customers: Any) -> Any:
    totals = items.groupby("of", as_index=False).agg(total=("pieces", "sum"))
    return totals.merge(orders, left_on="of", right_on="order")


def totals(items: Any, orders: Any, customers: Any) -> Any:
    joined = orders.merge(items, left_on="order", right_on="of")
    return pandas.Series(
        [len(joined), int(joined.pieces.sum()), float(joined[joined.urgency == 1].price.max())]
    )


PROGRAMS = (walk_left, walk_right, chain, rows, rows_of_the_right, groups, totals)


@pytest.mark.parametrize("shift", [0, 34])
@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_over_distinct_keys(program: Any, shift: int) -> None:
    frames = tables(shift)
    want = program(*frames)
    got = program(*[lazyframe.DataFrame(frame) for frame in frames])
    compare = pandas.testing.assert_frame_equal if want.ndim == 2 else pandas.testing.assert_series_equal
    compare(got.to_pandas() if hasattr(got, "to_pandas") else got, want, check_exact=True)


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(
    "disabled",
    [
        ["probe_unique_sides"],
        ["push_filters_into_joins"],
        ["fuse_producers"],
        ["push_filters_down", "merge_filters"],
    ],
)
def test_passes_change_nothing(program: Any, disabled: list[str]) -> None:
    with lazyframe.config(disable=disabled):
        test_programs_over_distinct_keys(program, 0)


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("empty", [0, 1, 2])
def test_a_table_without_rows(program: Any, empty: int) -> None:
    frames = list(tables())
    frames[empty] = frames[empty].iloc[:0]
    if program is totals:
        return
    want = program(*frames)
    got = program(*[lazyframe.DataFrame(frame) for frame in frames])
    compare = pandas.testing.assert_frame_equal if want.ndim == 2 else pandas.testing.assert_series_equal
    compare(got.to_pandas(), want, check_exact=True)


@pytest.mark.parametrize("program", [walk_left, walk_right])
def test_filter_probe_and_sum_are_one_kernel(program: Any) -> None:
    result = program(*[lazyframe.DataFrame(frame) for frame in tables()])
    assert "kernels: 1\n" in str(lazyframe.explain(result))


def test_keys_that_repeat_are_joined_all_the_same() -> None:
    items, orders, _ = tables()
    doubled = pandas.concat([orders, orders])
    check(lambda pd, one, other: one.merge(other, left_on="of", right_on="order"), items, doubled)


@pytest.mark.usefixtures("interpreted")
def test_several_keys_of_groups_with_too_many_combinations() -> None:
    random = np.random.default_rng(5)
    frame = pandas.DataFrame({"k": random.integers(0, 2**50, 50), "x": random.integers(0, 2**50, 50)})
    frame = pandas.concat([frame, frame], ignore_index=True)

    def program(pd: Any, one: Any, other: Any) -> Any:
        return one.merge(other.groupby(["k", "x"], as_index=False).size(), on=["k", "x"])

    check(program, frame, frame)


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("how", ["inner", "left"])
def test_alternatives_that_ask_something_of_both_sides(apart: bool, how: str) -> None:
    r = np.random.default_rng(8)
    sales = pandas.DataFrame(
        {"buyer": r.integers(0, 9, 500), "seller": r.integers(0, 9, 500), "x": r.random(500)}
    )
    names = pandas.array(np.array(["F", "G", None], object)[r.integers(0, 3, 8)], dtype="str")
    people = pandas.DataFrame({"key": np.arange(8), "land": names, "age": r.integers(0, 3, 8)})

    def program(sales: Any, people: Any) -> Any:
        joined = sales.merge(people, left_on="buyer", right_on="key", how=how)
        joined = joined.merge(people, left_on="seller", right_on="key", suffixes=("", "_of_seller"), how=how)
        if apart:
            joined = joined[joined.x > 0.2]
        there = (joined.land == "F") & (joined.land_of_seller == "G") & (joined.age > 0)
        back = (joined.land == "G") & (joined.land_of_seller == "F") & (joined.age < joined.age_of_seller)
        left = joined[(there | back) & (joined.x < 0.9)]
        return left.groupby("seller").agg(rows=("x", "size"), most=("x", "max"), oldest=("age", "max"))

    found = program(lazyframe.DataFrame(sales), lazyframe.DataFrame(people))
    assert ("imply_filters_of_sides: matched" in str(found.explain())) == (how == "inner")
    pandas.testing.assert_frame_equal(found.to_pandas(), program(sales, people))
