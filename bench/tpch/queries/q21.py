"""TPC-H query 21: suppliers who alone kept an order waiting."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    line = t.lineitem
    suppliers = line.groupby("l_orderkey", as_index=False).agg(suppliers=("l_suppkey", "nunique"))
    late = line[line.l_receiptdate > line.l_commitdate]
    late_suppliers = late.groupby("l_orderkey", as_index=False).agg(late_suppliers=("l_suppkey", "nunique"))
    joined = (
        late.merge(suppliers, on="l_orderkey")
        .merge(late_suppliers, on="l_orderkey")
        .merge(t.orders, left_on="l_orderkey", right_on="o_orderkey")
        .merge(t.supplier, left_on="l_suppkey", right_on="s_suppkey")
        .merge(t.nation, left_on="s_nationkey", right_on="n_nationkey")
    )
    joined = joined[
        (joined.suppliers > 1)
        & (joined.late_suppliers == 1)
        & (joined.o_orderstatus == "F")
        & (joined.n_name == "SAUDI ARABIA")
    ]
    waiting = joined.groupby("s_name").size().reset_index(name="numwait")
    return waiting.sort_values(["numwait", "s_name"], ascending=[False, True]).head(100)


def polars(pl: ModuleType, t: Any) -> Any:
    n_suppliers = pl.col("l_suppkey").n_unique()
    late = t.lineitem.filter(pl.col("l_receiptdate") > pl.col("l_commitdate"))
    suppliers = t.lineitem.group_by("l_orderkey").agg(suppliers=n_suppliers)
    late_suppliers = late.group_by("l_orderkey").agg(late_suppliers=n_suppliers)
    return (
        late.join(suppliers, on="l_orderkey")
        .join(late_suppliers, on="l_orderkey")
        .join(t.orders, left_on="l_orderkey", right_on="o_orderkey")
        .join(t.supplier, left_on="l_suppkey", right_on="s_suppkey")
        .join(t.nation, left_on="s_nationkey", right_on="n_nationkey")
        .filter(
            pl.col("suppliers") > 1,
            pl.col("late_suppliers") == 1,
            pl.col("o_orderstatus") == "F",
            pl.col("n_name") == "SAUDI ARABIA",
        )
        .group_by("s_name")
        .agg(numwait=pl.len())
        .sort("numwait", "s_name", descending=[True, False])
        .head(100)
    )


SQL = """
SELECT s_name, count(*) AS numwait
FROM supplier, lineitem l1, orders, nation
WHERE s_suppkey = l1.l_suppkey AND o_orderkey = l1.l_orderkey AND o_orderstatus = 'F'
  AND l1.l_receiptdate > l1.l_commitdate
  AND EXISTS (SELECT * FROM lineitem l2
              WHERE l2.l_orderkey = l1.l_orderkey AND l2.l_suppkey <> l1.l_suppkey)
  AND NOT EXISTS (SELECT * FROM lineitem l3
                  WHERE l3.l_orderkey = l1.l_orderkey AND l3.l_suppkey <> l1.l_suppkey
                    AND l3.l_receiptdate > l3.l_commitdate)
  AND s_nationkey = n_nationkey AND n_name = 'SAUDI ARABIA'
GROUP BY s_name
ORDER BY numwait DESC, s_name
LIMIT 100
"""
