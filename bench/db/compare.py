"""Whether two answers have the same rows, in any order: the benchmark asks for none."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from bench.compare import ResultsDifferError, same_results

Columns = dict[str, np.ndarray]

_TOLERANCE = {"rtol": 1e-9, "atol": 1e-9}
_WIDEST = 1 << 63


def same_rows(found: Any, expected: Any) -> None:
    """
    Compare answers of millions of rows in seconds.

    Unless their rows are in one order both are sorted by what is compared exactly, of which text is replaced
    by its number among all texts of both, and where that does not tell rows apart by the floats.

    Parameters
    ----------
    found, expected
        Frames of pandas, lazyframe or Polars, or Arrow tables.

    Raises
    ------
    ResultsDifferError
        With the names that differ, or the first column and row of the sorted answers whose value differs.
    """
    columns, wanted = _columns(found), _columns(expected)
    if set(columns) != set(wanted):
        raise ResultsDifferError(f"columns {sorted(columns)}, expected {sorted(wanted)}")
    pairs = {name: _comparable(columns[name], wanted[name]) for name in wanted}
    sizes = [[len(side) for side in pair] for pair in pairs.values()]
    if any(mine != theirs for mine, theirs in sizes):
        raise ResultsDifferError(f"{sizes[0][0]} rows, expected {sizes[0][1]}")
    sides = [{name: pair[side] for name, pair in pairs.items()} for side in (0, 1)]
    try:
        same_results(*sides, **_TOLERANCE)
    except ResultsDifferError:
        same_results(*_sorted(sides), **_TOLERANCE)


def _columns(answer: Any) -> dict[str, Any]:
    """The columns and the named index levels of an answer, as Arrow's."""
    import pyarrow as pa

    if hasattr(answer, "get_columns"):
        answer = answer.to_arrow()
    elif not isinstance(answer, pa.Table):
        frame = answer.to_pandas() if hasattr(answer, "to_pandas") else answer
        if any(level is not None for level in frame.index.names):
            frame = frame.reset_index()
        answer = pa.Table.from_pandas(frame, preserve_index=False)
    return dict(zip(answer.column_names, answer.columns, strict=True))


def _comparable(found: Any, expected: Any) -> list[np.ndarray]:
    """A column of both answers as numbers that are equal where its values are."""
    import pyarrow as pa

    sides = [found, expected]
    if pa.types.is_floating(expected.type):
        return [side.cast(pa.float64()).to_numpy() for side in sides]
    if not pa.types.is_integer(expected.type):
        both = pa.chunked_array([chunk for side in sides for chunk in side.cast(pa.large_string()).chunks])
        codes = both.dictionary_encode().unify_dictionaries()
        numbers = np.concatenate([chunk.indices.fill_null(-1).to_numpy() for chunk in codes.chunks])
        return np.split(numbers, [len(found)])
    return [side.cast(pa.int64()).to_numpy() for side in sides]


def _sorted(sides: Sequence[Columns]) -> list[Columns]:
    """Both sides, each sorted by its exact columns and then by its floats."""
    names = list(sides[0])
    exact = [name for name in names if sides[1][name].dtype.kind != "f"]
    floats = [name for name in names if name not in exact]
    keys = _as_few([[side[name] for side in sides] for name in exact])
    keys += [[side[name] for side in sides] for name in floats]
    orders = [_order([key[k] for key in keys]) for k in (0, 1)]
    return [{name: side[name][order] for name in names} for side, order in zip(sides, orders, strict=True)]


def _as_few(keys: Sequence[Sequence[np.ndarray]]) -> list[list[np.ndarray]]:
    """Integer columns of both sides by which rows sort likewise: one, if 63 bits hold all combinations."""
    lows = [min([int(side.min(initial=0)) for side in key]) for key in keys]
    spans = [
        max([int(side.max(initial=0)) for side in key]) - low + 1 for key, low in zip(keys, lows, strict=True)
    ]
    if not keys or prod(spans) >= _WIDEST:
        return [list(key) for key in keys]
    one = [np.zeros(len(side), np.int64) for side in keys[0]]
    for key, low, span in zip(keys, lows, spans, strict=True):
        for codes, side in zip(one, key, strict=True):
            codes *= span
            codes += side.astype(np.int64) - low
    return [one]


def _order(keys: Sequence[np.ndarray]) -> np.ndarray:
    """How rows sort by the first key, and where it does not tell rows apart by the others."""
    order = np.argsort(keys[0])
    first = keys[0][order]
    equal = (first[1:] == first[:-1]) | ((first[1:] != first[1:]) & (first[:-1] != first[:-1]))
    after, before = np.concatenate([[False], equal]), np.concatenate([equal, [False]])
    tied = np.flatnonzero(after | before)
    if len(keys) > 1 and len(tied):
        rows = order[tied]
        others = [key[rows] for key in keys[:0:-1]]
        order[tied] = rows[np.lexsort([*others, np.cumsum(~after)[tied]])]
    return order
