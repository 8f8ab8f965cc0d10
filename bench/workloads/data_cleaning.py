"""
Clean the zip codes of New York's service requests, as in the pandas cookbook and in Weld's evaluation.

Cut nine-digit codes to five, take out codes that stand for nothing, and list those that are left.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from bench.peers import duckdb_tables
from bench.workload import Data, Results, Run, Workload, load_frame

CODES = 600
NOTHING = ("00000", "N/A", "NO CLUE", "0")


def make(rows: int, seed: int) -> Data:
    """Zip codes as text, a few of them common (Zipf), one in twenty of nine digits, some of them nothing."""
    random = np.random.default_rng(seed)
    codes = np.array([f"{code:05}" for code in 10_001 + random.permutation(1_500)[:CODES]], dtype=object)
    ranks = np.minimum(random.zipf(1.2, rows) - 1, CODES - 1)
    zips = codes[ranks]
    long = np.flatnonzero(random.random(rows) < 0.05)
    suffixes = np.array([f"-{number:04}" for number in range(50)], dtype=object)
    zips[long] = zips[long] + suffixes[random.integers(0, len(suffixes), len(long))]
    nothing = np.flatnonzero(random.random(rows) < 0.02)
    zips[nothing] = np.array(NOTHING, dtype=object)[random.integers(0, len(NOTHING), len(nothing))]
    return {"incident_zip": zips}


def program(pd: ModuleType, np: ModuleType, requests: Any) -> Results:
    zips = requests["incident_zip"].str.slice(0, 5)
    cleaned = zips[~zips.isin(["00000", "N/A", "NO CL", "0"])]
    counts = cleaned.value_counts().sort_index()
    return {"codes": counts.index.to_numpy(), "requests": counts.to_numpy()}


def polars(data: Data, threads: int) -> Run:
    import polars as pl

    frame = pl.DataFrame({name: column.tolist() for name, column in data.items()})

    def run() -> Results:
        counts = (
            frame.lazy()
            .select(codes=pl.col("incident_zip").str.slice(0, 5))
            .filter(~pl.col("codes").is_in(["00000", "N/A", "NO CL", "0"]))
            .group_by("codes")
            .agg(requests=pl.len().cast(pl.Int64))
            .sort("codes")
            .collect()
        )
        return {"codes": counts["codes"].to_numpy(), "requests": counts["requests"].to_numpy()}

    return run


def duckdb(data: Data, threads: int) -> Run:
    connection = duckdb_tables(threads, requests=data)
    query = """
        SELECT substring(incident_zip, 1, 5) AS codes, count(*) AS requests FROM requests
        WHERE codes NOT IN ('00000', 'N/A', 'NO CL', '0') GROUP BY codes ORDER BY codes
    """
    return lambda: connection.execute(query).fetchnumpy()


WORKLOAD = Workload(
    name="data_cleaning",
    title="data cleaning",
    baseline="pandas",
    make=make,
    program=program,
    load=load_frame,
    peers={"polars": polars, "duckdb": duckdb},
    default_rows=2_000_000,
    left_out={"numexpr": "numexpr has no strings of this kind", "numba_loop": "numba has no Arrow strings"},
)
