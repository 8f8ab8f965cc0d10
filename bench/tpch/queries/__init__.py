"""The 22 queries of TPC-H, each as a pandas program, as a Polars query and as SQL (specification 3.0.1).

The pandas programs are what a data scientist writes: whole tables are merged, then filtered; no filter is
moved by hand and no column is left out by hand. The Polars queries say the same, and Polars moves both.
"""

from __future__ import annotations

import importlib
from types import ModuleType

NAMES: tuple[str, ...] = tuple(f"q{number:02}" for number in range(1, 23))


def load(name: str) -> ModuleType:
    """The module of a query, with ``program(pd, t)``, ``polars(pl, t)`` and ``SQL``."""
    return importlib.import_module(f"bench.tpch.queries.{name}")
