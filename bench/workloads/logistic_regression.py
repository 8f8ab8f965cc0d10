"""
Logistic-regression scoring, as in Weld's evaluation: whiten the features, multiply by the weights, sigmoid.

Means and deviations need a pass of their own; whitening, product and sigmoid fuse into a second.
"""

from __future__ import annotations

import functools
import math
from types import ModuleType
from typing import Any

import numpy as np

from bench.peers import REORDERED_SUMS, duckdb_tables
from bench.workload import Data, Results, Run, Workload, load_arrays

FEATURES = 8


def make(rows: int, seed: int) -> Data:
    """`features` of shape (rows, 8), each with its own scale; `weights` of shape (8,)."""
    random = np.random.default_rng(seed)
    scales = random.uniform(0.5, 20.0, FEATURES)
    offsets = random.normal(0.0, 10.0, FEATURES)
    features = random.standard_normal((rows, FEATURES))
    features *= scales
    features += offsets
    return {"features": features, "weights": random.normal(0.0, 1.0, FEATURES)}


def program(pd: ModuleType, np: ModuleType, arrays: Any) -> Results:
    features, weights = arrays["features"], arrays["weights"]
    whitened = (features - features.mean(axis=0)) / features.std(axis=0)
    score = np.dot(whitened, weights)
    return {"probability": 1.0 / (1.0 + np.exp(-score))}


def numexpr(data: Data, threads: int) -> Run:
    import numexpr as ne

    ne.set_num_threads(threads)
    features, weights = data["features"], data["weights"]
    terms = " + ".join(f"(x{k} - mean{k}) / std{k} * weight{k}" for k in range(FEATURES))
    expression = f"1.0 / (1.0 + exp(-({terms})))"

    def run() -> Results:
        means, stds = features.mean(axis=0), features.std(axis=0)
        inputs = {f"x{k}": features[:, k] for k in range(FEATURES)}
        for name, values in (("mean", means), ("std", stds), ("weight", weights)):
            inputs |= {f"{name}{k}": values[k] for k in range(FEATURES)}
        return {"probability": ne.evaluate(expression, inputs)}

    return run


def polars(data: Data, threads: int) -> Run:
    import polars as pl

    frame = pl.DataFrame({f"x{k}": data["features"][:, k] for k in range(FEATURES)})
    weights = data["weights"].tolist()

    def run() -> pl.DataFrame:
        columns = [pl.col(name) for name in frame.columns]
        terms = [(x - x.mean()) / x.std(ddof=0) * weight for x, weight in zip(columns, weights, strict=True)]
        score = functools.reduce(lambda left, right: left + right, terms)
        return frame.lazy().select(probability=1.0 / (1.0 + (-score).exp())).collect()

    return run


def duckdb(data: Data, threads: int) -> Run:
    columns = {f"x{k}": np.ascontiguousarray(data["features"][:, k]) for k in range(FEATURES)}
    connection = duckdb_tables(threads, samples=columns)
    moments = ", ".join(f"avg({x}) AS mean_{x}, stddev_pop({x}) AS std_{x}" for x in columns)
    terms = " + ".join(
        f"({x} - mean_{x}) / std_{x} * ({weight!r})::DOUBLE"
        for x, weight in zip(columns, data["weights"].tolist(), strict=True)
    )
    query = f"""
        WITH moments AS (SELECT {moments} FROM samples)
        SELECT 1.0::DOUBLE / (1.0::DOUBLE + exp(-({terms}))) AS probability FROM samples, moments
    """
    return lambda: connection.execute(query).fetchnumpy()


@functools.cache
def compiled(parallel: bool) -> Any:
    import numba

    @numba.njit(parallel=parallel, error_model="numpy", fastmath=REORDERED_SUMS)
    def score(features, weights, chunks):  # type: ignore[no-untyped-def]
        rows, columns = features.shape
        sums = np.zeros((chunks, columns))
        for chunk in numba.prange(chunks):
            for i in range(rows * chunk // chunks, rows * (chunk + 1) // chunks):
                for k in range(columns):
                    sums[chunk, k] += features[i, k]
        mean = sums.sum(axis=0) / rows
        squares = np.zeros((chunks, columns))
        for chunk in numba.prange(chunks):
            for i in range(rows * chunk // chunks, rows * (chunk + 1) // chunks):
                for k in range(columns):
                    centred = features[i, k] - mean[k]
                    squares[chunk, k] += centred * centred
        # (x - mean) / std * w is one multiply and one add per feature once slope and offset are known.
        slope = weights / np.sqrt(squares.sum(axis=0) / rows)
        offset = -(mean * slope).sum()
        probability = np.empty(rows)
        for i in numba.prange(rows):
            total = offset
            for k in range(columns):
                total += features[i, k] * slope[k]
            probability[i] = 1.0 / (1.0 + math.exp(-total))
        return probability

    return score


def numba_loop(data: Data, threads: int) -> Run:
    import numba

    numba.set_num_threads(threads)
    loop = compiled(threads > 1)
    return lambda: {"probability": loop(data["features"], data["weights"], threads)}


WORKLOAD = Workload(
    name="logistic_regression",
    title="logistic-regression scoring",
    baseline="numpy",
    make=make,
    program=program,
    load=load_arrays,
    peers={"numexpr": numexpr, "polars": polars, "duckdb": duckdb, "numba_loop": numba_loop},
    notes={"numexpr": "means and deviations by NumPy, the rest in one expression"},
)
