"""The group-by and join questions of the db-benchmark (duckdblabs.github.io/db-benchmark)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from bench.compare import columns_of, same_results
from bench.db import data, groupby, join
from bench.suite import Run, Starter, Suite

QUESTIONS: Mapping[str, Any] = {
    **{f"groupby{n}": question for n, question in enumerate(groupby.QUESTIONS, 1)},
    **{f"join{n}": question for n, question in enumerate(join.QUESTIONS, 1)},
}


def _program(pd: Any, tables: SimpleNamespace, question: str) -> Any:
    return QUESTIONS[question].program(pd, tables)


def _polars(rows: float, source: str, threads: int) -> Callable[[str], Run]:
    import polars as pl

    made = data.tables(int(rows))
    frames = {name: pl.from_arrow(table).lazy() for name, table in made.items()}
    tables = SimpleNamespace(**frames)
    return lambda question: lambda: QUESTIONS[question].polars(pl, tables).collect()


def _duckdb(rows: float, source: str, threads: int) -> Callable[[str], Run]:
    import duckdb

    connection = duckdb.connect(":memory:")
    connection.execute(f"SET threads = {int(threads)}")
    for name, table in data.tables(int(rows)).items():
        connection.register("arrow_table", table)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM arrow_table")
        connection.unregister("arrow_table")
    return lambda question: lambda: connection.sql(QUESTIONS[question].sql).to_arrow_table()


PEERS: Mapping[str, Starter] = {"polars": _polars, "duckdb": _duckdb}


def _same(found: Any, expected: Any) -> None:
    """The same rows in any order: the benchmark asks for none, and only pandas' programs keep one."""
    columns, wanted = columns_of({"answer": found}), columns_of({"answer": expected})
    assert set(columns) == set(wanted), f"columns {sorted(columns)}, expected {sorted(wanted)}"
    same_results(_sorted(columns, wanted), _sorted(wanted, wanted), rtol=1e-9, atol=1e-9)


def _sorted(columns: Mapping[str, np.ndarray], like: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    import pandas

    exact = [name for name in like if like[name].dtype.kind != "f"]
    inexact = [name for name in like if like[name].dtype.kind == "f"]
    frame = pandas.DataFrame({name: columns[name] for name in [*exact, *inexact]})
    ordered = frame.sort_values(list(frame.columns), kind="stable", ignore_index=True)
    return {name: ordered[name].to_numpy() for name in frame}


SUITE = Suite(
    name="db",
    title="db-benchmark, {size:,.0f} rows",
    questions=tuple(QUESTIONS),
    prepare=lambda rows: None,
    program=_program,
    read=lambda pd, rows, source: data.frames(pd, int(rows)),
    peers=PEERS,
    same=_same,
    large=5_000_000,
)
