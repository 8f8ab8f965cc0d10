"""``corr`` and ``cov`` of a frame: a small matrix, computed now in one pass over the columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas

from lazyframe.api.recording import overriding, table_of
from lazyframe.api.wrap import wrap
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.computing import compute
from lazyframe.record.elementwise import BOOL, FLOAT64, apply, cast
from lazyframe.record.origin import stamp
from lazyframe.record.reductions import Whole, count_rows, highest, lowest, mean
from lazyframe.record.table import Table
from passes.ir.values import Map, Reduce, Value

DataFrame: Any = pandas.DataFrame

MOST_COLUMNS = 16
"""More make a loop of too many pairs."""

Finish = Callable[[np.ndarray, np.ndarray, int], np.ndarray]


def _corr(self: Any, method: Any = "pearson", min_periods: Any = 1, numeric_only: Any = False) -> Any:
    if method != "pearson" or type(numeric_only) is not bool or min_periods not in (None, 1):
        return NotImplemented

    def finish(products: np.ndarray, varies: np.ndarray, rows: int) -> np.ndarray:
        squares = np.diag(products)
        spread = np.sqrt(np.outer(squares, squares))
        found: np.ndarray = np.clip(products / spread, -1.0, 1.0)
        found[~np.logical_and.outer(varies, varies)] = np.nan
        return found

    return _matrix(self, "corr", numeric_only, finish)


def _cov(self: Any, min_periods: Any = None, ddof: Any = 1, numeric_only: Any = False) -> Any:
    if min_periods not in (None, 1) or ddof != 1 or type(numeric_only) is not bool:
        return NotImplemented
    return _matrix(self, "cov", numeric_only, lambda products, varies, rows: products / (rows - 1))


def _matrix(self: Any, what: str, numeric_only: bool, finish: Finish) -> Any:
    table = table_of(self)
    positions = None if table is None else _numeric(table, numeric_only, "M" if what == "corr" else "")
    if table is None or not positions or len(positions) > MOST_COLUMNS:
        return NotImplemented
    columns = [table.value(position) for position in positions]
    whole = Whole(table.rows)
    finite: list[Value] = [
        Reduce("all", Map("is_finite", (column,), BOOL), BOOL)
        for column in columns
        if column.dtype.kind == "f"
    ]
    rows, *all_finite = compute([count_rows(whole), *finite])
    labels = ColumnLabels(table.current_columns().index()).take(positions).index()
    if rows < 2 or not all(all_finite):
        # pandas takes the rows that both columns of a pair have
        frame = pandas.DataFrame(dict(enumerate(compute(columns))), copy=False)
        frame.columns = labels
        return wrap(getattr(frame, what)())
    floats = [cast(column, FLOAT64) for column in columns]
    distances = [apply("subtract", column, mean(whole, column)) for column in floats]
    pairs = [(i, j) for i in range(len(columns)) for j in range(i, len(columns))]
    sums = [Reduce("sum", apply("multiply", distances[i], distances[j]), FLOAT64) for i, j in pairs]
    stamp(sums[0], what)
    ends = [end(whole, column) for column in columns for end in (lowest, highest)]
    computed = compute([*sums, *ends])
    products = np.empty((len(columns), len(columns)))
    for (i, j), found in zip(pairs, computed, strict=False):
        products[i, j] = products[j, i] = found
    least, most = computed[len(pairs) :: 2], computed[len(pairs) + 1 :: 2]
    varies = np.array([low != high for low, high in zip(least, most, strict=True)])
    with np.errstate(all="ignore"):
        matrix = finish(products, varies, int(rows))
    return wrap(pandas.DataFrame(matrix, index=labels.copy(), columns=labels, copy=False))


def _numeric(table: Table, numeric_only: bool, left_out: str) -> list[int] | None:
    """The positions of the columns of numbers; None if pandas has to look at others than of text.

    It need not at those of the kinds ``left_out`` where only numbers are wanted.
    """
    found = [at for at, value in enumerate(table.values()) if value.dtype.kind in "biuf"]
    rest = [table.dtypes[at] for at in range(len(table)) if at not in found]
    text = (pandas.StringDtype, pandas.CategoricalDtype)
    if not all(isinstance(dtype, text) or (dtype.kind in left_out and dtype.kind != "O") for dtype in rest):
        return None
    return found if numeric_only or not rest else None


class CorrelatingFrame:
    """Mixin of the frame."""

    corr = overriding(DataFrame.corr, _corr)
    cov = overriding(DataFrame.cov, _cov)


MIXINS = {"DataFrame": CorrelatingFrame}
