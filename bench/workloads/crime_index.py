"""
Crime index of big cities, as in Weld's evaluation.

pandas filters, NumPy multiplies, pandas assigns by condition and sums. The program crosses between the two
libraries three times, which is what makes it Weld's first example.
"""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

import numpy as np

from bench.peers import REORDERED_SUMS, duckdb_tables
from bench.workload import Data, Results, Run, Workload, load_frame

BIG_CITY = 500_000.0  # inhabitants
WEIGHTS = (1.0, 2.0, -2000.0)


def make(rows: int, seed: int) -> Data:
    """Inhabitants, adults and robberies a city; about half of the cities are big."""
    random = np.random.default_rng(seed)
    population = np.floor(random.uniform(10_000.0, 1_000_000.0, rows))
    adults = np.floor(population * random.uniform(0.4, 0.8, rows))
    return {
        "total_population": population,
        "total_adult_population": adults,
        "number_of_robberies": np.floor(population * random.uniform(0.0005, 0.0013, rows)),
    }


def crime_index(pd: ModuleType, np: ModuleType, cities: Any) -> Any:
    """One index for each big city, a Series."""
    big = cities[cities["total_population"] > BIG_CITY]
    statistics = big[["total_population", "total_adult_population", "number_of_robberies"]].values
    big = big.assign(crime_index=np.dot(statistics, np.array(WEIGHTS)) / 100_000.0)
    big.loc[big["crime_index"] >= 0.02, "crime_index"] = 0.032
    big.loc[big["crime_index"] < 0.01, "crime_index"] = 0.005
    return big["crime_index"]


def program(pd: ModuleType, np: ModuleType, cities: Any) -> Results:
    return {"crime_index": crime_index(pd, np, cities).sum()}


def numexpr(data: Data, threads: int) -> Run:
    import numexpr as ne

    ne.set_num_threads(threads)
    inputs = dict(data)

    def run() -> Results:
        index = ne.evaluate(
            "(total_population + 2.0 * total_adult_population - 2000.0 * number_of_robberies) / 100000.0",
            inputs,
        )
        total = ne.evaluate(
            "sum(where(total_population > 500000.0,"
            " where(index >= 0.02, 0.032, where(index < 0.01, 0.005, index)), 0.0))",
            inputs | {"index": index},
        )
        return {"crime_index": float(total)}

    return run


def polars(data: Data, threads: int) -> Run:
    import polars as pl

    frame = pl.DataFrame(dict(data))

    def run() -> pl.DataFrame:
        columns = [pl.col(name) * weight for name, weight in zip(data, WEIGHTS, strict=True)]
        index = (columns[0] + columns[1] + columns[2]) / 100_000.0
        return (
            frame.lazy()
            .filter(pl.col("total_population") > BIG_CITY)
            .select(index=index)
            .select(
                crime_index=pl.when(pl.col("index") >= 0.02)
                .then(0.032)
                .when(pl.col("index") < 0.01)
                .then(0.005)
                .otherwise(pl.col("index"))
                .sum()
            )
            .collect()
        )

    return run


def duckdb(data: Data, threads: int) -> Run:
    connection = duckdb_tables(threads, cities=data)
    query = """
        WITH indexed AS (
            SELECT (total_population + 2.0::DOUBLE * total_adult_population
                    - 2000.0::DOUBLE * number_of_robberies) / 100000.0::DOUBLE AS crime_index
            FROM cities WHERE total_population > 500000.0::DOUBLE)
        SELECT sum(CASE WHEN crime_index >= 0.02::DOUBLE THEN 0.032::DOUBLE
                        WHEN crime_index < 0.01::DOUBLE THEN 0.005::DOUBLE ELSE crime_index END)
               AS crime_index
        FROM indexed
    """
    return lambda: connection.execute(query).fetchnumpy()


@functools.cache
def compiled(parallel: bool) -> Any:
    import numba

    @numba.njit(parallel=parallel, error_model="numpy", fastmath=REORDERED_SUMS)
    def crime_index(population, adults, robberies):  # type: ignore[no-untyped-def]
        total = 0.0
        for i in numba.prange(len(population)):
            if population[i] > BIG_CITY:
                index = (population[i] + 2.0 * adults[i] - 2000.0 * robberies[i]) / 100_000.0
                if index >= 0.02:
                    index = 0.032
                elif index < 0.01:
                    index = 0.005
                total += index
        return total

    return crime_index


def numba_loop(data: Data, threads: int) -> Run:
    import numba

    numba.set_num_threads(threads)
    loop = compiled(threads > 1)
    return lambda: {"crime_index": loop(*data.values())}


WORKLOAD = Workload(
    name="crime_index",
    title="crime index of big cities",
    baseline="pandas",
    make=make,
    program=program,
    load=load_frame,
    peers={"numexpr": numexpr, "polars": polars, "duckdb": duckdb, "numba_loop": numba_loop},
    lazy_part=crime_index,
    one_kernel=True,
)
