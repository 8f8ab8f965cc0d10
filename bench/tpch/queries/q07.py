"""TPC-H query 7: trade between two nations, by year."""

from __future__ import annotations

from datetime import datetime
from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    suppliers = t.supplier.merge(t.nation, left_on="s_nationkey", right_on="n_nationkey")
    suppliers = suppliers.rename(columns={"n_name": "supp_nation"})
    customers = t.customer.merge(t.nation, left_on="c_nationkey", right_on="n_nationkey")
    customers = customers.rename(columns={"n_name": "cust_nation"})
    joined = (
        t.lineitem.merge(t.orders, left_on="l_orderkey", right_on="o_orderkey")
        .merge(suppliers, left_on="l_suppkey", right_on="s_suppkey")
        .merge(customers, left_on="o_custkey", right_on="c_custkey")
    )
    there = (joined.supp_nation == "FRANCE") & (joined.cust_nation == "GERMANY")
    back = (joined.supp_nation == "GERMANY") & (joined.cust_nation == "FRANCE")
    joined = joined[
        (there | back)
        & (joined.l_shipdate >= pd.Timestamp("1995-01-01"))
        & (joined.l_shipdate <= pd.Timestamp("1996-12-31"))
    ]
    joined["l_year"] = joined.l_shipdate.dt.year
    joined["revenue"] = joined.l_extendedprice * (1 - joined.l_discount)
    keys = ["supp_nation", "cust_nation", "l_year"]
    return joined.groupby(keys, as_index=False)["revenue"].sum().sort_values(keys)


def polars(pl: ModuleType, t: Any) -> Any:
    suppliers = t.supplier.join(t.nation, left_on="s_nationkey", right_on="n_nationkey")
    customers = t.customer.join(t.nation, left_on="c_nationkey", right_on="n_nationkey")
    supp, cust = pl.col("supp_nation"), pl.col("cust_nation")
    return (
        t.lineitem.join(t.orders, left_on="l_orderkey", right_on="o_orderkey")
        .join(suppliers.rename({"n_name": "supp_nation"}), left_on="l_suppkey", right_on="s_suppkey")
        .join(customers.rename({"n_name": "cust_nation"}), left_on="o_custkey", right_on="c_custkey")
        .filter(
            ((supp == "FRANCE") & (cust == "GERMANY")) | ((supp == "GERMANY") & (cust == "FRANCE")),
            pl.col("l_shipdate").is_between(datetime(1995, 1, 1), datetime(1996, 12, 31)),
        )
        .group_by("supp_nation", "cust_nation", pl.col("l_shipdate").dt.year().alias("l_year"))
        .agg(revenue=(pl.col("l_extendedprice") * (1 - pl.col("l_discount"))).sum())
        .sort("supp_nation", "cust_nation", "l_year")
    )


SQL = """
SELECT n1.n_name AS supp_nation, n2.n_name AS cust_nation, year(l_shipdate) AS l_year,
       sum(l_extendedprice * (1 - l_discount)) AS revenue
FROM supplier, lineitem, orders, customer, nation n1, nation n2
WHERE s_suppkey = l_suppkey AND o_orderkey = l_orderkey AND c_custkey = o_custkey
  AND s_nationkey = n1.n_nationkey AND c_nationkey = n2.n_nationkey
  AND ((n1.n_name = 'FRANCE' AND n2.n_name = 'GERMANY') OR (n1.n_name = 'GERMANY' AND n2.n_name = 'FRANCE'))
  AND l_shipdate BETWEEN TIMESTAMP '1995-01-01' AND TIMESTAMP '1996-12-31'
GROUP BY ALL
ORDER BY supp_nation, cust_nation, l_year
"""
