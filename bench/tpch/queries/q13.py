"""TPC-H query 13: how many customers have how many orders."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    orders = t.orders[~t.orders.o_comment.str.contains("special.*requests")]
    joined = t.customer.merge(orders, how="left", left_on="c_custkey", right_on="o_custkey")
    counts = joined.groupby("c_custkey").agg(c_count=("o_orderkey", "count"))
    found = counts.groupby("c_count").size().reset_index(name="custdist")
    return found.sort_values(["custdist", "c_count"], ascending=[False, False])


def polars(pl: ModuleType, t: Any) -> Any:
    orders = t.orders.filter(~pl.col("o_comment").str.contains("special.*requests"))
    return (
        t.customer.join(orders, how="left", left_on="c_custkey", right_on="o_custkey")
        .group_by("c_custkey")
        .agg(c_count=pl.col("o_orderkey").count())
        .group_by("c_count")
        .agg(custdist=pl.len())
        .sort("custdist", "c_count", descending=True)
    )


SQL = """
SELECT c_count, count(*) AS custdist
FROM (
    SELECT c_custkey, count(o_orderkey) AS c_count
    FROM customer LEFT JOIN orders ON c_custkey = o_custkey AND o_comment NOT LIKE '%special%requests%'
    GROUP BY c_custkey)
GROUP BY c_count
ORDER BY custdist DESC, c_count DESC
"""
