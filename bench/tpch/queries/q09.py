"""TPC-H query 9: profit on a kind of part, by nation and year."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    joined = (
        t.lineitem.merge(t.part, left_on="l_partkey", right_on="p_partkey")
        .merge(t.supplier, left_on="l_suppkey", right_on="s_suppkey")
        .merge(t.partsupp, left_on=["l_suppkey", "l_partkey"], right_on=["ps_suppkey", "ps_partkey"])
        .merge(t.orders, left_on="l_orderkey", right_on="o_orderkey")
        .merge(t.nation, left_on="s_nationkey", right_on="n_nationkey")
    )
    joined = joined[joined.p_name.str.contains("green")]
    joined["nation"] = joined.n_name
    joined["o_year"] = joined.o_orderdate.dt.year
    joined["amount"] = (
        joined.l_extendedprice * (1 - joined.l_discount) - joined.ps_supplycost * joined.l_quantity
    )
    profit = joined.groupby(["nation", "o_year"], as_index=False).agg(sum_profit=("amount", "sum"))
    return profit.sort_values(["nation", "o_year"], ascending=[True, False])


def polars(pl: ModuleType, t: Any) -> Any:
    amount = pl.col("l_extendedprice") * (1 - pl.col("l_discount")) - pl.col("ps_supplycost") * pl.col(
        "l_quantity"
    )
    return (
        t.lineitem.join(t.part, left_on="l_partkey", right_on="p_partkey")
        .join(t.supplier, left_on="l_suppkey", right_on="s_suppkey")
        .join(t.partsupp, left_on=["l_suppkey", "l_partkey"], right_on=["ps_suppkey", "ps_partkey"])
        .join(t.orders, left_on="l_orderkey", right_on="o_orderkey")
        .join(t.nation, left_on="s_nationkey", right_on="n_nationkey")
        .filter(pl.col("p_name").str.contains("green", literal=True))
        .group_by(pl.col("n_name").alias("nation"), pl.col("o_orderdate").dt.year().alias("o_year"))
        .agg(sum_profit=amount.sum())
        .sort("nation", "o_year", descending=[False, True])
    )


SQL = """
SELECT n_name AS nation, year(o_orderdate) AS o_year,
       sum(l_extendedprice * (1 - l_discount) - ps_supplycost * l_quantity) AS sum_profit
FROM part, supplier, lineitem, partsupp, orders, nation
WHERE s_suppkey = l_suppkey AND ps_suppkey = l_suppkey AND ps_partkey = l_partkey AND p_partkey = l_partkey
  AND o_orderkey = l_orderkey AND s_nationkey = n_nationkey AND p_name LIKE '%green%'
GROUP BY ALL
ORDER BY nation, o_year DESC
"""
