"""TPC-H query 6: revenue that small discounts cost. Filter and sum, four of seven columns."""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

import numpy as np

from bench import lineitem
from bench.peers import REORDERED_SUMS, duckdb_tables
from bench.workload import Data, Results, Run, Workload, load_frame


def revenue(pd: ModuleType, np: ModuleType, items: Any) -> Any:
    """Discount given on each line item that the query selects, a Series of dollars."""
    chosen = items[
        (items["l_shipdate"] >= pd.Timestamp("1994-01-01"))
        & (items["l_shipdate"] < pd.Timestamp("1995-01-01"))
        & (items["l_discount"] >= 0.05)
        & (items["l_discount"] <= 0.07)
        & (items["l_quantity"] < 24)
    ]
    return chosen["l_extendedprice"] * chosen["l_discount"]


def program(pd: ModuleType, np: ModuleType, items: Any) -> Results:
    return {"revenue": revenue(pd, np, items).sum()}


def year_1994_us() -> tuple[int, int]:
    """First microsecond of 1994 and of 1995, as integers."""
    first, last = (np.datetime64(day, "us").astype(np.int64) for day in ("1994-01-01", "1995-01-01"))
    return int(first), int(last)


def numexpr(data: Data, threads: int) -> Run:
    import numexpr as ne

    ne.set_num_threads(threads)
    first, last = year_1994_us()
    inputs = dict(data) | {"shipped": data["l_shipdate"].view(np.int64), "first": first, "last": last}
    expression = (
        "sum(where((shipped >= first) & (shipped < last) & (l_discount >= 0.05) & (l_discount <= 0.07)"
        " & (l_quantity < 24), l_extendedprice * l_discount, 0.0))"
    )
    return lambda: {"revenue": float(ne.evaluate(expression, inputs))}


def polars(data: Data, threads: int) -> Run:
    import datetime

    import polars as pl

    frame = pl.DataFrame(dict(data))

    def run() -> pl.DataFrame:
        return (
            frame.lazy()
            .filter(
                pl.col("l_shipdate") >= datetime.datetime(1994, 1, 1),
                pl.col("l_shipdate") < datetime.datetime(1995, 1, 1),
                pl.col("l_discount") >= 0.05,
                pl.col("l_discount") <= 0.07,
                pl.col("l_quantity") < 24,
            )
            .select(revenue=(pl.col("l_extendedprice") * pl.col("l_discount")).sum())
            .collect()
        )

    return run


def duckdb(data: Data, threads: int) -> Run:
    connection = duckdb_tables(threads, lineitem=data)
    query = """
        SELECT sum(l_extendedprice * l_discount) AS revenue FROM lineitem
        WHERE l_shipdate >= TIMESTAMP '1994-01-01' AND l_shipdate < TIMESTAMP '1995-01-01'
          AND l_discount BETWEEN 0.05::DOUBLE AND 0.07::DOUBLE AND l_quantity < 24
    """
    return lambda: connection.execute(query).fetchnumpy()


@functools.cache
def compiled(parallel: bool) -> Any:
    import numba

    @numba.njit(parallel=parallel, error_model="numpy", fastmath=REORDERED_SUMS)
    def query_6(shipped, discount, quantity, price, first, last):  # type: ignore[no-untyped-def]
        revenue = 0.0
        for i in numba.prange(len(shipped)):
            chosen = (
                (shipped[i] >= first)
                & (shipped[i] < last)
                & (discount[i] >= 0.05)
                & (discount[i] <= 0.07)
                & (quantity[i] < 24.0)
            )
            revenue += price[i] * discount[i] if chosen else 0.0
        return revenue

    return query_6


def numba_loop(data: Data, threads: int) -> Run:
    import numba

    numba.set_num_threads(threads)
    loop = compiled(threads > 1)
    shipped, year = data["l_shipdate"].view(np.int64), year_1994_us()
    columns = [data[name] for name in ("l_discount", "l_quantity", "l_extendedprice")]
    return lambda: {"revenue": loop(shipped, *columns, *year)}


WORKLOAD = Workload(
    name="tpch_q6",
    title="TPC-H query 6",
    baseline="pandas",
    make=lineitem.make,
    program=program,
    load=load_frame,
    peers={"numexpr": numexpr, "polars": polars, "duckdb": duckdb, "numba_loop": numba_loop},
    default_rows=6_000_000,
    lazy_part=revenue,
    reads=("l_shipdate", "l_discount", "l_quantity", "l_extendedprice"),
    one_kernel=True,
)
