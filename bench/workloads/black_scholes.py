"""
Black-Scholes option prices (F. Black and M. Scholes, 1973), as in Weld's evaluation.

Some twenty element-wise operations with log, exp, sqrt and erf: fused, three columns in and two out.
"""

from __future__ import annotations

import functools
import math
from types import ModuleType
from typing import Any

import numpy as np

from bench.workload import Data, Results, Run, Workload, load_arrays

RATE = 0.1
VOLATILITY = 0.2
DRIFT = RATE + 0.5 * VOLATILITY**2
INVERSE_SQRT2 = 1.0 / math.sqrt(2.0)


def make(rows: int, seed: int) -> Data:
    """Prices and strikes in currency units, maturities in years."""
    random = np.random.default_rng(seed)
    return {
        "price": random.uniform(10.0, 50.0, rows),
        "strike": random.uniform(10.0, 50.0, rows),
        "years": random.uniform(1.0, 2.0, rows),
    }


def program(pd: ModuleType, np: ModuleType, arrays: Any) -> Results:
    from scipy.special import erf

    price, strike, years = arrays["price"], arrays["strike"], arrays["years"]
    spread = VOLATILITY * np.sqrt(years)
    d1 = (np.log(price / strike) + DRIFT * years) / spread
    d2 = d1 - spread
    cdf1 = 0.5 + 0.5 * erf(d1 * INVERSE_SQRT2)
    cdf2 = 0.5 + 0.5 * erf(d2 * INVERSE_SQRT2)
    discounted = np.exp(-RATE * years) * strike
    call = price * cdf1 - discounted * cdf2
    put = discounted * (1.0 - cdf2) - price * (1.0 - cdf1)
    return {"call": call, "put": put}


def numexpr(data: Data, threads: int) -> Run:
    import numexpr as ne
    from scipy.special import erf

    ne.set_num_threads(threads)
    constants = {"drift": DRIFT, "rate": RATE, "volatility": VOLATILITY, "inverse_sqrt2": INVERSE_SQRT2}
    inputs = dict(data) | constants

    def run() -> Results:
        z1 = ne.evaluate(
            "(log(price / strike) + drift * years) / (volatility * sqrt(years)) * inverse_sqrt2", inputs
        )
        z2 = ne.evaluate("z1 - volatility * sqrt(years) * inverse_sqrt2", inputs | {"z1": z1})
        cdfs = {"e1": erf(z1, out=z1), "e2": erf(z2, out=z2)}
        call = ne.evaluate(
            "price * (0.5 + 0.5 * e1) - exp(-rate * years) * strike * (0.5 + 0.5 * e2)", inputs | cdfs
        )
        put = ne.evaluate(
            "exp(-rate * years) * strike * (0.5 - 0.5 * e2) - price * (0.5 - 0.5 * e1)", inputs | cdfs
        )
        return {"call": call, "put": put}

    return run


def polars(data: Data, threads: int) -> Run:
    import polars as pl

    frame = pl.DataFrame(dict(data))
    price, strike, years = pl.col("price"), pl.col("strike"), pl.col("years")

    def run() -> pl.DataFrame:
        spread = VOLATILITY * years.sqrt()
        d1 = ((price / strike).log() + DRIFT * years) / spread
        d2 = d1 - spread
        cdf1 = 0.5 + 0.5 * (d1 * INVERSE_SQRT2).erf()
        cdf2 = 0.5 + 0.5 * (d2 * INVERSE_SQRT2).erf()
        discounted = (-RATE * years).exp() * strike
        return (
            frame.lazy()
            .select(
                call=price * cdf1 - discounted * cdf2,
                put=discounted * (1.0 - cdf2) - price * (1.0 - cdf1),
            )
            .collect()
        )

    return run


@functools.cache
def compiled(parallel: bool) -> Any:
    import numba

    @numba.njit(parallel=parallel, error_model="numpy")
    def black_scholes(price, strike, years):  # type: ignore[no-untyped-def]
        call = np.empty_like(price)
        put = np.empty_like(price)
        for i in numba.prange(len(price)):
            spread = VOLATILITY * math.sqrt(years[i])
            d1 = (math.log(price[i] / strike[i]) + DRIFT * years[i]) / spread
            d2 = d1 - spread
            cdf1 = 0.5 + 0.5 * math.erf(d1 * INVERSE_SQRT2)
            cdf2 = 0.5 + 0.5 * math.erf(d2 * INVERSE_SQRT2)
            discounted = math.exp(-RATE * years[i]) * strike[i]
            call[i] = price[i] * cdf1 - discounted * cdf2
            put[i] = discounted * (1.0 - cdf2) - price[i] * (1.0 - cdf1)
        return call, put

    return black_scholes


def numba_loop(data: Data, threads: int) -> Run:
    import numba

    numba.set_num_threads(threads)
    loop = compiled(threads > 1)

    def run() -> Results:
        call, put = loop(data["price"], data["strike"], data["years"])
        return {"call": call, "put": put}

    return run


WORKLOAD = Workload(
    name="black_scholes",
    title="Black-Scholes option prices",
    baseline="numpy",
    make=make,
    program=program,
    load=load_arrays,
    peers={"numexpr": numexpr, "polars": polars, "numba_loop": numba_loop},
    left_out={"duckdb": "DuckDB has no erf"},
    notes={"numexpr": "numexpr has no erf: SciPy's runs between its expressions, in place"},
    one_kernel=True,
)
