"""TPC-H: the benchmark's own data generator, its 22 queries, and whoever competes."""

from __future__ import annotations

from typing import Any

from bench.compare import same_results
from bench.suite import Suite
from bench.tpch import contenders, data, queries


def _program(pd: Any, tables: Any, query: str) -> Any:
    return queries.load(query).program(pd, tables)


def _same(found: Any, expected: Any) -> None:
    same_results({"result": found}, {"result": expected}, rtol=1e-9, atol=1e-6)


SUITE = Suite(
    name="tpch",
    title="TPC-H, scale factor {size:g}",
    questions=queries.NAMES,
    prepare=data.directory,
    program=_program,
    read=lambda pd, scale, source: data.read_tables(pd, scale),
    peers=contenders.PEERS,
    same=_same,
    large=0.5,
)
