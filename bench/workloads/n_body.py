"""
One step of an all-pairs N-body simulation, as in Weld's evaluation of its Python version over NumPy.

`rows` counts the pairs: each n-by-n intermediate of the NumPy program has that many elements, for n bodies.
"""

from __future__ import annotations

import functools
import math
from types import ModuleType
from typing import Any

import numpy as np

from bench.peers import REORDERED_SUMS, duckdb_tables
from bench.workload import Data, Results, Run, Workload, load_arrays

GRAVITY = 6.67384e-11  # m3 / (kg s2)
SOFTENING = 1e4  # m2: keeps a body's force on itself at zero
STEP_S = 60.0


def make(rows: int, seed: int) -> Data:
    """Positions in metres, velocities in m/s, masses in kilograms of isqrt(rows) bodies."""
    bodies = max(2, math.isqrt(rows))
    random = np.random.default_rng(seed)
    positions = {name: random.uniform(-1e6, 1e6, bodies) for name in ("x", "y", "z")}
    velocities = {name: random.normal(0.0, 10.0, bodies) for name in ("vx", "vy", "vz")}
    return positions | velocities | {"mass": random.uniform(1e15, 1e17, bodies)}


def program(pd: ModuleType, np: ModuleType, bodies: Any) -> Results:
    x, y, z, mass = bodies["x"], bodies["y"], bodies["z"], bodies["mass"]
    dx = x[np.newaxis, :] - x[:, np.newaxis]
    dy = y[np.newaxis, :] - y[:, np.newaxis]
    dz = z[np.newaxis, :] - z[:, np.newaxis]
    squared = dx * dx + dy * dy + dz * dz + SOFTENING
    distance = np.sqrt(squared)
    force = GRAVITY * mass[:, np.newaxis] * mass[np.newaxis, :] / squared
    moved = {}
    for axis, delta in (("x", dx), ("y", dy), ("z", dz)):
        acceleration = np.sum(force * delta / distance, axis=1) / mass
        velocity = bodies["v" + axis] + acceleration * STEP_S
        moved[axis] = bodies[axis] + velocity * STEP_S
        moved["v" + axis] = velocity
    return moved


def numexpr(data: Data, threads: int) -> Run:
    import numexpr as ne

    ne.set_num_threads(threads)

    def run() -> Results:
        rows = {name + "i": column[:, np.newaxis] for name, column in data.items()}
        columns = {name + "j": column[np.newaxis, :] for name, column in data.items()}
        pairs = rows | columns | {"gravity": GRAVITY, "softening": SOFTENING}
        squared = ne.evaluate("(xj - xi) ** 2 + (yj - yi) ** 2 + (zj - zi) ** 2 + softening", pairs)
        pull = ne.evaluate(
            "gravity * massi * massj / (squared * sqrt(squared))", pairs | {"squared": squared}
        )
        moved = {}
        for axis in "xyz":
            force = ne.evaluate(f"sum(pull * ({axis}j - {axis}i), axis=1)", pairs | {"pull": pull})
            velocity = data["v" + axis] + force / data["mass"] * STEP_S
            moved[axis] = data[axis] + velocity * STEP_S
            moved["v" + axis] = velocity
        return moved

    return run


def polars(data: Data, threads: int) -> Run:
    import polars as pl

    frame = pl.DataFrame(dict(data)).with_row_index("body")

    def run() -> pl.DataFrame:
        other = frame.lazy().select(pl.col("x", "y", "z", "mass").name.suffix("_other"))
        delta = {axis: pl.col(axis + "_other") - pl.col(axis) for axis in "xyz"}
        squared = delta["x"] ** 2 + delta["y"] ** 2 + delta["z"] ** 2 + SOFTENING
        pull = GRAVITY * pl.col("mass_other") / (squared * squared.sqrt())
        pulled = (
            frame.lazy()
            .join(other, how="cross")
            .group_by("body")
            .agg(**{"a" + axis: (pull * delta[axis]).sum() for axis in "xyz"})
        )
        velocity = {axis: pl.col("v" + axis) + pl.col("a" + axis) * STEP_S for axis in "xyz"}
        return (
            frame.lazy()
            .join(pulled, on="body")
            .sort("body")
            .select(
                **{axis: pl.col(axis) + velocity[axis] * STEP_S for axis in "xyz"},
                **{"v" + axis: velocity[axis] for axis in "xyz"},
            )
            .collect()
        )

    return run


def duckdb(data: Data, threads: int) -> Run:
    numbered = dict(data) | {"body": np.arange(len(data["x"]))}
    connection = duckdb_tables(threads, bodies=numbered)
    moved = ", ".join(
        f"{axis} + (v{axis} + a{axis} * {STEP_S!r}) * {STEP_S!r} AS {axis},"
        f" v{axis} + a{axis} * {STEP_S!r} AS v{axis}"
        for axis in "xyz"
    )
    query = f"""
        WITH pairs AS (
            SELECT i.body, j.mass, j.x - i.x AS dx, j.y - i.y AS dy, j.z - i.z AS dz,
                   dx * dx + dy * dy + dz * dz + {SOFTENING!r} AS squared
            FROM bodies i CROSS JOIN bodies j),
        pulls AS (
            SELECT body, dx, dy, dz, {GRAVITY!r} * mass / (squared * sqrt(squared)) AS pull FROM pairs),
        pulled AS (
            SELECT body, sum(pull * dx) AS ax, sum(pull * dy) AS ay, sum(pull * dz) AS az
            FROM pulls GROUP BY body)
        SELECT {moved} FROM bodies JOIN pulled USING (body) ORDER BY body
    """
    return lambda: connection.execute(query).fetchnumpy()


@functools.cache
def compiled(parallel: bool) -> Any:
    import numba

    @numba.njit(parallel=parallel, error_model="numpy", fastmath=REORDERED_SUMS)
    def step(x, y, z, vx, vy, vz, mass):  # type: ignore[no-untyped-def]
        bodies = len(x)
        moved = np.empty((6, bodies))
        for i in numba.prange(bodies):
            ax, ay, az = 0.0, 0.0, 0.0
            weight = GRAVITY * mass[i]
            for j in range(bodies):
                dx, dy, dz = x[j] - x[i], y[j] - y[i], z[j] - z[i]
                squared = dx * dx + dy * dy + dz * dz + SOFTENING
                distance = math.sqrt(squared)
                # Rounded as the program rounds: one division in place of the four would be other work.
                force = weight * mass[j] / squared
                ax += force * dx / distance
                ay += force * dy / distance
                az += force * dz / distance
            moved[3, i] = vx[i] + ax / mass[i] * STEP_S
            moved[4, i] = vy[i] + ay / mass[i] * STEP_S
            moved[5, i] = vz[i] + az / mass[i] * STEP_S
            moved[0, i] = x[i] + moved[3, i] * STEP_S
            moved[1, i] = y[i] + moved[4, i] * STEP_S
            moved[2, i] = z[i] + moved[5, i] * STEP_S
        return moved

    return step


def numba_loop(data: Data, threads: int) -> Run:
    import numba

    numba.set_num_threads(threads)
    loop = compiled(threads > 1)
    return lambda: dict(zip(("x", "y", "z", "vx", "vy", "vz"), loop(*data.values()), strict=True))


WORKLOAD = Workload(
    name="n_body",
    title="N-body step, all pairs",
    baseline="numpy",
    make=make,
    program=program,
    load=load_arrays,
    peers={"numexpr": numexpr, "polars": polars, "duckdb": duckdb, "numba_loop": numba_loop},
    notes={"polars": "cross join and group by", "duckdb": "cross join and group by"},
)
