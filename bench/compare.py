"""Bring every contender's results to named NumPy columns, and compare them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


class ResultsDifferError(AssertionError):
    """A contender's answer is not the answer of pandas and NumPy."""


def columns_of(results: Any) -> dict[str, np.ndarray]:
    """
    Flatten results to columns.

    Parameters
    ----------
    results
        A mapping from name to scalar, array, Series or frame; or a Polars frame; or an Arrow table.

    Returns
    -------
    dict of str to ndarray
        One array a column: shape () for scalars. A frame contributes its columns and its named index levels.
    """
    if hasattr(results, "to_pandas") and not isinstance(results, Mapping):
        return columns_of({"result": results})
    columns: dict[str, np.ndarray] = {}
    for name, value in results.items():
        columns.update(_flatten(name, value))
    return columns


def _flatten(name: str, value: Any) -> dict[str, np.ndarray]:
    if hasattr(value, "column_names"):  # an Arrow table: Series and Polars frames do not have the attribute
        return {column: value.column(column).to_numpy() for column in value.column_names}
    if hasattr(value, "lazy") and hasattr(value, "get_columns"):
        return {column.name: column.to_numpy() for column in value.get_columns()}
    if hasattr(value, "to_pandas"):
        value = value.to_pandas()
    if not (hasattr(value, "columns") and hasattr(value, "reset_index")):
        return {name: np.ma.getdata(np.asarray(value))}
    if any(level is not None for level in value.index.names):
        value = value.reset_index()
    return {str(column): value[column].to_numpy() for column in value.columns}


def same_results(result: Any, expected: Any, *, rtol: float, atol: float) -> None:
    """
    Compare two results by name and value; integers and booleans exactly, floats within the tolerance.

    Raises
    ------
    ResultsDifferError
        With the names that differ, or the first column and row whose value differs.
    """
    found, wanted = columns_of(result), columns_of(expected)
    if set(found) != set(wanted):
        raise ResultsDifferError(f"columns {sorted(found)}, expected {sorted(wanted)}")
    for name, column in wanted.items():
        _same_column(name, found[name], column, rtol, atol)


def _same_column(name: str, found: np.ndarray, wanted: np.ndarray, rtol: float, atol: float) -> None:
    if found.shape != wanted.shape and not (found.size == wanted.size == 1):
        raise ResultsDifferError(f"{name}: shape {found.shape}, expected {wanted.shape}")
    found, wanted = found.reshape(-1), wanted.reshape(-1)
    if wanted.dtype.kind == "f":
        equal = np.isclose(found.astype(wanted.dtype), wanted, rtol=rtol, atol=atol, equal_nan=True)
    else:
        equal = np.asarray(found == wanted)
    if equal.all():
        return
    row = int(np.argmin(equal))
    raise ResultsDifferError(
        f"{name}: {np.count_nonzero(~equal)} of {wanted.size} values differ, first at row {row}: "
        f"{found[row]!r}, expected {wanted[row]!r}"
    )
