"""TPC-H query 14: the share of revenue from promoted parts."""

from __future__ import annotations

from datetime import datetime
from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    joined = t.lineitem.merge(t.part, left_on="l_partkey", right_on="p_partkey")
    joined = joined[
        (joined.l_shipdate >= pd.Timestamp("1995-09-01")) & (joined.l_shipdate < pd.Timestamp("1995-10-01"))
    ]
    revenue = joined.l_extendedprice * (1 - joined.l_discount)
    promoted = revenue[joined.p_type.str.startswith("PROMO")]
    return pd.DataFrame({"promo_revenue": [100.0 * promoted.sum() / revenue.sum()]})


def polars(pl: ModuleType, t: Any) -> Any:
    revenue = pl.col("l_extendedprice") * (1 - pl.col("l_discount"))
    promoted = pl.when(pl.col("p_type").str.starts_with("PROMO")).then(revenue).otherwise(0.0)
    return (
        t.lineitem.join(t.part, left_on="l_partkey", right_on="p_partkey")
        .filter(pl.col("l_shipdate").is_between(datetime(1995, 9, 1), datetime(1995, 10, 1), closed="left"))
        .select(promo_revenue=100.0 * promoted.sum() / revenue.sum())
    )


SQL = """
SELECT 100.0 * sum(CASE WHEN p_type LIKE 'PROMO%' THEN l_extendedprice * (1 - l_discount) ELSE 0 END)
       / sum(l_extendedprice * (1 - l_discount)) AS promo_revenue
FROM lineitem, part
WHERE l_partkey = p_partkey AND l_shipdate >= TIMESTAMP '1995-09-01' AND l_shipdate < TIMESTAMP '1995-10-01'
"""
