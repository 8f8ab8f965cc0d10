"""Methods of grouped frames and series that give something for each row, or some of the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lazyframe.api.groupby_asking import (
    columns_of,
    is_frame,
    positions_of_all,
    schema_of,
    shows_others,
    table_as_grouped,
)
from lazyframe.api.groupby_blocks import blocks_of
from lazyframe.api.groupby_finishing import are_in_order
from lazyframe.api.recording import column_of, lazy_frame, lazy_series
from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record import groupby_rows
from lazyframe.record.capture import dtype_of
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.elementwise import FLOAT64, cast
from lazyframe.record.groupby import AGGREGATIONS
from lazyframe.record.groupby_schema import plain_dtype
from lazyframe.record.groupby_tracing import (
    asks_numpy,
    is_known,
    is_pure,
    trace_rows,
)
from lazyframe.record.groupby_whole import WholeGroups, whole_groups
from lazyframe.record.origin import stamp
from lazyframe.record.reductions import Grouped, sum_dtype
from lazyframe.record.row_counts import has_rows
from lazyframe.record.selection import filter_rows, pick_columns, positions_of
from lazyframe.record.table import Column, Table
from passes.ir.values import Value


def record_transform(
    self: Any, func: Any = None, *args: Any, engine: Any = None, engine_kwargs: Any = None, **kwargs: Any
) -> Any:
    """``grouped.transform("sum")`` and its kin."""
    if args or kwargs or engine is not None or engine_kwargs is not None:
        return NotImplemented
    if not isinstance(func, str):
        return _transform_by_function(self, func)
    if func in _BY_NAME:
        return getattr(self, func)()
    if func not in AGGREGATIONS or (func == "size" and is_frame(self)):
        return NotImplemented
    return _rowwise(
        self,
        f"transform {func}",
        lambda groups, column: _transformed(self, groups, column, func),
        lambda grouped: grouped.transform(func),
        narrowed=func in groupby_rows.NARROWED,
    )


_BY_NAME = frozenset({*groupby_rows.CUMULATIVE, *groupby_rows.SHIFTED, "cumcount", "rank"})


def _transformed(self: Any, groups: WholeGroups, column: Value, name: str) -> Value | None:
    if name != "mean" or column.dtype != np.float32 or not SINCE_3_1:
        return groupby_rows.transform(groups, column, name)
    # pandas 3.1 gives float64 means, of float32 sums, where it finds the rows in the order of the groups
    grouping = self._grouped.grouping
    if are_in_order(grouping, [column]):
        return groupby_rows.transform(groups, cast(column, FLOAT64), name)
    return groupby_rows.transform(groups, column, name)


def _transform_by_function(self: Any, func: Any) -> Any:
    """``grouped.transform(lambda x: x - x.mean())``."""
    if not is_pure(func) or (shows_others(self) and not _are_floats(self)):
        return NotImplemented
    source = source_of_rows(self)
    if source is None or not has_rows(source.rows) or (is_frame(self) and _asks_for_a_frame(func)):
        return NotImplemented

    def traced(groups: WholeGroups, column: Value) -> Value | None:
        found = trace_rows(func, Grouped(groups.group), column)
        return None if found is None else groups.masked(found)

    return _rowwise(self, "transform", traced, lambda grouped: grouped.transform(func), [func])


def _are_floats(self: Any) -> bool:
    """Whether what a function gives of no rows has the dtype of what it gives of some."""
    columns = columns_of(self)
    return columns is not None and all(column.dtype == FLOAT64 for column in columns)


def _asks_for_a_frame(func: Any) -> bool:
    """Whether a function may give for a group's frame something other than column by column."""
    return is_known(func) or asks_numpy(func) or not _WHOLE.isdisjoint(func.__code__.co_names)


_WHOLE = frozenset({"size", "len", "values", "shape"})


def recording_cumulative(name: str) -> Callable[..., Any]:
    """The recorder of ``cumsum`` or one of its kin."""

    def record(self: Any, numeric_only: Any = False, *, skipna: Any = True) -> Any:
        if type(numeric_only) is not bool or type(skipna) is not bool:
            return NotImplemented
        return _rowwise(
            self,
            name,
            lambda groups, column: groupby_rows.cumulative(groups, column, name, skipna),
            lambda grouped: getattr(grouped, name)(numeric_only=numeric_only, skipna=skipna),
            [numeric_only, skipna],
            narrowed=name in groupby_rows.NARROWED,
            numeric_only=numeric_only,
        )

    return record


