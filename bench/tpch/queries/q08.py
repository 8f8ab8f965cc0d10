"""TPC-H query 8: a nation's share of a region's market, by year."""

from __future__ import annotations

from datetime import datetime
from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    joined = (
        t.part.merge(t.lineitem, left_on="p_partkey", right_on="l_partkey")
        .merge(t.supplier, left_on="l_suppkey", right_on="s_suppkey")
        .merge(t.orders, left_on="l_orderkey", right_on="o_orderkey")
        .merge(t.customer, left_on="o_custkey", right_on="c_custkey")
        .merge(t.nation, left_on="c_nationkey", right_on="n_nationkey")
        .merge(t.region, left_on="n_regionkey", right_on="r_regionkey")
        .merge(t.nation, left_on="s_nationkey", right_on="n_nationkey", suffixes=("", "_supp"))
    )
    joined = joined[
        (joined.r_name == "AMERICA")
        & (joined.p_type == "ECONOMY ANODIZED STEEL")
        & (joined.o_orderdate >= pd.Timestamp("1995-01-01"))
        & (joined.o_orderdate <= pd.Timestamp("1996-12-31"))
    ]
    joined["o_year"] = joined.o_orderdate.dt.year
    joined["volume"] = joined.l_extendedprice * (1 - joined.l_discount)
    joined["of_nation"] = joined.volume.where(joined.n_name_supp == "BRAZIL", 0.0)
    years = joined.groupby("o_year", as_index=False)[["of_nation", "volume"]].sum()
    years["mkt_share"] = years.of_nation / years.volume
    return years[["o_year", "mkt_share"]].sort_values("o_year")


def polars(pl: ModuleType, t: Any) -> Any:
    volume = pl.col("l_extendedprice") * (1 - pl.col("l_discount"))
    of_nation = pl.when(pl.col("n_name_supp") == "BRAZIL").then(volume).otherwise(0.0)
    return (
        t.part.join(t.lineitem, left_on="p_partkey", right_on="l_partkey")
        .join(t.supplier, left_on="l_suppkey", right_on="s_suppkey")
        .join(t.orders, left_on="l_orderkey", right_on="o_orderkey")
        .join(t.customer, left_on="o_custkey", right_on="c_custkey")
        .join(t.nation, left_on="c_nationkey", right_on="n_nationkey")
        .join(t.region, left_on="n_regionkey", right_on="r_regionkey")
        .join(t.nation, left_on="s_nationkey", right_on="n_nationkey", suffix="_supp")
        .filter(
            pl.col("r_name") == "AMERICA",
            pl.col("p_type") == "ECONOMY ANODIZED STEEL",
            pl.col("o_orderdate").is_between(datetime(1995, 1, 1), datetime(1996, 12, 31)),
        )
        .group_by(pl.col("o_orderdate").dt.year().alias("o_year"))
        .agg(mkt_share=of_nation.sum() / volume.sum())
        .sort("o_year")
    )


SQL = """
SELECT o_year, sum(CASE WHEN nation = 'BRAZIL' THEN volume ELSE 0 END) / sum(volume) AS mkt_share
FROM (
    SELECT year(o_orderdate) AS o_year, l_extendedprice * (1 - l_discount) AS volume, n2.n_name AS nation
    FROM part, supplier, lineitem, orders, customer, nation n1, nation n2, region
    WHERE p_partkey = l_partkey AND s_suppkey = l_suppkey AND l_orderkey = o_orderkey
      AND o_custkey = c_custkey AND c_nationkey = n1.n_nationkey AND n1.n_regionkey = r_regionkey
      AND r_name = 'AMERICA' AND s_nationkey = n2.n_nationkey AND p_type = 'ECONOMY ANODIZED STEEL'
      AND o_orderdate BETWEEN TIMESTAMP '1995-01-01' AND TIMESTAMP '1996-12-31')
GROUP BY o_year
ORDER BY o_year
"""
