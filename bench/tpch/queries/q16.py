"""TPC-H query 16: how many suppliers offer each kind of part."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    complained = t.supplier[t.supplier.s_comment.str.contains("Customer.*Complaints")]
    offers = t.part.merge(t.partsupp, left_on="p_partkey", right_on="ps_partkey")
    offers = offers[
        (offers.p_brand != "Brand#45")
        & ~offers.p_type.str.startswith("MEDIUM POLISHED")
        & offers.p_size.isin([49, 14, 23, 45, 19, 3, 36, 9])
        & ~offers.ps_suppkey.isin(complained.s_suppkey)
    ]
    keys = ["p_brand", "p_type", "p_size"]
    counts = offers.groupby(keys, as_index=False)["ps_suppkey"].nunique()
    counts = counts.rename(columns={"ps_suppkey": "supplier_cnt"})
    return counts[[*keys, "supplier_cnt"]].sort_values(
        ["supplier_cnt", *keys], ascending=[False, True, True, True]
    )


def polars(pl: ModuleType, t: Any) -> Any:
    complained = t.supplier.filter(pl.col("s_comment").str.contains("Customer.*Complaints"))
    return (
        t.part.join(t.partsupp, left_on="p_partkey", right_on="ps_partkey")
        .filter(
            pl.col("p_brand") != "Brand#45",
            ~pl.col("p_type").str.starts_with("MEDIUM POLISHED"),
            pl.col("p_size").is_in([49, 14, 23, 45, 19, 3, 36, 9]),
        )
        .join(complained, left_on="ps_suppkey", right_on="s_suppkey", how="anti")
        .group_by("p_brand", "p_type", "p_size")
        .agg(supplier_cnt=pl.col("ps_suppkey").n_unique())
        .sort("supplier_cnt", "p_brand", "p_type", "p_size", descending=[True, False, False, False])
    )


SQL = """
SELECT p_brand, p_type, p_size, count(DISTINCT ps_suppkey) AS supplier_cnt
FROM partsupp, part
WHERE p_partkey = ps_partkey AND p_brand <> 'Brand#45' AND p_type NOT LIKE 'MEDIUM POLISHED%'
  AND p_size IN (49, 14, 23, 45, 19, 3, 36, 9)
  AND ps_suppkey NOT IN (SELECT s_suppkey FROM supplier WHERE s_comment LIKE '%Customer%Complaints%')
GROUP BY p_brand, p_type, p_size
ORDER BY supplier_cnt DESC, p_brand, p_type, p_size
"""