def recording_shifted(name: str) -> Callable[..., Any]:
    """The recorder of ``shift``, ``diff`` or ``pct_change``."""

    def record(self: Any, periods: Any = 1) -> Any:
        if type(periods) is not int:
            return NotImplemented
        return _rowwise(
            self,
            name,
            lambda groups, column: groupby_rows.shifted(groups, column, name, periods),
            lambda grouped: getattr(grouped, name)(periods),
            [periods],
        )

    return record


def record_pct_change(self: Any, periods: Any = 1, fill_method: Any = None, freq: Any = None) -> Any:
    """``grouped.pct_change(periods)``."""
    plain = fill_method is None and freq is None
    return recording_shifted("pct_change")(self, periods) if plain else NotImplemented


_ABSENT = object()


def record_shift(
    self: Any, periods: Any = 1, freq: Any = None, fill_value: Any = _ABSENT, suffix: Any = None
) -> Any:
    """``grouped.shift(periods)``, or side by side for each of a list of them."""
    fill = _ABSENT if fill_value is None else fill_value
    several = type(periods) is list
    each = periods if several else [periods]
    if freq is not None or not each or any(type(one) is not int for one in each):
        return NotImplemented
    if fill is not _ABSENT and type(fill) not in (int, float):
        return NotImplemented
    if suffix and not (several and type(suffix) is str):
        return NotImplemented  # pandas refuses it beside one distance
    given = {"suffix": suffix} if fill is _ABSENT else {"suffix": suffix, "fill_value": fill}
    return _rowwise_for_each(
        self,
        "shift",
        [_shift(one, fill) for one in each],
        lambda grouped: grouped.shift(periods, **given),
        [several, *each, suffix, *([] if fill is _ABSENT else [fill])],
    )


def _shift(periods: int, fill: Any) -> Callable[[WholeGroups, Value], Value | None]:
    if fill is _ABSENT:
        return lambda groups, column: groupby_rows.shifted(groups, column, "shift", periods)
    return lambda groups, column: groupby_rows.shifted_or(groups, column, periods, fill)


def recording_filled(name: str) -> Callable[..., Any]:
    """The recorder of ``ffill`` or ``bfill``."""

    def record(self: Any, limit: Any = None) -> Any:
        if limit is not None and (type(limit) is not int or not 0 <= limit < _MOST_ROWS):
            return NotImplemented
        return _rowwise(
            self,
            name,
            lambda groups, column: groupby_rows.filled(groups, column, name == "ffill", limit),
            lambda grouped: getattr(grouped, name)(limit=limit),
            [limit],
        )

    return record


_MOST_ROWS = 1 << 62


def record_rank(
    self: Any,
    method: Any = "average",
    ascending: Any = True,
    na_option: Any = "keep",
    pct: Any = False,
) -> Any:
    """``grouped.rank()``."""
    flags = type(ascending) is type(pct) is bool
    if not flags or not isinstance(method, str) or method not in groupby_rows.RANKS:
        return NotImplemented
    if na_option not in ("keep", "top", "bottom"):
        return NotImplemented
    return _rowwise(
        self,
        "rank",
        lambda groups, column: groupby_rows.rank(groups, column, method, ascending, pct, na_option),
        lambda grouped: grouped.rank(method=method, ascending=ascending, na_option=na_option, pct=pct),
        [method, ascending, na_option, pct],
    )


def record_head(self: Any, n: Any = 5) -> Any:
    """``grouped.head(n)``."""
    return _ends(self, n, last=False)


def record_tail(self: Any, n: Any = 5) -> Any:
    """``grouped.tail(n)``."""
    return _ends(self, n, last=True)


def _ends(self: Any, count: Any, last: bool) -> Any:
    if type(count) is not int:
        return NotImplemented
    what = "tail" if last else "head"
    return rows_of_groups(self, lambda groups: groupby_rows.ends(groups, count, last), what)


def record_nth(self: Any, n: Any) -> Any:
    """``grouped.nth(n)``."""
    if isinstance(n, slice):
        start, stop = 0 if n.start is None else n.start, n.stop
        if n.step not in (None, 1) or type(start) is not int or type(stop) is not int or min(start, stop) < 0:
            return NotImplemented
        return rows_of_groups(self, lambda groups: groupby_rows.between(groups, start, stop), "nth")
    numbers = n if isinstance(n, list) else [n]
    if not numbers or not all(type(number) is int for number in numbers):
        return NotImplemented
    return rows_of_groups(self, lambda groups: groupby_rows.places(groups, numbers), "nth")


