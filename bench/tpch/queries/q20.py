"""TPC-H query 20: suppliers with an excess of a kind of part."""

from __future__ import annotations

from datetime import datetime
from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    parts = t.part[t.part.p_name.str.startswith("forest")]
    line = t.lineitem[
        (t.lineitem.l_shipdate >= pd.Timestamp("1994-01-01"))
        & (t.lineitem.l_shipdate < pd.Timestamp("1995-01-01"))
    ]
    shipped = line.groupby(["l_partkey", "l_suppkey"], as_index=False)["l_quantity"].sum()
    offers = t.partsupp[t.partsupp.ps_partkey.isin(parts.p_partkey)]
    offers = offers.merge(shipped, left_on=["ps_partkey", "ps_suppkey"], right_on=["l_partkey", "l_suppkey"])
    offers = offers[offers.ps_availqty > 0.5 * offers.l_quantity]
    suppliers = t.supplier.merge(t.nation, left_on="s_nationkey", right_on="n_nationkey")
    suppliers = suppliers[(suppliers.n_name == "CANADA") & suppliers.s_suppkey.isin(offers.ps_suppkey)]
    return suppliers[["s_name", "s_address"]].sort_values("s_name")


def polars(pl: ModuleType, t: Any) -> Any:
    parts = t.part.filter(pl.col("p_name").str.starts_with("forest"))
    shipped = (
        t.lineitem.filter(
            pl.col("l_shipdate").is_between(datetime(1994, 1, 1), datetime(1995, 1, 1), closed="left")
        )
        .group_by("l_partkey", "l_suppkey")
        .agg(pl.sum("l_quantity"))
    )
    offers = (
        t.partsupp.join(parts, left_on="ps_partkey", right_on="p_partkey", how="semi")
        .join(shipped, left_on=["ps_partkey", "ps_suppkey"], right_on=["l_partkey", "l_suppkey"])
        .filter(pl.col("ps_availqty") > 0.5 * pl.col("l_quantity"))
    )
    return (
        t.supplier.join(t.nation, left_on="s_nationkey", right_on="n_nationkey")
        .filter(pl.col("n_name") == "CANADA")
        .join(offers, left_on="s_suppkey", right_on="ps_suppkey", how="semi")
        .select("s_name", "s_address")
        .sort("s_name")
    )


SQL = """
SELECT s_name, s_address
FROM supplier, nation
WHERE s_suppkey IN (
    SELECT ps_suppkey FROM partsupp
    WHERE ps_partkey IN (SELECT p_partkey FROM part WHERE p_name LIKE 'forest%')
      AND ps_availqty > (
          SELECT 0.5 * sum(l_quantity) FROM lineitem
          WHERE l_partkey = ps_partkey AND l_suppkey = ps_suppkey AND l_shipdate >= TIMESTAMP '1994-01-01'
            AND l_shipdate < TIMESTAMP '1995-01-01'))
  AND s_nationkey = n_nationkey AND n_name = 'CANADA'
ORDER BY s_name
"""
