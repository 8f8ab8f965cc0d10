"""One question: as a pandas program, in Polars and in SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Question:
    """``program(pd, tables)``, ``polars(pl, tables)`` and ``sql`` give the same rows."""

    program: Callable[[Any, Any], Any]
    polars: Callable[[Any, Any], Any]
    sql: str
