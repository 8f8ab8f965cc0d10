"""TPC-H query 6: revenue that small discounts cost."""

from __future__ import annotations

from datetime import datetime
from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    line = t.lineitem
    line = line[
        (line.l_shipdate >= pd.Timestamp("1994-01-01"))
        & (line.l_shipdate < pd.Timestamp("1995-01-01"))
        & line.l_discount.between(0.05, 0.07)
        & (line.l_quantity < 24)
    ]
    return pd.DataFrame({"revenue": [(line.l_extendedprice * line.l_discount).sum()]})


def polars(pl: ModuleType, t: Any) -> Any:
    return t.lineitem.filter(
        pl.col("l_shipdate").is_between(datetime(1994, 1, 1), datetime(1995, 1, 1), closed="left"),
        pl.col("l_discount").is_between(0.05, 0.07),
        pl.col("l_quantity") < 24,
    ).select(revenue=(pl.col("l_extendedprice") * pl.col("l_discount")).sum())


SQL = """
SELECT sum(l_extendedprice * l_discount) AS revenue
FROM lineitem
WHERE l_shipdate >= TIMESTAMP '1994-01-01' AND l_shipdate < TIMESTAMP '1995-01-01'
  AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24
"""
