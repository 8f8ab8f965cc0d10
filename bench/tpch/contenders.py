"""Who runs the queries, and how: each gives for a query's number the work to time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from bench.contenders import BASELINE, SUBJECT, WITHOUT, collected
from bench.tpch import data, queries

Run = Callable[[], Any]
# From a scale factor, a source ("memory" or "parquet") and a number of threads: a query's number to its work.
Contender = Callable[[float, str, int], Callable[[int], Run]]


def _pandas(scale: float, source: str, threads: int) -> Callable[[int], Run]:
    import pandas as pd

    def read() -> SimpleNamespace:
        return data.read_tables(pd, scale)

    tables = read() if source == "memory" else None
    return lambda number: lambda: queries.load(number).program(pd, tables or read())


def _lazyframe(disabled: tuple[str, ...] = ()) -> Contender:
    def start(scale: float, source: str, threads: int) -> Callable[[int], Run]:
        import lazyframe as pd

        tables = data.read_tables(pd, scale) if source == "memory" else None

        def query(number: int) -> Run:
            def run() -> Any:
                with pd.config(threads=threads, disable=disabled):
                    found = queries.load(number).program(pd, tables or data.read_tables(pd, scale))
                    return collected({"result": found})["result"]

            return run

        return query

    return start


def _polars(scale: float, source: str, threads: int) -> Callable[[int], Run]:
    import polars as pl

    tables = data.scan_polars(scale, source == "memory")
    return lambda number: lambda: queries.load(number).polars(pl, tables).collect()


def _duckdb(scale: float, source: str, threads: int) -> Callable[[int], Run]:
    connection = data.duckdb_connection(scale, source == "memory", threads)

    def query(number: int) -> Run:
        text = queries.load(number).SQL.format(scale=scale)
        return lambda: connection.sql(text).to_arrow_table()

    return query


CONTENDERS: Mapping[str, Contender] = {
    BASELINE: _pandas,
    SUBJECT: _lazyframe(),
    "polars": _polars,
    "duckdb": _duckdb,
}


def contender(name: str) -> Contender:
    """A contender by name; ``"lazyframe without X"`` has the optional pass X off."""
    return _lazyframe((name.removeprefix(WITHOUT),)) if name.startswith(WITHOUT) else CONTENDERS[name]
