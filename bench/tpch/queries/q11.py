"""TPC-H query 11: the stock that is worth most in a nation."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    stock = t.partsupp.merge(t.supplier, left_on="ps_suppkey", right_on="s_suppkey")
    stock = stock.merge(t.nation, left_on="s_nationkey", right_on="n_nationkey")
    stock = stock[stock.n_name == "GERMANY"]
    stock["value"] = stock.ps_supplycost * stock.ps_availqty
    least = stock["value"].sum() * 0.0001 / t.scale
    parts = stock.groupby("ps_partkey", as_index=False)["value"].sum()
    return parts[parts["value"] > least].sort_values(["value", "ps_partkey"], ascending=[False, True])


def polars(pl: ModuleType, t: Any) -> Any:
    value = pl.col("ps_supplycost") * pl.col("ps_availqty")
    stock = (
        t.partsupp.join(t.supplier, left_on="ps_suppkey", right_on="s_suppkey")
        .join(t.nation, left_on="s_nationkey", right_on="n_nationkey")
        .filter(pl.col("n_name") == "GERMANY")
    )
    least = stock.select(least=value.sum() * 0.0001 / t.scale)
    return (
        stock.group_by("ps_partkey")
        .agg(value=value.sum())
        .join(least, how="cross")
        .filter(pl.col("value") > pl.col("least"))
        .select("ps_partkey", "value")
        .sort("value", "ps_partkey", descending=[True, False])
    )


SQL = """
SELECT ps_partkey, sum(ps_supplycost * ps_availqty) AS value
FROM partsupp, supplier, nation
WHERE ps_suppkey = s_suppkey AND s_nationkey = n_nationkey AND n_name = 'GERMANY'
GROUP BY ps_partkey
HAVING value > (
    SELECT sum(ps_supplycost * ps_availqty) * 0.0001 / {scale} FROM partsupp, supplier, nation
    WHERE ps_suppkey = s_suppkey AND s_nationkey = n_nationkey AND n_name = 'GERMANY')
ORDER BY value DESC, ps_partkey
"""
