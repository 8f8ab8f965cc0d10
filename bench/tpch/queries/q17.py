"""TPC-H query 17: revenue that small orders of a kind of part bring."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    joined = t.lineitem.merge(t.part, left_on="l_partkey", right_on="p_partkey")
    joined = joined[(joined.p_brand == "Brand#23") & (joined.p_container == "MED BOX")]
    means = joined.groupby("l_partkey", as_index=False).agg(mean_quantity=("l_quantity", "mean"))
    joined = joined.merge(means, on="l_partkey")
    small = joined[joined.l_quantity < 0.2 * joined.mean_quantity]
    return pd.DataFrame({"avg_yearly": [small.l_extendedprice.sum() / 7.0]})


def polars(pl: ModuleType, t: Any) -> Any:
    joined = t.lineitem.join(t.part, left_on="l_partkey", right_on="p_partkey").filter(
        pl.col("p_brand") == "Brand#23", pl.col("p_container") == "MED BOX"
    )
    means = joined.group_by("l_partkey").agg(mean_quantity=pl.mean("l_quantity"))
    return (
        joined.join(means, on="l_partkey")
        .filter(pl.col("l_quantity") < 0.2 * pl.col("mean_quantity"))
        .select(avg_yearly=pl.sum("l_extendedprice") / 7.0)
    )


SQL = """
SELECT coalesce(sum(l_extendedprice), 0.0) / 7.0 AS avg_yearly
FROM lineitem, part
WHERE p_partkey = l_partkey AND p_brand = 'Brand#23' AND p_container = 'MED BOX'
  AND l_quantity < (SELECT 0.2 * avg(l_quantity) FROM lineitem WHERE l_partkey = p_partkey)
"""
