"""TPC-H query 10: customers who returned most."""

from __future__ import annotations

from datetime import datetime
from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    joined = (
        t.customer.merge(t.orders, left_on="c_custkey", right_on="o_custkey")
        .merge(t.lineitem, left_on="o_orderkey", right_on="l_orderkey")
        .merge(t.nation, left_on="c_nationkey", right_on="n_nationkey")
    )
    joined = joined[
        (joined.o_orderdate >= pd.Timestamp("1993-10-01"))
        & (joined.o_orderdate < pd.Timestamp("1994-01-01"))
        & (joined.l_returnflag == "R")
    ]
    joined["revenue"] = joined.l_extendedprice * (1 - joined.l_discount)
    keys = ["c_custkey", "c_name", "c_acctbal", "c_phone", "n_name", "c_address", "c_comment"]
    customers = joined.groupby(keys, as_index=False)["revenue"].sum()
    customers = customers.sort_values(["revenue", "c_custkey"], ascending=[False, True]).head(20)
    columns = ["c_custkey", "c_name", "revenue", "c_acctbal", "n_name", "c_address", "c_phone", "c_comment"]
    return customers[columns]


def polars(pl: ModuleType, t: Any) -> Any:
    keys = ["c_custkey", "c_name", "c_acctbal", "c_phone", "n_name", "c_address", "c_comment"]
    return (
        t.customer.join(t.orders, left_on="c_custkey", right_on="o_custkey")
        .join(t.lineitem, left_on="o_orderkey", right_on="l_orderkey")
        .join(t.nation, left_on="c_nationkey", right_on="n_nationkey")
        .filter(
            pl.col("o_orderdate").is_between(datetime(1993, 10, 1), datetime(1994, 1, 1), closed="left"),
            pl.col("l_returnflag") == "R",
        )
        .group_by(keys)
        .agg(revenue=(pl.col("l_extendedprice") * (1 - pl.col("l_discount"))).sum())
        .select("c_custkey", "c_name", "revenue", "c_acctbal", "n_name", "c_address", "c_phone", "c_comment")
        .sort("revenue", "c_custkey", descending=[True, False])
        .head(20)
    )


SQL = """
SELECT c_custkey, c_name, sum(l_extendedprice * (1 - l_discount)) AS revenue, c_acctbal, n_name, c_address,
       c_phone, c_comment
FROM customer, orders, lineitem, nation
WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey AND o_orderdate >= TIMESTAMP '1993-10-01'
  AND o_orderdate < TIMESTAMP '1994-01-01' AND l_returnflag = 'R' AND c_nationkey = n_nationkey
GROUP BY c_custkey, c_name, c_acctbal, c_phone, n_name, c_address, c_comment
ORDER BY revenue DESC, c_custkey
LIMIT 20
"""
