"""TPC-H query 22: customers with money and no orders, by country code."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    customers = t.customer.assign(cntrycode=t.customer.c_phone.str.slice(0, 2))
    customers = customers[customers.cntrycode.isin(["13", "31", "23", "29", "30", "18", "17"])]
    mean = customers[customers.c_acctbal > 0].c_acctbal.mean()
    customers = customers[(customers.c_acctbal > mean) & ~customers.c_custkey.isin(t.orders.o_custkey)]
    codes = customers.groupby("cntrycode", as_index=False).agg(
        numcust=("c_acctbal", "size"), totacctbal=("c_acctbal", "sum")
    )
    return codes.sort_values("cntrycode")


def polars(pl: ModuleType, t: Any) -> Any:
    codes = ["13", "31", "23", "29", "30", "18", "17"]
    customers = t.customer.with_columns(cntrycode=pl.col("c_phone").str.slice(0, 2)).filter(
        pl.col("cntrycode").is_in(codes)
    )
    mean = customers.filter(pl.col("c_acctbal") > 0).select(mean=pl.mean("c_acctbal"))
    return (
        customers.join(mean, how="cross")
        .filter(pl.col("c_acctbal") > pl.col("mean"))
        .join(t.orders, left_on="c_custkey", right_on="o_custkey", how="anti")
        .group_by("cntrycode")
        .agg(numcust=pl.len(), totacctbal=pl.sum("c_acctbal"))
        .sort("cntrycode")
    )


SQL = """
WITH customers AS (
    SELECT substring(c_phone, 1, 2) AS cntrycode, c_acctbal, c_custkey FROM customer
    WHERE cntrycode IN ('13', '31', '23', '29', '30', '18', '17'))
SELECT cntrycode, count(*) AS numcust, sum(c_acctbal) AS totacctbal
FROM customers
WHERE c_acctbal > (SELECT avg(c_acctbal) FROM customers WHERE c_acctbal > 0)
  AND NOT EXISTS (SELECT * FROM orders WHERE o_custkey = c_custkey)
GROUP BY cntrycode
ORDER BY cntrycode
"""
