"""TPC-H query 4: orders with a late line, by priority."""

from __future__ import annotations

from datetime import datetime
from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    late = t.lineitem[t.lineitem.l_commitdate < t.lineitem.l_receiptdate]
    orders = t.orders[
        (t.orders.o_orderdate >= pd.Timestamp("1993-07-01"))
        & (t.orders.o_orderdate < pd.Timestamp("1993-10-01"))
    ]
    orders = orders[orders.o_orderkey.isin(late.l_orderkey)]
    counts = orders.groupby("o_orderpriority").agg(order_count=("o_orderkey", "count"))
    return counts.reset_index().sort_values("o_orderpriority")


def polars(pl: ModuleType, t: Any) -> Any:
    late = t.lineitem.filter(pl.col("l_commitdate") < pl.col("l_receiptdate"))
    return (
        t.orders.filter(
            pl.col("o_orderdate").is_between(datetime(1993, 7, 1), datetime(1993, 10, 1), closed="left")
        )
        .join(late, left_on="o_orderkey", right_on="l_orderkey", how="semi")
        .group_by("o_orderpriority")
        .agg(order_count=pl.len())
        .sort("o_orderpriority")
    )


SQL = """
SELECT o_orderpriority, count(*) AS order_count
FROM orders
WHERE o_orderdate >= TIMESTAMP '1993-07-01' AND o_orderdate < TIMESTAMP '1993-10-01'
  AND EXISTS (SELECT * FROM lineitem WHERE l_orderkey = o_orderkey AND l_commitdate < l_receiptdate)
GROUP BY o_orderpriority
ORDER BY o_orderpriority
"""
