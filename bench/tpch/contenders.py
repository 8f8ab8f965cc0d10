"""The peers' own engines over the eight tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bench.suite import Run, Starter
from bench.tpch import data, queries


def _polars(scale: float, source: str, threads: int) -> Callable[[str], Run]:
    import polars as pl

    tables = data.scan_polars(scale, source == "memory")
    return lambda query: lambda: queries.load(query).polars(pl, tables).collect()


def _duckdb(scale: float, source: str, threads: int) -> Callable[[str], Run]:
    connection = data.duckdb_connection(scale, source == "memory", threads)

    def ask(query: str) -> Run:
        text = queries.load(query).SQL.format(scale=scale)
        return lambda: connection.sql(text).to_arrow_table()

    return ask


PEERS: Mapping[str, Starter] = {"polars": _polars, "duckdb": _duckdb}
