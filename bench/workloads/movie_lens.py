"""
Which films women and men rate differently, as in *Python for Data Analysis* and in Weld's evaluation.

Three tables joined; mean ratings by title and gender of the titles rated often, by how far they are apart.
"""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from bench.peers import duckdb_tables
from bench.workload import Data, Results, Run, Workload

USERS, FILMS = 6_040, 3_883
OFTEN = 4_000
"""A title counts when one of so many ratings is its own: 250 of a million."""


def make(rows: int, seed: int) -> Data:
    """
    Ratings, users and films of MovieLens 1M's sizes (1,000,209 ratings) and skew: a few films have most.

    A column ``table.name`` belongs to that table; the others are columns of the ratings.
    """
    random = np.random.default_rng(seed)
    popular = np.minimum((random.pareto(1.1, rows) * 60).astype(np.int64), FILMS - 1)
    quality = random.normal(3.5, 0.5, FILMS)
    women_like = random.normal(0.0, 0.4, FILMS)
    user = random.integers(0, USERS, rows)
    is_woman = random.random(USERS) < 0.28
    taste = quality[popular] + np.where(is_woman[user], women_like[popular], 0.0)
    return {
        "user_id": user + 1,
        "movie_id": popular + 1,
        "rating": np.clip(np.round(taste + random.normal(0.0, 1.0, rows)), 1, 5).astype(np.int64),
        "users.user_id": np.arange(1, USERS + 1),
        "users.gender": np.where(is_woman, "F", "M").astype(object),
        "movies.movie_id": np.arange(1, FILMS + 1),
        "movies.title": np.array(
            [f"Film {number:04} ({1920 + number % 80})" for number in range(FILMS)], object
        ),
    }


def tables(data: Data) -> dict[str, dict[str, np.ndarray]]:
    """The columns by table."""
    found: dict[str, dict[str, np.ndarray]] = {"ratings": {}, "users": {}, "movies": {}}
    for name, column in data.items():
        table, _, label = name.rpartition(".")
        found[table or "ratings"][label] = column
    return found


def load(pd: ModuleType, np: ModuleType, data: Data) -> Any:
    """Three frames."""
    return SimpleNamespace(**{name: pd.DataFrame(columns) for name, columns in tables(data).items()})


def program(pd: ModuleType, np: ModuleType, t: Any) -> Results:
    rated = t.ratings.merge(t.users, on="user_id").merge(t.movies, on="movie_id")
    means = rated.pivot_table("rating", index="title", columns="gender", aggfunc="mean")
    counts = rated.groupby("title").size()
    often = counts.index[counts >= len(t.ratings) // OFTEN]
    means = means.reindex(columns=["F", "M"]).loc[often]
    means["diff"] = means["M"] - means["F"]
    spread = rated.groupby("title")["rating"].std().loc[often]
    found = means.dropna().sort_values(["diff", "title"])
    return {"title": found.index.to_numpy(), "diff": found["diff"], "spread": spread.loc[found.index]}


def polars(data: Data, threads: int) -> Run:
    import polars as pl

    often = len(data["rating"]) // OFTEN
    frames = {
        name: pl.DataFrame({label: column.tolist() for label, column in columns.items()})
        for name, columns in tables(data).items()
    }

    def run() -> Any:
        rating = pl.col("rating")
        rated = (
            frames["ratings"].lazy()
            .join(frames["users"].lazy(), on="user_id")
            .join(frames["movies"].lazy(), on="movie_id")
        )  # fmt: skip
        means = rated.group_by("title").agg(
            F=rating.filter(pl.col("gender") == "F").mean(),
            M=rating.filter(pl.col("gender") == "M").mean(),
            spread=rating.std(),
            count=pl.len(),
        )
        active = means.filter(pl.col("count") >= often).with_columns(diff=pl.col("M") - pl.col("F"))
        return active.drop_nulls("diff").sort("diff", "title").select("title", "diff", "spread").collect()

    return run


def duckdb(data: Data, threads: int) -> Run:
    connection = duckdb_tables(threads, **tables(data))
    query = f"""
        SELECT title, avg(rating) FILTER (gender = 'M') - avg(rating) FILTER (gender = 'F') AS diff,
               stddev_samp(rating) AS spread
        FROM ratings JOIN users USING (user_id) JOIN movies USING (movie_id)
        GROUP BY title HAVING count(*) >= {len(data["rating"]) // OFTEN} AND diff IS NOT NULL
        ORDER BY diff, title
    """
    return lambda: connection.execute(query).fetchnumpy()


WORKLOAD = Workload(
    name="movie_lens",
    title="MovieLens",
    baseline="pandas",
    make=make,
    program=program,
    load=load,
    peers={"polars": polars, "duckdb": duckdb},
    default_rows=1_000_209,
    left_out={"numexpr": "numexpr has no joins", "numba_loop": "numba has no Arrow strings"},
)
