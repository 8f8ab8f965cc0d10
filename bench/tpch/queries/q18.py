"""TPC-H query 18: customers with large orders."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    quantities = t.lineitem.groupby("l_orderkey", as_index=False)["l_quantity"].sum()
    large = quantities[quantities.l_quantity > 300]
    joined = t.orders[t.orders.o_orderkey.isin(large.l_orderkey)]
    joined = joined.merge(t.lineitem, left_on="o_orderkey", right_on="l_orderkey")
    joined = joined.merge(t.customer, left_on="o_custkey", right_on="c_custkey")
    keys = ["c_name", "c_custkey", "o_orderkey", "o_orderdate", "o_totalprice"]
    orders = joined.groupby(keys, as_index=False).agg(sum_quantity=("l_quantity", "sum"))
    order = ["o_totalprice", "o_orderdate", "o_orderkey"]
    return orders.sort_values(order, ascending=[False, True, True]).head(100)


def polars(pl: ModuleType, t: Any) -> Any:
    large = t.lineitem.group_by("l_orderkey").agg(pl.sum("l_quantity")).filter(pl.col("l_quantity") > 300)
    return (
        t.orders.join(large, left_on="o_orderkey", right_on="l_orderkey", how="semi")
        .join(t.lineitem, left_on="o_orderkey", right_on="l_orderkey")
        .join(t.customer, left_on="o_custkey", right_on="c_custkey")
        .group_by(
            "c_name", pl.col("o_custkey").alias("c_custkey"), "o_orderkey", "o_orderdate", "o_totalprice"
        )
        .agg(sum_quantity=pl.sum("l_quantity"))
        .sort("o_totalprice", "o_orderdate", "o_orderkey", descending=[True, False, False])
        .head(100)
    )


SQL = """
SELECT c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice, sum(l_quantity) AS sum_quantity
FROM customer, orders, lineitem
WHERE o_orderkey IN (SELECT l_orderkey FROM lineitem GROUP BY l_orderkey HAVING sum(l_quantity) > 300)
  AND c_custkey = o_custkey AND o_orderkey = l_orderkey
GROUP BY c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice
ORDER BY o_totalprice DESC, o_orderdate, o_orderkey
LIMIT 100
"""
