"""TPC-H query 12: late lines by ship mode and priority."""

from __future__ import annotations

from datetime import datetime
from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    joined = t.orders.merge(t.lineitem, left_on="o_orderkey", right_on="l_orderkey")
    joined = joined[
        joined.l_shipmode.isin(["MAIL", "SHIP"])
        & (joined.l_commitdate < joined.l_receiptdate)
        & (joined.l_shipdate < joined.l_commitdate)
        & (joined.l_receiptdate >= pd.Timestamp("1994-01-01"))
        & (joined.l_receiptdate < pd.Timestamp("1995-01-01"))
    ]
    urgent = joined.o_orderpriority.isin(["1-URGENT", "2-HIGH"])
    joined["high_line_count"] = urgent.astype(int)
    joined["low_line_count"] = (~urgent).astype(int)
    counts = joined.groupby("l_shipmode", as_index=False)[["high_line_count", "low_line_count"]].sum()
    return counts.sort_values("l_shipmode")


def polars(pl: ModuleType, t: Any) -> Any:
    urgent = pl.col("o_orderpriority").is_in(["1-URGENT", "2-HIGH"])
    return (
        t.orders.join(t.lineitem, left_on="o_orderkey", right_on="l_orderkey")
        .filter(
            pl.col("l_shipmode").is_in(["MAIL", "SHIP"]),
            pl.col("l_commitdate") < pl.col("l_receiptdate"),
            pl.col("l_shipdate") < pl.col("l_commitdate"),
            pl.col("l_receiptdate").is_between(datetime(1994, 1, 1), datetime(1995, 1, 1), closed="left"),
        )
        .group_by("l_shipmode")
        .agg(high_line_count=urgent.sum(), low_line_count=(~urgent).sum())
        .sort("l_shipmode")
    )


SQL = """
SELECT l_shipmode,
       sum(CASE WHEN o_orderpriority IN ('1-URGENT', '2-HIGH') THEN 1 ELSE 0 END) AS high_line_count,
       sum(CASE WHEN o_orderpriority NOT IN ('1-URGENT', '2-HIGH') THEN 1 ELSE 0 END) AS low_line_count
FROM orders, lineitem
WHERE o_orderkey = l_orderkey AND l_shipmode IN ('MAIL', 'SHIP') AND l_commitdate < l_receiptdate
  AND l_shipdate < l_commitdate AND l_receiptdate >= TIMESTAMP '1994-01-01'
  AND l_receiptdate < TIMESTAMP '1995-01-01'
GROUP BY l_shipmode
ORDER BY l_shipmode
"""