def rows_of_groups(self: Any, mask_of: Callable[[WholeGroups], Value | None], what: str) -> Any:
    """The grouped rows where a mask is true; ``NotImplemented`` without one.

    Parameters
    ----------
    self : DataFrameGroupBy or SeriesGroupBy
        Lazy.
    mask_of : callable
        Gives the mask.
    what : str
        The method, for ``explain``.
    """
    found = mask_of_groups(self, mask_of, what)
    return NotImplemented if found is None else rows_where(*found)


def rows_where(source: Table | Column, mask: Value) -> Any:
    """The user's frame or series of the rows where a mask is true."""
    if isinstance(source, Table):
        return lazy_frame(filter_rows(source, mask))
    return lazy_series(filter_rows(source, mask))


def mask_of_groups(
    self: Any, mask_of: Callable[[WholeGroups], Value | None], what: str
) -> tuple[Table | Column, Value] | None:
    """What is selected of the grouped rows, and the mask; None without one."""
    source = source_of_rows(self)
    if source is None:
        return None
    if isinstance(source, Table) and self._selection is not None:
        positions = positions_of(source, self._selection)
        if positions is None:
            return None
        source = pick_columns(source, positions)
    groups = whole_groups(self._grouped.grouping)
    mask = None if groups is None else mask_of(groups)
    if mask is None:
        return None
    stamp(mask, f"groupby {what}")
    return source, mask


def source_of_rows(self: Any) -> Table | Column | None:
    """The frame or series as it is now, if its rows are still those that were grouped."""
    if is_frame(self):
        return table_as_grouped(self)
    column = column_of(self.obj)
    return column if column is not None and column.rows is self._grouped.grouping.rows else None


def _rowwise(
    self: Any,
    what: str,
    make: Callable[[WholeGroups, Value], Value | None],
    call: Callable[[Any], Any],
    arguments: Sequence[Any] = (),
    narrowed: bool = False,
    numeric_only: bool = False,
) -> Any:
    return _rowwise_for_each(self, what, [make], call, arguments, narrowed, numeric_only)


def _rowwise_for_each(
    self: Any,
    what: str,
    makes: Sequence[Callable[[WholeGroups, Value], Value | None]],
    call: Callable[[Any], Any],
    arguments: Sequence[Any] = (),
    narrowed: bool = False,
    numeric_only: bool = False,
) -> Any:
    """What each of ``makes`` gives of all columns, side by side."""
    source = source_of_rows(self)
    columns = None if source is None else columns_of(self, numeric_only)
    answer = None if columns is None else schema_of(self, what, call, list(arguments))
    if source is None or columns is None or answer is None:
        return NotImplemented
    groups = whole_groups(self._grouped.grouping)
    if groups is None or len(answer.dtypes) != len(columns) * len(makes):
        return NotImplemented
    columns = [*columns] * len(makes)
    values = []
    for k, column in enumerate(columns):
        value = makes[k * len(makes) // len(columns)](groups, column)
        if value is None:
            return NotImplemented
        stamp(value, f"groupby {what}")
        values.append(value)
    if narrowed:
        positions = positions_of_all(self, source, numeric_only) if isinstance(source, Table) else [0]
        assert positions is not None
        values = groupby_rows.fit_narrow(columns, values, blocks_of(self, positions))
    for column, value, dtype in zip(columns, values, answer.dtypes, strict=True):
        if not _is_expected(value, column, dtype, groups, narrowed):
            return NotImplemented
    if answer.columns is None:
        return lazy_series(Column(values[0], source.labels, answer.name))
    return lazy_frame(Table(source.rows, ColumnLabels(answer.columns), source.labels, values))


_OBJECT = np.dtype(object)


def _is_expected(value: Value, column: Value, dtype: Any, groups: WholeGroups, narrowed: bool) -> bool:
    """Whether a result is of the dtype that pandas says one row's is, or of what that becomes by the data."""
    found = plain_dtype(dtype_of(value))
    if found == dtype:
        return True
    kind = getattr(dtype, "kind", "O")
    if groups.present is not None and kind in "biu":
        return found in (FLOAT64, _OBJECT if kind == "b" else FLOAT64)  # to hold what is missing
    if column.dtype == np.float32:
        return bool(found == np.float32 and dtype == FLOAT64)  # a mean: see `_transformed`
    return narrowed and kind in "iu" and found == sum_dtype(column.dtype)
