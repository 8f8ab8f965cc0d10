"""The group-by and join questions of the db-benchmark (duckdblabs.github.io/db-benchmark)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from bench.db import data, groupby, join
from bench.db.compare import same_rows
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


SUITE = Suite(
    name="db",
    title="db-benchmark, {size:,.0f} rows",
    questions=tuple(QUESTIONS),
    prepare=lambda rows: data.directory(int(rows)),
    program=_program,
    read=lambda pd, rows, source: data.frames(pd, int(rows)),
    peers=PEERS,
    same=same_rows,
    large=5_000_000,
)
