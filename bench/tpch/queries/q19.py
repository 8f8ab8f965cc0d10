"""TPC-H query 19: discounted revenue of parts shipped by air."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def program(pd: ModuleType, t: Any) -> Any:
    joined = t.lineitem.merge(t.part, left_on="l_partkey", right_on="p_partkey")
    joined = joined[
        joined.l_shipmode.isin(["AIR", "AIR REG"]) & (joined.l_shipinstruct == "DELIVER IN PERSON")
    ]
    small = (
        (joined.p_brand == "Brand#12")
        & joined.p_container.isin(["SM CASE", "SM BOX", "SM PACK", "SM PKG"])
        & joined.l_quantity.between(1, 11)
        & joined.p_size.between(1, 5)
    )
    medium = (
        (joined.p_brand == "Brand#23")
        & joined.p_container.isin(["MED BAG", "MED BOX", "MED PKG", "MED PACK"])
        & joined.l_quantity.between(10, 20)
        & joined.p_size.between(1, 10)
    )
    large = (
        (joined.p_brand == "Brand#34")
        & joined.p_container.isin(["LG CASE", "LG BOX", "LG PACK", "LG PKG"])
        & joined.l_quantity.between(20, 30)
        & joined.p_size.between(1, 15)
    )
    joined = joined[small | medium | large]
    return pd.DataFrame({"revenue": [(joined.l_extendedprice * (1 - joined.l_discount)).sum()]})


def polars(pl: ModuleType, t: Any) -> Any:
    def kind(brand: str, containers: list[str], quantity: tuple[int, int], size: int) -> pl.Expr:
        return (
            (pl.col("p_brand") == brand)
            & pl.col("p_container").is_in(containers)
            & pl.col("l_quantity").is_between(*quantity)
            & pl.col("p_size").is_between(1, size)
        )

    return (
        t.lineitem.join(t.part, left_on="l_partkey", right_on="p_partkey")
        .filter(
            pl.col("l_shipmode").is_in(["AIR", "AIR REG"]),
            pl.col("l_shipinstruct") == "DELIVER IN PERSON",
            kind("Brand#12", ["SM CASE", "SM BOX", "SM PACK", "SM PKG"], (1, 11), 5)
            | kind("Brand#23", ["MED BAG", "MED BOX", "MED PKG", "MED PACK"], (10, 20), 10)
            | kind("Brand#34", ["LG CASE", "LG BOX", "LG PACK", "LG PKG"], (20, 30), 15),
        )
        .select(revenue=(pl.col("l_extendedprice") * (1 - pl.col("l_discount"))).sum())
    )


SQL = """
SELECT sum(l_extendedprice * (1 - l_discount)) AS revenue
FROM lineitem, part
WHERE p_partkey = l_partkey AND l_shipmode IN ('AIR', 'AIR REG') AND l_shipinstruct = 'DELIVER IN PERSON'
  AND ((p_brand = 'Brand#12' AND p_container IN ('SM CASE', 'SM BOX', 'SM PACK', 'SM PKG')
        AND l_quantity BETWEEN 1 AND 11 AND p_size BETWEEN 1 AND 5)
    OR (p_brand = 'Brand#23' AND p_container IN ('MED BAG', 'MED BOX', 'MED PKG', 'MED PACK')
        AND l_quantity BETWEEN 10 AND 20 AND p_size BETWEEN 1 AND 10)
    OR (p_brand = 'Brand#34' AND p_container IN ('LG CASE', 'LG BOX', 'LG PACK', 'LG PKG')
        AND l_quantity BETWEEN 20 AND 30 AND p_size BETWEEN 1 AND 15))
"""
