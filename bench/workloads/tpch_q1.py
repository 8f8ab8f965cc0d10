"""TPC-H query 1, the pricing summary: filter, two derived columns, eight aggregates by two small keys."""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

import numpy as np

from bench import lineitem
from bench.peers import duckdb_tables
from bench.workload import Data, Results, Run, Workload, load_frame

LAST_SHIPDATE = "1998-09-02"
GROUPS = len(lineitem.RETURN_FLAGS) * len(lineitem.LINE_STATUSES)


def program(pd: ModuleType, np: ModuleType, items: Any) -> Results:
    shipped = items[items["l_shipdate"] <= pd.Timestamp(LAST_SHIPDATE)]
    discounted = shipped["l_extendedprice"] * (1.0 - shipped["l_discount"])
    shipped = shipped.assign(disc_price=discounted, charge=discounted * (1.0 + shipped["l_tax"]))
    summary = shipped.groupby(["l_returnflag", "l_linestatus"]).agg(
        sum_qty=("l_quantity", "sum"),
        sum_base_price=("l_extendedprice", "sum"),
        sum_disc_price=("disc_price", "sum"),
        sum_charge=("charge", "sum"),
        avg_qty=("l_quantity", "mean"),
        avg_price=("l_extendedprice", "mean"),
        avg_disc=("l_discount", "mean"),
        count_order=("l_quantity", "size"),
    )
    return {"summary": summary}


def polars(data: Data, threads: int) -> Run:
    import datetime

    import polars as pl

    frame = pl.DataFrame(dict(data))

    def run() -> pl.DataFrame:
        discounted = pl.col("l_extendedprice") * (1.0 - pl.col("l_discount"))
        return (
            frame.lazy()
            .filter(pl.col("l_shipdate") <= datetime.datetime.fromisoformat(LAST_SHIPDATE))
            .with_columns(disc_price=discounted, charge=discounted * (1.0 + pl.col("l_tax")))
            .group_by("l_returnflag", "l_linestatus")
            .agg(
                sum_qty=pl.col("l_quantity").sum(),
                sum_base_price=pl.col("l_extendedprice").sum(),
                sum_disc_price=pl.col("disc_price").sum(),
                sum_charge=pl.col("charge").sum(),
                avg_qty=pl.col("l_quantity").mean(),
                avg_price=pl.col("l_extendedprice").mean(),
                avg_disc=pl.col("l_discount").mean(),
                count_order=pl.len().cast(pl.Int64),
            )
            .sort("l_returnflag", "l_linestatus")
            .collect()
        )

    return run


def duckdb(data: Data, threads: int) -> Run:
    connection = duckdb_tables(threads, lineitem=data)
    query = f"""
        SELECT l_returnflag, l_linestatus, sum(l_quantity) AS sum_qty, sum(l_extendedprice) AS sum_base_price,
               sum(l_extendedprice * (1 - l_discount)) AS sum_disc_price,
               sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) AS sum_charge,
               avg(l_quantity) AS avg_qty, avg(l_extendedprice) AS avg_price, avg(l_discount) AS avg_disc,
               count(*) AS count_order
        FROM lineitem WHERE l_shipdate <= TIMESTAMP '{LAST_SHIPDATE}'
        GROUP BY l_returnflag, l_linestatus ORDER BY l_returnflag, l_linestatus
    """
    return lambda: connection.execute(query).fetchnumpy()


@functools.cache
def compiled(parallel: bool) -> Any:
    import numba

    statuses = len(lineitem.LINE_STATUSES)

    @numba.njit(parallel=parallel, error_model="numpy")
    def query_1(shipped, flag, status, quantity, price, discount, tax, last, chunks):  # type: ignore[no-untyped-def]
        rows = len(shipped)
        sums = np.zeros((chunks, GROUPS, 6))
        for chunk in numba.prange(chunks):
            for i in range(rows * chunk // chunks, rows * (chunk + 1) // chunks):
                if shipped[i] <= last:
                    group = flag[i] * statuses + status[i]
                    discounted = price[i] * (1.0 - discount[i])
                    sums[chunk, group, 0] += quantity[i]
                    sums[chunk, group, 1] += price[i]
                    sums[chunk, group, 2] += discounted
                    sums[chunk, group, 3] += discounted * (1.0 + tax[i])
                    sums[chunk, group, 4] += discount[i]
                    sums[chunk, group, 5] += 1.0
        return sums.sum(axis=0)

    return query_1


def numba_loop(data: Data, threads: int) -> Run:
    import numba

    numba.set_num_threads(threads)
    loop = compiled(threads > 1)
    last = int(np.datetime64(LAST_SHIPDATE, "us").astype(np.int64))
    names = ("l_returnflag", "l_linestatus", "l_quantity", "l_extendedprice", "l_discount", "l_tax")
    columns = [data["l_shipdate"].view(np.int64), *(data[name] for name in names)]

    def run() -> Results:
        sums = loop(*columns, last, threads)
        present = np.flatnonzero(sums[:, 5])
        quantity, price, discounted, charge, discount, count = sums[present].T
        flag, status = np.divmod(present, len(lineitem.LINE_STATUSES))
        return {
            "l_returnflag": flag.astype(np.int8),
            "l_linestatus": status.astype(np.int8),
            "sum_qty": quantity,
            "sum_base_price": price,
            "sum_disc_price": discounted,
            "sum_charge": charge,
            "avg_qty": quantity / count,
            "avg_price": price / count,
            "avg_disc": discount / count,
            "count_order": count.astype(np.int64),
        }

    return run


WORKLOAD = Workload(
    name="tpch_q1",
    title="TPC-H query 1",
    baseline="pandas",
    make=lineitem.make,
    program=program,
    load=load_frame,
    peers={"polars": polars, "duckdb": duckdb, "numba_loop": numba_loop},
    default_rows=6_000_000,
    left_out={"numexpr": "numexpr has no group-by"},
)
