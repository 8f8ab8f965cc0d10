"""TPC-H query 3: the unshipped orders worth most."""

from __future__ import annotations

from datetime import datetime
from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    date = pd.Timestamp("1995-03-15")
    joined = t.customer.merge(t.orders, left_on="c_custkey", right_on="o_custkey")
    joined = joined.merge(t.lineitem, left_on="o_orderkey", right_on="l_orderkey")
    joined = joined[
        (joined.c_mktsegment == "BUILDING") & (joined.o_orderdate < date) & (joined.l_shipdate > date)
    ]
    joined["revenue"] = joined.l_extendedprice * (1 - joined.l_discount)
    orders = joined.groupby(["l_orderkey", "o_orderdate", "o_shippriority"], as_index=False)["revenue"].sum()
    orders = orders.sort_values(["revenue", "o_orderdate"], ascending=[False, True]).head(10)
    return orders[["l_orderkey", "revenue", "o_orderdate", "o_shippriority"]]


def polars(pl: ModuleType, t: Any) -> Any:
    date = datetime(1995, 3, 15)
    return (
        t.customer.join(t.orders, left_on="c_custkey", right_on="o_custkey")
        .join(t.lineitem, left_on="o_orderkey", right_on="l_orderkey")
        .filter(
            pl.col("c_mktsegment") == "BUILDING", pl.col("o_orderdate") < date, pl.col("l_shipdate") > date
        )
        .group_by(pl.col("o_orderkey").alias("l_orderkey"), "o_orderdate", "o_shippriority")
        .agg(revenue=(pl.col("l_extendedprice") * (1 - pl.col("l_discount"))).sum())
        .select("l_orderkey", "revenue", "o_orderdate", "o_shippriority")
        .sort("revenue", "o_orderdate", descending=[True, False])
        .head(10)
    )


SQL = """
SELECT l_orderkey, sum(l_extendedprice * (1 - l_discount)) AS revenue, o_orderdate, o_shippriority
FROM customer, orders, lineitem
WHERE c_mktsegment = 'BUILDING' AND c_custkey = o_custkey AND l_orderkey = o_orderkey
  AND o_orderdate < TIMESTAMP '1995-03-15' AND l_shipdate > TIMESTAMP '1995-03-15'
GROUP BY l_orderkey, o_orderdate, o_shippriority
ORDER BY revenue DESC, o_orderdate
LIMIT 10
"""
