"""TPC-H query 5: revenue of suppliers to customers of their own nation."""

from __future__ import annotations

from datetime import datetime
from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    joined = (
        t.region.merge(t.nation, left_on="r_regionkey", right_on="n_regionkey")
        .merge(t.customer, left_on="n_nationkey", right_on="c_nationkey")
        .merge(t.orders, left_on="c_custkey", right_on="o_custkey")
        .merge(t.lineitem, left_on="o_orderkey", right_on="l_orderkey")
        .merge(t.supplier, left_on=["l_suppkey", "n_nationkey"], right_on=["s_suppkey", "s_nationkey"])
    )
    joined = joined[
        (joined.r_name == "ASIA")
        & (joined.o_orderdate >= pd.Timestamp("1994-01-01"))
        & (joined.o_orderdate < pd.Timestamp("1995-01-01"))
    ]
    joined["revenue"] = joined.l_extendedprice * (1 - joined.l_discount)
    return joined.groupby("n_name", as_index=False)["revenue"].sum().sort_values("revenue", ascending=False)


def polars(pl: ModuleType, t: Any) -> Any:
    return (
        t.region.join(t.nation, left_on="r_regionkey", right_on="n_regionkey")
        .join(t.customer, left_on="n_nationkey", right_on="c_nationkey")
        .join(t.orders, left_on="c_custkey", right_on="o_custkey")
        .join(t.lineitem, left_on="o_orderkey", right_on="l_orderkey")
        .join(t.supplier, left_on=["l_suppkey", "n_nationkey"], right_on=["s_suppkey", "s_nationkey"])
        .filter(
            pl.col("r_name") == "ASIA",
            pl.col("o_orderdate").is_between(datetime(1994, 1, 1), datetime(1995, 1, 1), closed="left"),
        )
        .group_by("n_name")
        .agg(revenue=(pl.col("l_extendedprice") * (1 - pl.col("l_discount"))).sum())
        .sort("revenue", descending=True)
    )


SQL = """
SELECT n_name, sum(l_extendedprice * (1 - l_discount)) AS revenue
FROM customer, orders, lineitem, supplier, nation, region
WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey AND l_suppkey = s_suppkey
  AND c_nationkey = s_nationkey AND s_nationkey = n_nationkey AND n_regionkey = r_regionkey
  AND r_name = 'ASIA' AND o_orderdate >= TIMESTAMP '1994-01-01' AND o_orderdate < TIMESTAMP '1995-01-01'
GROUP BY n_name
ORDER BY revenue DESC
"""
