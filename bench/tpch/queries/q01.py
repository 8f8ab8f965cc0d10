"""TPC-H query 1: pricing summary: eight aggregates of two small keys."""

from __future__ import annotations

from datetime import datetime
from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    line = t.lineitem[t.lineitem["l_shipdate"] <= pd.Timestamp("1998-09-02")]
    line = line.assign(disc_price=line.l_extendedprice * (1 - line.l_discount))
    line["charge"] = line.disc_price * (1 + line.l_tax)
    return (
        line.groupby(["l_returnflag", "l_linestatus"])
        .agg(
            sum_qty=("l_quantity", "sum"),
            sum_base_price=("l_extendedprice", "sum"),
            sum_disc_price=("disc_price", "sum"),
            sum_charge=("charge", "sum"),
            avg_qty=("l_quantity", "mean"),
            avg_price=("l_extendedprice", "mean"),
            avg_disc=("l_discount", "mean"),
            count_order=("l_orderkey", "count"),
        )
        .reset_index()
        .sort_values(["l_returnflag", "l_linestatus"])
    )


def polars(pl: ModuleType, t: Any) -> Any:
    disc_price = pl.col("l_extendedprice") * (1 - pl.col("l_discount"))
    return (
        t.lineitem.filter(pl.col("l_shipdate") <= datetime(1998, 9, 2))
        .group_by("l_returnflag", "l_linestatus")
        .agg(
            sum_qty=pl.sum("l_quantity"),
            sum_base_price=pl.sum("l_extendedprice"),
            sum_disc_price=disc_price.sum(),
            sum_charge=(disc_price * (1 + pl.col("l_tax"))).sum(),
            avg_qty=pl.mean("l_quantity"),
            avg_price=pl.mean("l_extendedprice"),
            avg_disc=pl.mean("l_discount"),
            count_order=pl.len(),
        )
        .sort("l_returnflag", "l_linestatus")
    )


SQL = """
SELECT l_returnflag, l_linestatus, sum(l_quantity) AS sum_qty, sum(l_extendedprice) AS sum_base_price,
       sum(l_extendedprice * (1 - l_discount)) AS sum_disc_price,
       sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) AS sum_charge,
       avg(l_quantity) AS avg_qty, avg(l_extendedprice) AS avg_price, avg(l_discount) AS avg_disc,
       count(*) AS count_order
FROM lineitem
WHERE l_shipdate <= TIMESTAMP '1998-09-02'
GROUP BY l_returnflag, l_linestatus
ORDER BY l_returnflag, l_linestatus
"""
