"""
Names given to children in the United States, as in *Python for Data Analysis* and in Weld's evaluation.

The thousand commonest names of each year and sex; of those that begin with "Lesl", each sex's share by year.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from bench.peers import duckdb_tables
from bench.workload import Data, Results, Run, Workload, load_frame

YEARS = range(1880, 2011)
LESLEYS = ("Lesley", "Leslee", "Leslie", "Lesli", "Lesly")
SYLLABLES = ("an", "be", "co", "da", "el", "fi", "ga", "ho", "is", "jo", "ka", "lu", "mar", "no", "ol", "pa")


def make(rows: int, seed: int) -> Data:
    """
    A row for each name, sex and year, as the Social Security Administration publishes them (1,690,784 rows).

    Births fall with a name's rank about as they do there; a name keeps its rank roughly from year to year.
    """
    random = np.random.default_rng(seed)
    each = max(rows // (2 * len(YEARS)), len(LESLEYS) + 1)
    made = [a + b + c for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES] * (each // 4096 + 1)
    made = [name.capitalize() + str(number // 4096 or "") for number, name in enumerate(made[:each])]
    places = random.choice(min(each, 1_000), len(LESLEYS), replace=False)
    for place, name in zip(places, LESLEYS, strict=True):
        made[place] = name
    names = np.array(made, dtype=object)
    groups = [(year, sex) for year in YEARS for sex in "FM"]
    size = len(groups) * each
    weight = np.tile(60_000.0 / np.arange(1, each + 1) ** 1.1, len(groups)) * random.uniform(0.4, 1.6, size)
    # a number of births of its own for every row of a group, so that the thousand commonest are settled
    births = np.round(weight).astype(np.int64) * 100_000 + np.tile(np.arange(each), len(groups))
    return {
        "name": np.tile(names, len(groups)),
        "sex": np.repeat(np.array([sex for _, sex in groups], dtype=object), each),
        "births": births,
        "year": np.repeat(np.array([year for year, _ in groups]), each),
    }


def program(pd: ModuleType, np: ModuleType, names: Any) -> Results:
    ordered = names.sort_values("births", ascending=False)
    top = ordered.groupby(["year", "sex"]).head(1000)
    lesleys = top[top["name"].str.lower().str.startswith("lesl")]
    table = lesleys.pivot_table("births", index="year", columns="sex", aggfunc="sum")
    share = table.div(table.sum(axis=1), axis=0)
    return {"year": share.index.to_numpy(), "F": share["F"], "M": share["M"]}


def polars(data: Data, threads: int) -> Run:
    import polars as pl

    frame = pl.DataFrame({name: column.tolist() for name, column in data.items()})

    def run() -> Any:
        top = (
            frame.lazy()
            .sort("births", descending=True)
            .group_by("year", "sex", maintain_order=True)
            .head(1000)
            .filter(pl.col("name").str.to_lowercase().str.starts_with("lesl"))
            .group_by("year")
            .agg(
                F=pl.col("births").filter(pl.col("sex") == "F").sum(),
                M=pl.col("births").filter(pl.col("sex") == "M").sum(),
            )
            .sort("year")
        )
        total = pl.col("F") + pl.col("M")
        return top.select("year", F=pl.col("F") / total, M=pl.col("M") / total).collect()

    return run


def duckdb(data: Data, threads: int) -> Run:
    connection = duckdb_tables(threads, names=data)
    query = """
        WITH top AS (
            SELECT * FROM names
            QUALIFY row_number() OVER (PARTITION BY year, sex ORDER BY births DESC) <= 1000),
        sums AS (
            SELECT year, sum(births) FILTER (sex = 'F') AS f, sum(births) FILTER (sex = 'M') AS m
            FROM top WHERE lower(name) LIKE 'lesl%' GROUP BY year)
        SELECT year, f::DOUBLE / (f + m) AS F, m::DOUBLE / (f + m) AS M FROM sums ORDER BY year
    """
    return lambda: connection.execute(query).fetchnumpy()


WORKLOAD = Workload(
    name="birth_analysis",
    title="birth analysis",
    baseline="pandas",
    make=make,
    program=program,
    load=load_frame,
    peers={"polars": polars, "duckdb": duckdb},
    default_rows=1_690_784,
    left_out={"numexpr": "numexpr has no group-by", "numba_loop": "numba has no Arrow strings"},
)
