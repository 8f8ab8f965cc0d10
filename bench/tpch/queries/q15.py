"""TPC-H query 15: the supplier with the greatest revenue of a quarter."""

from __future__ import annotations

from datetime import datetime
from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    line = t.lineitem[
        (t.lineitem.l_shipdate >= pd.Timestamp("1996-01-01"))
        & (t.lineitem.l_shipdate < pd.Timestamp("1996-04-01"))
    ]
    line["total_revenue"] = line.l_extendedprice * (1 - line.l_discount)
    revenue = line.groupby("l_suppkey", as_index=False)["total_revenue"].sum()
    top = revenue[revenue.total_revenue == revenue.total_revenue.max()]
    joined = t.supplier.merge(top, left_on="s_suppkey", right_on="l_suppkey")
    columns = ["s_suppkey", "s_name", "s_address", "s_phone", "total_revenue"]
    return joined[columns].sort_values("s_suppkey")


def polars(pl: ModuleType, t: Any) -> Any:
    revenue = (
        t.lineitem.filter(
            pl.col("l_shipdate").is_between(datetime(1996, 1, 1), datetime(1996, 4, 1), closed="left")
        )
        .group_by("l_suppkey")
        .agg(total_revenue=(pl.col("l_extendedprice") * (1 - pl.col("l_discount"))).sum())
    )
    return (
        t.supplier.join(revenue, left_on="s_suppkey", right_on="l_suppkey")
        .filter(pl.col("total_revenue") == pl.col("total_revenue").max())
        .select("s_suppkey", "s_name", "s_address", "s_phone", "total_revenue")
        .sort("s_suppkey")
    )


SQL = """
WITH revenue AS (
    SELECT l_suppkey, sum(l_extendedprice * (1 - l_discount)) AS total_revenue
    FROM lineitem
    WHERE l_shipdate >= TIMESTAMP '1996-01-01' AND l_shipdate < TIMESTAMP '1996-04-01'
    GROUP BY l_suppkey)
SELECT s_suppkey, s_name, s_address, s_phone, total_revenue
FROM supplier, revenue
WHERE s_suppkey = l_suppkey AND total_revenue >= (SELECT max(total_revenue) FROM revenue) * (1 - 1e-12)
ORDER BY s_suppkey
"""
