"""
Great-circle distance from one city to many points by the haversine formula, as in Weld's evaluation.

Trigonometry on two columns giving one.
"""

from __future__ import annotations

import functools
import math
from types import ModuleType
from typing import Any

import numpy as np

from bench.workload import Data, Results, Run, Workload, load_arrays

EARTH_RADIUS_MILES = 3959.0
HOME_LATITUDE = 40.671  # Brooklyn, in degrees
HOME_LONGITUDE = -73.985


def make(rows: int, seed: int) -> Data:
    """Latitudes and longitudes of the continental United States, in degrees."""
    random = np.random.default_rng(seed)
    return {
        "latitude": random.uniform(25.0, 49.0, rows),
        "longitude": random.uniform(-125.0, -67.0, rows),
    }


def program(pd: ModuleType, np: ModuleType, arrays: Any) -> Results:
    home_latitude, home_longitude = np.deg2rad(HOME_LATITUDE), np.deg2rad(HOME_LONGITUDE)
    latitude, longitude = np.deg2rad(arrays["latitude"]), np.deg2rad(arrays["longitude"])
    half_latitude = np.sin((latitude - home_latitude) / 2.0)
    half_longitude = np.sin((longitude - home_longitude) / 2.0)
    chord = half_latitude**2 + np.cos(home_latitude) * np.cos(latitude) * half_longitude**2
    return {"miles": 2.0 * EARTH_RADIUS_MILES * np.arcsin(np.sqrt(chord))}


def numexpr(data: Data, threads: int) -> Run:
    import numexpr as ne

    ne.set_num_threads(threads)
    inputs = dict(data) | {
        "radian": math.pi / 180.0,
        "home_latitude": math.radians(HOME_LATITUDE),
        "home_longitude": math.radians(HOME_LONGITUDE),
        "cos_home": math.cos(math.radians(HOME_LATITUDE)),
        "diameter": 2.0 * EARTH_RADIUS_MILES,
    }
    expression = (
        "diameter * arcsin(sqrt(sin((latitude * radian - home_latitude) / 2.0) ** 2"
        " + cos_home * cos(latitude * radian) * sin((longitude * radian - home_longitude) / 2.0) ** 2))"
    )
    return lambda: {"miles": ne.evaluate(expression, inputs)}


def polars(data: Data, threads: int) -> Run:
    import polars as pl

    frame = pl.DataFrame(dict(data))
    home_latitude, home_longitude = math.radians(HOME_LATITUDE), math.radians(HOME_LONGITUDE)

    def run() -> pl.DataFrame:
        latitude, longitude = pl.col("latitude").radians(), pl.col("longitude").radians()
        half_latitude = ((latitude - home_latitude) / 2.0).sin()
        half_longitude = ((longitude - home_longitude) / 2.0).sin()
        chord = half_latitude**2 + math.cos(home_latitude) * latitude.cos() * half_longitude**2
        return frame.lazy().select(miles=2.0 * EARTH_RADIUS_MILES * chord.sqrt().arcsin()).collect()

    return run


def duckdb(data: Data, threads: int) -> Run:
    from bench.peers import duckdb_tables

    connection = duckdb_tables(threads, points=data)
    home_latitude = math.radians(HOME_LATITUDE)
    query = f"""
        SELECT {2.0 * EARTH_RADIUS_MILES!r} * asin(sqrt(
            pow(sin((radians(latitude) - {home_latitude!r}) / 2.0), 2)
            + {math.cos(home_latitude)!r} * cos(radians(latitude))
              * pow(sin((radians(longitude) - {math.radians(HOME_LONGITUDE)!r}) / 2.0), 2))) AS miles
        FROM points
    """
    return lambda: connection.execute(query).fetchnumpy()


@functools.cache
def compiled(parallel: bool) -> Any:
    import numba

    @numba.njit(parallel=parallel, error_model="numpy")
    def haversine(latitudes, longitudes, home_latitude, home_longitude):  # type: ignore[no-untyped-def]
        miles = np.empty_like(latitudes)
        cos_home = math.cos(home_latitude)
        for i in numba.prange(len(latitudes)):
            latitude, longitude = math.radians(latitudes[i]), math.radians(longitudes[i])
            half_latitude = math.sin((latitude - home_latitude) / 2.0)
            half_longitude = math.sin((longitude - home_longitude) / 2.0)
            chord = (
                half_latitude * half_latitude
                + cos_home * math.cos(latitude) * half_longitude * half_longitude
            )
            miles[i] = 2.0 * EARTH_RADIUS_MILES * math.asin(math.sqrt(chord))
        return miles

    return haversine


def numba_loop(data: Data, threads: int) -> Run:
    import numba

    numba.set_num_threads(threads)
    loop = compiled(threads > 1)
    home = math.radians(HOME_LATITUDE), math.radians(HOME_LONGITUDE)
    return lambda: {"miles": loop(data["latitude"], data["longitude"], *home)}


WORKLOAD = Workload(
    name="haversine",
    title="haversine distances",
    baseline="numpy",
    make=make,
    program=program,
    load=load_arrays,
    peers={"numexpr": numexpr, "polars": polars, "duckdb": duckdb, "numba_loop": numba_loop},
    one_kernel=True,
)
