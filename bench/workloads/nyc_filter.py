"""
New York taxi trips: keep the plausible ones, then the mean of a derived column, as in Weld's evaluation.

pandas builds five masks, gathers every column of the trips kept, and then looks at two of them.
"""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

import numpy as np

from bench.peers import REORDERED_SUMS, duckdb_tables
from bench.workload import Data, Results, Run, Workload, load_frame


def make(rows: int, seed: int) -> Data:
    """Trips with the columns and about the ranges of the city's yellow-cab records; some implausible."""
    random = np.random.default_rng(seed)
    distance = np.round(random.gamma(1.2, 2.5, rows), 2)  # miles
    fare = np.round(2.5 + 2.7 * distance + random.normal(1.0, 2.0, rows), 2)  # dollars
    tip = np.round(np.where(random.random(rows) < 0.6, fare * random.uniform(0.0, 0.35, rows), 0.0), 2)
    tolls = np.where(random.random(rows) < 0.05, 5.54, 0.0)
    return {
        "passenger_count": random.integers(0, 7, rows),
        "trip_distance": distance,
        "pickup_longitude": random.normal(-73.97, 0.05, rows),
        "pickup_latitude": random.normal(40.75, 0.04, rows),
        "fare_amount": fare,
        "tip_amount": tip,
        "tolls_amount": tolls,
        "total_amount": np.round(fare + tip + tolls + 0.8, 2),
    }


def tip_share(pd: ModuleType, np: ModuleType, trips: Any) -> Any:
    """Tip as a share of the fare for each plausible trip, a Series."""
    plausible = trips[
        (trips["passenger_count"] > 0)
        & (trips["trip_distance"] > 0.5)
        & (trips["trip_distance"] < 30.0)
        & (trips["fare_amount"] >= 2.5)
        & (trips["total_amount"] < 100.0)
    ]
    return plausible["tip_amount"] / plausible["fare_amount"]


def program(pd: ModuleType, np: ModuleType, trips: Any) -> Results:
    return {"tip_share": tip_share(pd, np, trips).mean()}


def numexpr(data: Data, threads: int) -> Run:
    import numexpr as ne

    ne.set_num_threads(threads)
    inputs = dict(data)

    def run() -> Results:
        plausible = ne.evaluate(
            "(passenger_count > 0) & (trip_distance > 0.5) & (trip_distance < 30.0)"
            " & (fare_amount >= 2.5) & (total_amount < 100.0)",
            inputs,
        )
        total = ne.evaluate(
            "sum(where(plausible, tip_amount / fare_amount, 0.0))", inputs | {"plausible": plausible}
        )
        return {"tip_share": float(total) / np.count_nonzero(plausible)}

    return run


def polars(data: Data, threads: int) -> Run:
    import polars as pl

    frame = pl.DataFrame(dict(data))

    def run() -> pl.DataFrame:
        return (
            frame.lazy()
            .filter(
                pl.col("passenger_count") > 0,
                pl.col("trip_distance") > 0.5,
                pl.col("trip_distance") < 30.0,
                pl.col("fare_amount") >= 2.5,
                pl.col("total_amount") < 100.0,
            )
            .select(tip_share=(pl.col("tip_amount") / pl.col("fare_amount")).mean())
            .collect()
        )

    return run


def duckdb(data: Data, threads: int) -> Run:
    connection = duckdb_tables(threads, trips=data)
    query = """
        SELECT avg(tip_amount / fare_amount) AS tip_share FROM trips
        WHERE passenger_count > 0 AND trip_distance > 0.5::DOUBLE AND trip_distance < 30.0::DOUBLE
          AND fare_amount >= 2.5::DOUBLE AND total_amount < 100.0::DOUBLE
    """
    return lambda: connection.execute(query).fetchnumpy()


@functools.cache
def compiled(parallel: bool) -> Any:
    import numba

    @numba.njit(parallel=parallel, error_model="numpy", fastmath=REORDERED_SUMS)
    def mean_tip_share(passengers, distance, fare, tip, total):  # type: ignore[no-untyped-def]
        share = 0.0
        trips = 0
        for i in numba.prange(len(fare)):
            # Bitwise, not `and`: one select instead of five branches that the processor cannot predict.
            plausible = (
                (passengers[i] > 0)
                & (distance[i] > 0.5)
                & (distance[i] < 30.0)
                & (fare[i] >= 2.5)
                & (total[i] < 100.0)
            )
            share += tip[i] / fare[i] if plausible else 0.0
            trips += plausible
        return share / trips

    return mean_tip_share


def numba_loop(data: Data, threads: int) -> Run:
    import numba

    numba.set_num_threads(threads)
    loop = compiled(threads > 1)
    names = ("passenger_count", "trip_distance", "fare_amount", "tip_amount", "total_amount")
    return lambda: {"tip_share": loop(*(data[name] for name in names))}


WORKLOAD = Workload(
    name="nyc_filter",
    title="New York taxi filter",
    baseline="pandas",
    make=make,
    program=program,
    load=load_frame,
    peers={"numexpr": numexpr, "polars": polars, "duckdb": duckdb, "numba_loop": numba_loop},
    lazy_part=tip_share,
    reads=("passenger_count", "trip_distance", "fare_amount", "tip_amount", "total_amount"),
    one_kernel=True,
)
