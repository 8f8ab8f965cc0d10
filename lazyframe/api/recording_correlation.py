"""``corr`` and ``cov``: of a frame a small matrix, of two series a number, computed now in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.api.recording import aligned_value, column_of, overriding, table_of
from lazyframe.api.wrap import wrap
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.computing import compute
from lazyframe.record.correlating import (
    Pairs,
    correlation,
    covariance,
    finite,
    not_missing,
    paired,
    paired_in_blocks,
)
from lazyframe.record.elementwise import BOOL, FLOAT64, cast
from lazyframe.record.origin import stamp
from lazyframe.record.reductions import Whole, count_rows
from lazyframe.record.table import Table
from passes.ir.rows import Rows
from passes.ir.values import Map, Reduce, Value

DataFrame: Any = pandas.DataFrame
Series: Any = pandas.Series

MOST_COLUMNS = 16
"""More make a loop of too many pairs."""

FEW = 3
"""Of more, of which something is missing, every pair would have sums of its own in the loop."""


def _corr(self: Any, method: Any = "pearson", min_periods: Any = 1, numeric_only: Any = False) -> Any:
    if method != "pearson" or type(numeric_only) is not bool:
        return NotImplemented
    return _matrix(self, "corr", numeric_only, min_periods, 1)


def _cov(self: Any, min_periods: Any = None, ddof: Any = 1, numeric_only: Any = False) -> Any:
    if type(ddof) is not int or type(numeric_only) is not bool:
        return NotImplemented
    return _matrix(self, "cov", numeric_only, min_periods, ddof)


def _least(min_periods: Any) -> int | None:
    """How many rows a pair has to have at least; None where pandas has to decide."""
    least = 1 if min_periods is None else min_periods
    return least if type(least) is int and least >= 1 else None


def _matrix(self: Any, what: str, numeric_only: bool, min_periods: Any, ddof: int) -> Any:
    least, table = _least(min_periods), table_of(self)
    positions = None if table is None else _numeric(table, numeric_only, "M" if what == "corr" else "")
    if table is None or least is None or not positions or len(positions) > MOST_COLUMNS:
        return NotImplemented
    columns = [table.value(position) for position in positions]
    masks = [finite(column) for column in columns]
    asked = [mask for mask in masks if mask is not None]
    rows, *whole = compute([count_rows(Whole(table.rows)), *[Reduce("all", mask, BOOL) for mask in asked]])
    answers = iter(whole)
    known = [None if mask is None or next(answers) else mask for mask in masks]
    labels = ColumnLabels(table.current_columns().index()).take(positions).index()
    some_missing = any(mask is not None for mask in known)
    if rows < max(2, ddof + 1) or (some_missing and not _is_pairwise(what, columns, known)):
        frame = pandas.DataFrame(dict(enumerate(compute(columns))), copy=False)
        frame.columns = labels
        options = {} if what == "corr" else {"ddof": ddof}
        return wrap(getattr(frame, what)(min_periods=min_periods, **options))
    if some_missing and len(columns) > FEW:
        pairs = paired_in_blocks(compute(columns))
    else:
        pairs = _paired(table.rows, columns, known, what)
    # pandas divides by one less than the rows wherever anything is missing
    matrix = correlation(pairs) if what == "corr" else covariance(pairs, 1 if some_missing else ddof)
    matrix[pairs.counts < least] = np.nan
    _ask_pandas(matrix, pairs, columns, what, {"min_periods": least})
    return wrap(pandas.DataFrame(matrix, index=labels.copy(), columns=labels, copy=False))


def _paired(rows: Rows, columns: Sequence[Value], known: Sequence[Value | None], what: str) -> Pairs:
    floats = [cast(column, FLOAT64) for column in columns]
    return paired(rows, floats, known, lambda scalar: stamp(scalar, what))


def _is_pairwise(what: str, columns: Sequence[Value], known: Sequence[Value | None]) -> bool:
    """Whether pandas leaves out what is not finite: of covariances only if one is NaN."""
    if what == "corr":
        return True
    asked = [column for column, mask in zip(columns, known, strict=True) if mask is not None]
    return any(compute([Reduce("any", Map("is_nan", (column,), BOOL), BOOL) for column in asked]))


def _ask_pandas(
    matrix: np.ndarray, pairs: Pairs, columns: Sequence[Value], what: str, options: dict[str, Any]
) -> None:
    """Put in what pandas says of the pairs whose sums are not exact enough."""
    for i, j in zip(*np.nonzero(~pairs.trusted), strict=True):
        if i > j:
            continue
        one, other = compute([columns[i], columns[j]])
        frame = pandas.DataFrame({"one": one, "other": other})
        matrix[i, j] = matrix[j, i] = getattr(frame, what)(**options).iloc[0, 1]


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


def _series_corr(self: Any, other: Any, method: Any = "pearson", min_periods: Any = None) -> Any:
    return NotImplemented if method != "pearson" else _of_two(self, other, "corr", min_periods, 1)


def _series_cov(self: Any, other: Any, min_periods: Any = None, ddof: Any = 1) -> Any:
    return NotImplemented if type(ddof) is not int else _of_two(self, other, "cov", min_periods, ddof)


def _of_two(self: Any, other: Any, what: str, min_periods: Any, ddof: int) -> Any:
    least, mine = _least(min_periods), column_of(self)
    theirs = aligned_value(other, mine) if mine is not None and isinstance(other, pandas.Series) else None
    if least is None or mine is None or theirs is None:
        return NotImplemented
    columns = [mine.value, theirs]
    if not all(column.dtype.kind in "biuf" for column in columns):
        return NotImplemented
    pairs = _paired(mine.rows, columns, [not_missing(column) for column in columns], what)
    squares, count = pairs.squares, pairs.counts[0, 1]
    if not pairs.trusted[0, 1] or not squares[0, 1] > 0 or not squares[1, 0] > 0 or count <= max(ddof, 1):
        options = {} if what == "corr" else {"ddof": ddof}
        one, two = [pandas.Series(array, copy=False) for array in compute(columns)]
        return getattr(one, what)(two, min_periods=min_periods, **options)
    if count < least:
        return np.nan
    found = correlation(pairs) if what == "corr" else covariance(pairs, ddof)
    kind = type(getattr(_SAMPLE, what)(_SAMPLE))  # an option says which
    return kind(found[0, 1])


_SAMPLE: Any = pandas.Series([0.0, 1.0])


def _corrwith(
    self: Any,
    other: Any,
    axis: Any = 0,
    drop: Any = False,
    method: Any = "pearson",
    numeric_only: Any = False,
    min_periods: Any = None,
) -> Any:
    """With a series: what it gives with each column."""
    if axis not in (0, "index") or not isinstance(other, pandas.Series) or type(numeric_only) is not bool:
        return NotImplemented
    table = table_of(self)
    positions = None if table is None else _numeric(table, numeric_only, "mM")
    if not positions:
        return NotImplemented
    found = []
    for position in positions:
        of_one = _series_corr(other, self.iloc[:, position], method, min_periods)
        if of_one is NotImplemented:
            return NotImplemented
        found.append(of_one)
    return wrap(Series(found, index=self.columns.take(positions), dtype=float))


class CorrelatingFrame:
    """Mixin of the frame."""

    corr = overriding(DataFrame.corr, _corr)
    corrwith = overriding(DataFrame.corrwith, _corrwith)
    cov = overriding(DataFrame.cov, _cov)


class CorrelatingSeries:
    """Mixin of the series."""

    corr = overriding(Series.corr, _series_corr)
    cov = overriding(Series.cov, _series_cov)


MIXINS = {"DataFrame": CorrelatingFrame, "Series": CorrelatingSeries}
