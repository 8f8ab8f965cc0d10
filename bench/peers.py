"""What the peers' versions share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

# A hand-written sum may be reordered: else the loop is not vectorised, and no engineer would leave it so.
# NaN and infinities keep their meaning.
REORDERED_SUMS = {"reassoc", "contract"}


def duckdb_tables(threads: int, **tables: Mapping[str, np.ndarray]) -> Any:
    """
    Open an in-memory DuckDB on Arrow tables.

    Parameters
    ----------
    threads
        Size of its thread pool.
    **tables
        Columns by table name. NaN becomes NULL, DuckDB's own missing value.

    Returns
    -------
    duckdb.DuckDBPyConnection
    """
    import duckdb
    import pyarrow as pa

    connection = duckdb.connect(":memory:")
    connection.execute(f"SET threads = {int(threads)}")
    for name, columns in tables.items():
        arrays = {column: pa.array(values, from_pandas=True) for column, values in columns.items()}
        connection.register(name, pa.table(arrays))
    return connection
