"""Numbers and times sorted into bins, which pandas makes: each row's bin is the number of edges below it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas

from lazyframe.record.computing import compute, found_of
from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, apply, both, cast, literal, select
from lazyframe.record.reductions import Whole, highest, lowest
from lazyframe.record.row_counts import has_rows
from lazyframe.record.string_rows import run_quietly
from lazyframe.run.bindings import bind_array, bind_opaque
from passes.ir.values import Gather, Literal, Reduce, Value

MOST_EDGES = 1 << 14
"""With more, pandas labels the bins for longer than it sorts rows into them."""

MOST_COMPARED = 64
"""With more edges, each row would be compared with too many, and looks for its place by halving."""

_COUNT = np.dtype(np.int8)
"""Of edges, so that a vector holds the counts of many rows."""

Cut = Callable[[pandas.Series, Any], Any]


def edges_of(column: Value, bins: Any, cut: Cut) -> np.ndarray | None:
    """The edges that pandas makes of ``bins`` for a column; None where it has to look at all rows, or raise.

    Parameters
    ----------
    column : Value
        Of numbers or times.
    bins : int or sequence
        How many, or where they begin and end.
    cut : callable
        ``pandas.cut`` with the user's other arguments, which gives the edges as well.
    """
    example = np.zeros(1, column.dtype)
    if isinstance(bins, (int, np.integer)):
        ends = _ends(column)
        if ends is None:
            return None
        example = ends
    made = run_quietly(lambda numbers: cut(numbers, bins), pandas.Series(example, copy=False))
    if type(made) is not tuple:
        return None
    edges = made[1]
    if isinstance(edges, pandas.IntervalIndex):
        edges = _breaks_of(edges)
    edges = np.asarray(edges)
    plain = edges.dtype.kind in "iufmM" and 2 <= len(edges) <= MOST_EDGES
    return edges if plain and bool((edges[1:] > edges[:-1]).all()) else None


def _breaks_of(bins: pandas.IntervalIndex) -> Any:
    """Where bins begin and end; nothing if there is something between them."""
    whole = len(bins) > 0 and bins.left[1:].equals(bins.right[:-1])
    return bins.left.append(bins.right[-1:]) if whole else []


def _ends(column: Value) -> np.ndarray | None:
    if column.rows is None or not has_rows(column.rows):
        return None
    whole = Whole(column.rows)
    ends = np.array(compute([lowest(whole, column, skipna=True), highest(whole, column, skipna=True)]))
    if ends.dtype.kind in "mM":
        return None if np.isnat(ends).any() else ends.astype(column.dtype)
    return ends.astype(column.dtype) if np.isfinite(ends.astype(np.float64)).all() else None


def into_bins(
    column: Value, edges: np.ndarray, cut: Cut, right: bool, lowest_too: bool, as_numbers: bool
) -> Value | None:
    """What ``pandas.cut`` gives for a column.

    Parameters
    ----------
    column : Value
        Of numbers or times.
    edges : numpy.ndarray
        Ascending.
    cut : callable
        As for `edges_of`, of which it gives the bins.
    right : bool
        Whether a bin has its right edge, and not its left one.
    lowest_too : bool
        Whether the first edge is in the first bin.
    as_numbers : bool
        Whether the numbers of the bins are wanted, and no categories.
    """
    numbers = _as_numbers(column, edges)
    if numbers is None or column.rows is None:
        return None
    values, breaks = numbers
    beyond = "greater" if right else "greater_equal"
    below = (_compared if len(breaks) <= MOST_COMPARED else _halved)(values, breaks, beyond)
    first, last = (Literal(edge, values.dtype) for edge in breaks.tolist()[:: len(breaks) - 1])
    if lowest_too and right:
        below = select(apply("equal", values, first, dtype=BOOL), literal(1, below.dtype), below)
    above = apply("greater_equal" if lowest_too or not right else "greater", values, first, dtype=BOOL)
    inside = both(above, apply("less_equal" if right else "less", values, last, dtype=BOOL))
    count = len(edges) - 1
    place = apply("subtract", cast(below, INT64), literal(1, INT64))
    if as_numbers:
        question = ("in bins", edges.tobytes(), right, lowest_too)
        if found_of(column, question, lambda: Reduce("all", inside, BOOL)):
            return place
        return select(inside, cast(place, FLOAT64), literal(np.nan, FLOAT64))
    entries = _of_each_bin(edges, cut, right)
    if entries is None:
        return None
    return Gather(bind_opaque(entries, "bins"), select(inside, place, literal(count, INT64)))


def _compared(values: Value, breaks: np.ndarray, beyond: str) -> Value:
    """How many edges are below each value: the sum of the comparisons with all."""
    below: Value = literal(0, _COUNT)
    for edge in breaks.tolist():
        above = apply(beyond, values, Literal(edge, values.dtype), dtype=BOOL)
        below = apply("add", cast(above, _COUNT), below)
    return below


def _halved(values: Value, breaks: np.ndarray, beyond: str) -> Value:
    """The same, found by comparing with the middle one of those that are left, without a branch."""
    halvings = len(breaks).bit_length()
    last = np.inf if breaks.dtype.kind == "f" else np.iinfo(breaks.dtype).max
    behind = np.full((1 << halvings) - 1 - len(breaks), last, breaks.dtype)
    padded = np.concatenate([breaks, behind])
    edges = bind_array(padded, "edges")
    half = 1 << (halvings - 1)
    above = apply(beyond, values, Literal(padded[half - 1].item(), values.dtype), dtype=BOOL)
    last_below = select(above, literal(half - 1, INT64), literal(-1, INT64))
    for step in (1 << k for k in reversed(range(halvings - 1))):
        middle = apply("add", last_below, literal(step, INT64))
        above = apply(beyond, values, Gather(edges, middle), dtype=BOOL)
        last_below = select(above, middle, last_below)
    return apply("add", last_below, literal(1, INT64))


def _as_numbers(column: Value, edges: np.ndarray) -> tuple[Value, np.ndarray] | None:
    """Values and edges in the dtype in which NumPy compares them; times are ticks of the column's unit.

    What is missing is below all edges, or, as NaN, beyond none.
    """
    if column.dtype.kind in "mM":
        ticks = edges.astype(column.dtype) if edges.dtype.kind == column.dtype.kind else edges[:0]
        same = len(ticks) == len(edges) and bool((ticks.astype(edges.dtype) == edges).all())
        return (apply("reinterpret", column, dtype=INT64), ticks.view(np.int64)) if same else None
    common = None if edges.dtype.kind in "mM" else _common(column.dtype, edges.dtype)
    return None if common is None else (cast(column, common), edges.astype(common))


def _common(column: np.dtype, edges: np.dtype) -> np.dtype | None:
    """The dtype in which NumPy compares numbers with edges."""
    if column == np.uint64 or edges == np.uint64:
        return None
    return INT64 if column.kind in "iu" and edges.kind in "iu" else FLOAT64


def _of_each_bin(edges: np.ndarray, cut: Cut, right: bool) -> Any:
    """A categorical of the bins in their order, and of a missing one behind them."""
    inside = edges[1:] if right else edges[:-1]
    made = run_quietly(lambda numbers: cut(numbers, edges), pandas.Series(inside, copy=False))
    if type(made) is not tuple or not isinstance(made[0].dtype, pandas.CategoricalDtype):
        return None
    bins = made[0].array
    if len(bins) != len(inside) or bins.isna().any():
        return None
    return bins.take(np.append(np.arange(len(bins)), -1), allow_fill=True)
