"""Groups that filtered rows look for: the others are not made, and nobody can tell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.testing import assert_frame_equal

pytestmark = pytest.mark.without_pandas

Program = Callable[[Any, Any], Any]


def tables(rows: int = 300, seed: int = 0) -> tuple[pandas.DataFrame, pandas.DataFrame]:
    """Sales, and fewer products, some of which nobody sold."""
    r = np.random.default_rng(seed)
    sales = pandas.DataFrame(
        {
            "product": r.integers(-3, 40, rows),
            "shop": r.integers(0, 4, rows).astype(np.int16),
            "price": np.where(r.random(rows) < 0.2, np.nan, r.integers(1, 50, rows) / 4),
            "day": np.datetime64("2020-01-01", "us") + r.integers(0, 30, rows).astype("m8[D]"),
        }
    )
    products = pandas.DataFrame(
        {
            "id": np.arange(50) - 5,
            "kind": r.integers(0, 5, 50),
            "stock": r.random(50) * 20,
            "name": pandas.array(r.choice(["a", "b", "c"], 50), dtype="str"),
        }
    )
    return sales, products


def merged(sales: Any, products: Any, chosen: Any, how: Any = "inner") -> Any:
    sums = sales.groupby("product", as_index=False).agg(paid=("price", "sum"), sold=("shop", "count"))
    return products[chosen].merge(sums, left_on="id", right_on="product", how=how)


def by_two(sales: Any, products: Any) -> Any:
    sums = sales.groupby(["product", "shop"], as_index=False)["price"].max()
    few = products[products["kind"] == 1].assign(shop=lambda f: (f["id"] % 4).astype(np.int16))
    both = few.merge(sums, left_on=["id", "shop"], right_on=["product", "shop"])
    return both[both["price"] > 0.5 * both["stock"]]


def which_of_two(sales: Any, products: Any) -> Any:
    pairs = sales.groupby(["product", "shop"], as_index=False).size()[["product", "shop"]]
    few = products[products["kind"] == 1]
    return few.merge(pairs, left_on=["id", "kind"], right_on=["product", "shop"])


def merged_and_filtered(sales: Any, products: Any) -> Any:
    both = merged(sales, products, slice(None))
    return both[both["kind"] == 1].groupby("sold", as_index=False)["paid"].max()


def reduced(sales: Any, products: Any) -> Any:
    both = merged(sales, products, products["kind"] == 2)
    return both[["paid"]].assign(mean=both["paid"] / both["sold"])


def late(sales: Any, products: Any) -> Any:
    return sales[sales["day"] > np.datetime64("2020-01-20")]


PUSHED: dict[str, Program] = {
    "sums of few": lambda s, p: merged(s, p, p["kind"] == 1),
    "nobody looks": lambda s, p: merged(s, p, p["kind"] > 99),
    "by two keys": by_two,
    "what is made of sums": reduced,
    "which of two keys": which_of_two,
    "merged and then filtered": merged_and_filtered,
    "by text": lambda s, p: merged(s, p, p["name"] == "b"),
    "of filtered rows": lambda s, p: merged(late(s, p), p, p["kind"] != 3),
}
KEPT: dict[str, Program] = {
    "is there any": lambda s, p: (lambda few: few[few["id"].isin(late(s, p)["product"])][["id", "stock"]])(
        p[p["kind"] < 2]
    ),
    "is there any, in one mask": lambda s, p: p[(p["kind"] < 2) & p["id"].isin(late(s, p)["product"])],
    "all rows look": lambda s, p: merged(s, p, slice(None)),
    "is there none": lambda s, p: p[(p["kind"] < 2) & ~p["id"].isin(s["product"])],
    "rows without a group stay": lambda s, p: merged(s, p, p["kind"] == 1, "left"),
    "the greatest sum is of all": lambda s, p: (
        lambda sums: p[p["kind"] == 1].merge(sums[sums["price"] < sums["price"].max()], left_on="id",
                                             right_on="product")
    )(s.groupby("product", as_index=False)["price"].sum()),
    "of their own rows": lambda s, p: (
        lambda some: some.merge(some.groupby("product", as_index=False)["price"].mean(), on="product")
    )(late(s, p)),
}  # fmt: skip


def check(program: Program, sales: pandas.DataFrame, products: pandas.DataFrame) -> Any:
    want = program(sales, products)
    got = program(lazyframe.DataFrame(sales), lazyframe.DataFrame(products))
    plan = str(got.explain())
    assert_frame_equal(got, want, rtol=1e-12)
    return plan


@pytest.mark.parametrize("name", [*PUSHED, *KEPT])
def test_the_rows_are_those_of_pandas(name: str) -> None:
    program = (PUSHED | KEPT)[name]
    plan = check(program, *tables())
    if SINCE_3_1 and name != "by text":
        assert ("push_lookups_into_groups: matched" in plan) == (name in PUSHED)


@pytest.mark.parametrize("name", PUSHED)
@pytest.mark.parametrize("rows", [0, 1, 120])
def test_few_sales_and_kernels(name: str, rows: int) -> None:
    sales, products = tables(max(rows, 1), seed=3)
    with lazyframe.config(min_rows=0):
        check(PUSHED[name], sales[:rows], products)


def test_more_rows_that_look_than_are_grouped_make_all_groups() -> None:
    sales, products = tables(30)
    assert "push_lookups_into_groups: matched" not in check(PUSHED["sums of few"], sales, products)


@pytest.mark.parametrize("name", PUSHED)
def test_files(name: str, tmp_path: Path) -> None:
    sales, products = tables()
    sales.to_parquet(tmp_path / "sales.parquet", row_group_size=64)
    products.to_parquet(tmp_path / "products.parquet")
    files = [lazyframe.read_parquet(tmp_path / f"{table}.parquet") for table in ("sales", "products")]
    assert_frame_equal(PUSHED[name](*files), PUSHED[name](sales, products), rtol=1e-12)
