"""TPC-H query 2: the cheapest supplier of each part in a region."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    offers = (
        t.part.merge(t.partsupp, left_on="p_partkey", right_on="ps_partkey")
        .merge(t.supplier, left_on="ps_suppkey", right_on="s_suppkey")
        .merge(t.nation, left_on="s_nationkey", right_on="n_nationkey")
        .merge(t.region, left_on="n_regionkey", right_on="r_regionkey")
    )
    offers = offers[(offers.p_size == 15) & offers.p_type.str.endswith("BRASS") & (offers.r_name == "EUROPE")]
    cheapest = offers.groupby("p_partkey", as_index=False).agg(ps_supplycost=("ps_supplycost", "min"))
    best = offers.merge(cheapest, on=["p_partkey", "ps_supplycost"])
    best = best[["s_acctbal", "s_name", "n_name", "p_partkey", "p_mfgr", "s_address", "s_phone", "s_comment"]]
    order = ["s_acctbal", "n_name", "s_name", "p_partkey"]
    return best.sort_values(order, ascending=[False, True, True, True]).head(100)


def polars(pl: ModuleType, t: Any) -> Any:
    offers = (
        t.part.join(t.partsupp, left_on="p_partkey", right_on="ps_partkey")
        .join(t.supplier, left_on="ps_suppkey", right_on="s_suppkey")
        .join(t.nation, left_on="s_nationkey", right_on="n_nationkey")
        .join(t.region, left_on="n_regionkey", right_on="r_regionkey")
        .filter(pl.col("p_size") == 15, pl.col("p_type").str.ends_with("BRASS"), pl.col("r_name") == "EUROPE")
    )
    cheapest = offers.group_by("p_partkey").agg(pl.min("ps_supplycost"))
    return (
        offers.join(cheapest, on=["p_partkey", "ps_supplycost"])
        .select("s_acctbal", "s_name", "n_name", "p_partkey", "p_mfgr", "s_address", "s_phone", "s_comment")
        .sort("s_acctbal", "n_name", "s_name", "p_partkey", descending=[True, False, False, False])
        .head(100)
    )


SQL = """
SELECT s_acctbal, s_name, n_name, p_partkey, p_mfgr, s_address, s_phone, s_comment
FROM part, supplier, partsupp, nation, region
WHERE p_partkey = ps_partkey AND s_suppkey = ps_suppkey AND p_size = 15 AND p_type LIKE '%BRASS'
  AND s_nationkey = n_nationkey AND n_regionkey = r_regionkey AND r_name = 'EUROPE'
  AND ps_supplycost = (
      SELECT min(ps_supplycost) FROM partsupp, supplier, nation, region
      WHERE p_partkey = ps_partkey AND s_suppkey = ps_suppkey AND s_nationkey = n_nationkey
        AND n_regionkey = r_regionkey AND r_name = 'EUROPE')
ORDER BY s_acctbal DESC, n_name, s_name, p_partkey
LIMIT 100
"""
